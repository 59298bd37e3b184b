// The post-quantum hybrid X-Wing (ML-KEM-768 with X25519, draft-connolly-cfrg-xwing-kem), in the shape in which the
// age library imports it. The builder puts it in the place of the stock module, which also carries four hybrids that
// no letter uses and two curves with them. Key parts: 1,184 bytes of ML-KEM, then 32 of X25519.

import { x25519 } from "@noble/curves/ed25519.js";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { randomBytes } from "@noble/hashes/utils.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { join, utf8 } from "./bytes";

const kemPublic = 1184;
const kemCipher = 1088;

function expand(seed: Uint8Array) {
	const wide = shake256(seed, { dkLen: 96 });
	const kem = ml_kem768.keygen(wide.slice(0, 64));
	const scalar = wide.slice(64);
	wide.fill(0);
	return { kem, scalar, share: x25519.getPublicKey(scalar) };
}

function combine(fromKem: Uint8Array, fromCurve: Uint8Array, sent: Uint8Array, theirs: Uint8Array): Uint8Array {
	return sha3_256(join(fromKem, fromCurve, sent, theirs, utf8("\\.//^\\")));
}

function exactly(bytes: Uint8Array, length: number): void {
	if (bytes.length !== length) throw new Error("hybrid key or share of another length");
}

/** MLKEM768X25519 is the only hybrid that letters are sealed to. */
export const MLKEM768X25519 = {
	/** getPublicKey returns the 1,216 bytes of the public key of a 32-byte seed. */
	getPublicKey(seed: Uint8Array): Uint8Array {
		exactly(seed, 32);
		const { kem, share } = expand(seed);
		return join(kem.publicKey, share);
	},
	/** encapsulate makes a shared secret of 32 bytes and the 1,120 bytes that carry it to the key's holder. */
	encapsulate(publicKey: Uint8Array) {
		exactly(publicKey, kemPublic + 32);
		const theirs = publicKey.slice(kemPublic);
		const kem = ml_kem768.encapsulate(publicKey.slice(0, kemPublic));
		const ephemeral = randomBytes(32);
		const share = x25519.getPublicKey(ephemeral);
		const fromCurve = x25519.getSharedSecret(ephemeral, theirs);
		ephemeral.fill(0);
		return { cipherText: join(kem.cipherText, share), sharedSecret: combine(kem.sharedSecret, fromCurve, share, theirs) };
	},
	/** decapsulate returns the shared secret that cipherText carries to the holder of seed. */
	decapsulate(cipherText: Uint8Array, seed: Uint8Array): Uint8Array {
		exactly(cipherText, kemCipher + 32);
		exactly(seed, 32);
		const { kem, scalar, share } = expand(seed);
		const sent = cipherText.slice(kemCipher);
		const fromKem = ml_kem768.decapsulate(cipherText.slice(0, kemCipher), kem.secretKey);
		return combine(fromKem, x25519.getSharedSecret(scalar, sent), sent, share);
	},
};

/** MLKEM768P256 stands where the age library asks for another hybrid; our wrapper refuses such recipients before. */
export const MLKEM768P256 = {
	encapsulate(): never {
		throw new Error("only one kind of recipient is built in");
	},
};
