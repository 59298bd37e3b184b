package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"panah/core/wire"
	"panah/gate/internal/store"
	"panah/gate/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) func() (storetest.Engine, func() error) {
		dir := t.TempDir()
		return func() (storetest.Engine, func() error) {
			db, err := Open(dir, Options{})
			if err != nil {
				t.Fatal(err)
			}
			return db, db.Close
		}
	})
}

// TestPragmas guards what durability and erasure rest on.
func TestPragmas(t *testing.T) {
	db := open(t, t.TempDir(), Options{})
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1", "page_size": "8192"} {
		got := ""
		s, _, err := db.w.c.Prepare("PRAGMA " + pragma)
		if err != nil {
			t.Fatal(err)
		}
		if s.Step() {
			got = s.ColumnText(0)
		}
		if err := s.Close(); err != nil || got != want {
			t.Errorf("%s is %q, want %q, %v", pragma, got, want, err)
		}
	}
}

// TestDeletedIsGone looks for the bytes of a deleted letter and reply in every file, while the database is open.
func TestDeletedIsGone(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	db := open(t, dir, Options{})
	small, large := storetest.Letter(1, 6000), storetest.Letter(2, 300_000)
	keep := storetest.Letter(3, 6000)
	box := store.Box{ID: sha256.Sum256([]byte("a mailbox"))}
	reply := bytes.Repeat([]byte("a sealed reply "), 1000)
	err := db.Append(ctx, storetest.Batch(t, db, 0, small, large, keep))
	_, err2 := db.OpenBox(ctx, box)
	_, err3 := db.PutReply(ctx, box.ID, reply)
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	secrets := map[string][]byte{
		"small letter": small.Sealed[3000:3040], "large letter": large.Sealed[200_000:200_040], "its id": large.ID[:],
		"its promise": []byte(large.Promise), "its record": []byte(large.Record[:60]), "reply": reply[5000:5040], "mailbox": box.ID[:],
	}
	for what, s := range secrets {
		if !inFiles(t, dir, s) {
			t.Errorf("the test does not find the %s before", what)
		}
	}
	_, err = db.Delete(ctx, []wire.LetterID{small.ID, large.ID})
	if err := errors.Join(err, db.DropBox(ctx, box.ID)); err != nil {
		t.Fatal(err)
	}
	for what, s := range secrets {
		if inFiles(t, dir, s) {
			t.Errorf("the %s is still there", what)
		}
	}
	if !inFiles(t, dir, keep.Sealed[3000:3040]) {
		t.Error("the letter to keep has gone")
	}
}

// TestReplacedKeysAreGone: what opened letters and is replaced or deleted is in no file, while the database is open.
func TestReplacedKeysAreGone(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	db := open(t, dir, Options{})
	secret := func(name string) []byte { return bytes.Repeat([]byte("the old "+name+" "), 500) }
	old := store.Package{
		Serial: 1, Roster: []byte("roster one"), Devices: [][32]byte{{1}, {2}},
		Grants: []wire.Addressed{{Device: [32]byte{1}, Sealed: secret("grant")}, {Device: [32]byte{2}, Sealed: secret("left")}},
		Files:  []wire.File{{Name: "epoch-ab.age", Data: secret("file")}},
	}
	wraps := []wire.Wrap{{Name: [16]byte{1}, Sealed: secret("wrap")}, {Name: [16]byte{2}, Sealed: secret("case")}}
	earlier := []wire.Wrap{{Name: [16]byte{3}, Sealed: secret("epoch")}}
	proposal := store.Proposal{Text: [32]byte{1}, Package: secret("proposal")}
	if err := errors.Join(db.PutPackage(ctx, old), db.PutWraps(ctx, 2, wraps), db.PutWraps(ctx, 1, earlier), db.PutProposal(ctx, proposal)); err != nil {
		t.Fatal(err)
	}
	secrets := []string{"grant", "left", "file", "wrap", "case", "epoch", "proposal"}
	for _, name := range secrets {
		if !inFiles(t, dir, []byte("the old "+name)) {
			t.Errorf("the test does not find the %s before", name)
		}
	}
	next := store.Package{
		Serial: 2, Roster: []byte("roster two"), Devices: [][32]byte{{1}},
		Grants: []wire.Addressed{{Device: [32]byte{1}, Sealed: []byte("new")}}, Files: []wire.File{{Name: "epoch-ab.age", Data: []byte("new")}},
	}
	err := errors.Join(db.PutPackage(ctx, next), db.PutWraps(ctx, 2, []wire.Wrap{{Name: [16]byte{1}, Sealed: []byte("new")}, {Name: [16]byte{2}}}), db.DropWraps(ctx, 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range secrets {
		if inFiles(t, dir, []byte("the old "+name)) {
			t.Errorf("the %s is still there", name)
		}
	}
}

func inFiles(t *testing.T, dir string, b []byte) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, b) {
			return true
		}
	}
	return false
}

// TestReserve refuses letters before the disk is full, and still erases.
func TestReserve(t *testing.T) {
	ctx := context.Background()
	db := open(t, t.TempDir(), Options{Reserve: 1 << 20})
	free := int64(10 << 20)
	db.room = func(string) (int64, error) { return free, nil }
	l := storetest.Letter(1, 6000)
	if err := db.Append(ctx, storetest.Batch(t, db, 0, l)); err != nil {
		t.Fatal(err)
	}
	free = 1 << 20
	if err := db.Append(ctx, storetest.Batch(t, db, 1, storetest.Letter(2, 6000))); !errors.Is(err, store.ErrFull) {
		t.Errorf("into the reserve: %v", err)
	}
	if n, err := db.Delete(ctx, []wire.LetterID{l.ID}); n != 1 || err != nil {
		t.Errorf("erasing on a full disk: %d, %v", n, err)
	}
	free = 10 << 20
	if err := db.Append(ctx, storetest.Batch(t, db, 1, storetest.Letter(2, 6000))); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestNewerVersion refuses a file that a newer program wrote.
func TestNewerVersion(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir, Options{})
	if err := db.w.c.Exec("PRAGMA user_version=99"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); err == nil {
		t.Error("a newer database is opened")
	}
}

// TestOlderVersion brings a file of the first version up to date with what is in it, unless it is only to be read.
func TestOlderVersion(t *testing.T) {
	dir := t.TempDir()
	first, err := migrations.ReadFile("migrations/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	old, err := openConn(filepath.Join(dir, FileName), sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE)
	if err != nil {
		t.Fatal(err)
	}
	err = old.c.Exec(string(first) + "; INSERT INTO entries VALUES (0, zeroblob(32)); PRAGMA user_version=1")
	if err := errors.Join(err, old.close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{ReadOnly: true}); err == nil {
		t.Error("an older file is read as if it were a new one")
	}
	db := open(t, dir, Options{})
	if n, err := db.Size(t.Context()); n != 1 || err != nil {
		t.Errorf("%d entries, %v", n, err)
	}
	if err := db.PutPackage(t.Context(), store.Package{Serial: 1, Roster: []byte("roster")}); err != nil {
		t.Error(err)
	}
}

func open(t *testing.T, dir string, o Options) *DB {
	t.Helper()
	db, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // a test may have closed it
	return db
}
