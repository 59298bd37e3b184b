import assert from "node:assert/strict";
import test from "node:test";
import { encode } from "uqr";
import { outline } from "./qr";

test("the outline covers every dark module once and no light one", () => {
	const { data } = encode("panah.promise/v1\norg abcdefghjkmnpqrstvwx\n".repeat(6), { ecc: "M", border: 0 });
	const painted = data.map((row) => row.map(() => 0));
	for (const [, x, y, width] of outline(data).matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
		for (let i = 0; i < Number(width); i++) painted[Number(y) - 4][Number(x) - 4 + i]++;
	}
	assert.deepEqual(painted, data.map((row) => row.map(Number)));
});
