import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import test from "node:test";
import damm from "../../../vectors/damm.json";
import typed from "../../../vectors/typed.json";
import { check, CodeError, draw, grouped, parse } from "./code";

test("check digits are those of the shared vectors", () => {
	for (const v of damm) assert.equal(String(check(v.digits)), v.check, v.digits);
});

test("typed codes are read, or refused for the reason, as in the shared vectors", () => {
	for (const v of typed) {
		if (v.error === "") {
			assert.equal(parse(v.typed), v.code);
			continue;
		}
		assert.throws(() => parse(v.typed), (e) => e instanceof CodeError && e.problem === v.error, JSON.stringify(v));
	}
});

test("every wrong digit and every swap of two neighbours is told", () => {
	for (let round = 0; round < 40; round++) {
		const code = draw((b) => webcrypto.getRandomValues(b));
		assert.equal(parse(grouped(code)), code);
		for (let i = 0; i < code.length; i++) {
			for (let d = 0; d < 10; d++) {
				const wrong = code.slice(0, i) + d + code.slice(i + 1);
				if (wrong !== code) assert.notEqual(check(wrong), 0, `digit ${i} as ${d}`);
			}
			const swapped = code.slice(0, i) + (code[i + 1] ?? "") + code[i] + code.slice(i + 2);
			if (swapped !== code) assert.notEqual(check(swapped), 0, `swap at ${i}`);
		}
	}
});

test("digits are drawn without a bias: bytes over 249 are thrown away", () => {
	const code = draw((b) => b.forEach((_, i) => (b[i] = i % 2 ? 255 : 250 - 1 - i)));
	assert.equal(code.slice(0, 16), [...Array(16).keys()].map((i) => (249 - 2 * i) % 10).join(""));
});

test("an error never quotes the code", () => {
	assert.throws(() => parse("12345678901234567890"), (e) => e instanceof CodeError && !/\d{3}/.test(String(e)));
});
