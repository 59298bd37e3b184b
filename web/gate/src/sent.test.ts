import assert from "node:assert/strict";
import test from "node:test";
import { deadlineOf, spelled } from "./sent";

test("a code is spelled digit by digit, with a pause between groups", () => {
	assert.equal(spelled("12345678901234567891"), "1 2 3 4, 5 6 7 8, 9 0 1 2, 3 4 5 6, 7 8 9 1");
});

test("the deadline is read from the promise, and a broken one is no date", () => {
	assert.equal(deadlineOf("panah.promise/v1\ndeadline 2026-11-24T19:00:00Z\n")?.toISOString(), "2026-11-24T19:00:00.000Z");
	assert.equal(deadlineOf("deadline soon\n"), undefined);
	assert.equal(deadlineOf(""), undefined);
});
