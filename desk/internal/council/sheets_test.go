package council

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"filippo.io/age"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/custody"
)

// sheets makes sheets that sign for so many keepers, and the change that puts them in force.
func (w *town) sheets(by *seat, keepers int) (custody.Batch, *Sheets) {
	w.t.Helper()
	b, err := custody.New(2, 3, keepers, w.at.now())
	if err != nil {
		w.t.Fatal(err)
	}
	vkeys, err := b.Verifiers()
	if err != nil {
		w.t.Fatal(err)
	}
	files, err := b.Files(by.keys.Newest(), by.keys.Identity(by.keys.Epoch()), by.keys.Gate())
	if err != nil {
		w.t.Fatal(err)
	}
	return b, &Sheets{Custodians: b.Custodians(), Keepers: vkeys, Authority: files}
}

// served fetches all recovery files of two of three.
func (w *town) served(by *seat) (files []wire.File) {
	w.t.Helper()
	for _, kind := range []string{recovery.KindAuthority, recovery.KindEpoch} {
		for _, name := range recovery.Names(kind, 2, 3) {
			data, err := by.c.Line.Recovery(w.t.Context(), name)
			if err != nil {
				w.t.Fatalf("%s: %v", name, err)
			}
			files = append(files, wire.File{Name: name, Data: data})
		}
	}
	return files
}

func TestRecoveryFilesFollowTheEpochs(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleKeeper)
	w.round(first, second)
	b, sh := w.sheets(first, 1)
	if waits, err := first.Carry(t.Context(), Change{Sheets: sh}); err != nil || waits {
		t.Fatal(waits, err)
	}
	w.round(second, first)
	w.roll(second) // which never saw the sheets
	w.round(first, second)
	w.agree(first, second)
	two := []*age.HybridIdentity{b.Sheets[2].Identity, b.Sheets[0].Identity}
	files := w.served(first)
	a, err := recovery.OpenAuthority(files, two)
	if err != nil || len(a.Keepers) != 1 {
		t.Fatalf("the authority after a new epoch: %v", err)
	}
	e, err := recovery.OpenEpoch(files, two)
	if err != nil || e.Epoch != 2 || e.Identity.Recipient().String() != first.keys.Newest().Recipient.String() {
		t.Fatalf("the epoch's file: epoch %d, %v", e.Epoch, err)
	}
	if _, err := recovery.OpenEpoch(files, two[:1]); !errors.Is(err, recovery.ErrFew) {
		t.Errorf("one sheet of two: %v", err)
	}
	// Two keepers must sign from now on: one recovery key is not enough, and the sheets must be made anew in the same change.
	if _, err := first.Carry(t.Context(), Change{Threshold: 2}); !errors.Is(err, ErrSheets) {
		t.Fatalf("sheets for one keeper, a threshold of two: %v", err)
	}
	_, sh = w.sheets(first, 2)
	if waits, err := first.Carry(t.Context(), Change{Threshold: 2, Sheets: sh}); err != nil || waits {
		t.Fatal(waits, err)
	}
	w.round(second, first)
	w.agree(first, second)
	if r := first.keys.Newest(); r.Threshold != 2 || len(r.Keepers) != 4 {
		t.Errorf("threshold %d, %d keepers", r.Threshold, len(r.Keepers))
	}
	if _, err := recovery.OpenAuthority(w.served(first), two); !errors.Is(err, recovery.ErrFew) {
		t.Errorf("the old sheets: %v", err)
	}
	first.noFindings()
	second.noFindings()
}

// A gate that lost the authority's files does not hold up a new epoch, and people hear of it.
func TestLostRecoveryFiles(t *testing.T) {
	w, first := newTown(t)
	_, sh := w.sheets(first, 1)
	if _, err := first.Carry(t.Context(), Change{Sheets: sh}); err != nil {
		t.Fatal(err)
	}
	w.road.set(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/recovery/authority-") {
			return false
		}
		rw.WriteHeader(http.StatusNotFound)
		_, _ = rw.Write([]byte(`{"error":"request","say":"there is none"}`))
		return true
	}, nil)
	w.roll(first)
	w.round(first)
	w.agree(first)
	if first.findings(casedb.AlarmRecovery) != 1 || first.keys.Epoch() != 2 {
		t.Errorf("epoch %d, found %+v", first.keys.Epoch(), first.found)
	}
}
