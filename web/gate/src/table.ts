// What the rulebook says, looked up in the table that the page carries: docs/formats.md, section 9. It agrees with core/rulebook's Check; vectors/check.json holds it to that.

/** Printed dates cut into stretches: by the day itself, and by how many days it lies before the day asked about. */
export interface Cut {
	day?: number[];
	apart?: number[];
}

/** One kind of paper and round. */
export interface Grid {
	on?: number[];
	exact: Cut;
	near: Cut;
	row: number[];
}

/** What is said: a verdict (v), under "stale" what it would be (w), a rule (r; -1: none), days since 1970 (s since, u until, n newest), lists of sources (f), rules told beside (a), rules that disagree (x), and what to ask (q). */
export interface Saying {
	v: string;
	w?: string;
	r: number;
	s?: number;
	u?: number;
	n?: number;
	c?: string;
	f?: number[];
	a?: number[];
	x?: number[];
	q?: string[];
}

export interface Rule {
	id: string;
	e: string;
	from?: number;
	to?: number;
	on?: number;
	who?: string;
	what?: string;
	note?: string;
}

export interface Source {
	id: string;
	t: string;
	u?: string;
	k: string;
}

export interface Table {
	book: string;
	grids: Record<string, Grid>;
	rows: number[][];
	answers: Saying[];
	rules: Rule[];
	sources: Source[];
}

/** A printed date: its day, and by how many days sources may differ about it. */
export interface Printed {
	day: number;
	within: number;
}

// The number of the stretch that a day lies in.
function stretch(first: number[] | undefined, day: number): number {
	let i = 0;
	while (first && i < first.length && first[i]! <= day) i++;
	return i;
}

const columns = (c: Cut): number => ((c.day?.length ?? 0) + 1) * ((c.apart?.length ?? 0) + 1);
const column = (c: Cut, printed: number, on: number): number => stretch(c.day, printed) * ((c.apart?.length ?? 0) + 1) + stretch(c.apart, on - printed);

/** tell looks up what is said about a kind of paper on a day. rounds are those that the kind has; round 0 is not known. */
export function tell(t: Table, paper: string, rounds: number[] | undefined, round: number, printed: Printed | undefined, on: number): Saying | undefined {
	const key = !rounds?.length ? paper : `${paper}.${round === 0 || rounds.includes(round) ? round : -1}`;
	const g = t.grids[key];
	if (!g) return undefined;
	let at = 0;
	if (printed) at = 1 + (printed.within === 0 ? column(g.exact, printed.day, on) : columns(g.exact) + column(g.near, printed.day, on));
	return t.answers[t.rows[g.row[stretch(g.on, on)]!]![at]!];
}
