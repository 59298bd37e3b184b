package board_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/rulebook"
	"panah/core/wire"
	"panah/gate/internal/board"
	"panah/gate/internal/store/sqlite"
	"panah/internal/testkit"
	"panah/rules"
)

var bookNow = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

// signedBook is the release's rulebook, with something after its rules, as a keeper signs it.
func signedBook(t *testing.T, o testkit.Organisation, at time.Time, more string) wire.Rulebook {
	t.Helper()
	return signedBy(t, o.Keeper, o, at, rules.RulebookFiles(), more)
}

func signedBy(t *testing.T, keeper note.Signer, o testkit.Organisation, at time.Time, src rulebook.Source, more string) wire.Rulebook {
	t.Helper()
	b, err := wire.SignRulebook(keeper, o.Roster.Org, at, src.Papers, append(src.Rules, more...), src.Sources)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRulebookStays opens the board again after each step: what it refused left no trace, what it took is there.
func TestRulebookStays(t *testing.T) {
	o, stranger := testkit.NewOrganisation(t), testkit.NewOrganisation(t)
	dir := t.TempDir()
	first, later := signedBook(t, o, bookNow.Add(-time.Hour), ""), signedBook(t, o, bookNow, "# later\n")
	for _, step := range []struct {
		name, say string
		put       wire.Rulebook
		status    int
		stands    *wire.Rulebook
	}{
		{"of a stranger", "no keeper", signedBy(t, stranger.Keeper, o, bookNow, rules.RulebookFiles(), ""), 422, nil},
		{"of another organisation", "no keeper", signedBook(t, stranger, bookNow, ""), 422, nil},
		{"of tomorrow", "in the future", signedBook(t, o, bookNow.Add(24*time.Hour), ""), 422, nil},
		{"no YAML", "rules.yaml:", signedBook(t, o, bookNow.Add(-2*time.Hour), "\n  - {id: [\n"), 422, nil},
		{"a month 13", "month 13", signedBook(t, o, bookNow.Add(-2*time.Hour), "  - {id: x, country: PK, paper: pk-por, effect: valid, from: 2025-13-01, known_on: 2025-01-01, confidence: official, sources: [pk-pcm]}\n"), 422, nil},
		{"good", "", first, 0, &first},
		{"the same again", "", first, 0, &first},
		{"later", "", later, 0, &later},
		{"the first again", "signed later is here", first, 409, &later},
	} {
		db, err := sqlite.Open(dir, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := board.Open(db)
		if err != nil {
			t.Fatal(err)
		}
		err = b.PutRulebook(step.put, o.Roster, bookNow)
		e, _ := errors.AsType[*wire.Error](err)
		if (step.status == 0) != (err == nil) || step.status != 0 && (e == nil || e.Code != wire.CodeRulebook || e.Status != step.status || !strings.Contains(e.Say, step.say)) {
			t.Errorf("%s: %v", step.name, err)
		}
		if b, err = board.Open(db); err != nil {
			t.Fatal(err)
		}
		got := b.Rulebook()
		if (step.stands == nil) != (got == nil) || got != nil && got.Signed != *step.stands {
			t.Errorf("%s: another rulebook stands there now", step.name)
		}
		if got != nil && got.Table.Book != got.Table.Rulebook().Version() {
			t.Errorf("%s: the table is of another book", step.name)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestARulebookOfAnotherReleaseIsLeftAside opens a board whose rulebook this release does not understand: the gate must still start.
func TestARulebookOfAnotherReleaseIsLeftAside(t *testing.T) {
	db, err := sqlite.Open(t.TempDir(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	o := testkit.NewOrganisation(t)
	odd := signedBook(t, o, bookNow, "  - {id: x, effect: of-a-later-release}\n")
	if err := db.SetMeta("rulebook", string(odd.Bytes())); err != nil {
		t.Fatal(err)
	}
	b, err := board.Open(db)
	if b == nil || !errors.Is(err, board.ErrRulebook) || b.Rulebook() != nil {
		t.Fatalf("%v", err)
	}
	if err := b.PutRulebook(signedBook(t, o, bookNow, ""), o.Roster, bookNow); err != nil || b.Rulebook() == nil {
		t.Errorf("a keeper signs one again: %v", err)
	}
}
