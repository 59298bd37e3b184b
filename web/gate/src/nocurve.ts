// Stands where the age library imports the curve P-256, for hardware-tag recipients. No letter has one, and seal.ts
// refuses every recipient but one hybrid before the library sees it.

/** p256 refuses to be used. */
export const p256 = new Proxy({}, {
	get(): never {
		throw new Error("only one kind of recipient is built in");
	},
});
