package sync

import (
	"testing"
	"time"

	"panah/desk/internal/casedb"
)

// Somebody resolves an alarm about the log while a round is under way: the whole log is read again all the same.
func TestResolvingDuringARoundStartsOver(t *testing.T) {
	f := newFollow(t)
	for range 3 {
		f.gate.add(f.writer(t).letter(t, 0, "letter"))
	}
	if err := f.round(t); err != nil {
		t.Fatal(err)
	}
	if err := f.db.Raise(t.Context(), casedb.Finding{Kind: casedb.AlarmGap}, time.Now()); err != nil {
		t.Fatal(err)
	}
	f.c.Changed = func(casedb.Applied) {
		for _, a := range f.standing(t) {
			if err := f.db.Resolve(t.Context(), a.ID, "looked into", time.Now()); err != nil {
				t.Error(err)
			}
		}
	}
	f.gate.add(f.writer(t).letter(t, 0, "letter"))
	if err := f.round(t); err != nil {
		t.Fatal(err)
	}
	c, err := f.db.Cursor(t.Context())
	if err != nil || c.Edge.Size() != 4 || c.Verified.Size() != 4 {
		t.Errorf("followed %d, verified %d: %v", c.Edge.Size(), c.Verified.Size(), err)
	}
	for _, s := range f.threads(t) {
		th, err := f.db.Thread(t.Context(), s.ID)
		if err != nil || th.Letters[0].Proof != casedb.ProofLogged {
			t.Errorf("thread %d: %v %v", s.ID, th.Letters[0].Proof, err)
		}
	}
}
