package enrol

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/join"
	"panah/core/roster"
	"panah/desk/internal/line"
)

const org = "0123456789abcdefghjk"

// A relay is a gate as far as rooms go, and may be a bad one: change sees every message on its way in. The real one is tested where it is, and in package desk.
type relay struct {
	*httptest.Server
	mu     sync.Mutex
	said   map[string][]byte
	change func(from, n byte, msg []byte) []byte
}

func newRelay(t *testing.T, change func(from, n byte, msg []byte) []byte) *relay {
	t.Helper()
	r := &relay{said: map[string][]byte{}, change: change}
	mux := http.NewServeMux()
	for path, from := range map[string]byte{"/v1/desk/join": 'k', "/v1/join": 'n'} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, req *http.Request) { r.say(w, req, from) })
		mux.HandleFunc("POST "+path+"/read", func(w http.ResponseWriter, req *http.Request) { r.hear(w, req, 'k'+'n'-from) })
	}
	r.Server = httptest.NewServer(mux)
	t.Cleanup(r.Close)
	return r
}

func (r *relay) say(w http.ResponseWriter, req *http.Request, from byte) {
	body, err := io.ReadAll(req.Body)
	if err != nil || len(body) < 17 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	msg := body[17:]
	if r.change != nil {
		msg = r.change(from, body[16], msg)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said[string(from)+string(body[:17])] = msg
	w.WriteHeader(http.StatusCreated)
}

func (r *relay) hear(w http.ResponseWriter, req *http.Request, from byte) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		r.mu.Lock()
		msg := r.said[string(from)+string(body)]
		r.mu.Unlock()
		if msg != nil {
			w.Write(msg) // the reader may have gone
			return
		}
		select {
		case <-req.Context().Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

func newLine(t *testing.T, r *relay) (*line.Line, ed25519.PrivateKey) {
	t.Helper()
	_, device, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := line.New(r.URL, "gate.test", device, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, device
}

func invite(t *testing.T, r *relay) *Host {
	t.Helper()
	l, device := newLine(t, r)
	h, err := Invite(t.Context(), l, org, "Legal aid", device.Public().(ed25519.PublicKey), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// A visit is a newcomer in the background.
type visit struct {
	words chan [6]byte
	done  chan error
	note  Note
}

func enter(t *testing.T, ctx context.Context, r *relay, code join.Code) *visit {
	t.Helper()
	l, device := newLine(t, r)
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	v := &visit{words: make(chan [6]byte, 1), done: make(chan error, 1)}
	g := Guest{
		Line: l, Device: device, Name: "Front\ndesk", Keep: func(Note) error { return nil }, Words: func(w [6]byte) { v.words <- w },
		Card: func(org string) ([]byte, error) { return roster.SignCard(org, 1, id.Recipient(), device) },
	}
	go func() {
		var err error
		v.note, err = g.Enter(ctx, code, Note{})
		v.done <- err
	}()
	return v
}

func TestBothSidesShowTheSameWords(t *testing.T) {
	r := newRelay(t, nil)
	h := invite(t, r)
	v := enter(t, t.Context(), r, h.Code)
	n, err := h.Await(t.Context())
	if err != nil || n.Name != "Front desk" {
		t.Fatalf("%q: %v", n.Name, err)
	}
	if w := <-v.words; w != n.Words {
		t.Error("the words differ")
	}
	gate := roster.Gate{URL: "https://help.example.org", Origin: "help.example.org", Key: "key"}
	if err := h.Accept(t.Context(), 2, roster.RoleReader, gate); err != nil {
		t.Fatal(err)
	}
	if err := <-v.done; err != nil || v.note.Verdict.Serial != 2 || *v.note.Verdict.Gate != gate || v.note.Org != org {
		t.Errorf("%+v %v", v.note, err)
	}
}

// Without the code, whatever a gate changes is found by the side that reads it.
func TestAGateThatChangesMessagesIsFound(t *testing.T) {
	flip := func(from, n byte) func(byte, byte, []byte) []byte {
		return func(f, k byte, msg []byte) []byte {
			if f == from && k == n {
				msg[len(msg)-3] ^= 1
			}
			return msg
		}
	}
	for name, tc := range map[string]struct {
		from, n byte
		keeper  bool // who finds it
	}{"offer": {'k', 0, false}, "hello": {'n', 0, true}, "reveal": {'k', 1, false}} {
		r := newRelay(t, flip(tc.from, tc.n))
		h := invite(t, r)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		v := enter(t, ctx, r, h.Code)
		waiting, stop := context.WithCancel(ctx)
		keeper := make(chan error, 1)
		go func() { _, err := h.Await(waiting); keeper <- err }()
		found := v.done
		if tc.keeper {
			found = keeper
		}
		if err := <-found; !errors.Is(err, ErrBetween) {
			t.Errorf("%s: %v", name, err)
		}
		stop()
		cancel()
	}
}

// A gate that has guessed the code talks to both sides as the other one. It cannot make both see the same words.
func TestAGateInTheMiddleShowsOtherWords(t *testing.T) {
	toKeeper, toNewcomer := newRelay(t, nil), newRelay(t, nil)
	h := invite(t, toKeeper)
	forged := enter(t, t.Context(), toKeeper, h.Code) // the gate's own device

	l, device := newLine(t, toNewcomer)
	room, err := h.Code.Derive()
	if err != nil {
		t.Fatal(err)
	}
	twin := &Host{Code: h.Code, Until: h.Until, line: l, room: room, org: org, nonce: make([]byte, 32)}
	if twin.offer, err = room.Seal(join.Keeper, msgOffer, join.Offer{V: 1, Org: org, Name: "Legal aid", Device: device.Public().(ed25519.PublicKey), Commit: join.Commit(twin.nonce)}); err != nil {
		t.Fatal(err)
	}
	if err := l.JoinSend(t.Context(), room.ID, msgOffer, twin.offer); err != nil {
		t.Fatal(err)
	}
	v := enter(t, t.Context(), toNewcomer, h.Code)
	seen, err := h.Await(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := twin.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-forged.words
	if w := <-v.words; w == seen.Words {
		t.Error("keeper and newcomer see the same words, with a gate between them")
	}
	// The keeper commits before anybody answers: another number later is found.
	reveal, err := room.Seal(join.Keeper, msgReveal, join.Reveal{Nonce: []byte(strings.Repeat("x", 32))})
	if err != nil {
		t.Fatal(err)
	}
	liar := newRelay(t, func(from, n byte, msg []byte) []byte {
		if from == 'k' && n == msgReveal {
			return reveal
		}
		return msg
	})
	l2, _ := newLine(t, liar)
	h.line = l2
	if err := l2.JoinSend(t.Context(), room.ID, msgOffer, h.offer); err != nil {
		t.Fatal(err)
	}
	v = enter(t, t.Context(), liar, h.Code)
	if _, err := h.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-v.done; !errors.Is(err, ErrBetween) {
		t.Errorf("a number that was not committed to: %v", err)
	}
}

func TestNamesOfStrangersAreOneLineThatPrints(t *testing.T) {
	for in, want := range map[string]string{
		"Front desk": "Front desk", " a\n\tb ": "a b", "\x1b[2Jx": "[2Jx", "\u202egnp.exe": "gnp.exe", "": "?", "\xff\xfe": "?", "میز\u200cکار": "میز\u200cکار",
		strings.Repeat("م", 100): strings.Repeat("م", 60),
	} {
		if got := oneLine(in); got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
}
