package casedb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"panah/core/names"
	"panah/core/script"
)

// Bounds of looking for the same person or matter.
const (
	maxCandidates = 200 // cases looked at for a name, newest first
	maxLookups    = 400 // words of a case whose frequency is asked for
	rareIn        = 30  // a word that so many cases have, at most, tells them from others
	maxRare       = 16
	sharedRare    = 3 // rare words that two cases share before they look like one matter
	maxSame       = 5
)

// A Same is a case that may be the same matter as another. It prints as "[thread]".
type Same struct {
	Thread int64
	Name   string
	Why    []string // "name", "phrase", "district", "paper"
	score  int
}

// String hides the name.
func (Same) String() string { return "[thread]" }

// GoString hides the name.
func (Same) GoString() string { return "[thread]" }

// SameMatter suggests cases that may be the same matter as a thread's, at most five, the likeliest first: by names in any spelling and by rare words that they share; district
// and paper count beside those. Cases that the viewer may not open are not among them. The error wraps ErrNotFound.
func (d *DB) SameMatter(ctx context.Context, v Viewer, thread int64) (list []Same, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		var locked bool
		if err := tx.QueryRow("SELECT locked > 0 OR state <> 'open' FROM thread WHERE id = ?", thread).Scan(&locked); errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		} else if err != nil || locked { // a locked case is compared with nothing: its words stay out of every index
			return err
		}
		text, err := searchText(tx, thread)
		if err != nil {
			return err
		}
		found := map[int64]*Same{}
		if err := byNames(tx, text, found); err != nil {
			return err
		}
		if err := byRareWords(tx, text, found); err != nil {
			return err
		}
		list, err = judged(tx, v, thread, text, found)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for the same matter: %w", err)
	}
	return list, nil
}

// byNames adds cases that have one of the case's names in some spelling.
func byNames(tx *sql.Tx, text caseText, found map[int64]*Same) error {
	for _, name := range text.names {
		ids, err := withKeys(tx, markName, name)
		if err != nil {
			return err
		}
		for _, id := range ids {
			other, err := searchText(tx, id)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(other.names, func(n string) bool { return sameName(name, n) }) && !slices.Contains(at(found, id).Why, "name") {
				at(found, id).Why = append(at(found, id).Why, "name")
				at(found, id).score += 3
			}
		}
	}
	return nil
}

// sameName is stricter than a search: one first name of two words does not make two people one.
func sameName(a, b string) bool {
	na, nb := len(strings.Fields(a)), len(strings.Fields(b))
	return names.Match(a, b) >= names.Alike && (min(na, nb) > 1 || na == nb)
}

func at(found map[int64]*Same, id int64) *Same {
	if found[id] == nil {
		found[id] = &Same{Thread: id}
	}
	return found[id]
}

// withKeys lists the newest cases that have a key of every word of a name.
func withKeys(tx *sql.Tx, mark, name string) ([]int64, error) {
	var words []string
	for _, w := range strings.Fields(script.Fold(name)) {
		if keys := names.Keys(w); len(keys) > 0 {
			for i := range keys {
				keys[i] = quote(mark + strings.ToLower(keys[i]))
			}
			words = append(words, "("+strings.Join(keys, " OR ")+")")
		}
	}
	if len(words) == 0 {
		return nil, nil
	}
	match := strings.Join(words, " AND ")
	if joined := names.Keys(strings.ReplaceAll(script.Fold(name), " ", "")); len(words) > 1 && len(joined) > 0 {
		match = "(" + match + ") OR " + quote(mark+strings.ToLower(joined[0]))
	}
	return indices(tx, "SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid DESC LIMIT ?", match, maxCandidates)
}

// byRareWords adds cases that share rare words with a case.
func byRareWords(tx *sql.Tx, text caseText, found map[int64]*Same) error {
	rare, err := rareWords(tx, text)
	if err != nil {
		return err
	}
	shared := map[int64]int{}
	for _, w := range rare {
		ids, err := indices(tx, "SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid DESC LIMIT ?", quote(w), rareIn)
		if err != nil {
			return err
		}
		for _, id := range ids {
			shared[id]++
		}
	}
	for id, n := range shared {
		if n >= sharedRare {
			at(found, id).Why = append(at(found, id).Why, "phrase")
			at(found, id).score += min(n, 6)
		}
	}
	return nil
}

// rareWords are the rarest words of a case that some other case has too.
func rareWords(tx *sql.Tx, text caseText) ([]string, error) {
	type counted struct {
		word string
		n    int
	}
	var list []counted
	words := script.Words(strings.Join(text.parts, "\n"))
	for _, w := range words[:min(len(words), maxLookups)] {
		if utf8.RuneCountInString(w) < 4 {
			continue
		}
		var n int
		err := tx.QueryRow("SELECT doc FROM found_words WHERE term = ?", w).Scan(&n)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n > 1 && n <= rareIn {
			list = append(list, counted{w, n})
		}
	}
	slices.SortStableFunc(list, func(a, b counted) int { return cmp.Compare(a.n, b.n) })
	var out []string
	for _, c := range list[:min(len(list), maxRare)] {
		out = append(out, c.word)
	}
	return out, nil
}

// judged leaves the likeliest that the viewer may see and that are not linked already.
func judged(tx *sql.Tx, v Viewer, thread int64, text caseText, found map[int64]*Same) (list []Same, err error) {
	for id, s := range found {
		var paper string
		var name, district string
		err := tx.QueryRow(`SELECT t.name, t.district FROM thread t WHERE t.id = ?2 AND t.id <> ?3 AND t.state = 'open' AND t.locked = 0 AND t.home = 0
			AND NOT EXISTS (SELECT 1 FROM thread o WHERE o.id = ?3 AND o.home = t.id AND o.home <> 0) AND `+wallOf(v.Staff, v.Keeper, v.Specialist), string(v.Staff), id, thread).Scan(&name, &district)
		if errors.Is(err, sql.ErrNoRows) || len(s.Why) == 0 {
			continue
		}
		if err != nil {
			return nil, err
		}
		if text.paper != "" {
			other, err := searchText(tx, id)
			if err != nil {
				return nil, err
			}
			paper = other.paper
		}
		s.Name = name
		if district != "" && script.Fold(district) == script.Fold(text.district) {
			s.Why, s.score = append(s.Why, "district"), s.score+1
		}
		if paper != "" && paper == text.paper {
			s.Why, s.score = append(s.Why, "paper"), s.score+1
		}
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Same) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.Thread, a.Thread)) })
	return list[:min(len(list), maxSame)], nil
}

// Conflicting reports whether somebody among persons is the other side of a case on this desk, or the other side is a person of one: in any case, also those that who asks may
// not open and the locked ones that are here. It does not say which. whole is false while the index is behind: the answer may then be a no too early.
func (d *DB) Conflicting(ctx context.Context, persons []string, otherSide string) (possible, whole bool, err error) {
	others := splitNames(otherSide)
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRow("SELECT NOT EXISTS (SELECT 1 FROM stale) AND upto >= coalesce((SELECT max(id) FROM thread), 0) FROM indexed").Scan(&whole); err != nil {
			return err
		}
		locked, err := indices(tx, "SELECT id FROM thread WHERE locked > 0 AND state = 'open'")
		if err != nil {
			return err
		}
		for mark, list := range map[string][]string{markOther: persons, markName: others} {
			for _, name := range list {
				ids, err := withKeys(tx, mark, name)
				if err != nil {
					return err
				}
				if possible, err = meets(tx, mark, name, append(ids, locked...)); err != nil || possible {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return false, false, fmt.Errorf("checking for a conflict: %w", err)
	}
	return possible, whole, nil
}

// meets looks at the names themselves.
func meets(tx *sql.Tx, mark, name string, threads []int64) (bool, error) {
	for _, id := range threads {
		var text caseText
		if err := text.events(tx, id); err != nil {
			return false, err
		}
		known := text.names
		if mark == markOther {
			known = splitNames(text.otherSide)
		}
		if slices.ContainsFunc(known, func(k string) bool { return sameName(name, k) }) {
			return true, nil
		}
	}
	return false, nil
}
