package casedb

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/pathway"
	"panah/i18n"
	"panah/rules"
)

// A ledger of cases for the tests of figures.
type counter struct {
	*scribe
	db *DB
	n  byte
}

// case_ opens a case in a month and returns its thread.
func (c *counter) open(at time.Time, bodies ...event.Body) int64 {
	c.t.Helper()
	c.n++
	id := event.Case{c.n, 7}
	thread, err := c.db.Begin(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	c.now = at
	c.record(thread, id, append([]event.Body{event.Opened{Source: "person", Since: at.Format(time.RFC3339)}}, bodies...)...)
	return thread
}

func (c *counter) record(thread int64, id event.Case, bodies ...event.Body) {
	c.t.Helper()
	if err := c.db.Record(c.t.Context(), thread, c.says(id, bodies...)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *counter) exec(query string, args ...any) {
	c.t.Helper()
	if _, err := c.db.sql.ExecContext(c.t.Context(), query, args...); err != nil {
		c.t.Fatal(err)
	}
}

// figures is what a viewer is shown, as lines that a test can read.
func (c *counter) figures(viewer event.Staff, keeper bool) map[string]int {
	c.t.Helper()
	f, err := c.db.Figures(c.t.Context(), Viewer{Staff: viewer, Keeper: keeper}, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		c.t.Fatal(err)
	}
	got := map[string]int{}
	put := func(n int, key string) {
		if n != 0 {
			got[key] += n
		}
	}
	for _, x := range f.Cases {
		put(x.N, fmt.Sprintf("case %d-%d u%d %s %v a%d", x.Opened, x.Closed, x.Urgency, x.Outcome, x.Pathways, x.Answer))
	}
	for _, x := range f.Erased {
		put(x.N, fmt.Sprintf("erased %d-%d u%d %s %v a%d", x.Opened, x.Closed, x.Urgency, x.Outcome, x.Pathways, x.Answer))
	}
	for _, x := range f.Districts {
		put(x.N, fmt.Sprintf("district %d %s", x.Opened, x.District))
	}
	for _, x := range f.Deadlines {
		put(x.Met, fmt.Sprintf("met %d %s", x.Month, x.Basis))
		put(x.Not, fmt.Sprintf("not %d %s", x.Month, x.Basis))
	}
	return got
}

func (c *counter) want(what string, got, want map[string]int) {
	c.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("%s:\n%s", what, diff)
	}
}

func TestFiguresAreOfWhatAViewerMaySee(t *testing.T) {
	c := &counter{scribe: newScribe(t), db: newDB(t)}
	october, november := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC), time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	due := func(at time.Time, h int) string { return at.Add(time.Duration(h) * time.Hour).Format(time.RFC3339) }
	c.open(october,
		event.Set{Field: event.FieldUrgency, Value: "minutes"}, event.Set{Field: event.FieldDistrict, Value: "Kasur"}, event.Followed{Pathway: "medical", On: true},
		event.TaskAdded{Task: "medical/a", Do: "a", Due: due(october, 2), Basis: "law"}, event.TaskAdded{Task: "medical/b", Do: "b", Due: due(october, 3)},
		event.TaskAdded{Task: "medical/c", Do: "c", Due: due(october, 4)}, event.TaskState{Task: "medical/a", State: "done"}, event.TaskState{Task: "medical/c", State: "dropped"},
		event.Closed{Outcome: "treated", Reason: "goal-reached"})
	second := c.open(november, event.Set{Field: event.FieldUrgency, Value: "hours"}, event.TaskAdded{Task: "00000000000000ff", Do: "x", Due: due(november, 1)})
	walled := c.open(november, event.Set{Field: event.FieldSensitivity, Value: "sensitive"}, event.Claimed{}, event.Set{Field: event.FieldDistrict, Value: "Lahore"})
	everybody := map[string]int{
		"case 202610-202610 u1 treated [medical] a0": 1, "case 202611-0 u2  [] a0": 1, "district 202610 Kasur": 1, "district 202611 ": 1,
		"met 202610 law": 1, "not 202611 proposal": 1,
	}
	c.want("others", c.figures("00000000000000bb", false), everybody)
	own := map[string]int{"case 202611-0 u3  [] a0": 1, "district 202611 Lahore": 1}
	for k, n := range everybody {
		own[k] += n
	}
	c.want("the owner", c.figures(c.staff, false), own)
	c.want("a keeper", c.figures("00000000000000bb", true), own)
	c.want("the desk", c.figures("", false), own)

	// Kept out of a case, one does not count it; named for a locked one, one does.
	c.now = november.Add(time.Hour)
	id, _ := c.db.CaseID(t.Context(), second)
	c.record(second, id, event.Barred{Staff: "00000000000000bb", On: true})
	less := map[string]int{"case 202610-202610 u1 treated [medical] a0": 1, "district 202610 Kasur": 1, "met 202610 law": 1}
	c.want("somebody who is kept out", c.figures("00000000000000bb", false), less)
	c.exec("UPDATE counted SET walled = 2 WHERE thread = ?", walled)
	c.exec("UPDATE thread SET walled = 2 WHERE id = ?", walled)
	c.want("a keeper, of a locked case", c.figures("00000000000000cc", true), everybody)
	c.want("who is named for it", c.figures(c.staff, true), own)
}

func TestAnswersInTime(t *testing.T) {
	c := &counter{scribe: newScribe(t), db: newDB(t)}
	at := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	threads := map[string]int64{}
	for _, name := range []string{"in time", "late", "waits", "other clock"} {
		c.n++
		thread, err := c.db.Begin(t.Context(), event.Case{c.n, 7})
		if err != nil {
			t.Fatal(err)
		}
		threads[name] = thread
		said := at.Add(20 * time.Minute).Unix()
		if name == "other clock" { // it says of itself what the gate knows to be false
			said = at.Add(-40 * time.Hour).Unix()
		}
		c.exec(`INSERT INTO letter (thread, kind, letter_id, idx, commitment, hour, at, sealed, epoch, tag, n, text, intake, problem, old_code, seen)
			VALUES (?1, 'letter', ?2, 1, x'00', ?3, ?4, 'browser', 1, 'first', 0, '', '', '', 0, 0)`, thread, []byte(name), at.Unix(), said)
		c.now = at.Add(time.Hour)
		c.record(thread, event.Case{c.n, 7}, event.Opened{Source: "letter", Since: at.Format(time.RFC3339)}, event.Set{Field: event.FieldUrgency, Value: "minutes"})
	}
	answer := func(name string, minutes int) {
		c.exec(`INSERT INTO reply (thread, mailbox, n, at, here, tag, delivered, text) VALUES (?, 1, 1, ?, 1, 'ok', 0, '')`, threads[name], at.Add(time.Duration(minutes)*time.Minute).Unix())
	}
	answer("in time", 500)
	answer("in time", 35) // another desk's, which arrives later and was earlier
	answer("late", 36)
	answer("other clock", 15)
	c.want("answers", c.figures("", false), map[string]int{
		"case 202611-0 u1  [] a1": 2, "case 202611-0 u1  [] a2": 1, "case 202611-0 u1  [] a3": 1, "district 202611 ": 4,
	})
	if err := c.db.SetUrgency(t.Context(), threads["late"], UrgencyHours); err != nil {
		t.Fatal(err)
	}
	c.want("another clock", c.figures("", false), map[string]int{
		"case 202611-0 u1  [] a1": 2, "case 202611-0 u2  [] a1": 1, "case 202611-0 u1  [] a3": 1, "district 202611 ": 4,
	})
	// A conversation that belongs to another case is counted there.
	c.exec("UPDATE thread SET home = ? WHERE id = ?", threads["late"], threads["waits"])
	if got := c.figures("", false); got["case 202611-0 u1  [] a3"] != 0 || got["district 202611 "] != 3 {
		t.Errorf("a linked conversation is counted: %v", got)
	}
	c.exec("UPDATE thread SET home = 0 WHERE id = ?", threads["waits"])
	if got := c.figures("", false); got["case 202611-0 u1  [] a3"] != 1 {
		t.Errorf("a conversation that was split off is not counted: %v", got)
	}
}

func TestWhatIsErasedStaysAsASum(t *testing.T) {
	c := &counter{scribe: newScribe(t), db: newDB(t)}
	at := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	thread := c.open(at, event.Set{Field: event.FieldDistrict, Value: "Kasur"}, event.Followed{Pathway: "medical", On: true},
		event.TaskAdded{Task: "medical/a", Do: "a", Due: at.Format(time.RFC3339)}, event.Closed{Outcome: "treated", Reason: "goal-reached"})
	locked := c.open(at, event.Closed{Outcome: "none", Reason: "died"})
	c.exec("UPDATE counted SET walled = 2 WHERE thread = ?", locked)
	err := c.db.inTx(t.Context(), func(tx *sql.Tx) error {
		for _, id := range []int64{thread, locked} {
			if err := destroy(tx, id, false, at, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.want("erased", c.figures("", false), map[string]int{"erased 202611-202611 u3 treated [medical] a0": 1})
	for _, table := range []string{"counted", "counted_task", "figure", "figure_district", "figure_task"} {
		var n int
		if err := c.db.sql.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s has %d rows: %v", table, n, err)
		}
	}
}

// Whatever is done to cases in whatever order, the sums are what one would count.
func TestSumsAreWhatOneWouldCount(t *testing.T) {
	c := &counter{scribe: newScribe(t), db: newDB(t)}
	seed := time.Now().UnixNano()
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	month := func() int { return 202600 + 1 + r.IntN(4) }
	for range 600 {
		thread := 1 + r.IntN(25)
		switch r.IntN(6) {
		case 0, 1:
			c.exec(`INSERT INTO counted (thread, opened, closed, urgency, walled, outcome, pathways, district, since, answered, linked) VALUES (?,?,?,?,?,?,?,?,?,?,?)
				ON CONFLICT (thread) DO UPDATE SET closed = excluded.closed, outcome = excluded.outcome, pathways = excluded.pathways`,
				thread, month(), month(), 1+r.IntN(3), r.IntN(3), "o"+fmt.Sprint(r.IntN(2)), "p"+fmt.Sprint(r.IntN(2)), "d"+fmt.Sprint(r.IntN(2)), r.IntN(2)*1000, r.IntN(3)*1500, r.IntN(2))
		case 2:
			c.exec("UPDATE counted SET urgency = ?, walled = ?, district = ? WHERE thread = ?", 1+r.IntN(3), r.IntN(3), "d"+fmt.Sprint(r.IntN(2)), thread)
		case 3:
			c.exec("UPDATE counted SET linked = 1 - linked, answered = ? WHERE thread = ?", r.IntN(3)*1500, thread)
		case 4:
			c.exec("DELETE FROM counted WHERE thread = ?", thread)
			c.exec("DELETE FROM counted_task WHERE thread = ?", thread)
		case 5:
			c.exec("INSERT INTO counted_task VALUES (?,?,?,1,'law',?,?) ON CONFLICT DO NOTHING", thread, fmt.Sprint(r.IntN(3)), month(), 1+r.IntN(3), r.IntN(3))
		}
	}
	for sums, counted := range map[string]string{
		"SELECT opened, closed, urgency, walled, outcome, pathways, late, n FROM figure": "SELECT opened, closed, urgency, walled, outcome, pathways, late, count(*) FROM counted WHERE NOT linked GROUP BY 1, 2, 3, 4, 5, 6, 7",
		"SELECT opened, district, walled, n FROM figure_district":                        "SELECT opened, district, walled, count(*) FROM counted WHERE NOT linked GROUP BY 1, 2, 3",
		"SELECT month, basis, state, walled, n FROM figure_task":                         "SELECT month, basis, state, walled, count(*) FROM counted_task GROUP BY 1, 2, 3, 4",
	} {
		var wrong int
		err := c.db.sql.QueryRow("SELECT (SELECT count(*) FROM (" + sums + " EXCEPT " + counted + ")) + (SELECT count(*) FROM (" + counted + " EXCEPT " + sums + "))").Scan(&wrong)
		if err != nil || wrong != 0 {
			t.Errorf("seed %d: %d sums are wrong (%v): %s", seed, wrong, err, sums)
		}
	}
}

// The clocks in the schema are those of the rules.
func TestClocksAreThoseOfTheRules(t *testing.T) {
	words, err := i18n.Catalogue(true)
	if err != nil {
		t.Fatal(err)
	}
	book, err := rules.Pathways(i18n.Situations(words))
	if err != nil {
		t.Fatal(err)
	}
	want := map[pathway.Urgency]time.Duration{pathway.Minutes: 900 * time.Second, pathway.Hours: 7200 * time.Second, pathway.Days: 86400 * time.Second}
	for u, clock := range want {
		if got := book.Common.Clocks[u].Reply; got != clock {
			t.Errorf("%s: %v in the rules, %v in figureSchema", u, got, clock)
		}
	}
}

// A page of figures over a million cases: b.N times what one request reads.
func BenchmarkFigures(b *testing.B) {
	db, err := Open(b.Context(), b.TempDir()+"/"+FileName, [32]byte{1})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.sql.ExecContext(b.Context(), `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000000)
		INSERT INTO counted (thread, opened, closed, urgency, walled, outcome, pathways, district, since, answered, linked)
		SELECT i, 202501 + abs(random()) % 12 + abs(random()) % 2 * 100, iif(i % 3, 202601 + abs(random()) % 12, 0), 1 + abs(random()) % 3, iif(i % 50, 0, 1 + i % 2),
			iif(i % 3, 'o' || abs(random()) % 25, ''), 'p' || abs(random()) % 12, 'd' || abs(random()) % 150, 1000, iif(i % 4, 1000 + abs(random()) % 100000, 0), 0 FROM c`); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		f, err := db.Figures(b.Context(), Viewer{Staff: "00000000000000aa", Keeper: true}, time.Now())
		if err != nil || len(f.Cases) == 0 {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(f.Cases)), "sums")
	}
}
