package casedb

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/names"
	"panah/core/script"
)

// Bounds of a document: beyond them a case is found by what stands first in it.
const (
	maxIndexed = 256 << 10 // bytes of text
	maxTokens  = 20_000
)

// Tokens that are no words begin with one of these private-use characters. Values follow in hex, so that a token is one whatever it holds.
const (
	markFilter = "\ue001"
	markName   = "\ue002" // key of a name, core/names
	markOther  = "\ue003" // key of the other side's name: the conflict check alone asks for these
)

func filterToken(kind byte, value string) string {
	return markFilter + string(kind) + hex.EncodeToString([]byte(value))
}

// Kinds of filter tokens.
const (
	tokenMember   = 'm' // staff id of an owner or of somebody on the team
	tokenNobody   = 'n' // new, and nobody has it
	tokenStage    = 's'
	tokenUrgency  = 'g'
	tokenPathway  = 'p'
	tokenDistrict = 'd'
	tokenLang     = 'l'
	tokenMonth    = 't' // of the last letter, 2026-11
	tokenStretch  = 'b' // which 1<<stretchBits threads it is among
)

// stretchBits says how many threads a search looks at, at least, before it looks at the clock.
const stretchBits = 15

// Indexing is how far the index has come. Left is about how many cases are not in it as they are now.
type Indexing struct{ Left, Of int }

// Indexing reads it.
func (d *DB) Indexing(ctx context.Context) (i Indexing, err error) {
	err = d.sql.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM stale) + max(0, coalesce((SELECT max(id) FROM thread), 0) - upto), coalesce((SELECT max(id) FROM thread), 0) FROM indexed`).Scan(&i.Left, &i.Of)
	if err != nil {
		return i, fmt.Errorf("reading how far the index is: %w", err)
	}
	return i, nil
}

// IndexSome brings the documents of at most n cases up to date, in one transaction: those that changed first, then those that were never indexed, in their order. While the
// first sync is under way it does nothing. done is how many threads it looked at: 0 when nothing is left.
func (d *DB) IndexSome(ctx context.Context, n int) (done int, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		var synced bool
		var upto int64
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM meta WHERE k = 'synced'), upto FROM indexed").Scan(&synced, &upto); err != nil || !synced {
			return err
		}
		if err := queueReady(tx); err != nil { // its triggers tell what changed since
			return err
		}
		changed, err := indices(tx, "SELECT thread FROM stale ORDER BY thread DESC LIMIT ?", n)
		if err != nil {
			return err
		}
		fresh, err := indices(tx, "SELECT id FROM thread WHERE id > ? ORDER BY id LIMIT ?", upto, n-len(changed))
		if err != nil {
			return err
		}
		for _, thread := range append(changed, fresh...) {
			if err := indexThread(tx, thread); err != nil {
				return err
			}
		}
		if len(fresh) > 0 {
			upto = fresh[len(fresh)-1]
			if _, err := tx.Exec("UPDATE indexed SET upto = ?", upto); err != nil {
				return err
			}
		}
		done = len(changed) + len(fresh)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("indexing: %w", err)
	}
	return done, nil
}

// indexThread writes a thread's document anew, or that of its case.
func indexThread(tx *sql.Tx, thread int64) error {
	if _, err := tx.Exec("DELETE FROM stale WHERE thread = ?", thread); err != nil {
		return err
	}
	var home int64
	var state, stage string
	var locked bool
	err := tx.QueryRow("SELECT home, state, stage, locked > 0 FROM thread WHERE id = ?", thread).Scan(&home, &state, &stage, &locked)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM found WHERE rowid = ?", thread); err != nil {
		return err
	}
	if home != 0 { // it is found by its case
		_, err := tx.Exec("INSERT OR IGNORE INTO stale (thread) SELECT id FROM thread WHERE id = ? AND home = 0 AND id <> ? AND id <= (SELECT upto FROM indexed)", home, thread)
		return err
	}
	if locked || State(state) != StateOpen || stage == stageOffice {
		return nil
	}
	words, err := document(tx, thread)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO found (rowid, words) VALUES (?, ?)", thread, words)
	return err
}

// document makes the words of a case's document.
func document(tx *sql.Tx, thread int64) (string, error) {
	text, err := searchText(tx, thread)
	if err != nil {
		return "", err
	}
	tokens, err := filterTokens(tx, thread)
	if err != nil {
		return "", err
	}
	for _, name := range text.names {
		tokens = appendKeys(tokens, markName, name)
	}
	tokens = appendKeys(tokens, markOther, text.otherSide)
	words := script.Words(strings.Join(text.parts, "\n"))
	return strings.Join(append(tokens, words[:min(len(words), maxTokens)]...), " "), nil
}

func appendKeys(tokens []string, mark, name string) []string {
	for _, k := range names.Keys(name) {
		tokens = append(tokens, mark+strings.ToLower(k))
	}
	return tokens
}

// A caseText is what a case is found by.
type caseText struct {
	parts     []string // letters and answers, newest first, then fields, notes and answers to questions
	names     []string // of the person, in all spellings, and of who speaks for them
	otherSide string
	district  string
	paper     string
}

// searchText reads everything that was written in a case and in the conversations that belong to it, except those that are locked or erased.
func searchText(tx *sql.Tx, thread int64) (caseText, error) {
	return searchTextFor(tx, Viewer{}, thread)
}

// searchTextFor is searchText without the conversations that a viewer may not open: they may stand behind walls that their case does not have.
func searchTextFor(tx *sql.Tx, v Viewer, thread int64) (caseText, error) {
	var t caseText
	threads, err := indices(tx, "SELECT t.id FROM thread t WHERE (t.id = ?2 OR t.home = ?2 AND t.home <> 0) AND t.locked = 0 AND t.state = 'open' AND "+
		wallOf(v.Staff, v.Keeper, v.Specialist)+" ORDER BY t.id <> ?2, t.id DESC LIMIT 50", string(v.Staff), thread)
	if err != nil {
		return t, err
	}
	for _, id := range threads {
		if err := t.letters(tx, id); err != nil {
			return t, err
		}
		if err := t.events(tx, id); err != nil {
			return t, err
		}
	}
	return t, nil
}

func (t *caseText) letters(tx *sql.Tx, thread int64) error {
	rows, err := tx.Query(`SELECT text, '' FROM (SELECT text FROM letter WHERE thread = ?1 ORDER BY hour DESC, id DESC LIMIT 500)
		UNION ALL SELECT text, '' FROM (SELECT text FROM reply WHERE thread = ?1 ORDER BY id DESC LIMIT 500)
		UNION ALL SELECT district, district FROM thread WHERE id = ?1`, thread)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text, district string
		if err := rows.Scan(&text, &district); err != nil {
			return err
		}
		t.add(text)
		if t.district == "" {
			t.district = district
		}
	}
	return rows.Err()
}

func (t *caseText) events(tx *sql.Tx, thread int64) error {
	entries, err := eventsOf(tx, thread)
	if err != nil || len(entries) == 0 {
		return err
	}
	id, err := caseID(tx, thread)
	if err != nil {
		return err
	}
	t.fold(fold.Of(id, entries))
	return nil
}

// fold adds what the events of a case say.
func (t *caseText) fold(c fold.Case) {
	for _, f := range []string{event.FieldName, event.FieldAlso} {
		for _, v := range c.Fields[f] {
			t.names = append(t.names, splitNames(v.Text)...)
		}
	}
	if c.Proxy != nil {
		t.names = append(t.names, splitNames(c.Proxy.Name)...)
	}
	for name, f := range c.Fields {
		switch name {
		case event.FieldOtherSide:
			t.otherSide = strings.TrimSpace(t.otherSide + " " + f.Text())
			continue
		case event.FieldPaper:
			t.paper = f.Text()
		case event.FieldUrgency, event.FieldSensitivity, event.FieldLang, event.FieldWho:
			continue
		}
		for _, v := range f {
			t.add(v.Text)
		}
	}
	for _, n := range slices.Backward(c.Notes) {
		t.add(n.Text)
	}
	for _, a := range c.Answers {
		t.add(a.Text())
	}
	for _, task := range c.Tasks {
		t.add(task.Note)
	}
}

func (t *caseText) add(text string) {
	have := 0
	for _, p := range t.parts {
		have += len(p)
	}
	if text = strings.TrimSpace(text); text != "" && have < maxIndexed {
		t.parts = append(t.parts, strings.ToValidUTF8(text[:min(len(text), maxIndexed-have)], ""))
	}
}

// splitNames parts a field of several spellings.
func splitNames(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;/\n،؛", r) })
}

// filterTokens are those of a case's row.
func filterTokens(tx *sql.Tx, thread int64) (tokens []string, err error) {
	var stage, owner, pathways, district, lang string
	var urgency, latest int64
	if err := tx.QueryRow("SELECT stage, owner, pathways, district, lang, urgency, latest FROM thread WHERE id = ?", thread).
		Scan(&stage, &owner, &pathways, &district, &lang, &urgency, &latest); err != nil {
		return nil, err
	}
	tokens = []string{
		filterToken(tokenStage, stage), filterToken(tokenUrgency, fmt.Sprint(urgency)), filterToken(tokenMonth, time.Unix(latest, 0).UTC().Format("2006-01")),
		filterToken(tokenStretch, fmt.Sprint(thread>>stretchBits)),
	}
	if lang != "" {
		tokens = append(tokens, filterToken(tokenLang, lang))
	}
	if district != "" {
		tokens = append(tokens, filterToken(tokenDistrict, district))
	}
	for _, p := range strings.Fields(pathways) {
		tokens = append(tokens, filterToken(tokenPathway, p))
	}
	rows, err := tx.Query("SELECT staff FROM team WHERE thread = ?", thread)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var staff string
		if err := rows.Scan(&staff); err != nil {
			return nil, err
		}
		tokens = append(tokens, filterToken(tokenMember, staff))
	}
	if stage == string(StageNew) && owner == "" {
		tokens = append(tokens, filterToken(tokenNobody, ""))
	}
	return tokens, rows.Err()
}
