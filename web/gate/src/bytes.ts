// Bytes to text and back: the few encodings that docs/formats.md names. Decoders refuse what is not exact.

const utf8Encoder = new TextEncoder();

/** utf8 encodes text. */
export function utf8(text: string): Uint8Array {
	return utf8Encoder.encode(text);
}

/** fromUtf8 decodes bytes; malformed UTF-8 throws. */
export function fromUtf8(bytes: Uint8Array): string {
	return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** join concatenates. */
export function join(...parts: Uint8Array[]): Uint8Array {
	const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
	let at = 0;
	for (const p of parts) {
		out.set(p, at);
		at += p.length;
	}
	return out;
}

/** uint32 writes n in four bytes, big-endian. */
export function uint32(n: number): Uint8Array {
	return new Uint8Array([n >>> 24, n >>> 16, n >>> 8, n]);
}

/** readUint32 reads four bytes, big-endian, at an offset that the caller has bounded. */
export function readUint32(bytes: Uint8Array, at: number): number {
	return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

/** hex writes lower-case hex digits. */
export function hex(bytes: Uint8Array): string {
	return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** base64url writes base64url without padding. */
export function base64url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** fromBase64 reads standard base64 with padding, exactly length bytes long; anything else throws. */
export function fromBase64(text: string, length: number): Uint8Array {
	const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
	if (bytes.length !== length) throw new Error("base64 of another length");
	return bytes;
}

/** fromBase64url reads base64url without padding, exactly length bytes long; anything else throws. */
export function fromBase64url(text: string, length: number): Uint8Array {
	if (!/^[\w-]*$/.test(text)) throw new Error("not base64url");
	const bytes = fromBase64(text.replace(/-/g, "+").replace(/_/g, "/"), length);
	if (base64url(bytes) !== text) throw new Error("not exact base64url");
	return bytes;
}

/** same compares without stopping at the first difference. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
	let diff = a.length ^ b.length;
	for (let i = 0; i < a.length && i < b.length; i++) diff |= a[i] ^ b[i];
	return diff === 0;
}
