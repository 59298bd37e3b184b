package office

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"panah/core/roster"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

func (s *seat) watch() WatchStatus {
	s.t.Helper()
	w, err := s.Watch(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return w
}

// Two organisations become witnesses of each other's gates with two keys and two addresses.
func TestPartnersWatchEachOther(t *testing.T) {
	a, b := newTown(t), newTown(t)
	ours, theirs := a.desk(), b.desk()
	a.person().writes(0, "letter", text("help"))
	ours.the("help")
	if ours.watch().Key != "" {
		t.Error("a witness key that nobody asked for")
	}
	key, err := theirs.WitnessKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again := theirs.watch().Key; again != key {
		t.Errorf("the witness key is %q, then %q", key, again)
	}
	w := ours.watch()
	if err := theirs.AddWatched(t.Context(), " "+w.GateURL+"/ ", w.GateKey+"\n"); err != nil {
		t.Fatal(err)
	}
	theirs.until("it is not registered yet", func() bool { s := theirs.watch(); return len(s.Watched) == 1 && s.Watched[0].Problem == "refused" })
	if err := ours.AddWitness(t.Context(), "  The clinic\nacross the river ", key); err != nil {
		t.Fatal(err)
	}
	if err := theirs.AddWatched(t.Context(), w.GateURL, w.GateKey); err != nil { // the same again: ask now
		t.Fatal(err)
	}
	theirs.until("it has cosigned", func() bool { s := theirs.watch().Watched[0]; return s.Size == 1 && s.Problem == "" && !s.Told.IsZero() })
	if s := theirs.watch().Watched[0]; s.Origin != "gate.test" || s.URL != w.GateURL {
		t.Errorf("%+v", s)
	}
	ours.Lock() // a fresh look
	if err := ours.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	ours.until("the witness was heard of", func() bool { s := ours.watch().Witnesses; return len(s) == 1 && !s[0].Seen.IsZero() })
	if s := ours.watch().Witnesses[0]; s.Label != "The clinic across the river" || s.Silent || s.Key != key {
		t.Errorf("%+v", s)
	}
	ours.noAlarms()
	theirs.noAlarms()
	if err := ours.RemoveWitness(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if err := theirs.RemoveWatched(t.Context(), theirs.watch().Watched[0].ID); err != nil {
		t.Fatal(err)
	}
	if len(ours.watch().Witnesses)+len(theirs.watch().Watched) != 0 {
		t.Error("removed, and still there")
	}
}

func TestWatchRefuses(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	own := d.watch()
	key, err := d.WitnessKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := newTown(t).keys.Gate()
	for what, c := range map[string]struct{ got, want error }{
		"a torn witness key":   {d.AddWitness(t.Context(), "x", key[:len(key)-2]), ErrWitnessKey},
		"a gate's key":         {d.AddWitness(t.Context(), "x", own.GateKey), ErrWitnessKey},
		"an endless label":     {d.AddWitness(t.Context(), strings.Repeat("x", 200), key), ErrTooLong},
		"a torn gate key":      {d.AddWatched(t.Context(), other.URL, other.Key[:10]), ErrWitnessKey},
		"no address":           {d.AddWatched(t.Context(), "help.example.org", other.Key), ErrAddress},
		"our own gate":         {d.AddWatched(t.Context(), own.GateURL, own.GateKey), ErrOwnGate},
		"every minute":         {d.SetTests(t.Context(), time.Minute), ErrInterval},
		"less than never":      {d.SetTests(t.Context(), -time.Hour), ErrInterval},
		"once in a blue moon":  {d.SetTests(t.Context(), 1000*time.Hour*24), ErrInterval},
		"every day is allowed": {d.SetTests(t.Context(), 24*time.Hour), nil},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", what, c.got, c.want)
		}
	}
	w.update(func(s *keyring.State) { s.Role, s.Keeper = roster.RoleReader, "" })
	reader := w.desk()
	for what, c := range map[string]struct{ got, want error }{
		"a reader's test letter": {reader.TestNow(t.Context()), ErrRole},
		"a reader's setting":     {reader.SetTests(t.Context(), 0), ErrRole},
		"a reader as a witness":  {reader.AddWatched(t.Context(), other.URL, other.Key), ErrRole},
		"no keeper":              {reader.AddWitness(t.Context(), "x", key), ErrKeeper},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", what, c.got, c.want)
		}
	}
	reader.Lock()
	if _, err := reader.Watch(t.Context()); !errors.Is(err, ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

func TestTestLetterOfADesk(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	d.until("it has synced", func() bool { return !d.Status(t.Context()).LastSync.IsZero() })
	if s := d.watch(); s.TestEvery != 0 || !s.NextTest.IsZero() {
		t.Errorf("test letters nobody wanted: %+v", s)
	}
	if err := d.TestNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.until("the test letter has arrived", func() bool { return !d.watch().LastTest.Arrived.IsZero() })
	d.until("nothing waits to go out", func() bool { return d.Status(t.Context()).Queued == 0 })
	if s := d.watch().LastTest; s.Sent.IsZero() || s.Accepted.IsZero() || !s.Lost.IsZero() {
		t.Errorf("%+v", s)
	}
	if n := len(d.list()); n != 0 {
		t.Errorf("%d threads", n)
	}
	if err := d.TestNow(t.Context()); err != nil {
		t.Errorf("a second one after the first has arrived: %v", err)
	}
	d.noAlarms()
	// A gate that does not take letters while it answers the desks: the desk waits an hour before it says so, and meanwhile one is enough.
	d.until("the second has arrived", func() bool { return d.watch().LastTest.Sent.Unix() > 0 && !d.watch().LastTest.Arrived.IsZero() })
	w.road.set(func(r *http.Request) bool { return r.Method != http.MethodPut }, nil)
	if err := d.TestNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.TestNow(t.Context()); !errors.Is(err, ErrTestOpen) {
		t.Errorf("two at once: %v", err)
	}
}

// A promise that a person brings is kept until its day, and says what became of the letter when it is there.
func TestPromiseThatAPersonBrings(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	d.until("it has synced", func() bool { return !d.Status(t.Context()).LastSync.IsZero() })
	cut := func(r *http.Request) bool { return !strings.HasPrefix(r.URL.Path, "/v1/desk/") }
	w.road.set(cut, nil)
	w.road.CloseClientConnections()
	a := w.person().writes(0, "letter", text("help"))
	if good, thread, err := d.CheckPromise(t.Context(), a.Promise); err != nil || !good || thread != 0 {
		t.Fatalf("a promise about a letter that has not come: %v %d %v", good, thread, err)
	}
	if n := d.watch().Promises; n != 1 {
		t.Errorf("%d promises are kept", n)
	}
	w.road.set(nil, nil)
	d.SyncNow()
	id := d.the("help")
	d.until("the promise is settled", func() bool { return d.watch().Promises == 0 })
	if good, thread, err := d.CheckPromise(t.Context(), a.Promise); err != nil || !good || thread != id {
		t.Errorf("%v %d %v, want thread %d", good, thread, err, id)
	}
	if n := d.watch().Promises; n != 0 {
		t.Errorf("%d promises are kept though the log has them", n)
	}
	if good, _, err := d.CheckPromise(t.Context(), strings.Replace(a.Promise, "deadline 2", "deadline 3", 1)); good || err != nil {
		t.Errorf("a forged promise: %v %v", good, err)
	}
	if _, ok := d.alarms()[casedb.AlarmPromise]; ok {
		t.Error("an alarm about a promise that was kept")
	}
}
