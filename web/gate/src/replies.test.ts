import assert from "node:assert/strict";
import test from "node:test";
import { join, uint32, utf8 } from "./bytes";
import { threadTag } from "./letter";
import type { Letter } from "./letter";
import { address, arrange, split, trueType, writeTo } from "./replies";
import * as code from "./seal";

const org = "abcdefghjkmnpqrstvwx";

test("a mailbox stream is split, and a cut one refused", () => {
	const a = utf8("first"), b = utf8("second");
	const stream = join(uint32(a.length), a, uint32(b.length), b);
	assert.deepEqual(split(stream), [a, b]);
	assert.deepEqual(split(new Uint8Array()), []);
	for (let n = 1; n < stream.length; n++) if (n !== 4 + a.length) assert.throws(() => split(stream.subarray(0, n)), String(n));
	assert.throws(() => split(new Uint8Array([255, 255, 255, 255, 0])));
});

test("missing, forged, unreadable and repeated answers are shown as such", async () => {
	const keys = await code.derive("12345678901234567891", org);
	const reply = async (n: number, edit: (l: Letter) => void = () => {}) => {
		const l: Letter = { kind: "reply", org, epoch: 0, sealed: "desk", n, parts: [{ type: "text/plain", data: utf8("answer " + n) }] };
		l.tag = threadTag(keys.mac, l);
		edit(l);
		return (await code.sealTo(keys.box, l)).bytes;
	};
	const stream = [
		await reply(3), await reply(1), await reply(1),
		await reply(4, (l) => (l.tag = new Uint8Array(32))),
		await reply(5, (l) => (l.org = "zyxwvtsrqpnmkjhgfedc")),
		await reply(4_000_000_000),
		(await reply(6)).map((b, i) => (i === 2000 ? b ^ 1 : b)),
	];
	const list = await arrange(stream, keys, org, code);
	const brief = list.map((e) => `${e.state} ${e.n}`);
	assert.deepEqual(brief.slice(0, 4), ["good 1", "missing 2", "good 3", "missing 4"]);
	assert.equal(brief.filter((s) => s.startsWith("missing")).length, 100);
	assert.deepEqual(brief.slice(-5), ["good 4000000000", "forged 1", "forged 4", "forged 5", "unread 0"]);
});

test("the newest authentic answer says whom to write to, and nothing else does", async () => {
	const keys = await code.derive("12345678901234567891", org);
	const other = async (digits: string) => (await code.derive(digits, org)).box; // any hybrid recipient
	const [first, second, evil] = [await other("00000000000000000000"), await other("11111111111111111111"), await other("22222222222222222222")];
	const reply = async (n: number, to: string | undefined, edit: (l: Letter) => void = () => {}) => {
		const l: Letter = { kind: "reply", org, epoch: 0, sealed: "desk", n, to, parts: [] };
		l.tag = threadTag(keys.mac, l);
		edit(l);
		return (await code.sealTo(keys.box, l)).bytes;
	};
	const asks = async (...sealed: Uint8Array[]) => writeTo(await arrange(sealed, keys, org, code));
	assert.equal(await asks(), undefined);
	assert.equal(await asks(await reply(1, undefined)), undefined);
	assert.equal(await asks(await reply(2, second), await reply(1, first)), second, "in whatever order they come");
	assert.equal(await asks(await reply(1, first), await reply(2, undefined)), undefined, "taken back");
	assert.equal(await asks(await reply(1, first), await reply(3, second)), second, "also when one between is missing");
	assert.equal(await asks(await reply(1, first), await reply(2, undefined, (l) => (l.to = evil))), first, "put in by the gate");
	assert.equal(await asks(await reply(1, first), await reply(2, evil, (l) => (l.tag = new Uint8Array(32)))), first, "forged");
	assert.equal(await asks(await reply(1, first), await reply(1, evil)), first, "a second one under the same number");
	assert.equal(await asks(await reply(1, first), await reply(2, evil, (l) => (l.org = "zyxwvtsrqpnmkjhgfedc"))), first, "another organisation's");

	const roster = { org, name: "x", epoch: 5, recipient: evil };
	assert.deepEqual(address(roster, keys), { ...roster, keys });
	const to = address(roster, keys, first);
	assert.deepEqual([to.recipient, to.epoch, to.org], [first, 0, org]);
	const sealed = await code.compose(to, "letter", 7, [], new Date());
	const opened = await code.open((await code.derive("00000000000000000000", org)).identity, sealed.bytes);
	assert.deepEqual([opened.epoch, opened.n], [0, 7]);
});

test("a part is shown only when its bytes begin as its type says", () => {
	assert.equal(trueType({ type: "image/jpeg", data: new Uint8Array([0xff, 0xd8, 0xff, 0xe0]) }), "image/jpeg");
	assert.equal(trueType({ type: "image/jpeg", data: utf8("<svg onload=x>") }), undefined);
	assert.equal(trueType({ type: "image/svg+xml", data: utf8("<svg/>") }), undefined);
	assert.equal(trueType({ type: "audio/ogg", data: utf8("OggS....") }), "audio/ogg");
});
