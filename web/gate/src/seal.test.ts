import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import test from "node:test";
import { Encrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import vectors from "../../../vectors/seal.json";
import { utf8 } from "./bytes";
import { authentic, checkShape, compose, digest, laterNumber, open, sealTo, ShapeError, vouches, work } from "./seal";
import type { Address, Letter } from "./seal";
import { derive } from "./receipt";

const org = "abcdefghjkmnpqrstvwx";
const text = (s: string) => ({ type: "text/plain", data: utf8(s) });

async function address(): Promise<Address & { identity: string }> {
	const identity = await generateHybridIdentity();
	return { org, epoch: 3, recipient: await identityToRecipient(identity), keys: await derive("12345678901234567891", org), identity };
}

test("letters that Go sealed open here", async () => {
	for (const v of vectors) {
		const sealed = Uint8Array.from(Buffer.from(v.sealed, "base64"));
		const l = await open(v.identity, sealed);
		const h = JSON.parse(v.header);
		assert.deepEqual([l.kind, l.org, l.epoch, l.n, l.box, l.mailbox, l.at], [h.kind, h.org, h.epoch, h.n, h.box, h.mailbox, h.at]);
		assert.deepEqual(l.parts.map((p) => Buffer.from(p.data).toString("base64")), v.parts.map((p) => p.data));
		assert.equal(await identityToRecipient(v.identity), v.recipient);
	}
});

test("a first letter carries the thread's key, a later one a tag; both open", async () => {
	const to = await address();
	const now = new Date("2026-11-23T18:40:59Z");
	const first = await compose(to, "letter", 0, [text("سلام")], now);
	assert.equal(first.id, createHash("sha256").update(first.bytes).digest("hex"));
	const l = await open(to.identity, first.bytes);
	assert.deepEqual([l.kind, l.n, l.at, l.sealed, l.tag], ["letter", 0, "2026-11-23T18:40Z", "browser", undefined]);
	assert.deepEqual(l.mac, to.keys.mac);
	const later = await open(to.identity, (await compose(to, "erase", laterNumber(now), [], now)).bytes);
	assert.equal(later.mac, undefined);
	assert.ok(authentic(to.keys.mac, later));
	assert.equal(later.n, 28_233_659);
});

test("the sealed length says nothing but the padding class", async () => {
	const to = await address();
	const sizes = new Set<number>();
	for (const n of [0, 1, 500, 1500]) sizes.add((await compose(to, "letter", 0, [text("x".repeat(n))], new Date())).bytes.length);
	assert.equal(sizes.size, 1);
});

test("a letter over 2 MiB says so by its name", async () => {
	const to = await address();
	const parts = [{ type: "image/jpeg", data: new Uint8Array(2 << 20) }];
	await assert.rejects(() => compose(to, "letter", 0, parts, new Date()), { name: "TooLarge" });
});

test("only one hybrid recipient is sealed to", async () => {
	const to = await address();
	const l: Letter = { kind: "reply", org, epoch: 0, sealed: "desk", n: 1, tag: new Uint8Array(32), parts: [] };
	const classic = await identityToRecipient(await generateX25519Identity());
	for (const bad of [classic, `${to.recipient},${classic}`, `${to.recipient}\n${classic}`, "", "age1tag1qq", to.recipient.toUpperCase()]) {
		await assert.rejects(() => sealTo(bad, l), ShapeError);
	}
});

test("mixed, classic, passphrase and unpadded files are refused before any key is used", async () => {
	const to = await address();
	const classic = await identityToRecipient(await generateX25519Identity());
	const plain = new Uint8Array(4096);
	const sealedTo = async (...recipients: string[]) => {
		const age = new Encrypter();
		for (const r of recipients) age.addRecipient(r);
		return age.encrypt(plain);
	};
	const locked = new Encrypter();
	locked.setScryptWorkFactor(10);
	locked.setPassphrase("x");
	const short = new Encrypter();
	short.addRecipient(to.recipient);
	const files: Record<string, Uint8Array> = {
		"hybrid and classic": await sealedTo(to.recipient, classic),
		"classic and hybrid": await sealedTo(classic, to.recipient),
		"two hybrids": await sealedTo(to.recipient, to.keys.box),
		classic: await sealedTo(classic),
		passphrase: await locked.encrypt(plain),
		unpadded: await short.encrypt(new Uint8Array(4095)),
		nothing: new Uint8Array(),
	};
	for (const [name, file] of Object.entries(files)) {
		assert.throws(() => checkShape(file), ShapeError, name);
		await assert.rejects(() => open(to.identity, file), ShapeError, name);
	}
	await assert.rejects(async () => open(await generateX25519Identity(), await sealedTo(to.recipient)), ShapeError);
});

test("one changed byte anywhere is noticed", async () => {
	const to = await address();
	const { bytes } = await compose(to, "letter", 0, [text("x")], new Date());
	for (const at of [5, 60, 1000, 1540, 1570, 1590, 1630, 1700, 3000, bytes.length - 1]) {
		const bad = bytes.slice();
		bad[at] ^= 1;
		await assert.rejects(() => open(to.identity, bad), Error, `byte ${at}`);
	}
	await assert.rejects(() => open(to.identity, bytes.slice(0, -1)));
});

test("an answer vouches only for this letter", () => {
	const letter = { id: "ab".repeat(32), bytes: new Uint8Array(6000) };
	const key = Buffer.alloc(32, 7);
	const answer = (record: string, promised?: string) => {
		const commitment = createHmac("sha256", key).update(record).digest("base64");
		return {
			id: letter.id, commitment, key: key.toString("base64"), record,
			promise: `panah.promise/v1\norg ${org}\ngate g\ncommitment ${promised ?? commitment}\ndeadline 2026-11-24T00:00:00Z\n\n— g sig\n`,
		};
	};
	const record = `panah.record/v1\nletter ${letter.id}\nsize 6000\nhour 1795456800\n`;
	assert.ok(vouches(answer(record), letter, org));
	assert.ok(!vouches(answer(record.replace("6000", "6001")), letter, org), "another size");
	assert.ok(!vouches(answer(record.replace("abab", "abac")), letter, org), "another letter");
	assert.ok(!vouches(answer(record, Buffer.alloc(32).toString("base64")), letter, org), "a promise of something else");
	assert.ok(!vouches(answer(record), letter, "x".repeat(20)), "another organisation");
	assert.ok(!vouches({ ...answer(record), key: Buffer.alloc(32).toString("base64") }, letter, org), "another key");
	assert.ok(!vouches({} as never, letter, org), "nothing at all");
});

test("work finds a counter, and refuses a challenge beyond reason", async () => {
	const counter = await work("challenge", "id", 12);
	const hash = createHash("sha256").update(`challenge|id|${counter}`).digest();
	assert.equal(hash[0], 0);
	assert.ok(hash[1] < 16);
	await assert.rejects(() => work("c", "id", 60));
});

test("the digest tells contents apart", () => {
	const all = [digest("letter", [text("a")]), digest("erase", [text("a")]), digest("letter", [text("b")]), digest("letter", [text("a"), text("")])];
	assert.equal(new Set(all).size, 4);
});
