// Receipt codes as people see and type them: docs/formats.md, section 1. What a code derives is in receipt.ts; this
// part is small enough to be there before any sealing code is, so that a mistyped digit is told at once.

/** digits in a code: 19 random ones and a check digit. */
export const codeDigits = 20;

// The totally anti-symmetric quasigroup of order 10 of Damm (2004), one row for each interim digit.
const damm = [
	"0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
	"3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
];

/** check returns Damm's interim digit after ASCII digits: 0 for a word that ends in its own check digit. */
export function check(digits: string): number {
	let interim = 0;
	for (const d of digits) interim = Number(damm[interim][Number(d)]);
	return interim;
}

/** What can be wrong with a typed code. */
export type CodeProblem = "length" | "character" | "check";

/** CodeError tells what is wrong with a typed code, never the code. */
export class CodeError extends Error {
	constructor(readonly problem: CodeProblem, readonly typed: number) {
		super("receipt code: " + problem);
	}
}

// Spaces, hyphens, joiners and direction marks, which keyboards and copying put between digits.
const ignorable = /[ \t\n\r\-\u00a0\u2009-\u2015\u200b-\u200f\u202a-\u202f\u2066-\u2069\ufeff]/;

/** fold turns typed text into ASCII digits: Persian and Arabic digits count, marks and spaces are dropped. */
export function fold(typed: string): string {
	let digits = "";
	for (const c of typed) {
		const at = c.codePointAt(0)!;
		if (at >= 0x30 && at <= 0x39) digits += c;
		else if (at >= 0x660 && at <= 0x669) digits += at - 0x660;
		else if (at >= 0x6f0 && at <= 0x6f9) digits += at - 0x6f0;
		else if (!ignorable.test(c)) throw new CodeError("character", digits.length);
	}
	return digits;
}

/** parse returns the 20 ASCII digits of a typed code, or throws a CodeError. */
export function parse(typed: string): string {
	if (typed.length > 400) throw new CodeError("length", typed.length);
	const digits = fold(typed);
	if (digits.length !== codeDigits) throw new CodeError("length", digits.length);
	if (check(digits) !== 0) throw new CodeError("check", digits.length);
	return digits;
}

/** draw makes a new code from a source that fills bytes at random: crypto.getRandomValues. */
export function draw(random: (into: Uint8Array<ArrayBuffer>) => unknown): string {
	let digits = "";
	const bytes = new Uint8Array(32);
	while (digits.length < codeDigits - 1) {
		random(bytes);
		for (const b of bytes) {
			// 250 is the largest multiple of ten in a byte; above it the digits 0–5 would come up more often.
			if (b < 250 && digits.length < codeDigits - 1) digits += b % 10;
		}
	}
	return digits + check(digits);
}

/** grouped writes a code in groups of four. */
export function grouped(digits: string): string {
	return digits.replace(/\d{4}(?=\d)/g, "$& ");
}
