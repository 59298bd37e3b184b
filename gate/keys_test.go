package gate_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
)

// oldFolder makes the folder of a gate as they were when rosters were files.
func oldFolder(t *testing.T, dir string, chain ...[]byte) {
	t.Helper()
	if _, err := gate.Init(dir, "help.example.org"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "rosters"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i, signed := range chain {
		if err := os.WriteFile(filepath.Join(dir, "rosters", strconv.Itoa(i+1)), signed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMovesRosters: the chain of an older gate comes into the store, the folder goes, and letters are taken as before.
func TestMovesRosters(t *testing.T) {
	c := testkit.NewCouncil(t, 2, 1, 2)
	r := c.Without(t, 1)
	c.Accept(c.Sign(t, r, c.Keepers[0]), r)
	dir := t.TempDir()
	oldFolder(t, dir, c.Chain...)
	g := start(t, dir, gate.Config{})
	if _, err := os.Stat(filepath.Join(dir, "rosters")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if _, _, body := g.do(t, "GET", "/roster", nil); !bytes.Equal(body, c.Signed()) {
		t.Error("another roster is in force")
	}
	l := testkit.NewOrganisation(t).Letters(t, 1)[0]
	if status, _, body := g.do(t, "PUT", letterPath(l), l); status != 201 {
		t.Errorf("a letter: %d %s", status, body)
	}
	if st, err := gate.Look(dir); err != nil || st.Serial != 2 || st.Epoch != 2 || !st.Open || !st.Running || st.Org != c.Roster.Org {
		t.Errorf("status: %+v, %v", st, err)
	}
	if err := g.stop(); err != nil {
		t.Fatal(err)
	}
	// It died between moving and removing: the files are there again.
	for i, signed := range c.Chain {
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "rosters"), 0o700), os.WriteFile(filepath.Join(dir, "rosters", strconv.Itoa(i+1)), signed, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	start(t, dir, gate.Config{})
	if _, err := os.Stat(filepath.Join(dir, "rosters")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after a second start the folder is still there: %v", err)
	}
	if rep, err := gate.Verify(dir); err != nil || !rep.OK() || rep.Rosters != 2 {
		t.Errorf("verify: %+v, %v", rep, err)
	}
}

// TestMovesNoOtherRosters: files that do not belong together stay, and the gate says so instead of starting.
func TestMovesNoOtherRosters(t *testing.T) {
	c, other := testkit.NewCouncil(t, 1, 1, 1), testkit.NewCouncil(t, 1, 1, 1)
	dir := t.TempDir()
	oldFolder(t, dir, c.Chain[0], other.Chain[0])
	g, err := gate.New(gate.Config{DataDir: dir, Site: gate.Site{Leave: leave}})
	if !errors.Is(err, roster.ErrMalformed) {
		t.Errorf("a folder with rosters of two organisations: %v", err)
	}
	if err == nil {
		_ = g.Close()
	}
	if _, err := os.Stat(filepath.Join(dir, "rosters", "2")); err != nil {
		t.Errorf("the file that did not fit is gone: %v", err)
	}
}

// TestLaterRosterConfigured: a gate is started with the founding roster that its organisation has left behind long ago.
func TestLaterRosterConfigured(t *testing.T) {
	c := testkit.NewCouncil(t, 1, 1, 2)
	dir := t.TempDir()
	g := start(t, dir, gate.Config{Roster: c.Chain[0]})
	r := c.Without(t, 1)
	p := wire.Package{Roster: c.Sign(t, r, c.Keepers[0])}
	if status, _, body := g.do(t, "POST", "/v1/roster", p.Bytes()); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	if err := g.stop(); err != nil {
		t.Fatal(err)
	}
	g = start(t, dir, gate.Config{Roster: c.Chain[0]})
	if _, _, body := g.do(t, "GET", "/roster", nil); !bytes.Equal(body, p.Roster) {
		t.Error("the founding roster is in force again")
	}
}

// TestVerifySaysWhichRoster: somebody changed the chain in the store.
func TestVerifySaysWhichRoster(t *testing.T) {
	c := testkit.NewCouncil(t, 1, 1, 2)
	dir := t.TempDir()
	g := start(t, dir, gate.Config{Roster: c.Chain[0]})
	if err := g.stop(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "gate.db")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(b, []byte("name Made-up Legal Aid\n"), []byte("name Made-up Legal Add\n"), 1)
	if bytes.Equal(changed, b) {
		t.Fatal("the roster is not in the database as it is")
	}
	if err := os.WriteFile(name, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	if rep, err := gate.Verify(dir); err != nil || rep.OK() || rep.Rosters != 0 {
		t.Errorf("a changed roster: %+v, %v", rep, err)
	}
	if _, err := gate.New(gate.Config{DataDir: dir, Site: gate.Site{Leave: leave}}); !errors.Is(err, roster.ErrUnsigned) {
		t.Errorf("a gate with a changed roster starts: %v", err)
	}
}
