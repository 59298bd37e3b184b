package wraps_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/wraps"
)

// A case that began in epoch 1 is read, whole, by a desk that comes in at epoch 3 and never had the key of epoch 1; what was erased is not.
func TestOpenCasesOutliveTheirEpoch(t *testing.T) {
	_, a := newTown(t)
	b := a.join("second", roster.RoleCaseworker)
	b.round()
	open, erased, later := a.person(), a.person(), a.person()
	open.writes(a, 1, "open since epoch 1")
	erased.writes(a, 1, "erased in epoch 1")
	later.writes(a, 1, "erased in epoch 3")
	a.round()
	if err := a.db.AddReply(t.Context(), a.thread("open since epoch 1"), "an answer of epoch 1", nil, "", time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := a.db.Erase(t.Context(), a.thread("erased in epoch 1"), time.Now()); err != nil {
		t.Fatal(err)
	}
	a.round()
	b.round()
	a.roll(b)
	open.writes(a, 2, "again in epoch 2")
	a.round()
	a.roll(b)
	if n := a.keys.Epochs(); len(n) != 2 || n[0] != 2 {
		t.Fatalf("epochs %v: the first one's key is to be destroyed", n)
	}
	open.writes(a, 3, "again in epoch 3")
	open.writes(a, 2, "a page from epoch 2 was still open")
	a.round()
	b.round()
	if err := b.db.Erase(t.Context(), b.thread("erased in epoch 3"), time.Now()); err != nil {
		t.Fatal(err)
	}
	b.round()
	a.round()
	c := a.join("third", roster.RoleCaseworker)
	c.round()
	want := a.texts()
	if len(want) != 1 || len(want["open since epoch 1"]) != 5 {
		t.Fatalf("the first desk has %v", want)
	}
	for _, s := range []*seat{b, c} {
		if diff := cmp.Diff(want, s.texts()); diff != "" {
			t.Errorf("%s reads otherwise (-first +%s):\n%s", s.name, s.name, diff)
		}
	}
	for _, s := range []*seat{a, b, c} {
		s.noAlarms()
	}
	if n, err := c.db.BeforeMyTime(t.Context()); err != nil || n == 0 {
		t.Errorf("%d entries before the third desk's time: %v; there were two erased threads", n, err)
	}
	// What the third desk has learnt from wraps it can hand on.
	c2 := wraps.New(wraps.Config{DB: c.db, Gate: c.line, Keys: c.keys, Now: time.Now})
	a.roll(b, c)
	if err := c2.WrapPass(t.Context(), 4); err != nil {
		t.Error(err)
	}
	th, err := a.db.Thread(t.Context(), 2)
	if err != nil || th.State != casedb.StateErased || th.GoneBy.IsZero() {
		t.Fatalf("%+v %v", th, err)
	}
}

func TestGoneForGoodBy(t *testing.T) {
	_, a := newTown(t)
	p := a.person()
	p.writes(a, 1, "to be erased")
	a.round()
	id := a.thread("to be erased")
	if err := a.db.Erase(t.Context(), id, time.Now()); err != nil {
		t.Fatal(err)
	}
	a.round()
	look := func() casedb.Thread {
		t.Helper()
		th, err := a.db.Thread(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return th
	}
	if th := look(); th.Gone || th.GoneBy.Sub(a.keys.Began(1)) != 60*24*time.Hour {
		t.Errorf("in its own epoch: %v %v", th.GoneBy, th.Gone)
	}
	a.roll()
	if th := look(); th.Gone || th.GoneBy.Sub(a.keys.Began(2)) != 30*24*time.Hour {
		t.Errorf("an epoch later: %v %v", th.GoneBy, th.Gone)
	}
	a.roll()
	if th := look(); !th.Gone || time.Since(th.GoneBy) > time.Minute {
		t.Errorf("two epochs later: %v %v", th.GoneBy, th.Gone)
	}
}

// A gate that keeps wraps from a new desk delays what it reads; when they come, it reads all of it.
func TestWithheldWrapsComeLater(t *testing.T) {
	w, a := newTown(t)
	p := a.person()
	p.writes(a, 1, "open since epoch 1")
	a.round()
	a.roll()
	a.roll()
	p.writes(a, 3, "again in epoch 3")
	a.round()
	w.set(func(r *http.Request, answer []byte) []byte {
		if r.Method == http.MethodGet && r.URL.Path == "/v1/desk/wraps" {
			return wire.AppendWraps(nil, nil, false)
		}
		return answer
	})
	c := a.join("third", roster.RoleCaseworker)
	if _, err := c.sync.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.texts(); len(got) != 1 || got["again in epoch 3"] == nil {
		t.Fatalf("without wraps: %v", got)
	}
	w.set(nil)
	a.roll(c)
	if diff := cmp.Diff(a.texts(), c.texts()); diff != "" {
		t.Errorf("after the wraps came (-first +third):\n%s", diff)
	}
	c.noAlarms()
}

// A gate that throws wraps away keeps the desks from destroying what they stand for.
func TestKeysStayWhenWrapsAreLost(t *testing.T) {
	w, a := newTown(t)
	a.person().writes(a, 1, "open since epoch 1")
	a.round()
	w.set(func(r *http.Request, answer []byte) []byte {
		if r.Method == http.MethodGet && r.URL.Path == "/v1/desk/wraps" {
			return wire.AppendWraps(nil, nil, false)
		}
		return answer
	})
	if _, err := a.council.Roll(t.Context(), 1); !errors.Is(err, wraps.ErrWithheld) {
		t.Errorf("rolled: %v", err)
	}
	if !a.has(casedb.AlarmWithheld) || a.keys.Identity(1) == nil {
		t.Error("no alarm, or the key is gone")
	}
}

// Anybody can seal to the organisation; only its desks can tag.
func TestForgedWrapsAreFound(t *testing.T) {
	w, a := newTown(t)
	a.person().writes(a, 1, "open since epoch 1")
	a.round()
	a.roll()
	l := seal.Letter{
		Kind: seal.KindWrap, Org: a.keys.Org, Epoch: 2, Sealed: seal.SealedDesk, DeskTag: make([]byte, 32),
		Parts: []seal.Part{{Type: seal.TypeOctets, Data: []byte(`{"thread":["` + strings.Repeat("A", 22) + `"],"letters":[{"id":"` + strings.Repeat("0", 64) + `","key":"` + strings.Repeat("A", 22) + `=="}]}`)}},
	}
	sealed, err := seal.Seal(l, a.keys.Recipient(2))
	if err != nil {
		t.Fatal(err)
	}
	w.set(func(r *http.Request, answer []byte) []byte {
		if r.Method != http.MethodGet || r.URL.Path != "/v1/desk/wraps" {
			return answer
		}
		list, more, err := wire.ParseWraps(answer)
		if err != nil {
			t.Error(err)
		}
		return wire.AppendWraps(nil, append([]wire.Wrap{{Sealed: sealed}}, list...), more)
	})
	if err := a.wraps.WrapPass(t.Context(), 2); err != nil {
		t.Error(err)
	}
	if !a.has(casedb.AlarmWrap) {
		t.Error("no alarm")
	}
	if _, ok, err := a.db.WrappedKey(context.Background(), wire.LetterID{}); ok || err != nil {
		t.Errorf("its key was taken: %v %v", ok, err)
	}
}

// A desk that was switched off for three epochs comes back, has the open cases, and is not alarmed by what was closed meanwhile.
func TestADeskThatWasAwayComesBack(t *testing.T) {
	_, a := newTown(t)
	b := a.join("second", roster.RoleCaseworker)
	all(a, b)
	p, erased := a.person(), a.person()
	p.writes(a, 1, "open since epoch 1")
	all(a, b)
	a.roll()
	erased.writes(a, 2, "came and went in epoch 2")
	p.writes(a, 2, "in epoch 2")
	all(a)
	a.answers(a.thread("open since epoch 1"), "an answer of epoch 2")
	if err := a.db.Erase(t.Context(), a.thread("came and went in epoch 2"), time.Now()); err != nil {
		t.Fatal(err)
	}
	all(a)
	a.roll()
	a.roll()
	// As the office does it: the log first, with the keys that are here.
	if _, err := b.sync.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	all(b)
	if diff := cmp.Diff(a.texts(), b.texts()); diff != "" {
		t.Errorf("who was away reads otherwise (-first +second):\n%s", diff)
	}
	b.nothingUnopened()
	// From then on it judges again.
	if away, err := b.db.Away(t.Context()); err != nil || away <= 0 || away > 1000 {
		t.Errorf("away until %d: %v", away, err)
	}
}
