package casedb

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
)

// letterOf makes a conversation with one letter.
func letterOf(t *testing.T, db *DB, thread int64, text string) {
	t.Helper()
	for _, q := range []string{
		`INSERT OR IGNORE INTO thread (id, state, urgency, first, last, unread, waiting, beginning, situations, lang, who, district, sealed, letters) VALUES (?1, 'open', 2, 1700000000, 1700000000, 1, 1, '', '', 'fa', 'me', 'herat', 'browser', 1)`,
		`INSERT OR IGNORE INTO mailbox (id, thread, box, live) VALUES (unhex(printf('%032x', ?1)), ?1, 'box', 1)`,
	} {
		if _, err := db.sql.Exec(q, thread); err != nil {
			t.Fatal(err)
		}
	}
	_, err := db.sql.Exec(`INSERT INTO letter (thread, kind, letter_id, idx, commitment, hour, at, sealed, epoch, tag, n, text, intake, problem, old_code, seen)
		VALUES (?, 'letter', randomblob(32), 1, randomblob(32), 1700000000, 0, 'browser', 1, 'ok', 0, ?, '', '', 0, 0)`, thread, text)
	if err != nil {
		t.Fatal(err)
	}
}

// synced is a database whose first sync is done.
func synced(t *testing.T) *DB {
	t.Helper()
	db := newDB(t)
	if err := db.inTxMeta(t, "synced", 1); err != nil {
		t.Fatal(err)
	}
	return db
}

func (d *DB) inTxMeta(t *testing.T, k string, v any) error {
	_, err := d.sql.ExecContext(t.Context(), "INSERT OR REPLACE INTO meta (k, v) VALUES (?, ?)", k, v)
	return err
}

func index(t *testing.T, db *DB) {
	t.Helper()
	for {
		n, err := db.IndexSome(t.Context(), 50)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func search(t *testing.T, db *DB, f SearchFilter) (ids []int64) {
	t.Helper()
	for {
		found, err := db.Search(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range found.Hits {
			ids = append(ids, h.Row.ID)
		}
		if f.After = found.Next; f.After == 0 {
			return ids
		}
	}
}

func caseIDOf(n int) (id event.Case) {
	copy(id[:], bytes.Repeat([]byte{0}, 16))
	id[14], id[15] = byte(n>>8), byte(n)
	return id
}

func TestSearchFindsWhatIsWrittenOtherwise(t *testing.T) {
	db, s := synced(t), newScribe(t)
	for n, text := range map[int64]string{
		1: "كارت آمايش من تمام شده و پلیس مرا نگه داشته، شماره ۱۲۳۴",
		2: "زما پاسپورت ورک شوی، زه په کابل کې یم ګرځم",
		3: "میرا ویزا ختم ہو گیا ہے",
		4: "او می\u200cرود به هرات",
		5: "My visa has EXPIRED and José helped me",
		6: "هیچ",
	} {
		letterOf(t, db, n, text)
	}
	if err := db.Record(t.Context(), 6, s.says(caseIDOf(6), event.Opened{Source: "letter", Since: "2026-11-01T00:00:00Z"}, event.Set{Field: event.FieldName, Value: "محمّد عبدالرحمن کریمی"},
		event.Noted{Text: "brother works at the bakery"})); err != nil {
		t.Fatal(err)
	}
	index(t, db)
	for _, c := range []struct {
		words string
		want  []int64
	}{
		{"کارت امایش", []int64{1}},
		{"كارت", []int64{1}},
		{"1234", []int64{1}},
		{"١٢٣٤", []int64{1}},
		{"ورک", []int64{2}},
		{"گرځم", []int64{2}},
		{"ویزا ہے", []int64{3}},
		{"ویزا هے", []int64{3}},
		{"میرود", []int64{4}},
		{"می رود هرات", []int64{4}},
		{"visa expired", []int64{5}},
		{"jose", []int64{5}},
		{"bakery", []int64{6}},
		{"Mohammad", []int64{6}},
		{"Muhammed Karimi", []int64{6}},
		{"Abdul Rahman", []int64{6}},
		{"Abdurrahman", []int64{6}},
		{"محمد کريمي", []int64{6}},
		{"کارت visa", nil},
		{"پاسپورت", []int64{2}},
		{`" OR found : *`, nil},
		{"می\u200cرود visa", nil},
		{"", []int64{6, 5, 4, 3, 2, 1}},
	} {
		f := SearchFilter{Words: c.words}
		if c.words == "" {
			f.Urgency = UrgencyHours
		}
		if d := cmp.Diff(c.want, search(t, db, f)); d != "" {
			t.Errorf("%q: %s", c.words, d)
		}
	}
	found, err := db.Search(t.Context(), SearchFilter{Words: "Karimy"})
	hits := found.Hits
	if err != nil || len(hits) != 1 || !hits[0].ByName {
		t.Errorf("a name in another spelling: %v, %v", hits, err)
	}
	found, err = db.Search(t.Context(), SearchFilter{Words: "امایش"})
	hits = found.Hits
	if err != nil || len(hits) != 1 || len(hits[0].Marks) != 1 || hits[0].Snippet[hits[0].Marks[0].From:hits[0].Marks[0].To] != "آمايش" {
		t.Errorf("the word is not marked as it was written: %v, %v", hits, err)
	}
}

func TestSearchFiltersAndPages(t *testing.T) {
	db := synced(t)
	for n := range int64(30) {
		letterOf(t, db, n+1, "paper "+fmt.Sprint("word", n%3))
	}
	if _, err := db.sql.Exec("UPDATE thread SET district = 'kabul', urgency = 1, lang = 'ps', last = 1750000000 WHERE id % 10 = 0"); err != nil {
		t.Fatal(err)
	}
	index(t, db)
	if d := cmp.Diff([]int64{30, 20, 10}, search(t, db, SearchFilter{Words: "paper", District: "kabul", Urgency: UrgencyMinutes, Lang: "ps", Stage: StageNew})); d != "" {
		t.Error(d)
	}
	at := time.Unix(1750000000, 0)
	for _, f := range []SearchFilter{{From: at, To: at.AddDate(0, 1, 0)}, {From: at}, {From: at.AddDate(0, -1, 0), To: at.AddDate(4, 0, 0)}} {
		f.Words = "paper"
		if d := cmp.Diff([]int64{30, 20, 10}, search(t, db, f)); d != "" {
			t.Errorf("from %v: %s", f.From, d)
		}
	}
	first, err := db.Search(t.Context(), SearchFilter{Words: "paper", Limit: 20})
	if err != nil || first.Next != 11 || len(first.Hits) != 20 || first.Hits[0].Row.ID != 30 {
		t.Fatalf("%d hits, next %v: %v", len(first.Hits), first.Next, err)
	}
	rest, err := db.Search(t.Context(), SearchFilter{Words: "paper", Limit: 20, After: first.Next})
	if err != nil || rest.Next != 0 || len(rest.Hits) != 10 || rest.Hits[9].Row.ID != 1 {
		t.Fatalf("%d hits on the second page, next %v: %v", len(rest.Hits), rest.Next, err)
	}
}

// One's own and what nobody has; with everyone what has no walls; never what one is kept out of, however far behind the index is.
func TestSearchKeepsWalls(t *testing.T) {
	db, s := synced(t), newScribe(t)
	opened := event.Opened{Source: "letter", Since: "2026-11-01T00:00:00Z"}
	for n := range int64(5) {
		letterOf(t, db, n+1, "secretword")
	}
	for n, more := range map[int][]event.Body{
		2: {event.Assigned{Staff: ann}}, 3: {event.Assigned{Staff: ben}}, 4: {event.Set{Field: event.FieldSensitivity, Value: "sensitive"}, event.Assigned{Staff: ben}},
	} {
		if err := db.Record(t.Context(), int64(n), s.says(caseIDOf(n), append([]event.Body{opened}, more...)...)); err != nil {
			t.Fatal(err)
		}
	}
	index(t, db)
	me := Viewer{Staff: ann}
	if d := cmp.Diff([]int64{5, 2, 1}, search(t, db, SearchFilter{Words: "secretword", Viewer: me})); d != "" {
		t.Error("own:", d)
	}
	if d := cmp.Diff([]int64{5, 3, 2, 1}, search(t, db, SearchFilter{Words: "secretword", Viewer: me, Everyone: true})); d != "" {
		t.Error("everyone:", d)
	}
	if d := cmp.Diff([]int64{5, 4, 3, 2, 1}, search(t, db, SearchFilter{Words: "secretword", Viewer: Viewer{Staff: ann, Keeper: true}, Everyone: true})); d != "" {
		t.Error("keeper:", d)
	}
	// Not indexed yet: walls are asked of the rows.
	if err := db.Record(t.Context(), 2, s.says(caseIDOf(2), event.Barred{Staff: ann, On: true})); err != nil {
		t.Fatal(err)
	}
	if err := db.Record(t.Context(), 5, s.says(caseIDOf(5), opened, event.Assigned{Staff: ben})); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{1}, search(t, db, SearchFilter{Words: "secretword", Viewer: me})); d != "" {
		t.Error("after a wall came up:", d)
	}
}

// What is erased, locked or deleted is out of the index when the call returns, also of the case that a conversation belongs to.
func TestSearchForgetsAtOnce(t *testing.T) {
	db := synced(t)
	for n := range int64(4) {
		letterOf(t, db, n+1, fmt.Sprintf("nightingale%d", n+1))
	}
	if _, err := db.sql.Exec("UPDATE thread SET home = 4 WHERE id = 3"); err != nil {
		t.Fatal(err)
	}
	index(t, db)
	if d := cmp.Diff([]int64{4}, search(t, db, SearchFilter{Words: "nightingale3"})); d != "" {
		t.Error("a linked conversation is found by its case:", d)
	}
	words := func(word string) (n int) {
		t.Helper()
		if err := db.sql.QueryRow("SELECT (SELECT count(*) FROM found_words WHERE term = ?1) + (SELECT count(*) FROM found WHERE instr(words, ?1))", word).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := db.Erase(t.Context(), 1, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.sql.Exec("UPDATE thread SET locked = 1 WHERE id = 2"); err != nil {
		t.Fatal(err)
	}
	if err := db.Erase(t.Context(), 3, time.Now()); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if got := words(fmt.Sprintf("nightingale%d", n+1)); got != 0 {
			t.Errorf("nightingale%d is in the index %d times", n+1, got)
		}
	}
	index(t, db)
	if d := cmp.Diff([]int64{4}, search(t, db, SearchFilter{Words: "nightingale4"})); d != "" {
		t.Error("the case that it belonged to:", d)
	}
	if words("nightingale2") != 0 || words("nightingale3") != 0 {
		t.Error("the worker has put back what is locked or erased")
	}
	if _, err := db.sql.Exec("DELETE FROM letter WHERE thread = 4"); err != nil {
		t.Fatal(err)
	}
	if words("nightingale4") != 0 {
		t.Error("a deleted letter is in the index")
	}
}

// Not one byte of an erased case's words is left in any table of the index, also in one that has been merged.
func TestErasedWordsLeaveNoByte(t *testing.T) {
	db := synced(t)
	const n = 400
	for i := range int64(n) {
		text := strings.Repeat("common words of all letters ", 5)
		for j := range 60 {
			text += fmt.Sprintf(" u%dx%dy%d", (i*7919+int64(j)*104729)%99991, i, j)
		}
		if i%8 == 3 {
			text += fmt.Sprintf(" qzebra%dqq aqlion%dqq zzqtiger%dqq", i, i, i)
		}
		letterOf(t, db, i+1, text)
	}
	index(t, db)
	if _, err := db.sql.Exec("INSERT INTO found (found) VALUES ('optimize')"); err != nil {
		t.Fatal(err)
	}
	for i := range int64(n) {
		if i%8 == 3 {
			if err := db.Erase(t.Context(), i+1, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, table := range []string{"found_data", "found_idx", "found_content"} {
		rows, err := db.sql.Query("SELECT * FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		cols, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(cols))
			for i := range values {
				values[i] = new([]byte)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				for _, word := range []string{"zebra", "lion", "tiger"} {
					if bytes.Contains(*v.(*[]byte), []byte(word)) {
						t.Fatalf("%s holds %q: %.80q", table, word, *v.(*[]byte))
					}
				}
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
}

// While the first sync runs nothing is indexed; afterwards everything is, and what changes once more.
func TestIndexWaitsForTheFirstSync(t *testing.T) {
	db := newDB(t)
	letterOf(t, db, 1, "tulip")
	if n, err := db.IndexSome(t.Context(), 10); err != nil || n != 0 {
		t.Fatalf("indexed %d during the first sync: %v", n, err)
	}
	if i, err := db.Indexing(t.Context()); err != nil || i.Left != 1 {
		t.Fatalf("left %d: %v", i.Left, err)
	}
	if err := db.inTxMeta(t, "synced", 1); err != nil {
		t.Fatal(err)
	}
	index(t, db)
	letterOf(t, db, 1, "rose")
	if i, err := db.Indexing(t.Context()); err != nil || i.Left != 1 {
		t.Fatalf("left %d: %v", i.Left, err)
	}
	index(t, db)
	if d := cmp.Diff([]int64{1}, search(t, db, SearchFilter{Words: "rose tulip"})); d != "" {
		t.Error(d)
	}
}
