// The days of the three calendars on papers, as core/calendar has them; vectors/calendar.json holds both to the same answers. A day is its number: days since 1 January 1970.
// Reading dates as people write them is in calendar.ts: it needs every month's spellings, and the page of the check asks for month and calendar in a list.
import { epoch, first, months as lunarMonths } from "../../../core/calendar/ummalqura.json";

export type CalendarName = "solar" | "gregorian" | "lunar";
export const calendars: readonly CalendarName[] = ["solar", "gregorian", "lunar"];

/** A day as it is written in one calendar. */
export interface Written {
	in: CalendarName;
	y: number;
	m: number;
	d: number;
	/** days since 1 January 1970 */
	day: number;
	/** by how many days sources may differ: 1 for a lunar date */
	within: number;
}

export type Reason = "month" | "day" | "year" | "order" | "shape" | "bounds";

/** Why a text is no date. The reasons and details are those of core/calendar's DateError. */
export class DateError extends Error {
	constructor(
		readonly reason: Reason,
		readonly field = "",
		readonly detail: "" | "short" | "calendar" | "leap" | "word" = "",
		/** the calendar that is perhaps meant */
		readonly perhaps: CalendarName | "" = "",
	) {
		super(`no date: ${reason} ${detail}`);
	}
}

const bounds = { solar: [1200, 1600], gregorian: [1821, 2222], lunar: [1300, 1600] } as const;
const utc = (y: number, m: number, d: number): number => Date.UTC(y, m - 1, d) / 864e5;

// The day of 1 Farvardin, and how many years ago the last leap year was (0: y is one). K. M. Borkowski, "The Persian calendar for 3000 years" (1996), for 1200 to 1600.
function newYear(y: number): [day: number, sinceLeap: number] {
	let start = 1111, leaps = 270, jump = 0;
	for (const next of [1181, 1210, 1635]) {
		jump = next - start;
		if (y < next) break;
		leaps += ((jump / 33) | 0) * 8 + (((jump % 33) / 4) | 0);
		start = next;
	}
	const n = y - start;
	leaps += ((n / 33) | 0) * 8 + ((((n % 33) + 3) / 4) | 0);
	if (jump % 33 === 4 && jump - n === 4) leaps++;
	const g = y + 621;
	const march = 170 + leaps - ((g / 4) | 0) + ((((((g / 100) | 0) + 1) * 3) / 4) | 0);
	const k = jump - n < 6 ? n - jump + (((jump + 4) / 33) | 0) * 33 : n;
	const since = (((k + 1) % 33) - 1) % 4;
	return [utc(g, 3, march), since < 0 ? 4 : since];
}

const lunarStarts: number[] = [epoch];
for (let i = 0; i < lunarMonths.length * 4; i++) {
	const bits = parseInt(lunarMonths.slice(((i / 12) | 0) * 3, ((i / 12) | 0) * 3 + 3), 16);
	lunarStarts.push((lunarStarts[i] ?? 0) + 29 + ((bits >> i % 12) & 1));
}
const lunarStart = (y: number, m: number): number => lunarStarts[(y - first) * 12 + m - 1] ?? 0;

/** The day of a year, month and day; throws a DateError. A lunar month may have a day 30 that the table does not give it: somebody saw the moon a day later. */
export function on(cal: CalendarName, y: number, m: number, d: number): Written {
	checkYear(cal, y);
	if (m < 1 || m > 12) throw new DateError("month", `${m}`);
	let begin: number, most: number;
	if (cal === "solar") {
		const [start, since] = newYear(y);
		most = m <= 6 ? 31 : m <= 11 || since === 0 ? 30 : 29;
		begin = start + (m - 1) * 31 - Math.max(0, m - 7);
	} else if (cal === "lunar") {
		begin = lunarStart(y, m);
		most = 30;
	} else {
		begin = utc(y, m, 1);
		most = utc(y, m + 1, 1) - begin;
	}
	if (d < 1 || d > most) {
		const leap = d === most + 1 && ((cal === "solar" && m === 12) || (cal === "gregorian" && m === 2));
		throw new DateError("day", `${d}`, leap ? "leap" : "");
	}
	return { in: cal, y, m, d, day: begin + d - 1, within: cal === "lunar" ? 1 : 0 };
}

/** A day as a calendar has it; throws a DateError when it is out of bounds. */
export function fromDay(day: number, cal: CalendarName): Written {
	const g = new Date(day * 864e5);
	let y = g.getUTCFullYear(), m = g.getUTCMonth() + 1, d = g.getUTCDate();
	const [from, to] = bounds[cal];
	if (cal === "solar") {
		y -= 621;
		if (y < from || y > to + 1) throw new DateError("bounds", `${y}`);
		if (day < newYear(y)[0]) y--;
		const n = day - newYear(y)[0];
		[m, d] = n < 186 ? [1 + ((n / 31) | 0), 1 + (n % 31)] : [7 + (((n - 186) / 30) | 0), 1 + ((n - 186) % 30)];
	} else if (cal === "lunar") {
		const i = lunarStarts.findIndex((s) => s > day) - 1;
		if (i < 0) throw new DateError("bounds", `${y}`);
		[y, m, d] = [first + ((i / 12) | 0), 1 + (i % 12), 1 + day - (lunarStarts[i] ?? day)];
	}
	if (y < from || y > to) throw new DateError("bounds", `${y}`);
	return { in: cal, y, m, d, day, within: cal === "lunar" ? 1 : 0 };
}

// What a year of four digits is of when it stands on a paper of today.
function likely(y: number): CalendarName | "" {
	if (y >= 1200 && y <= 1600) return y <= 1420 ? "solar" : "lunar";
	return y >= bounds.gregorian[0] && y <= bounds.gregorian[1] ? "gregorian" : "";
}

/** The calendar that the year looks like for the end of a paper, when that is not its own: worth a question, no more. */
export function rather(w: Written): CalendarName | "" {
	const looks = likely(w.y);
	return looks === w.in ? "" : looks;
}

export function checkYear(cal: CalendarName, y: number): void {
	const [from, to] = bounds[cal];
	if (y >= from && y <= to) return;
	if (y < 1000) throw new DateError("year", `${y}`, "short");
	const looks = likely(y);
	if (looks !== "" && looks !== cal) throw new DateError("year", `${y}`, "calendar", looks);
	throw new DateError("bounds", `${y}`);
}
