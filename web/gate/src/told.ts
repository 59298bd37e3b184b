// An answer of the rulebook in the page's words. gate/internal/web/told.go makes the same for pages without script; e2e/browser compares the two.

import { fromDay, type CalendarName, type Written } from "./days";
import { make } from "./dom";
import type { Rule, Saying, Source, Table } from "./table";

/** Words gives the sentence of an id as it is, with its {places}. */
export type Words = (id: string) => string;

/** Months are the names of the months in the reader's language. */
export type Months = Record<CalendarName, string[]>;

const verdicts: Record<string, [withDay: string, without: string]> = {
	"in-force": ["check_in_force_until", "check_in_force"],
	extended: ["check_extended_until", "check_extended"],
	ended: ["check_ended_since", "check_ended"],
	revoked: ["check_revoked_since", "check_revoked"],
	conflict: ["check_conflict", "check_conflict"],
	unknown: ["check_unknown", "check_unknown"],
};

const effects: Record<string, string> = {
	deadline: "check_e_deadline", consequence: "check_e_consequence", enforcement: "check_e_enforcement", "court-protection": "check_e_court",
	"may-regularise": "check_e_regularise", "round-open": "check_e_round", "round-opens": "check_e_round", replace: "check_e_replace",
	"services-end": "check_e_services", "leave-area": "check_e_leave", "calendar-change": "check_e_calendar",
};

const trusts: Record<string, string> = {
	official: "check_official", "press-quoting": "check_quoting", "press-single": "check_single", testimony: "check_testimony",
};

/** Teller writes answers. */
export class Teller {
	private readonly persian: boolean;

	constructor(private readonly w: Words, private readonly months: Months, lang: string, private readonly home: string) {
		this.persian = ["fa", "fa-AF", "ps"].includes(lang);
	}

	/** told are the elements of an answer about today; read is when the sources were last read. */
	told(t: Table, s: Saying, printed: Written | undefined, today: number, read: number): HTMLElement[] {
		const stale = s.v === "stale";
		const out: HTMLElement[] = [this.sentence("h2", "check_answer", { date: this.day(today) })];
		if (stale) out.push(this.verdictLine("check_stale", { newest: this.day(s.n ?? 0) }), this.sentence("p", "check_would"), this.verdict(s.w ?? "", s, false));
		else out.push(this.verdict(s.v, s, true));
		if (printed) out.push(this.sentence("p", standing(printed, today), { date: this.written(printed) }));
		if (s.x?.length) out.push(this.rules(s.x.map((i) => t.rules[i]!), () => "check_e_rule"));
		if (s.f?.length) out.push(...this.sources(s.f.map((i) => t.sources[i]!), s, t));
		if (s.a?.length) out.push(this.sentence("h3", "check_also"), this.rules(s.a.map((i) => t.rules[i]!), (r) => effects[r.e] ?? ""));
		const real = this.sentence("p", "check_not_real");
		real.className = "note";
		out.push(this.sentence("h3", "check_next"), this.next(s), real);
		const small = this.sentence("p", "check_book", { date: this.day(read), version: t.book });
		small.className = "soft";
		return [...out, small];
	}

	/** day is a day in both calendars, the reader's own first. A dot between them would look like a Persian zero. */
	day(n: number): string {
		const solar = this.words(fromDay(n, "solar")), gregorian = this.words(fromDay(n, "gregorian"));
		return this.persian ? `${solar} (${gregorian})` : `${gregorian} (${solar})`;
	}

	// written is a printed date as it is written, and as the day that it means.
	private written(w: Written): string {
		const own = this.words(w);
		const others = (["solar", "gregorian"] as const).map((c) => this.words(fromDay(w.day, c))).filter((text) => text !== own);
		return `${own} (${others.join("; ")})`;
	}

	private words(w: Written): string {
		const plain = `${w.d} ${this.months[w.in][w.m - 1]} ${w.y}`;
		return this.persian ? plain.replace(/[0-9]/g, (c) => "۰۱۲۳۴۵۶۷۸۹"[+c]!) : plain;
	}

	/** sentence is an element with a sentence, its values isolated: a date would else turn round inside Persian text. */
	sentence<K extends "p" | "h2" | "h3" | "li" | "span">(tag: K, id: string, fill: Record<string, string> = {}): HTMLElementTagNameMap[K] {
		const parts = this.w(id).split(/\{(\w+)\}/);
		const element = document.createElement(tag);
		element.dir = "auto";
		element.append(...parts.map((p, i) => (i % 2 ? make("bdi", {}, fill[p] ?? "") : p)));
		return element;
	}

	private verdictLine(id: string, fill: Record<string, string> = {}): HTMLElement {
		const line = this.sentence("p", id, fill);
		line.className = "verdict";
		return line;
	}

	private verdict(v: string, s: Saying, first: boolean): HTMLElement {
		const [withDay, without] = verdicts[v] ?? verdicts["unknown"]!;
		const since = v === "ended" || v === "revoked";
		const day = withDay === without ? 0 : (since ? s.s : s.u) ?? 0;
		const fill = day ? { [since ? "since" : "until"]: this.day(day) } : {};
		const id = day ? withDay : without;
		return first ? this.verdictLine(id, fill) : this.sentence("p", id, fill);
	}

	private sources(list: Source[], s: Saying, t: Table): HTMLElement[] {
		const out: HTMLElement[] = [this.sentence("h3", "check_source")];
		if (s.c) out.push(this.soft(trusts[s.c] ?? ""));
		out.push(make("ul", { className: "rules" }, ...list.map((one) => {
			const li = make("li", {}, make("span", { lang: "en", dir: "ltr" }, one.t));
			if (one.u) li.append(" ", make("bdi", { dir: "ltr", className: "fp" }, one.u));
			return li;
		})));
		const texts = s.x?.length || s.r < 0 ? [] : textsOf(t.rules[s.r]!);
		if (texts.length) out.push(this.soft("check_about"), ...texts.map((text) => make("p", { lang: "en", dir: "ltr" }, text)));
		return out;
	}

	private soft(id: string): HTMLElement {
		const p = this.sentence("p", id);
		p.className = "soft";
		return p;
	}

	private rules(list: Rule[], title: (r: Rule) => string): HTMLElement {
		return make("ul", { className: "rules" }, ...list.map((r) => {
			const li = make("li", {}, make("b", { dir: "auto" }, this.w(title(r))));
			const days = this.days(r);
			if (days) li.append(" ", days);
			for (const text of textsOf(r)) li.append(" ", make("span", { lang: "en", dir: "ltr" }, text));
			return li;
		}));
	}

	private days(r: Rule): HTMLElement | undefined {
		if (r.on) return make("bdi", {}, this.day(r.on));
		if (r.from && r.to) return make("bdi", {}, `${this.day(r.from)} – ${this.day(r.to)}`);
		if (r.from) return this.sentence("span", "check_from", { date: this.day(r.from) });
		return r.to ? this.sentence("span", "check_to", { date: this.day(r.to) }) : undefined;
	}

	private next(s: Saying): HTMLElement {
		const ids: string[] = [];
		let more = false;
		for (const ask of s.q ?? []) {
			if (ask === "round") ids.push("check_ask_round");
			else if (ask === "printed") ids.push("check_ask_printed");
			else if (ask !== "news") more = true;
		}
		if (more) ids.push("check_ask_more");
		ids.push("check_keep");
		const link = make("a", { href: this.home, dir: "auto" }, this.w("check_ask_us"));
		return make("ul", { className: "rules" }, ...ids.map((id) => this.sentence("li", id)), make("li", {}, link));
	}
}

// standing says how the printed date stands to today: nothing when the calendar may be a day off and today is that close.
function standing(w: Written, today: number): string {
	if (w.day + w.within < today) return "check_passed";
	return w.day - w.within >= today ? "check_running" : "check_untold";
}

const textsOf = (r: Rule): string[] => [r.who, r.what, r.note].filter((text): text is string => !!text);
