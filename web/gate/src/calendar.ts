// Dates as people write them on papers, read as core/calendar reads them; vectors/calendar.json holds both to the same answers.
// What can be read in two ways is an error with a reason; nothing is guessed. The sentences are the page's.
import { eras, gregorian, lunar, noise, solar } from "../../../core/calendar/months.json";
import { calendars, checkYear, DateError, on, type CalendarName, type Written } from "./days";

export * from "./days";

// Letters that keyboards and languages write differently, as core/script folds them: the last of each run stands for the others.
const alike = ["يىېۍےێۑؠۓی", "كڪڬک", "ګڭگ", "ةەہھۃۀۂه", "ٱٲٳٵا", "ۇۆۋۏۊٶو", "ڼںن", "ıi"];
const one = new Map<string, string>();
for (const run of alike) for (const c of run) one.set(c, run.slice(-1));

// Words of letters and ASCII digits with a space between them.
function fold(text: string): string {
	let out = "", gap = false;
	for (const c of text.replace(/ـ/g, " ").normalize("NFKD")) {
		if (/['’‘ʼʻʾʿ`´ˈء\u00AD\u200D]/.test(c) || (c !== "\u200C" && /[\p{Mn}\p{Me}\p{Cf}]/u.test(c))) continue;
		const code = c.charCodeAt(0);
		let letter = c.toLowerCase();
		if (code >= 0x6f0 && code <= 0x6f9) letter = `${code - 0x6f0}`;
		else if (code >= 0x660 && code <= 0x669) letter = `${code - 0x660}`;
		letter = one.get(letter) ?? letter;
		if (!/[\p{L}\p{N}]/u.test(letter)) {
			gap = true;
			continue;
		}
		if (gap && out !== "") out += " ";
		gap = false;
		out += letter;
	}
	return out;
}

const eraOf = new Map<string, CalendarName>();
const silent = new Set(fold(noise).split(" "));
for (const c of calendars) for (const w of eras[c].split(" ")) (eraOf.set(fold(w), c), silent.add(fold(w)));

// One form of a month's spelling: sounds that transliterations write in several ways are one.
function key(words: string): string {
	return words.split(" ").map((w) => (w === "i" ? "awwal" : w === "ii" ? "sani" : silent.has(w) ? "" : w)).join("")
		.replace(/[wvo]/g, "u").replace(/[ye]/g, "i").replace(/q/g, "k").replace(/([a-z])\1+/g, "$1").replace(/h$/, "");
}

const sets = { solar, gregorian, lunar };
const keys: Record<CalendarName, Map<string, number>> = { solar: new Map(), gregorian: new Map(), lunar: new Map() };
for (const c of calendars) {
	for (let m = 0; m < 12; m++) {
		const spellings = (sets[c].also[m] ?? "").split("|").concat(Object.values(sets[c].names).map((list) => list[m] ?? ""));
		for (const s of spellings) keys[c].set(key(fold(s)), m + 1);
	}
}

/** Reads a date as people write it in a calendar; throws a DateError. The rules are those of core/calendar's ParseWritten. */
export function parseWritten(text: string, cal: CalendarName): Written {
	if (new TextEncoder().encode(text).length > 200) throw new DateError("shape");
	const numbers: string[] = [], words: string[] = [];
	let era: CalendarName | "" = "";
	for (const token of fold(text).match(/[0-9]+|[^0-9 ]+/g) ?? []) {
		if (/^[0-9]/.test(token)) numbers.push(token);
		else {
			era = eraOf.get(token) ?? era;
			words.push(token);
		}
	}
	if (era !== "" && era !== cal) throw new DateError("year", "", "calendar", era);
	if (numbers.length > 0 && words.some((w) => !silent.has(w))) {
		const k = key(words.join(" "));
		const m = keys[cal].get(k);
		if (m === undefined) {
			const other = calendars.find((c) => keys[c].has(k));
			throw new DateError("month", words.join(" ").slice(0, 20), other ? "calendar" : "word", other ?? "");
		}
		const [a = "", b = ""] = numbers;
		if (numbers.length !== 2) throw new DateError("shape");
		return isYear(a) ? assemble(cal, a, `${m}`, b) : assemble(cal, b, `${m}`, a);
	}
	if (numbers.length !== 3) throw new DateError("shape");
	return numeric(cal, numbers[0] ?? "", numbers[1] ?? "", numbers[2] ?? "");
}

const isYear = (digits: string): boolean => digits.length > 2 || +digits > 31;

function numeric(cal: CalendarName, a: string, b: string, c: string): Written {
	if (isYear(a)) {
		if (isYear(c)) throw new DateError("shape");
		return assemble(cal, a, b, c);
	}
	if (!isYear(c)) throw isYear(b) ? new DateError("order") : new DateError("year", "", "short");
	const d = +a, m = +b;
	if (cal !== "gregorian" || d > 12 || d === m) return assemble(cal, c, b, a);
	if (m > 12) return assemble(cal, c, a, b); // as Americans write: no other reading is a date
	if (c.length <= 4) checkYear(cal, +c); // the year is what has to be told first
	else return assemble(cal, c, b, a);
	throw new DateError("order", `${d}, ${m}`);
}

function assemble(cal: CalendarName, y: string, m: string, d: string): Written {
	if (y.length > 4 || m.length > 2 || d.length > 2) throw new DateError("shape");
	return on(cal, +y, +m, +d);
}

/** "1403-12-30" in the date's own calendar. */
export function text(w: Written): string {
	const pad = (n: number, l: number): string => `${n}`.padStart(l, "0");
	return `${pad(w.y, 4)}-${pad(w.m, 2)}-${pad(w.d, 2)}`;
}

/** The day in words with the names and digits of a language: "۳۰ اسفند ۱۴۰۳". */
export function words(w: Written, lang: string): string {
	const all: Record<string, string[]> = sets[w.in].names;
	const list = all[lang] ?? all["en"] ?? [];
	const plain = `${w.d} ${list[w.m - 1] ?? ""} ${w.y}`;
	return lang.startsWith("en") || lang === "ur" ? plain : plain.replace(/[0-9]/g, (c) => "۰۱۲۳۴۵۶۷۸۹"[+c] ?? c);
}
