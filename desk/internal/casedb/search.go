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

// The newest cases are looked at first, by stretches that grow, until there are enough hits or the time of a page is up: two words that half of all cases have and none both
// would take a walk through everything, and whoever else waits for the database with it.
const (
	stretch  = 25_000
	pageTime = 25 * time.Millisecond
)

// Search finds cases, newest first. What the viewer may not open is not found, and not counted: Next says only that there may be further ones of those that they may. Words
// are all looked for; a name is found in its other spellings too. Without words it lists what the filters leave.
func (d *DB) Search(ctx context.Context, f SearchFilter) (found Found, err error) {
	if f.Limit <= 0 {
		f.Limit = hitsPerPage
	}
	f.Limit = min(f.Limit, maxHits)
	match, marks := f.match()
	if match == "" {
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
		for size := int64(stretch); top > 1; size *= 2 {
			low := max(1, top-size)
			if err := f.walk(tx, &found, match, marks, low, top, began); err != nil || found.Next != 0 {
				return err
			}
			if top = low; top > 1 && time.Since(began) > pageTime {
				found.Next = top
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return Found{}, fmt.Errorf("searching: %w", err)
	}
	return found, nil
}

// walk adds the hits of a stretch: threads from low up to below top.
func (f SearchFilter) walk(tx *sql.Tx, found *Found, match string, marks []string, low, top int64, began time.Time) error {
	for {
		want := f.Limit + 1 - len(found.Hits)
		rows, err := f.page(tx, match, low, top, want)
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
func (f SearchFilter) page(tx *sql.Tx, match string, low, top int64, limit int) ([]CaseRow, error) {
	v := f.Viewer
	query := "SELECT " + caseColumns + " FROM found CROSS JOIN thread t ON t.id = found.rowid WHERE found.found MATCH ?2 AND t.state = 'open' AND t.locked = 0 AND t.home = 0 AND " +
		wallOf(v.Staff, v.Keeper, v.Specialist)
	args := []any{string(v.Staff), match}
	for _, c := range []struct {
		on        bool
		condition string
		value     int64
	}{{!f.From.IsZero(), "t.latest >= ?", f.From.Unix()}, {!f.To.IsZero(), "t.latest < ?", f.To.Unix()}, {true, "found.rowid < ?", top}, {true, "found.rowid >= ?", low}} {
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
	text, err := searchText(tx, row.ID)
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

// match writes a query of FTS5, and lists the words to be marked. "" when nothing is asked for.
func (f SearchFilter) match() (query string, marks []string) {
	terms := script.Terms(f.Words)
	terms = terms[:min(len(terms), maxTerms)]
	var each []string
	for _, t := range terms {
		var ways []string
		for _, way := range t.Ways {
			marks = append(marks, way...)
			ways = append(ways, all(way))
			if len(way) == 1 {
				for _, k := range names.Keys(way[0]) {
					ways = append(ways, quote(markName+strings.ToLower(k)))
				}
			}
		}
		each = append(each, "("+strings.Join(ways, " OR ")+")")
	}
	words := strings.Join(each, " AND ")
	if joined := names.Keys(strings.ReplaceAll(script.Fold(f.Words), " ", "")); len(terms) == 2 && len(joined) > 0 { // Abdul Rahman, Abdurrahman
		var ways []string
		for _, k := range joined {
			ways = append(ways, quote(markName+strings.ToLower(k)))
		}
		words = "((" + words + ") OR " + strings.Join(ways, " OR ") + ")"
	}
	parts := f.filters()
	if words != "" {
		parts = append([]string{words}, parts...)
	}
	return strings.Join(parts, " AND "), marks
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

func all(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	return "(" + strings.Join(quoted, " AND ") + ")"
}

func quote(token string) string { return `"` + strings.ReplaceAll(token, `"`, "") + `"` }
