package watch

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/desk/internal/casedb"
)

func TestLetterComesAndGoesWithoutATrace(t *testing.T) {
	h := newHall(t, "gate.test")
	d, other := h.desk(), h.desk()
	d.round()
	d.send()
	d.pass()
	test := d.last()
	if test.Accepted.IsZero() || test.Promise == "" || h.mailbox(test.Mailbox) != http.StatusOK {
		t.Fatalf("not taken: %+v", test.Accepted)
	}
	d.round()
	if d.last().Arrived.IsZero() {
		t.Fatal("the letter is in the log and the test does not know")
	}
	other.round()
	d.push() // the notice
	d.round()
	d.push() // what it makes way for
	d.pass()
	if code := h.mailbox(test.Mailbox); code != http.StatusNotFound {
		t.Errorf("the throw-away mailbox is still there: %d", code)
	}
	third := h.desk() // reads the log after the letter is gone
	for _, s := range []*seat{d, other, third} {
		s.round()
		s.pass()
		s.only()
		if n := s.threads(); n != 0 {
			t.Errorf("%d threads", n)
		}
	}
	if open, broken, err := d.db.PromiseCounts(t.Context()); open+broken != 0 && err == nil {
		// The notice's own promise may wait for the next round.
		d.round()
		d.pass()
		if open, broken, _ = d.db.PromiseCounts(t.Context()); open+broken != 0 {
			t.Errorf("%d promises wait, %d broken, after the log has kept all", open, broken)
		}
	}
	body, err := d.line.Sync(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if _, _, err := wire.ReadFrame(body); err != nil {
		t.Fatal(err)
	}
	_, payload, err := wire.ReadFrame(body)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := wire.ParseEntry(payload); err != nil || e.Present {
		t.Errorf("the gate still holds the test letter: %v", err)
	}
}

// What the gate sees of a test letter is what it sees of a person.
func TestLetterLooksLikeAnybodys(t *testing.T) {
	h := newHall(t, "gate.test")
	d := h.desk()
	d.round()
	d.send()
	d.pass()
	puts, syncs, pages := h.road.requests(http.MethodPut, "/v1/letters/"), h.road.requests(http.MethodGet, "/v1/desk/"), h.road.requests(http.MethodGet, "/")
	if len(puts) != 1 || len(syncs) == 0 || pages[len(pages)-1].URL.Path != "/" {
		t.Fatalf("%d letters, %d syncs, %d pages", len(puts), len(syncs), len(pages))
	}
	put := puts[0]
	for _, name := range []string{wire.HeaderDevice, wire.HeaderDate, wire.HeaderSignature} {
		if put.Header.Get(name) != "" {
			t.Errorf("the header %s tells that a desk sends it", name)
		}
	}
	for _, s := range syncs {
		if s.RemoteAddr == put.RemoteAddr {
			t.Error("the letter shares a connection with the desk")
		}
		if s.UserAgent() == put.UserAgent() {
			t.Error("the letter names the desk's program")
		}
	}
	if !strings.HasPrefix(put.UserAgent(), "Mozilla/5.0 ") || put.Header.Get("Sec-Fetch-Site") != "same-origin" || put.Header.Get("Origin") != h.road.URL ||
		put.Header.Get(wire.HeaderMailbox) == "" || put.Header.Get(wire.HeaderAuth) == "" || put.Header.Get("Content-Type") != wire.TypeLetter {
		t.Errorf("not a browser's headers: %v", put.Header)
	}
	if put.ContentLength != 5755 {
		t.Errorf("%d bytes; a short first letter has 5,755", put.ContentLength)
	}
}

func TestLostLetterAndBrokenPromise(t *testing.T) {
	h := newHall(t, "gate.test")
	d := h.desk()
	d.round()
	h.swallow()
	d.send()
	d.pass()
	if test := d.last(); test.Accepted.IsZero() || len(h.road.requests(http.MethodPut, "/")) != 1 {
		t.Fatal("the letter was not brought to the gate")
	}
	d.pass()
	d.only()
	d.restart()
	d.ahead = 59 * time.Minute
	d.pass()
	d.only()
	d.ahead = 61 * time.Minute
	d.pass()
	d.only(casedb.AlarmTest)
	a := d.alarms()[casedb.AlarmTest]
	if a.Args["minutes"] != 61 || a.Args["sent"] == 0 || !strings.Contains(strings.Join(a.Evidence, "\n"), "panah.promise/v1") {
		t.Errorf("alarm %+v; want when, what was said, and the promise", a)
	}
	// The promise itself is broken a day later: that is proof for everybody.
	d.ahead = 24*time.Hour - time.Minute
	d.pass()
	d.only(casedb.AlarmTest)
	d.ahead = 50 * time.Hour // nothing happened in this log: the gate signed no later time
	d.restart()
	d.pass()
	d.only(casedb.AlarmTest, casedb.AlarmPromise)
	broken := d.alarms()[casedb.AlarmPromise]
	if broken.Args["count"] != 1 || len(broken.Evidence) != 2 {
		t.Fatalf("alarm %+v", broken)
	}
	gate, err := h.keys.GateVerifier()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.CheckPromise(broken.Evidence[1], gate); err != nil {
		t.Errorf("the evidence proves nothing to outsiders: %v", err)
	}
	d.pass()
	if again := d.alarms()[casedb.AlarmPromise]; again.Count != 1 {
		t.Errorf("the same promise raises its alarm %d times", again.Count)
	}
}

// The desk's own copies are held to their promises like anything else.
func TestPromiseOfANotice(t *testing.T) {
	h := newHall(t, "gate.test")
	d := h.desk()
	d.round()
	d.send()
	d.pass()
	d.round() // the test letter came; its notice of erasure is in the outbox
	h.swallow()
	d.push()
	d.ahead = 50 * time.Hour
	d.pass()
	d.only(casedb.AlarmPromise)
}

func TestGateThatSaysNoToPeople(t *testing.T) {
	answer := func(status int, e wire.Error) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				w.WriteHeader(status)
				_ = json.NewEncoder(w).Encode(e)
			}
			return r.Method == http.MethodPut
		}
	}
	for what, c := range map[string]struct {
		turn   func(http.ResponseWriter, *http.Request) bool
		first  []casedb.AlarmKind // at once
		hour   []casedb.AlarmKind // an hour later
		dropIt bool
	}{
		"a refusal":       {answer(422, wire.Error{Code: wire.CodeShape, Say: "not from you"}), []casedb.AlarmKind{casedb.AlarmTest}, []casedb.AlarmKind{casedb.AlarmTest}, false},
		"always busy":     {answer(503, wire.Error{Code: wire.CodeBusy, Say: "later"}), nil, []casedb.AlarmKind{casedb.AlarmTest}, false},
		"a broken door":   {answer(500, wire.Error{}), nil, []casedb.AlarmKind{casedb.AlarmTest}, false},
		"no promise":      {answer(201, wire.Error{}), []casedb.AlarmKind{casedb.AlarmTest}, []casedb.AlarmKind{casedb.AlarmTest}, false},
		"intake is shut":  {answer(503, wire.Error{Code: wire.CodeClosed, Say: "not now"}), nil, nil, true},
		"too much work":   {answer(428, wire.Error{Code: wire.CodeWork, Challenge: "c", Bits: 200}), nil, []casedb.AlarmKind{casedb.AlarmTest}, false},
		"a cut line only": {func(_ http.ResponseWriter, r *http.Request) bool { return r.Method == http.MethodPut && cut() }, nil, []casedb.AlarmKind{casedb.AlarmTest}, false},
	} {
		t.Run(what, func(t *testing.T) {
			h := newHall(t, "gate.test")
			d := h.desk()
			d.round()
			h.road.set(c.turn)
			d.send()
			d.pass()
			d.only(c.first...)
			d.ahead = 61 * time.Minute
			d.pass()
			d.only(c.hour...)
			if c.dropIt != d.last().Began.IsZero() {
				t.Errorf("the test: %+v", d.last().Began)
			}
			for _, a := range d.alarms() {
				if len(a.Evidence) < 2 || a.Evidence[1] == "" {
					t.Errorf("nothing of what the gate said: %q", a.Evidence)
				}
			}
		})
	}
}

func cut() bool { panic(http.ErrAbortHandler) }

// A desk without a network accuses nobody.
func TestNoNetworkIsNoAlarm(t *testing.T) {
	h := newHall(t, "gate.test")
	d := h.desk()
	d.round()
	h.road.set(func(http.ResponseWriter, *http.Request) bool { return cut() })
	d.send()
	for _, ahead := range []time.Duration{0, 61 * time.Minute, 48 * time.Hour} {
		d.ahead = ahead
		if _, err := d.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.only()
	}
	if d.asked == 0 {
		t.Error("nobody asked for a sync, so nobody will ever know")
	}
	h.road.set(nil)
	d.pass()
	d.round()
	d.only()
	if d.last().Arrived.IsZero() {
		t.Error("the letter did not arrive when the network was back")
	}
}

func TestSchedule(t *testing.T) {
	h := newHall(t, "gate.test")
	d := h.desk()
	d.round()
	d.pass()
	if !d.last().Began.IsZero() {
		t.Error("a test letter went out though nobody wanted any")
	}
	if err := d.db.SetTestEvery(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	sent, arrived := 0, 0
	for step := range 2 * 24 {
		d.ahead = time.Duration(step) * 2 * time.Hour
		if step%12 == 6 {
			d.restart()
		}
		before := d.last().ID
		d.pass()
		d.round()
		d.pass()
		if d.last().ID != before {
			sent++
		}
		if !d.last().Arrived.IsZero() {
			arrived = sent
		}
	}
	// The intervals are between half a day and a day and a half.
	if sent < 2 || sent > 8 || arrived != sent {
		t.Errorf("%d test letters in four days, %d arrived", sent, arrived)
	}
	d.only()
	if err := Send(t.Context(), d.config()); err != nil {
		t.Fatal(err)
	}
	if err := Send(t.Context(), d.config()); err == nil {
		t.Error("two test letters at once")
	}
}
