package casedb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"panah/core/names"
	"panah/core/script"
)

// Bounds of a search.
const (
	maxTerms    = 12
	maxHits     = 100
	hitsPerPage = 25
	maxMonths   = 36 // a longer time is looked at row by row
)

// A SearchFilter says what is looked for. It prints as "[search]".
type SearchFilter struct {
	Words    string
	Viewer   Viewer // the zero one is the desk itself
	Everyone bool   // also cases that somebody else has; not: only the viewer's own, and new ones that nobody has
	Pathway  string
	Urgency  Urgency // 0: any
	District string
	Stage    Stage
	Lang     string
	From, To time.Time // of the last letter; zero: open
	After    int64     // Found.Next of the page before; 0: from the newest
	Limit    int       // at most 100; 0: 25
}

// String hides the words.
func (SearchFilter) String() string { return "[search]" }

// GoString hides the words.
func (SearchFilter) GoString() string { return "[search]" }

// A Hit is a case that was found. It prints as "[thread]", as its row does.
type Hit struct {
	Row     CaseRow
	Snippet string
	Marks   []script.Range // of what was looked for, in Snippet
	Cut     [2]bool        // something was left off before, after
	ByName  bool           // the name is another spelling of what was looked for
}

// String hides the content.
func (Hit) String() string { return "[thread]" }

// GoString hides the content.
func (Hit) GoString() string { return "[thread]" }

// Found is what a search gives. It prints as "[results]".
type Found struct {
	Hits []Hit
	Next int64 // After of the next page; 0: there is none. Fewer hits than the limit with a Next: the time for one page was up
}

// String hides the hits.
func (Found) String() string { return "[results]" }

// GoString hides the hits.
func (Found) GoString() string { return "[results]" }

// The newest cases are looked at first, by stretches that grow as far as the time left allows, until there are enough hits or the time of a page is up: two words that half of
// all cases have and none both would take a walk through everything, and whoever else waits for the database with it. FTS5 looks for its first match without regard to bounds on
// rowid, so that each document says by a token which stretch it is in.
const (
	maxStretches = 16
	pageTime     = 25 * time.Millisecond
)

// Search finds cases, newest first. What the viewer may not open is not found, and not counted: Next says only that there may be further ones of those that they may. Words
// are all looked for; a name is found in its other spellings too. Without words it lists what the filters leave.
func (d *DB) Search(ctx context.Context, f SearchFilter) (found Found, err error) {
	if f.Limit <= 0 {
		f.Limit = hitsPerPage
	}
	f.Limit = min(f.Limit, maxHits)
	if len(f.terms()) == 0 && len(f.filters()) == 0 && f.From.IsZero() && f.To.IsZero() {
		return found, nil
	}
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		top := f.After
		if top <= 0 {
			if err := tx.QueryRow("SELECT coalesce(max(id), 0) + 1 FROM thread").Scan(&top); err != nil {
				return err
			}
		}
		began := time.Now()
		for n := int64(1); top > 1; {
			at, last := time.Now(), (top-1)>>stretchBits
			first := max(0, last-n+1)
			if err := f.walk(tx, &found, f.match(inStretches(first, last)), f.marks(), top, began); err != nil || found.Next != 0 {
				return err
			}
			left := pageTime - time.Since(began)
			if top = first << stretchBits; top > 1 && left <= 0 {
				found.Next = top
				return nil
			}
			n = min(4*n, maxStretches, max(1, n*int64(left)/int64(time.Since(at)+1)))
		}
		return nil
	})
	if err != nil {
		return Found{}, fmt.Errorf("searching: %w", err)
	}
	return found, nil
}

// walk adds the hits of some stretches, threads below top.
func (f SearchFilter) walk(tx *sql.Tx, found *Found, match string, marks []string, top int64, began time.Time) error {
	for {
		want := f.Limit + 1 - len(found.Hits)
		rows, err := f.page(tx, match, top, want)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if len(found.Hits) == f.Limit {
				found.Next = found.Hits[f.Limit-1].Row.ID
				return nil
			}
			top = row.ID
			h, ok, err := f.hit(tx, row, marks)
			if err != nil {
				return err
			}
			if ok {
				found.Hits = append(found.Hits, h)
			}
		}
		if len(rows) < want {
			return nil
		}
		if time.Since(began) > pageTime { // many rows had a key of the name, and not the name
			found.Next = top
			return nil
		}
	}
}

// page reads the next rows that the index gives and the viewer may see.
func (f SearchFilter) page(tx *sql.Tx, match string, top int64, limit int) ([]CaseRow, error) {
	v := f.Viewer
	query := "SELECT " + caseColumns + " FROM found CROSS JOIN thread t ON t.id = found.rowid WHERE found.found MATCH ?2 AND t.state = 'open' AND t.locked = 0 AND t.home = 0 AND " +
		wallOf(v.Staff, v.Keeper, v.Specialist)
	args := []any{string(v.Staff), match}
	for _, c := range []struct {
		on        bool
		condition string
		value     int64
	}{{!f.From.IsZero(), "t.latest >= ?", f.From.Unix()}, {!f.To.IsZero(), "t.latest < ?", f.To.Unix()}, {true, "found.rowid < ?", top}} {
		if c.on {
			args = append(args, c.value)
			query += fmt.Sprintf(" AND %s%d", c.condition, len(args))
		}
	}
	if !f.Everyone && v.Staff != "" { // the index may be behind: what was handed on meanwhile is not one's own any more
		query += " AND (t.owner = '' AND t.stage = 'new' OR EXISTS (SELECT 1 FROM team m WHERE m.staff = ?1 AND m.thread = t.id))"
	}
	args = append(args, limit)
	rows, err := tx.Query(fmt.Sprintf("%s ORDER BY found.rowid DESC LIMIT ?%d", query, len(args)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []CaseRow
	for rows.Next() {
		c, err := scanCase(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// snippetWidth is how many characters are shown of a case.
const snippetWidth = 180

// hit makes what is shown of a row. ok is false when a key of a name led to it and neither name nor text has what was looked for.
func (f SearchFilter) hit(tx *sql.Tx, row CaseRow, marks []string) (h Hit, ok bool, err error) {
	h.Row = row
	text, err := searchTextFor(tx, f.Viewer, row.ID)
	if err != nil {
		return h, false, err
	}
	for _, n := range append(text.names, row.Name) {
		h.ByName = h.ByName || len(marks) > 0 && names.Match(f.Words, n) >= names.Alike
	}
	for _, part := range text.parts {
		found := script.Find(part, marks, 20)
		if len(found) > 0 {
			h.Snippet, h.Marks, h.Cut[0], h.Cut[1] = script.Cut(part, found, snippetWidth)
			return h, true, nil
		}
	}
	if len(text.parts) > 0 {
		h.Snippet, _, _, h.Cut[1] = script.Cut(text.parts[0], nil, snippetWidth)
	}
	return h, h.ByName || len(marks) == 0, nil
}

// match writes a query of FTS5 for some stretches. FTS5 looks for the next document of an inner AND without regard to what stands around it, so that the stretches, and the
// filters, are in every one.
func (f SearchFilter) match(stretches string) string {
	terms := f.terms()
	rest := append(f.filters(), stretches)
	var each []string
	for _, t := range terms {
		var ways []string
		for _, way := range t.Ways {
			if len(way) > 1 {
				ways = append(ways, all(append(quoted(way), stretches)))
				continue
			}
			ways = append(append(ways, quoted(way)...), keysOf(way[0])...)
		}
		each = append(each, "("+strings.Join(ways, " OR ")+")")
	}
	query := all(append(each, rest...))
	if len(terms) == 2 { // Abdul Rahman, Abdurrahman
		if joined := keysOf(strings.ReplaceAll(script.Fold(f.Words), " ", "")); len(joined) > 0 {
			query += " OR " + all(append([]string{"(" + strings.Join(joined, " OR ") + ")"}, rest...))
		}
	}
	return query
}

// terms are what is looked for, within bounds.
func (f SearchFilter) terms() []script.Term {
	terms := script.Terms(f.Words)
	return terms[:min(len(terms), maxTerms)]
}

// marks are the words to be marked in what is found.
func (f SearchFilter) marks() (words []string) {
	for _, t := range f.terms() {
		for _, way := range t.Ways {
			words = append(words, way...)
		}
	}
	return words
}

// keysOf are the tokens of the keys of a name.
func keysOf(name string) []string {
	var out []string
	for _, k := range names.Keys(name) {
		out = append(out, quote(markName+strings.ToLower(k)))
	}
	return out
}

// filters are those parts of the query that are no words.
func (f SearchFilter) filters() (parts []string) {
	if staff := f.Viewer.Staff; !f.Everyone && staff != "" {
		parts = append(parts, "("+quote(filterToken(tokenMember, string(staff)))+" OR "+quote(filterToken(tokenNobody, ""))+")")
	}
	urgency := ""
	if f.Urgency != 0 {
		urgency = fmt.Sprint(int(f.Urgency))
	}
	for _, t := range []struct {
		kind  byte
		value string
	}{{tokenPathway, f.Pathway}, {tokenUrgency, urgency}, {tokenDistrict, f.District}, {tokenStage, string(f.Stage)}, {tokenLang, f.Lang}} {
		if t.value != "" {
			parts = append(parts, quote(filterToken(t.kind, t.value)))
		}
	}
	if months := f.months(); len(months) > 0 {
		parts = append(parts, "("+strings.Join(months, " OR ")+")")
	}
	return parts
}

// inStretches is the part of a query that keeps it to some stretches.
func inStretches(first, last int64) string {
	var ways []string
	for n := first; n <= last; n++ {
		ways = append(ways, quote(filterToken(tokenStretch, fmt.Sprint(n))))
	}
	return "(" + strings.Join(ways, " OR ") + ")"
}

// months are the tokens of a time that has both ends and is not too long.
func (f SearchFilter) months() (out []string) {
	if f.From.IsZero() || f.To.IsZero() {
		return nil
	}
	m := time.Date(f.From.UTC().Year(), f.From.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	for ; m.Before(f.To); m = m.AddDate(0, 1, 0) {
		if len(out) == maxMonths {
			return nil
		}
		out = append(out, quote(filterToken(tokenMonth, m.Format("2006-01"))))
	}
	return out
}

func all(parts []string) string { return "(" + strings.Join(parts, " AND ") + ")" }

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = quote(w)
	}
	return out
}

func quote(token string) string { return `"` + strings.ReplaceAll(token, `"`, "") + `"` }
