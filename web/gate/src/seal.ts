// The sealing code: everything that needs cryptography, in one file that loads while the person types. It seals to
// exactly one hybrid recipient and opens only letters sealed so, because the library below it would silently mix a
// post-quantum recipient with a classic one. docs/formats.md, sections 1 to 4.

import { Decrypter, Encrypter } from "age-encryption";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, hex, same, utf8 } from "./bytes";
import { authentic, pack, paddedLength, threadTag, unpack } from "./letter";
import type { Letter, Part } from "./letter";
import type { Keys } from "./receipt";

export { derive } from "./receipt";
export { authentic };
export type { Keys, Letter, Part };

/** ShapeError says that bytes are not one age file with exactly one hybrid recipient, padded to a class. */
export class ShapeError extends Error {}

const intro = "age-encryption.org/v1\n-> mlkem768x25519 ";
const shareLength = 1494; // base64 of 1,120 bytes
const bodyLength = 43; // base64 of 32 bytes
const headerLength = intro.length + shareLength + 1 + bodyLength + 1 + 4 + bodyLength + 1;
const chunk = 65536;

/** sealedLength returns the length of a letter whose padded plaintext has n bytes. */
export function sealedLength(n: number): number {
	return headerLength + 16 + n + 16 * Math.max(1, Math.ceil(n / chunk));
}

/** checkShape throws a ShapeError unless sealed looks like a letter: all that can be told without a key. */
export function checkShape(sealed: Uint8Array): void {
	const header = String.fromCharCode(...sealed.subarray(0, headerLength));
	const share = `[A-Za-z0-9+/]{${shareLength}}`;
	const body = `[A-Za-z0-9+/]{${bodyLength}}`;
	if (!new RegExp(`^${intro}${share}\n${body}\n--- ${body}\n$`).test(header)) {
		throw new ShapeError("not sealed to exactly one hybrid recipient");
	}
	const payload = sealed.length - headerLength - 16;
	const plain = payload - 16 * Math.ceil(payload / (chunk + 16));
	if (plain < 4096 || paddedLength(plain) !== plain || sealedLength(plain) !== sealed.length) {
		throw new ShapeError("not padded to a class");
	}
}

/** Sealed is a letter on its way: the bytes that every retry sends, and their SHA-256 in hex. */
export interface Sealed {
	id: string;
	bytes: Uint8Array;
}

/** sealTo packs a letter and seals it to one hybrid recipient; any other kind of recipient is refused. */
export async function sealTo(recipient: string, l: Letter): Promise<Sealed> {
	if (!/^age1pq1[a-z0-9]+$/.test(recipient)) throw new ShapeError("not a hybrid recipient");
	const age = new Encrypter();
	age.addRecipient(recipient);
	const plain = pack(l);
	const bytes = await age.encrypt(plain);
	plain.fill(0);
	checkShape(bytes);
	return { id: hex(sha256(bytes)), bytes };
}

/** open checks the shape of a sealed letter, opens it with an AGE-SECRET-KEY-PQ-1… identity and unpacks it. */
export async function open(identity: string, sealed: Uint8Array): Promise<Letter> {
	if (!identity.startsWith("AGE-SECRET-KEY-PQ-1")) throw new ShapeError("not a hybrid identity");
	checkShape(sealed);
	const age = new Decrypter();
	age.addIdentity(identity);
	return unpack(await age.decrypt(sealed));
}

/** Address is where a person's letters go: what /roster and the code give. */
export interface Address {
	org: string;
	epoch: number;
	recipient: string;
	keys: Keys;
}

/**
 * compose writes and seals a letter of the person. The first of a thread (n = 0) carries the thread's key; later ones
 * carry a tag. now is the sender's clock; only its minute is told.
 */
export function compose(to: Address, kind: "letter" | "erase", n: number, parts: Part[], now: Date): Promise<Sealed> {
	const l: Letter = {
		kind, n, parts, org: to.org, epoch: to.epoch, sealed: "browser", box: to.keys.box, mailbox: to.keys.mailbox,
		at: now.toISOString().slice(0, 16) + "Z",
	};
	if (n === 0) l.mac = to.keys.mac;
	else l.tag = threadTag(to.keys.mac, l);
	return sealTo(to.recipient, l);
}

/** digest tells one content from another, so that a page sends the same sealed letter again after a failure. */
export function digest(kind: string, parts: Part[]): string {
	const hash = sha256.create().update(utf8(kind));
	for (const p of parts) hash.update(utf8(`\n${p.type} ${p.data.length}\n`)).update(p.data);
	return hex(hash.digest());
}

/** laterNumber numbers later letters: seconds of 2026 and after. The phone keeps nothing, so it cannot count. */
export function laterNumber(now: Date): number {
	return Math.max(1, Math.floor((now.getTime() - Date.UTC(2026, 0, 1)) / 1000));
}

/** Accepted is the gate's answer to a letter that it has made durable. */
export interface Accepted {
	id: string;
	commitment: string; // base64, 32 bytes
	key: string; // base64, 32 bytes
	record: string;
	promise: string; // signed note
}

/** vouches tells whether an answer commits the gate to this letter: its id, its size, and a promise that names the commitment. */
export function vouches(a: Accepted, letter: Sealed, org: string): boolean {
	try {
		const commitment = fromBase64(a.commitment, 32);
		const record = new RegExp(`^panah\\.record/v1\nletter ${letter.id}\nsize ${letter.bytes.length}\nhour \\d+\n$`);
		const lines = a.promise.split("\n");
		return record.test(a.record) && same(hmac(sha256, fromBase64(a.key, 32), utf8(a.record)), commitment) &&
			lines[0] === "panah.promise/v1" && lines[1] === "org " + org && lines[3] === "commitment " + a.commitment;
	} catch {
		return false;
	}
}

/** work finds the counter that answers a gate's challenge, in slices of a few milliseconds so that the page stays alive. */
export async function work(challenge: string, id: string, bits: number): Promise<number> {
	if (!(bits >= 0 && bits <= 26)) throw new Error("a challenge that no phone should answer");
	for (let counter = 0; ; ) {
		const slice = performance.now() + 12;
		while (performance.now() < slice) {
			for (let i = 0; i < 16; i++, counter++) {
				if (leadingZeros(sha256(utf8(`${challenge}|${id}|${counter}`))) >= bits) return counter;
			}
		}
		await new Promise((turn) => setTimeout(turn));
	}
}

function leadingZeros(hash: Uint8Array): number {
	const at = hash.findIndex((b) => b !== 0);
	return at < 0 ? 256 : 8 * at + Math.clz32(hash[at]) - 24;
}
