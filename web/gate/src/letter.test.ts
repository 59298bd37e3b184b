import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import letters from "../../../vectors/letter.json";
import padding from "../../../vectors/padding.json";
import tags from "../../../vectors/tag.json";
import { base64url, fromBase64url, utf8 } from "./bytes";
import { authentic, LetterError, pack, paddedLength, threadTag, unpack } from "./letter";
import type { Letter, Part } from "./letter";

const parts = (list: { type: string; data: string | null }[]): Part[] =>
	list.map((p) => ({ type: p.type, data: Uint8Array.from(Buffer.from(p.data ?? "", "base64")) }));

function fromVector(v: (typeof letters)[number]): Letter {
	const h = JSON.parse(v.header);
	return {
		...h, mac: h.mac && fromBase64url(h.mac, 32), tag: h.tag && fromBase64url(h.tag, 32), parts: parts(v.parts), v: undefined,
	};
}

test("padding classes are those of the shared vectors", () => {
	for (const v of padding) assert.equal(paddedLength(v.n), v.padded, String(v.n));
});

test("thread tags are those of the shared vectors", () => {
	for (const v of tags) {
		const l = { kind: v.kind, n: v.n, to: (v as { to?: string }).to, parts: parts(v.parts), tag: fromBase64url(v.tag, 32) } as Letter;
		const mac = fromBase64url(v.mac, 32);
		assert.equal(base64url(threadTag(mac, l)), v.tag);
		assert.ok(authentic(mac, l));
		assert.ok(!authentic(mac, { ...l, n: l.n + 1 }), "another number passes");
		assert.ok(!authentic(mac, { ...l, parts: [...l.parts, { type: "text/plain", data: utf8("x") }] }), "another part passes");
		assert.ok(!authentic(mac, { ...l, to: l.to === undefined ? "age1pq1" : undefined }), "another recipient passes");
		assert.ok(!authentic(mac.map((b) => b ^ 1), l), "another key passes");
	}
});

test("plaintexts are byte for byte those of the shared vectors, and read back", () => {
	for (const v of letters) {
		const plain = pack(fromVector(v));
		assert.equal(plain.length, v.length, v.name);
		assert.equal(createHash("sha256").update(plain).digest("hex"), v.sha256, v.name);
		const again = unpack(plain);
		assert.equal(again.to, JSON.parse(v.header).to);
		assert.deepEqual(again.parts.map((p) => Buffer.from(p.data).toString("base64")), v.parts.map((p) => p.data ?? ""));
		assert.deepEqual(pack(again), plain);
	}
});

test("malformed plaintexts are refused", () => {
	const good = pack(fromVector(letters[0]));
	const changed = (edit: (b: Uint8Array) => void) => {
		const copy = good.slice();
		edit(copy);
		return copy;
	};
	const header = (text: string) => {
		const h = utf8(text);
		const out = new Uint8Array(paddedLength(8 + h.length));
		out.set(utf8("PNH1"));
		out.set([0, 0, h.length >> 8, h.length & 255], 4);
		out.set(h, 8);
		return out;
	};
	const reply = { v: 1, kind: "reply", org: "o", epoch: 0, sealed: "desk", n: 1, tag: base64url(new Uint8Array(32)), parts: [] };
	assert.equal(unpack(header(JSON.stringify(reply))).n, 1);
	const bad: Record<string, Uint8Array> = {
		empty: new Uint8Array(),
		magic: changed((b) => (b[0] = 0x51)),
		"header length": changed((b) => (b[4] = 1)),
		"not a class": good.slice(0, good.length - 1),
		padding: changed((b) => (b[b.length - 1] = 1)),
		"unknown key": header(JSON.stringify({ ...reply, extra: 1 })),
		"unknown kind": header(JSON.stringify({ ...reply, kind: "order" })),
		"unknown part": header(JSON.stringify({ ...reply, parts: [{ type: "text/html", len: 0 }] })),
		"part too long": header(JSON.stringify({ ...reply, parts: [{ type: "text/plain", len: 5000 }] })),
		"negative part": header(JSON.stringify({ ...reply, parts: [{ type: "text/plain", len: -1 }] })),
		"too many parts": header(JSON.stringify({ ...reply, parts: Array(17).fill({ type: "text/plain", len: 0 }) })),
		"no tag": header(JSON.stringify({ ...reply, tag: undefined })),
		"short tag": header(JSON.stringify({ ...reply, tag: "AAAA" })),
		"loose tag": header(JSON.stringify({ ...reply, tag: base64url(new Uint8Array(32)).slice(0, -1) + "B" })),
		"big number": header(JSON.stringify({ ...reply, n: 2 ** 32 })),
		"to in a letter": header(JSON.stringify({ ...JSON.parse(letters[2].header), to: JSON.parse(letters[2].header).box })),
		"to nobody": header(JSON.stringify({ ...reply, to: "age1pq1qqqq" })),
		"to a classic recipient": header(JSON.stringify({ ...reply, to: "age1" + "q".repeat(58) })),
		"to no text": header(JSON.stringify({ ...reply, to: 1 })),
		version: header(JSON.stringify({ ...reply, v: 2 })),
		"two lines": header(JSON.stringify(reply).replace(",", ",\n")),
		"not JSON": header("{"),
		"bytes after": header(JSON.stringify(reply) + "{}"),
	};
	for (const [name, plain] of Object.entries(bad)) assert.throws(() => unpack(plain), LetterError, name);
});

test("random bytes never make unpack do anything but refuse", () => {
	const good = pack(fromVector(letters[0]));
	let state = 1;
	const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
	for (let round = 0; round < 3000; round++) {
		const b = good.slice();
		for (let k = 0; k < 3; k++) b[Math.floor(random() * 400)] = Math.floor(random() * 256);
		try {
			pack(unpack(b));
		} catch (e) {
			assert.ok(e instanceof LetterError || (e as Error).message.startsWith("not exact") || /base64/.test((e as Error).message), String(e));
		}
	}
});
