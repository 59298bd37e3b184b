package custody

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/seal"
)

func TestBatchBringsBackWhatTheRosterNames(t *testing.T) {
	b, err := New(2, 3, 2, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if b, err = Parse(raw); err != nil {
		t.Fatal(err)
	}
	keepers, err := b.Verifiers()
	if err != nil || len(keepers) != 2 {
		t.Fatalf("%d keepers: %v", len(keepers), err)
	}
	// What the batch calls its keepers is what their signatures verify with.
	signers, err := Signers(b.Keepers)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: "text\n"}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keepers {
		v, err := note.NewVerifier(k)
		if err != nil || v.Name() != KeeperName {
			t.Fatalf("verifier: %v", err)
		}
		if _, err := note.Open(signed, note.VerifierList(v)); err != nil {
			t.Errorf("a recovery keeper's signature: %v", err)
		}
	}
	epoch, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	r := roster.Roster{Org: "0123456789abcdefghjk", Name: "Example", Serial: 1, Epoch: 1, Recipient: epoch.Recipient()}
	gate := roster.Gate{URL: "https://help.example.org", Origin: "help.example.org", Key: "key"}
	files, err := b.Files(r, epoch, gate)
	if err != nil {
		t.Fatal(err)
	}
	two := []*age.HybridIdentity{b.Sheets[2].Identity, b.Sheets[0].Identity}
	a, err := recovery.OpenAuthority(files, two)
	if err != nil || a.Gate != gate || fmt.Sprint(a.Keepers) != fmt.Sprint(b.Keepers) {
		t.Errorf("authority: %v", err)
	}
	e, err := recovery.OpenEpoch(files, two)
	if err != nil || e.Identity.String() != epoch.String() {
		t.Errorf("epoch: %v", err)
	}
	if p := fmt.Sprintf("%v %+v %#v", b, b, b); strings.Contains(p, "SECRET") || strings.Contains(p, "PRIVATE") {
		t.Errorf("printed %q", p)
	}
	if pages, err := b.Pages(r, gate.URL, "fa"); err != nil || len(pages) != 3 || pages[1].FileName() != "sheet-b.html" || strings.Contains(fmt.Sprintf("%+v", pages), "SECRET") {
		t.Errorf("pages: %v %v", pages, err)
	}
}

func TestBatchRefusesOtherNumbers(t *testing.T) {
	for _, n := range [][2]int{{1, 3}, {4, 5}, {3, 2}, {2, 6}} {
		if _, err := New(n[0], n[1], 1, time.Now()); err == nil {
			t.Errorf("%d of %d was taken", n[0], n[1])
		}
	}
}

// Only a desk that had the epoch's key can have written a rehearsal letter.
func TestRehearsalLetterIsADesks(t *testing.T) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	r := roster.Roster{Org: "0123456789abcdefghjk", Epoch: 1, Recipient: id.Recipient()}
	key := seal.DeskKey{1}
	for _, p := range []Proof{Rehearsal, Again, "erase"} {
		sealed, err := Letter(p, r, key, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		want := p
		if p == "erase" {
			want = ""
		}
		if got, err := Open(sealed, id, key); err != nil || got != want {
			t.Errorf("%s: got %q, %v", p, got, err)
		}
		if got, err := Open(sealed, id, seal.DeskKey{2}); err != nil || got != "" {
			t.Errorf("%s with another desk key: %q, %v", p, got, err)
		}
		other, err := age.GenerateHybridIdentity()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(sealed, other, key); !errors.Is(err, seal.ErrNotForUs) {
			t.Errorf("%s in another epoch: %v", p, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	b, err := New(2, 2, 1, time.Unix(0, 0))
	if err != nil {
		f.Fatal(err)
	}
	raw, err := b.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(raw))
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if b, err := Parse(raw); err == nil && (len(b.Sheets) < b.Needed || b.Identity == nil) {
			t.Fatal("half a batch was read")
		}
	})
}
