import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import checkIDs from "./check.json";
import ids from "./words.json";
import { readWords } from "./words";

// Tests run with web/ or tools/ as the working folder; both are one level below the root.
const root = new URL("../../", import.meta.url);
const source = readdirSync(new URL("web/gate/src/", root))
	.filter((f) => f.endsWith(".ts") && !f.endsWith(".test.ts"))
	.map((f) => readFileSync(new URL(`web/gate/src/${f}`, root), "utf8"))
	.join("\n");

test("every sentence that the scripts name is listed and has English words, and none is listed for nothing", () => {
	const english = readFileSync(new URL("i18n/intake.en.po", root), "utf8");
	const quoted = new Set([...source.matchAll(/"([a-z]+(?:_[a-z]+)+)"/g)].map((m) => m[1]));
	const named = new Set([...source.matchAll(/\bw\("(\w+)"/g)].map((m) => m[1]));
	const check = (id: string | undefined): boolean => !!id?.startsWith("check_"); // on a page of its own, which carries no others
	for (const id of named) assert.ok(check(id) || ids.includes(id!), `words.json lacks ${id}`);
	for (const id of [...named, ...quoted].filter(check)) assert.ok(checkIDs.includes(id!), `check.json lacks ${id}`);
	for (const id of [...ids, ...checkIDs]) {
		assert.ok(english.includes(`msgctxt "intake.${id}"`), `no English words for ${id}`);
		assert.ok(quoted.has(id) || named.has(id), `${id} is listed but no script says it`);
	}
	for (const list of [ids, checkIDs]) assert.equal(new Set(list).size, list.length);
});

test("scripts neither parse markup nor store anything", () => {
	for (const never of [/innerHTML|outerHTML|insertAdjacentHTML|document\.write/, /localStorage|sessionStorage|indexedDB|document\.cookie/, /\beval\(|new Function\(/, /setAttribute\("style"/]) {
		assert.ok(!never.test(source), String(never));
	}
});

test("placeholders get the reader's digits; names are isolated; an id that the page lacks shows itself", () => {
	const page = (lang: string) => ({
		documentElement: { lang },
		getElementById: () => ({ textContent: JSON.stringify({ a: "{n} of {time} by {org}, {other}" }) }),
	}) as unknown as Document;
	const fill = { n: 12, time: "2:05", org: "Nur <b>" };
	assert.equal(readWords(page("en"))("a", fill), "12 of 2:05 by \u2068Nur <b>\u2069, {other}");
	assert.equal(readWords(page("fa-AF"))("a", fill), "۱۲ of ۲:۰۵ by \u2068Nur <b>\u2069, {other}");
	assert.equal(readWords(page("en"))("gap"), "gap");
});
