package wire_test

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/wire"
)

func packageOfAll() wire.Package {
	return wire.Package{
		Roster: []byte("roster"), Grants: []wire.Addressed{{Device: [32]byte{1}, Sealed: []byte("grant")}, {Device: [32]byte{2}, Sealed: []byte("other")}},
		Files: []wire.File{{Name: "authority-ab.age", Data: []byte("a")}, {Name: "epoch-bde.age", Data: []byte("b")}},
	}
}

func newsOfAll() wire.KeyNews {
	return wire.KeyNews{
		Rosters: [][]byte{[]byte("one"), []byte("two")}, Grant: []byte("grant"), Cards: []wire.Carded{{Device: make(ed25519.PublicKey, 32), Card: []byte("card")}},
		Proposals: [][]byte{packageOfAll().Bytes()}, Intake: true,
	}
}

func TestKeyStreamsSurvive(t *testing.T) {
	p, err := wire.ParsePackage(packageOfAll().Bytes())
	if err != nil || !cmp.Equal(p, packageOfAll()) {
		t.Errorf("package: %v %s", err, cmp.Diff(p, packageOfAll()))
	}
	n, err := wire.ParseKeyNews(newsOfAll().Bytes())
	if err != nil || !cmp.Equal(n, newsOfAll()) {
		t.Errorf("news: %v %s", err, cmp.Diff(n, newsOfAll()))
	}
	wraps := []wire.Wrap{{Name: [16]byte{1}, Sealed: []byte("sealed")}, {Name: [16]byte{2}, Sealed: []byte{}}}
	w, more, err := wire.ParseWraps(wire.AppendWraps(nil, wraps, true))
	if err != nil || !more || !cmp.Equal(w, wraps) {
		t.Errorf("wraps: %v %v %s", err, more, cmp.Diff(w, wraps))
	}
	r, err := wire.ParseRosters(wire.AppendRosters(nil, newsOfAll().Rosters))
	if err != nil || !cmp.Equal(r, newsOfAll().Rosters) {
		t.Errorf("rosters: %v", err)
	}
	f, err := wire.ParseFiles(wire.AppendFiles(nil, packageOfAll().Files))
	if err != nil || !cmp.Equal(f, packageOfAll().Files) {
		t.Errorf("files: %v", err)
	}
}

func TestKeyStreamsThatWereCutAreRefused(t *testing.T) {
	for name, whole := range map[string][]byte{"package": packageOfAll().Bytes(), "news": newsOfAll().Bytes()} {
		for n := range whole {
			var err error
			if name == "package" {
				_, err = wire.ParsePackage(whole[:n])
			} else {
				_, err = wire.ParseKeyNews(whole[:n])
			}
			if !errors.Is(err, wire.ErrFrame) {
				t.Fatalf("%s cut at %d: %v", name, n, err)
			}
		}
	}
	if _, err := wire.ParsePackage(append(packageOfAll().Bytes(), 'x')); !errors.Is(err, wire.ErrFrame) {
		t.Errorf("bytes after the end: %v", err)
	}
}

func TestNamesOfRecoveryFiles(t *testing.T) {
	for name, want := range map[string]bool{
		"authority-ab.age": true, "epoch-abc.age": true, "epoch-de.age": true, "epoch-abcde.age": true,
		"epoch-ba.age": false, "epoch-aa.age": false, "epoch-a.age": false, "epoch-af.age": false, "epoch-ab": false, "other-ab.age": false, "": false,
		"../epoch-ab.age": false, "authority-": false, "epoch-AB.age": false,
	} {
		if got := wire.GoodFileName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func FuzzParsePackage(f *testing.F) {
	f.Add(packageOfAll().Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := wire.ParsePackage(b)
		if err != nil {
			return
		}
		again, err := wire.ParsePackage(p.Bytes())
		if err != nil || !cmp.Equal(p, again) {
			t.Fatalf("a package changes when it is written again: %v", err)
		}
	})
}

func FuzzParseKeyNews(f *testing.F) {
	f.Add(newsOfAll().Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, err := wire.ParseKeyNews(b); err == nil {
			if _, err := wire.ParseKeyNews(n.Bytes()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzParseWraps(f *testing.F) {
	f.Add(wire.AppendWraps(nil, []wire.Wrap{{Sealed: []byte("x")}}, true))
	f.Fuzz(func(t *testing.T, b []byte) {
		if w, more, err := wire.ParseWraps(b); err == nil {
			if _, _, err := wire.ParseWraps(wire.AppendWraps(nil, w, more)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
