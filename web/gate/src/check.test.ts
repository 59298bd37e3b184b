import assert from "node:assert/strict";
import test from "node:test";
import { date, number } from "./check";

test("numbers are read in the digits of any of the languages", () => {
	for (const [typed, n] of [["18", 18], ["۱۸", 18], ["١٨", 18], [" ۱۴۰۳ ", 1403]] as const) assert.equal(number(typed), n);
	for (const typed of ["", "-1", "1e3", "۱۸م", "1 8", "12345678901"]) assert.ok(Number.isNaN(number(typed)), typed);
});

test("a date is all of its parts or none", () => {
	assert.equal(date("", "", ""), undefined);
	for (const [d, m, y] of [["1", "", ""], ["", "solar-1", ""], ["", "", "1403"], ["1", "solar-1", ""], ["1", "", "1403"]] as const) assert.equal(date(d, m, y), "check_err_half");
	const w = date("۳۰", "solar-12", "۱۴۰۳");
	assert.ok(typeof w === "object");
	assert.deepEqual([w.in, w.y, w.m, w.d, w.day, w.within], ["solar", 1403, 12, 30, 20167, 0]);
});

test("what no calendar has is told and never guessed", () => {
	for (const [d, m, y] of [
		["30", "solar-12", "1402"], ["31", "solar-7", "1403"], ["0", "solar-1", "1403"], ["1", "solar-13", "1403"], ["1", "solar-1", "2025"], ["1", "solar-1", "03"],
		["29", "gregorian-2", "2025"], ["31", "lunar-1", "1447"], ["x", "solar-1", "1403"], ["1", "other-1", "1403"],
		["1", "solar-1", "1447"], ["1", "lunar-1", "1404"], // years that look like another calendar's are asked about
	] as const) assert.equal(date(d, m, y), "check_err_date", [d, m, y].join(" "));
});
