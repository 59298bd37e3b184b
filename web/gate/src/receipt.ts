// What a receipt code derives: docs/formats.md, section 1.

import { identityToRecipient } from "age-encryption";
import { expand } from "@noble/hashes/hkdf.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";
import { base64url, utf8 } from "./bytes";

/** Keys are what a code derives for one organisation. They stay in memory and go nowhere but into headers named for them. */
export interface Keys {
	mailbox: string; // base64url of 16 bytes: header Panah-Mailbox
	auth: string; // base64url of 32 bytes: header Panah-Auth
	mac: Uint8Array; // 32 bytes: thread tags
	identity: string; // AGE-SECRET-KEY-PQ-1…: opens replies
	box: string; // age1pq1…: replies are sealed to it
}

/**
 * derive computes the keys of a parsed code for an organisation. It takes 32 MiB and, on a slow phone, seconds; it
 * gives the page a turn every few milliseconds and tells progress from 0 to 1.
 */
export async function derive(digits: string, org: string, progress?: (done: number) => void): Promise<Keys> {
	const salt = utf8("panah.receipt.v1|" + org);
	const k = await scryptAsync(utf8(digits), salt, { N: 2 ** 15, r: 8, p: 1, dkLen: 32, asyncTick: 12, onProgress: progress });
	const out = (label: string, length: number) => expand(sha256, k, utf8(label), length);
	const identity = bech32.encodeFromBytes("AGE-SECRET-KEY-PQ-", out("panah/mailbox-identity/v1", 32)).toUpperCase();
	return {
		mailbox: base64url(out("panah/mailbox-id/v1", 16)),
		auth: base64url(out("panah/mailbox-auth/v1", 32)),
		mac: out("panah/thread-mac/v1", 32),
		identity,
		box: await identityToRecipient(identity),
	};
}
