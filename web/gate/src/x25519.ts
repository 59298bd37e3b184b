// X25519 (RFC 7748) from the audited ladder, in the shape in which the age library imports it. The builder puts it in
// the place of a module that also carries Ed25519, hashing to curves and tables for them.

import { mod, pow2 } from "@noble/curves/abstract/modular.js";
import { montgomery } from "@noble/curves/abstract/montgomery.js";

const P = 2n ** 255n - 19n;

// x^(P-2), that is 1/x, by the chain of squarings that 2^255-21 allows.
function powPminus2(x: bigint): bigint {
	const times = (a: bigint, b: bigint) => (a * b) % P;
	const x2 = times(x, x);
	const x9 = times(pow2(x2, 2n, P), x);
	const x11 = times(x9, x2);
	const e5 = times(times(x11, x11), x9); // x^(2^5-1)
	const e10 = times(pow2(e5, 5n, P), e5);
	const e20 = times(pow2(e10, 10n, P), e10);
	const e40 = times(pow2(e20, 20n, P), e20);
	const e50 = times(pow2(e40, 10n, P), e10);
	const e100 = times(pow2(e50, 50n, P), e50);
	const e200 = times(pow2(e100, 100n, P), e100);
	const e250 = times(pow2(e200, 50n, P), e50);
	return mod(times(pow2(e250, 5n, P), x11), P);
}

/** x25519 multiplies points of Curve25519; low-order points are refused. */
export const x25519 = /* @__PURE__ */ montgomery({
	P,
	type: "x25519",
	powPminus2,
	adjustScalarBytes(bytes: Uint8Array): Uint8Array {
		bytes[0] &= 248;
		bytes[31] &= 127;
		bytes[31] |= 64;
		return bytes;
	},
});
