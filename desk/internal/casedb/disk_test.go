package casedb

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// What keeps letters after a power cut and words off the disk is set, not only asked for: SQLite ignores a pragma that it cannot carry out.
func TestPragmasHold(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), FileName))
	for pragma, want := range map[string]string{
		"journal_mode": "truncate", "synchronous": "2", "secure_delete": "1", "temp_store": "2", "locking_mode": "exclusive", "trusted_schema": "0",
	} {
		var got string
		if err := db.sql.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q: %v", pragma, got, want, err)
		}
	}
}

func TestFullDiskSaysSoAndKeepsWhatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	db := open(t, path)
	f := Finding{Kind: AlarmSignature}
	if err := db.Raise(t.Context(), f, time.Now()); err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := db.sql.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if err := db.sql.QueryRow("PRAGMA max_page_count=1").Scan(&pages); err != nil { // as many as there are
		t.Fatal(err)
	}
	big := Finding{Kind: AlarmRoot, Evidence: []string{strings.Repeat("x", maxEvidence)}}
	if err := db.Raise(t.Context(), big, time.Now()); !errors.Is(err, ErrFull) {
		t.Errorf("a full disk: %v", err)
	}
	if list, err := db.Alarms(t.Context(), false); err != nil || len(list) != 1 || list[0].Kind != AlarmSignature {
		t.Errorf("what was there: %v %v", list, err)
	}
	if err := db.sql.QueryRow("PRAGMA max_page_count=100000").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if err := db.Raise(t.Context(), big, time.Now()); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// Anybody can seal copies to the organisation and number them at will, and a gate can change every letter: neither may bury the other alarms.
func TestStrangersCannotFloodTheAlarms(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), FileName))
	for n := range int64(50) {
		for _, f := range []Finding{
			{Kind: AlarmReply, Args: map[string]int64{"thread": 0, "n": n}},
			{Kind: AlarmEntry, Args: map[string]int64{"index": n}},
			{Kind: AlarmTwice, Args: map[string]int64{"index": n, "first": 1}},
			{Kind: AlarmClaimed, Args: map[string]int64{"thread": n, "other": 1}},
		} {
			if err := db.Raise(t.Context(), f, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	list, err := db.Alarms(t.Context(), false)
	if err != nil || len(list) != 4 {
		t.Errorf("%d alarms: %v", len(list), err)
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	db, err := Open(t.Context(), path, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.sql.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err := Open(t.Context(), path, [32]byte{1}); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("a database of a newer version: %v %v", db, err)
	}
	if _, err := Open(t.Context(), path, [32]byte{2}); !errors.Is(err, ErrDamaged) {
		t.Errorf("another key: %v", err)
	}
}
