import assert from "node:assert/strict";
import test from "node:test";
import vectors from "../../../vectors/check.json";
import { on, type CalendarName } from "./days";
import { tell, type Table } from "./table";

const table = JSON.parse(vectors.table) as Table;
const rounds = vectors.rounds as Record<string, number[]>;
const number = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 864e5;
const name = (n: number | undefined): string => new Date((n ?? 0) * 864e5).toISOString().slice(0, 10);

test("the page says of every question of the test book what the desk says", () => {
	assert.ok(vectors.questions.length >= 210);
	const verdicts = new Map<string, number>();
	for (const q of vectors.questions) {
		const [y = 0, m = 0, d = 0] = q.printed;
		const printed = q.in === "" ? undefined : on(q.in as CalendarName, y, m, d);
		const s = tell(table, q.paper, rounds[q.paper], q.round, printed, number(q.on));
		assert.ok(s, q.id);
		const rules = (list: number[] | undefined): string => (list ?? []).map((i) => table.rules[i]!.id).join(" ");
		assert.deepEqual({
			verdict: s.v, would: s.w ?? "", rule: s.r < 0 ? "" : table.rules[s.r]!.id, confidence: s.c ?? "", since: name(s.s), until: name(s.u), newest: name(s.n),
			sources: (s.f ?? []).map((i) => table.sources[i]!.id).join(" "), also: rules(s.a), other: rules(s.x), asks: (s.q ?? []).join(" "),
		}, q.said, q.id);
		verdicts.set(s.v, (verdicts.get(s.v) ?? 0) + 1);
	}
	for (const v of ["in-force", "extended", "ended", "revoked", "unknown", "stale"]) assert.ok((verdicts.get(v) ?? 0) > 0, v);
});

test("a paper that the table does not have is not answered", () => {
	assert.equal(tell(table, "no-such-paper", undefined, 0, undefined, 20000), undefined);
});
