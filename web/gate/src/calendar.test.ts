import assert from "node:assert/strict";
import test from "node:test";
import vectors from "../../../vectors/calendar.json";
import { type CalendarName, calendars, DateError, fromDay, on, parseWritten, rather, text, words } from "./calendar";

const number = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 864e5;

test("days are those of the shared vectors, in each calendar", () => {
	assert.ok(vectors.days.length > 100);
	for (const v of vectors.days) {
		assert.equal(v.number, number(v.day));
		assert.equal(text(fromDay(v.number, "solar")), v.solar, v.day);
		assert.equal(text(fromDay(v.number, "lunar")), v.lunar, v.day);
		assert.equal(text(fromDay(v.number, "gregorian")), v.day);
	}
});

test("texts are read, or refused for the reason, as in the shared vectors", () => {
	assert.ok(vectors.written.length > 120);
	for (const v of vectors.written as { text: string; in: CalendarName; written?: string; day?: string; reason?: string; detail?: string; try?: string }[]) {
		if (v.written !== undefined) {
			const w = parseWritten(v.text, v.in);
			assert.deepEqual([text(w), w.day], [v.written, number(v.day ?? "")], v.text);
			continue;
		}
		assert.throws(
			() => parseWritten(v.text, v.in),
			(e) => e instanceof DateError && e.reason === v.reason && e.detail === (v.detail ?? "") && e.perhaps === (v.try ?? ""),
			JSON.stringify(v),
		);
	}
});

// Each day, there and back, against the calendars that node's own ICU has.
function compare(cal: CalendarName, intl: string, from: number, to: number): number {
	const format = new Intl.DateTimeFormat(`en-u-ca-${intl}-nu-latn`, { year: "numeric", month: "numeric", day: "numeric", timeZone: "UTC" });
	let n = 0;
	for (let day = from; day <= to; day++, n++) {
		const p = Object.fromEntries(format.formatToParts(day * 864e5).map((x) => [x.type, parseInt(x.value, 10)]));
		const w = fromDay(day, cal);
		assert.deepEqual([w.y, w.m, w.d], [p["year"], p["month"], p["day"]], `${day} in ${cal}`);
		assert.equal(on(cal, w.y, w.m, w.d).day, day);
	}
	return n;
}

test("every solar day of 1300 to 1450 is that of Intl", () => {
	assert.equal(compare("solar", "persian", number("1921-03-21"), number("2072-03-20")), 55_153);
});

test("every lunar day of 1300 to 1600 is that of Intl", () => {
	assert.equal(compare("lunar", "islamic-umalqura", number("1882-11-12"), number("2174-11-25")), 106_665);
	assert.throws(() => fromDay(number("1882-11-11"), "lunar"), DateError);
	assert.throws(() => fromDay(number("2174-11-26"), "lunar"), DateError);
});

test("what is written in words is read again", () => {
	for (let day = number("1990-01-01"); day < number("2060-01-01"); day += 97) {
		for (const cal of calendars) {
			const w = fromDay(day, cal);
			for (const lang of ["en", "en-AF", "fa", "fa-AF", "ps", "ur"]) assert.deepEqual(parseWritten(words(w, lang), cal), w);
		}
	}
});

test("a year that looks like another calendar is asked about", () => {
	assert.equal(rather(parseWritten("1447/01/10", "solar")), "lunar");
	assert.equal(rather(parseWritten("1404/01/10", "solar")), "");
	assert.equal(rather(parseWritten("1404/01/10", "lunar")), "solar");
	assert.equal(parseWritten("1404/01/10", "lunar").within, 1);
});
