// The page that tells what published rules say about a kind of paper. It works out everything here: it asks no server, and keeps nothing.

import { calendars, DateError, on, rather, type CalendarName, type Written } from "./days";
import { find, say, show } from "./dom";
import { Guard } from "./guard";
import { tell, type Table } from "./table";
import { Teller, type Months, type Words } from "./told";

/** What the page carries beside its words. */
interface Data {
	table: Table;
	rounds: Record<string, number[]>;
	read: number;
	months: Months;
}

const json = (id: string): unknown => JSON.parse(document.getElementById(id)?.textContent || "{}");

/** number reads digits of any of the languages; NaN for anything else. */
export function number(typed: string): number {
	const latin = typed.trim().replace(/[۰-۹]/g, (c) => `${c.charCodeAt(0) - 0x6f0}`).replace(/[٠-٩]/g, (c) => `${c.charCodeAt(0) - 0x660}`);
	return /^[0-9]{1,9}$/.test(latin) ? +latin : NaN;
}

/** date reads the three fields: nothing when all are empty; a string is the id of what is wrong. */
export function date(day: string, month: string, year: string): Written | undefined | string {
	if (day + month + year === "") return undefined;
	if (day === "" || month === "" || year === "") return "check_err_half";
	const [cal, m] = month.split("-");
	const [y, d] = [number(year), number(day)];
	if (Number.isNaN(y + d) || !calendars.includes(cal as CalendarName)) return "check_err_date";
	try {
		const w = on(cal as CalendarName, y, Number(m), d);
		return rather(w) === "" ? w : "check_err_date"; // 1447 is no end in the solar calendar, where it is 2068
	} catch (e) {
		if (e instanceof DateError) return "check_err_date";
		throw e;
	}
}

/** Check drives form#check. */
class Check {
	private readonly form = find<HTMLFormElement>("form#check")!;
	private readonly answer = find("#told")!;
	private readonly data = json("data") as Data;
	private readonly words: Words;
	private readonly teller: Teller;

	constructor() {
		const all = json("words") as Record<string, string>;
		this.words = (id) => all[id] ?? id;
		const { lang } = document.documentElement;
		this.teller = new Teller(this.words, this.data.months, lang, `/${lang}/`);
		this.form.addEventListener("submit", (e) => {
			e.preventDefault(); // nothing is sent
			this.show();
		});
		this.form.addEventListener("input", () => this.changed());
		// A page that comes back from the history holds nothing of what was asked.
		addEventListener("pagehide", () => {
			this.form.reset();
			this.changed();
		});
		this.changed();
	}

	private text(name: string): string {
		const value = new FormData(this.form).get(name);
		return typeof value === "string" ? value.trim() : "";
	}

	// changed hides an answer that does not belong to the choice any more, and the round where the kind has none.
	private changed(): void {
		this.answer.replaceChildren();
		show(this.answer, false);
		say(find("#problem"), "");
		show(find("#rounds"), !!this.data.rounds[this.text("kind")]);
	}

	private show(): void {
		this.changed();
		const now = new Date();
		const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) / 864e5;
		const kind = this.text("kind");
		if (kind === "") return this.problem("check_err_kind");
		if (today < this.data.read) return this.problem("check_err_clock", this.teller.day(today));
		const rounds = this.data.rounds[kind];
		const round = rounds ? this.text("round") : "";
		const n = round === "" ? 0 : number(round);
		if (!(round === "" || (n >= 1 && n <= 999))) return this.problem("check_err_round");
		const printed = date(this.text("day"), this.text("month"), this.text("year"));
		if (typeof printed === "string") return this.problem(printed);
		const said = tell(this.data.table, kind, rounds, n, printed, today);
		if (!said) return this.problem("err_unknown");
		this.answer.replaceChildren(...this.teller.told(this.data.table, said, printed, today, this.data.read));
		show(this.answer);
		this.answer.focus({ preventScroll: true });
		this.answer.scrollIntoView({ block: "start" });
	}

	private problem(id: string, value = ""): void {
		const box = find("#problem");
		say(box, this.words(id).replace(/\{\w+\}/, `\u2068${value}\u2069`));
		box?.scrollIntoView({ block: "center" });
	}
}

if (typeof document !== "undefined") {
	new Guard();
	new Check();
	document.documentElement.classList.remove("noscript-mode");
}
