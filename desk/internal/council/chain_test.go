package council

import (
	"bytes"
	"testing"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/keyring"
)

// chain makes rosters that follow each other, each of a new epoch.
func chain(t testing.TB, n int) (notes [][]byte, links []link) {
	t.Helper()
	keys, err := keyring.Found("Legal aid")
	if err != nil {
		t.Fatal(err)
	}
	signer, _ := keys.KeeperSigner()
	notes, links = [][]byte{keys.Founding}, []link{{signed: keys.Founding, now: keys.Newest()}}
	for len(notes) < n {
		next := links[len(links)-1].now.Next(notes[len(notes)-1])
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			t.Fatal(err)
		}
		next.Epoch, next.Recipient = next.Epoch+1, id.Recipient()
		signed, err := roster.Sign(next, []note.Signer{signer}...)
		if err != nil {
			t.Fatal(err)
		}
		notes, links = append(notes, signed), append(links, link{signed: signed, now: next})
	}
	return notes, links
}

func TestClimb(t *testing.T) {
	notes, links := chain(t, 5)
	top, findings := climb(links[1], 1, notes)
	if len(findings) > 0 || top.now.Serial != 5 || !bytes.Equal(top.beforeSigned, notes[3]) || top.before.Serial != 4 {
		t.Errorf("to serial %d, %v", top.now.Serial, findings)
	}
	// The roster before is known also when nothing is new.
	if top, findings = climb(links[4], 4, notes[3:]); len(findings) > 0 || top.before == nil || top.before.Serial != 4 {
		t.Errorf("serial %d, %v", top.now.Serial, findings)
	}
	// What lies below a misfit holds.
	if top, findings = climb(links[1], 2, [][]byte{notes[1], notes[2], notes[4]}); len(findings) != 1 || top.now.Serial != 3 {
		t.Errorf("to serial %d, %v", top.now.Serial, findings)
	}
}

// Whatever a gate serves, a desk climbs only along the chain that its keepers signed.
func FuzzClimb(f *testing.F) {
	notes, links := chain(f, 4)
	f.Add(wire.AppendRosters(nil, notes))
	f.Add(wire.AppendRosters(nil, notes[:1]))
	f.Add(wire.AppendRosters(nil, [][]byte{notes[0], notes[2], notes[1]}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		served, err := wire.ParseRosters(b)
		if err != nil {
			served = [][]byte{notes[0], notes[1], b}
		}
		top, _ := climb(links[1], 1, served)
		if top.now.Serial < 2 || top.now.Serial > 4 || top.now.TextHash() != links[top.now.Serial-1].now.TextHash() {
			t.Fatalf("climbed to a roster %d that nobody signed", top.now.Serial)
		}
	})
}
