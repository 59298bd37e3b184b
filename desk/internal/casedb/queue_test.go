package casedb

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/ledger"
)

const (
	ann = event.Staff("00000000000000a1")
	ben = event.Staff("00000000000000b2")
)

// filters are those that the pages offer, one by one and some together.
func filters(now time.Time) map[string]CaseFilter {
	return map[string]CaseFilter{
		"all": {}, "new": {Stage: StageNew}, "open": {Stage: StageOpen}, "closed": {Stage: StageClosed}, "minutes": {Urgency: UrgencyMinutes},
		"pathway": {Pathway: "medical"}, "district": {District: "herat"}, "lang": {Lang: "ps"}, "late": {Late: now}, "waiting": {Waiting: true},
		"newest": {Newest: true}, "newest district": {Newest: true, District: "herat"}, "newest pathway": {Newest: true, Pathway: "medical"}, "newest lang": {Newest: true, Lang: "fa"},
		"newest hours": {Newest: true, Urgency: UrgencyHours},
		"mine":         {Mine: true, Viewer: ann}, "viewer": {Viewer: ann}, "keeper": {Viewer: ben, All: true}, "specialist": {Viewer: ben, Locked: true},
		"late district": {Late: now, District: "herat", Viewer: ann}, "open pathway waiting": {Stage: StageOpen, Pathway: "medical", Waiting: true, Viewer: ann},
		"page 20": {Offset: 950, Viewer: ann},
	}
}

// fill puts n cases into a database as events would have left them.
func fill(t testing.TB, db *DB, n int) {
	t.Helper()
	ctx := context.Background()
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ?1)
			INSERT INTO thread (id, state, urgency, first, last, unread, waiting, beginning, situations, lang, who, district, sealed, letters, stage, owner, walled, reply_by, task_due, pathways)
			SELECT i, 'open', 1 + (i * 7) % 3, 1700000000 + i, 1700000000 + (i * 7919) % 5000000, 1, i % 3 = 0, 'a letter that begins so', 's_paper', CASE WHEN i % 5000 = 0 THEN 'ps' ELSE 'fa' END, 'me',
				CASE WHEN i % 1000 = 7 THEN 'herat' ELSE 'd' || (i % 400) END, 'browser', 1, CASE WHEN i % 5 = 0 THEN 'open' WHEN i % 11 = 0 THEN 'closed' ELSE 'new' END,
				CASE WHEN i % 5 = 0 THEN printf('%016x', i % 900) ELSE '' END, CASE WHEN i % 45 = 0 THEN 1 ELSE 0 END, CASE WHEN i % 1000 = 7 THEN 1700000000 ELSE 0 END,
				CASE WHEN i % 5 = 0 THEN 1799000000 + i ELSE 0 END, CASE WHEN i % 5 = 0 THEN ' p' || (i % 20) || CASE WHEN i % 500 = 0 THEN ' medical ' ELSE ' ' END ELSE '' END FROM s`, n)
		if err != nil {
			return err
		}
		for _, q := range []string{
			"INSERT INTO team (staff, thread) SELECT owner, id FROM thread WHERE owner <> ''",
			"INSERT INTO team (staff, thread) SELECT '" + string(ann) + "', id FROM thread WHERE id % 1000 = 10",
			"INSERT INTO barred (staff, thread) SELECT '" + string(ann) + "', id FROM thread WHERE id % 50000 = 1",
			`INSERT INTO follow (pathway, thread, listed, stage, asks, walled, urgency, due, latest)
				SELECT CASE WHEN id % 500 = 0 THEN 'medical' ELSE 'p' || (id % 20) END, id, listed, stage, asks, walled, urgency, due, latest FROM thread WHERE pathways <> ''`,
			`INSERT INTO task (thread, task, do, due, state, owner, walled, basis, source, who)
				SELECT id, 'x/y', 'call', task_due, 'open', owner, walled, 'law', '', '' FROM thread WHERE task_due > 0`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.FinishRound(ctx, ledger.Edge{}, time.Unix(1_800_000_000, 0)); err != nil {
		t.Fatal(err)
	}
	if err := db.QueueReady(ctx); err != nil {
		t.Fatal(err)
	}
}

// plan says how SQLite runs a query.
func plan(t *testing.T, db *DB, query string, args []any) (steps []string) {
	t.Helper()
	rows, err := db.sql.Query("EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// scans lists the steps that read a table or an index of threads, follows or tasks from end to end.
func scans(steps []string) []string {
	return slices.DeleteFunc(slices.Clone(steps), func(s string) bool {
		whole := strings.HasPrefix(s, "SCAN ") && !strings.HasPrefix(s, "SCAN (") && !strings.Contains(s, "thread_escalated") && !strings.HasPrefix(s, "SCAN tally") &&
			s != "SCAN CONSTANT ROW" && s != "SCAN q"
		return !whole
	})
}

// No query of the queue reads a table from end to end, and what is read in an index's order is not sorted.
func TestQueueReadsIndices(t *testing.T) {
	db := newDB(t)
	fill(t, db, 20_000)
	now := time.Unix(1_799_010_000, 0)
	for name, f := range filters(now) {
		var q queueQuery
		if err := db.inTx(t.Context(), func(tx *sql.Tx) (err error) {
			q, err = newQueueQuery(tx, f)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		query, args := q.page()
		steps := plan(t, db, query, args)
		if bad := scans(steps); len(bad) > 0 {
			t.Errorf("%s: %q", name, bad)
		}
		sorted := 0
		for _, s := range steps {
			if strings.Contains(s, "TEMP B-TREE") {
				sorted++
			}
		}
		allowed := 2 // the arms together, and the page
		if f.Viewer != "" {
			allowed++ // what is one's own
		}
		if sorted > allowed+len(q.few) {
			t.Errorf("%s sorts %d times:\n%s", name, sorted, strings.Join(steps, "\n"))
		}
		walks := slices.ContainsFunc(steps, func(s string) bool { return strings.Contains(s, "queue_newest") })
		wanted := q.newest && !f.Mine && (len(q.few) == 0 || slices.Contains(slices.Collect(maps.Values(q.few)), false))
		if walks != wanted {
			t.Errorf("%s walks by date: %v, wanted %v:\n%s", name, walks, wanted, strings.Join(steps, "\n"))
		}
		query, args = count(queueQuery{f: f}.arms(), fewRows)
		if bad := scans(plan(t, db, query, args)); len(bad) > 0 {
			t.Errorf("%s, counted: %q", name, bad)
		}
	}
	if bad := scans(plan(t, db, joinedTo, []any{1})); len(bad) > 0 {
		t.Errorf("joined: %q", bad)
	}
	for _, f := range []TaskFilter{{}, {Viewer: ann}, {Viewer: ann, All: true}, {Viewer: ann, Mine: true}, {Before: now}} {
		query, args := f.query()
		if bad := scans(plan(t, db, query, args)); len(bad) > 0 {
			t.Errorf("tasks %+v: %q", f, bad)
		}
	}
}

// slowQueue is the queue without any index: what the fast one must agree with.
func slowQueue(t *testing.T, db *DB, f CaseFilter) (ids []int64) {
	t.Helper()
	order := "t.urgency, t.due, t.latest, t.id"
	if f.Newest || f.Stage == StageClosed {
		order = "t.latest DESC, t.id DESC"
	}
	query := `SELECT t.id FROM thread t WHERE t.listed AND (` + wallOf(f.Viewer, f.All, f.Locked) + `) AND (?2 = '' AND (t.stage <> 'closed' OR t.asks) OR t.stage = ?2)
		AND (?3 = 0 OR t.urgency = ?3) AND (?4 = '' OR instr(t.pathways, ' ' || ?4 || ' ') > 0) AND (?5 = '' OR t.district = ?5) AND (?6 = '' OR t.lang = ?6)
		AND (?7 = 0 OR t.due < ?7) AND (NOT ?8 OR t.asks) AND (NOT ?9 OR EXISTS (SELECT 1 FROM team m WHERE m.staff = ?1 AND m.thread = t.id)) ORDER BY ` + order + ` LIMIT ?10 OFFSET ?11`
	limit := f.Limit
	if limit == 0 {
		limit = 50
	}
	err := db.inTx(t.Context(), func(tx *sql.Tx) (err error) {
		ids, err = indices(tx, query, string(f.Viewer), string(f.Stage), int(f.Urgency), f.Pathway, f.District, f.Lang, toUnix(f.Late), f.Waiting, f.Mine, limit, f.Offset)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestQueueIsWhatTheFilterSays(t *testing.T) {
	db := newDB(t)
	fill(t, db, 20_000)
	now := time.Unix(1_799_010_000, 0)
	for name, f := range filters(now) {
		rows, err := db.Queue(t.Context(), f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []int64
		for _, r := range rows {
			got = append(got, r.ID)
		}
		want := slowQueue(t, db, f)
		if len(want) == 0 {
			t.Errorf("%s: the test's data has none", name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", name, got, want)
		}
	}
}

func TestQueueCountsWhatOneMaySee(t *testing.T) {
	db := newDB(t)
	fill(t, db, 20_000)
	now := time.Unix(1_799_001_000, 0)
	for _, f := range []CaseFilter{{}, {Viewer: ann}, {Viewer: ann, All: true}, {Viewer: ben, Locked: true}} {
		c, err := db.QueueCounts(t.Context(), f, now)
		if err != nil {
			t.Fatal(err)
		}
		want := CaseCounts{}
		for into, g := range map[*int]CaseFilter{
			&want.New: {Stage: StageNew}, &want.Open: {Stage: StageOpen},
		} {
			g.Viewer, g.All, g.Locked, g.Limit = f.Viewer, f.All, f.Locked, 1<<20
			*into = len(slowQueue(t, db, g))
			for u, into := range map[Urgency]*int{UrgencyMinutes: &want.Minutes, UrgencyHours: &want.Hours, UrgencyDays: &want.Days} {
				g.Urgency = u
				*into += len(slowQueue(t, db, g))
			}
			g.Urgency, g.Late = 0, now
			want.Late += len(slowQueue(t, db, g))
			if f.Viewer != "" {
				g.Late, g.Mine = time.Time{}, true
				want.Mine += len(slowQueue(t, db, g))
			}
		}
		if c != want || want.Late == 0 {
			t.Errorf("%+v:\n got %+v\nwant %+v", f, c, want)
		}
	}
}

// The tally follows whatever happens to a thread.
func TestTallyFollows(t *testing.T) {
	db := newDB(t)
	fill(t, db, 500)
	ctx := t.Context()
	for i := range int64(40) {
		if err := db.Erase(ctx, 3*i+1, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := db.SetUrgency(ctx, 3*i+2, UrgencyMinutes); err != nil {
			t.Fatal(err)
		}
	}
	_, err := db.sql.Exec("UPDATE thread SET waiting = 1 - waiting WHERE id % 4 = 0; UPDATE thread SET unread = id % 3 WHERE id % 7 = 0; UPDATE thread SET listed = 0 WHERE id % 70 = 0; UPDATE thread SET home = 12 WHERE id = 24; DELETE FROM thread WHERE id % 17 = 0")
	if err != nil {
		t.Fatal(err)
	}
	const group = " FROM thread WHERE listed GROUP BY stage, asks, walled, urgency"
	var wrong int
	err = db.sql.QueryRow(`SELECT count(*) FROM (SELECT * FROM (SELECT stage, asks, walled, urgency, n FROM tally WHERE n <> 0 EXCEPT SELECT stage, asks, walled, urgency, count(*)` + group + `)
		UNION ALL SELECT * FROM (SELECT stage, asks, walled, urgency, count(*)` + group + ` EXCEPT SELECT stage, asks, walled, urgency, n FROM tally WHERE n <> 0))`).Scan(&wrong)
	if err != nil || wrong != 0 {
		t.Errorf("%d rows of the tally are wrong: %v", wrong, err)
	}
	err = db.sql.QueryRow(`SELECT count(*) FROM follow w JOIN thread t ON t.id = w.thread WHERE (w.listed, w.stage, w.asks, w.walled, w.urgency, w.due, w.latest)
		<> (t.listed, t.stage, t.asks, t.walled, t.urgency, t.due, t.latest)`).Scan(&wrong)
	if err != nil || wrong != 0 {
		t.Errorf("%d rows of pathways are wrong: %v", wrong, err)
	}
	var want int
	err = db.sql.QueryRow("SELECT sum(unread) FROM thread WHERE listed").Scan(&want)
	if c, countErr := db.Counts(ctx); c.Unread != want || want == 0 || err != nil || countErr != nil {
		t.Errorf("%d unread, the table has %d: %v, %v", c.Unread, want, err, countErr)
	}
}

// BenchmarkQueue reads a page of every filter with a million cases.
func BenchmarkQueue(b *testing.B) {
	db, err := Open(context.Background(), b.TempDir()+"/"+FileName, [32]byte{1})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	fill(b, db, 1_000_000)
	now := time.Unix(1_799_010_000, 0)
	for name, f := range filters(now) {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				rows, err := db.Queue(context.Background(), f)
				if err != nil || len(rows) == 0 {
					b.Fatal(fmt.Sprint(len(rows)), err)
				}
			}
		})
	}
	for name, f := range map[string]CaseFilter{"desk": {}, "viewer": {Viewer: ann}, "keeper": {Viewer: ann, All: true}} {
		b.Run("counts_"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := db.QueueCounts(context.Background(), f, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
