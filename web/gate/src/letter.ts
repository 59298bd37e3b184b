// Letters in the clear: PNH1, header, parts, padding, and the thread tag. docs/formats.md, section 2.
// pack checks what unpack checks, so nothing is sealed that no desk opens.

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64url, fromBase64url, fromUtf8, join, readUint32, same, uint32, utf8 } from "./bytes";

/** Part is one piece of content. */
export interface Part {
	type: string;
	data: Uint8Array;
}

/** Letter is a letter in the clear. */
export interface Letter {
	kind: "letter" | "erase" | "reply" | "reply-copy";
	org: string;
	epoch: number;
	sealed: "browser" | "door" | "desk";
	box?: string; // recipient of the mailbox
	mailbox?: string; // base64url of 16 bytes
	mac?: Uint8Array; // 32 bytes; only in the first letter of a thread
	n: number;
	tag?: Uint8Array; // 32 bytes; in all others
	to?: string; // in replies: the recipient that the person's next letter is sealed to; the organisation's when absent
	at?: string; // RFC 3339 to the minute
	parts: Part[];
}

/** partTypes are the types of parts that this version knows. */
export const partTypes = [
	"application/vnd.panah.intake+json", "text/plain", "audio/webm", "audio/ogg",
	"image/jpeg", "image/png", "image/webp", "application/octet-stream",
];

const headerKeys = ["v", "kind", "org", "epoch", "sealed", "box", "mailbox", "mac", "n", "tag", "to", "at", "parts"];
const magic = "PNH1";
const maxHeader = 16384;
const maxParts = 16;

/** recipient is what a hybrid recipient looks like; sealing checks the rest of it. */
export const recipient = /^age1pq1[ac-hj-np-z02-9]{1952}$/;

/** LetterError says that bytes are not a letter we know, or that a letter cannot be written. */
export class LetterError extends Error {}

/** TooLarge says that a letter does not fit the largest class. It is told by its name: pages load this file apart from theirs. */
export class TooLarge extends LetterError {
	override name = "TooLarge";
}

/** paddedLength returns the padding class that n bytes go into, or 0 when n is over the largest, 2 MiB. */
export function paddedLength(n: number): number {
	if (n <= 4096) return 4096;
	if (n > 2 << 20) return 0;
	const octave = 2 ** (31 - Math.clz32(n - 1)); // largest power of two below n
	if (octave < 65536) return 2 * octave;
	return Math.ceil(n / (octave / 4)) * (octave / 4);
}

/** pack writes the padded plaintext of a letter. */
export function pack(l: Letter): Uint8Array {
	const header = utf8(JSON.stringify({
		v: 1, kind: l.kind, org: l.org, epoch: l.epoch, sealed: l.sealed, box: l.box, mailbox: l.mailbox,
		mac: l.mac && base64url(l.mac), n: l.n, tag: l.tag && base64url(l.tag), to: l.to, at: l.at,
		parts: l.parts.map((p) => ({ type: p.type, len: p.data.length })),
	}));
	verify(l, header.length);
	const body = join(utf8(magic), uint32(header.length), header, ...l.parts.map((p) => p.data));
	const padded = paddedLength(body.length);
	if (padded === 0) throw new TooLarge("larger than 2 MiB");
	const out = new Uint8Array(padded);
	out.set(body);
	return out;
}

/** unpack reads a padded plaintext; what is malformed or unknown throws a LetterError. Parts alias plain. */
export function unpack(plain: Uint8Array): Letter {
	const length = plain.length >= 8 ? readUint32(plain, 4) : maxHeader + 1;
	if (length > maxHeader || 8 + length > plain.length || paddedLength(plain.length) !== plain.length) {
		throw new LetterError("not a PNH1 plaintext");
	}
	if (!same(plain.subarray(0, 4), utf8(magic))) throw new LetterError("not a PNH1 plaintext");
	let l: Letter;
	let lengths: number[];
	try {
		[l, lengths] = parseHeader(fromUtf8(plain.subarray(8, 8 + length)));
	} catch {
		throw new LetterError("header is not one we know");
	}
	let at = 8 + length;
	l.parts.forEach((p, i) => {
		if (lengths[i] > plain.length - at) throw new LetterError("part length");
		p.data = plain.subarray(at, (at += lengths[i]));
	});
	// Bytes hidden in the padding would be a channel that nobody sees.
	if (plain.subarray(at).some((b) => b !== 0)) throw new LetterError("padding is not zero");
	verify(l, length);
	return l;
}

function parseHeader(text: string): [Letter, number[]] {
	if (text.includes("\n")) throw new LetterError("more than one line");
	const h = JSON.parse(text) as Record<string, any>;
	if (Object.keys(h).some((k) => !headerKeys.includes(k))) throw new LetterError("unknown key");
	const whole = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0 && (n as number) < 2 ** 32;
	const word = (s: unknown) => s === undefined || typeof s === "string";
	const entries: { type: string; len: number }[] = h.parts;
	if (h.v !== 1 || !whole(h.epoch) || !whole(h.n) || ![h.kind, h.org, h.sealed].every((s) => typeof s === "string") ||
		![h.box, h.mailbox, h.to, h.at].every(word) || !Array.isArray(entries) ||
		!entries.every((p) => typeof p.type === "string" && whole(p.len) && Object.keys(p).length === 2)) {
		throw new LetterError("malformed");
	}
	const l: Letter = {
		kind: h.kind, org: h.org, epoch: h.epoch, sealed: h.sealed, box: h.box, mailbox: h.mailbox, n: h.n, to: h.to, at: h.at,
		mac: h.mac === undefined ? undefined : fromBase64url(h.mac, 32),
		tag: h.tag === undefined ? undefined : fromBase64url(h.tag, 32),
		parts: entries.map((p) => ({ type: p.type, data: new Uint8Array() })),
	};
	return [l, entries.map((p) => p.len)];
}

// verify is what both ends hold a letter to.
function verify(l: Letter, headerLength: number): void {
	const ours = l.kind === "letter" || l.kind === "erase";
	if (!ours && l.kind !== "reply" && l.kind !== "reply-copy") throw new LetterError("unknown kind");
	if (ours && (!l.box || (l.mac === undefined) === (l.tag === undefined))) throw new LetterError("needs its thread");
	if (!ours && !l.tag) throw new LetterError("needs a tag");
	if (l.kind !== "reply" && !l.mailbox) throw new LetterError("needs its mailbox");
	if (l.mailbox) fromBase64url(l.mailbox, 16);
	if (l.to !== undefined && (ours || !recipient.test(l.to))) throw new LetterError("whom to write to next?");
	if (!["browser", "door", "desk"].includes(l.sealed)) throw new LetterError("sealed where?");
	if (headerLength > maxHeader || l.parts.length > maxParts || l.org.length > 64) throw new LetterError("too large");
	if (l.parts.some((p) => !partTypes.includes(p.type))) throw new LetterError("unknown type of part");
}

/** threadTag computes the tag of a letter under its thread's key. */
export function threadTag(mac: Uint8Array, l: Letter): Uint8Array {
	const theirs = l.kind === "reply" || l.kind === "reply-copy"; // a copy proves the reply it copies
	const body = l.parts.map((p) => join(uint32(p.type.length), utf8(p.type), uint32(p.data.length), p.data));
	return hmac(sha256, mac, join(
		utf8("panah/thread/v1\0" + (theirs ? "o" : "p")), uint32(l.n), utf8((theirs ? "reply" : l.kind) + "\0"), ...body,
		utf8(l.to === undefined ? "" : "\0" + l.to),
	));
}

/** authentic tells whether a letter carries the tag that its thread's key gives. */
export function authentic(mac: Uint8Array, l: Letter): boolean {
	return l.tag !== undefined && same(l.tag, threadTag(mac, l));
}
