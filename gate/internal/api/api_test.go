package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate/internal/board"
	"panah/gate/internal/mailbox"
	"panah/gate/internal/organisation"
	"panah/gate/internal/seq"
	"panah/gate/internal/store"
	"panah/gate/internal/store/sqlite"
	"panah/gate/internal/work"
	"panah/internal/testkit"
)

// start makes an API over a real store, for an organisation with one desk.
func start(tb testing.TB, limits Limits, now func() time.Time) (*API, testkit.Organisation) {
	tb.Helper()
	o := testkit.NewOrganisation(tb)
	return serve(tb, o.Signed, limits, now), o
}

// serve makes an API over a real store, with a founding roster.
func serve(tb testing.TB, founding []byte, limits Limits, now func() time.Time) *API {
	tb.Helper()
	dir := tb.TempDir()
	db, err := sqlite.Open(dir, sqlite.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	org, err := organisation.Open(tb.Context(), db, now)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := org.Follow(tb.Context(), founding, true); err != nil {
		tb.Fatal(err)
	}
	skey, _, err := ledger.NewGateKey("gate.example.org")
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := seq.New(db.Appender(), signer, now, func([]byte) error { return nil })
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		s.Close()
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	shifts, err := board.Open(db)
	if err != nil {
		tb.Fatal(err)
	}
	a, err := New(Config{
		Board: shifts, Seq: s, Log: db, Mailboxes: mailbox.New(db, mailbox.Pepper{1}, now), Org: org, Origin: "gate.example.org", Site: []byte("{}"),
		PieceDir: filepath.Join(dir, "pieces"), Room: db.HasRoom, Now: now, Limits: limits,
		Fault: func(attempt string, err error) { tb.Logf("fault: %s: %v", attempt, err) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func put(a *API, sealed, body []byte, headers ...string) (int, []byte) {
	r := httptest.NewRequest("PUT", "/v1/letters/"+wire.IDOf(sealed).String(), bytes.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// TestWorkUnderLoad: with half of the memory taken everybody is asked to compute, with little taken nobody.
func TestWorkUnderLoad(t *testing.T) {
	a, o := start(t, Limits{InFlight: 1 << 20}, time.Now)
	letters := o.Letters(t, 3)
	if status, body := put(a, letters[0], letters[0]); status != 201 {
		t.Fatalf("without load: %d %s", status, body)
	}
	a.inFlight.Add(600 << 10)
	status, body := put(a, letters[1], letters[1])
	var e wire.Error
	if err := json.Unmarshal(body, &e); err != nil || status != 428 || e.Code != wire.CodeWork || e.Bits < work.MinBits {
		t.Fatalf("under load: %d %s, %v", status, body, err)
	}
	if status, _ := put(a, letters[1], letters[1], wire.HeaderWork, e.Challenge+"|0"); status != 428 {
		t.Errorf("without the work: %d", status)
	}
	proof, err := wire.SolveWork(t.Context(), e.Challenge, wire.IDOf(letters[1]), e.Bits)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := put(a, letters[2], letters[2], wire.HeaderWork, proof); status != 428 {
		t.Errorf("the work for another letter: %d", status)
	}
	if status, body := put(a, letters[1], letters[1], wire.HeaderWork, proof); status != 201 {
		t.Errorf("with the work: %d %s", status, body)
	}
	a.inFlight.Add(-600 << 10)
	if status, body := put(a, letters[2], letters[2]); status != 201 {
		t.Errorf("when it is quiet again: %d %s", status, body)
	}
	if n := a.inFlight.Load(); n != 0 {
		t.Errorf("%d bytes are still counted", n)
	}
}

// TestMemoryIsBounded: bodies over what all senders may hold together are refused, and nothing stays counted.
func TestMemoryIsBounded(t *testing.T) {
	a, o := start(t, Limits{InFlight: 200_000}, time.Now)
	large, err := o.Seal(strings.Repeat("x", 500_000))
	if err != nil {
		t.Fatal(err)
	}
	if status, body := put(a, large, large); status != 503 {
		t.Errorf("%d %s", status, body)
	}
	if n := a.inFlight.Load(); n != 0 {
		t.Errorf("%d bytes are still counted", n)
	}
	// In pieces it gets through the same gate: only its last step holds the whole.
	var status int
	var body []byte
	for from := 0; from < len(large); from += 48 << 10 {
		to := min(from+48<<10, len(large))
		status, body = put(a, large, large[from:to], "Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(large)))
		if status != 202 && status != 201 {
			t.Fatalf("the piece from %d: %d %s", from, status, body)
		}
	}
	if status != 201 {
		t.Errorf("the last piece: %d %s", status, body)
	}
}

// TestPiecesAtOnce: one of several requests for the same place wins, and the letter is whole.
func TestPiecesAtOnce(t *testing.T) {
	a, o := start(t, Limits{}, time.Now)
	l := o.Letters(t, 1)[0]
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for from := 0; from < len(l); from += 500 {
				to := min(from+500, len(l))
				status, body := put(a, l, l[from:to], "Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(l)))
				if status > 202 && status != 409 {
					t.Errorf("%d %s", status, body)
				}
			}
		})
	}
	wg.Wait()
	for from := int(a.pieces.have(wire.IDOf(l))); ; {
		to := min(from+500, len(l))
		status, body := put(a, l, l[from:to], "Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(l)))
		if status == 200 || status == 201 {
			break
		}
		if status != 202 {
			t.Fatalf("going on from %d: %d %s", from, status, body)
		}
		from = to
	}
	if got, err := a.c.Log.Entries(context.Background(), 0, 5, 1<<20); err != nil || len(got) != 1 || !bytes.Equal(got[0].Sealed, l) {
		t.Errorf("%d entries, %v", len(got), err)
	}
	if a.pieces.bytes != 0 || len(a.pieces.all) != 0 {
		t.Errorf("%d uploads of %d bytes are left", len(a.pieces.all), a.pieces.bytes)
	}
}

// TestPiecesAreBounded: too many unfinished uploads push out those that waited longest; a day's silence ends any.
func TestPiecesAreBounded(t *testing.T) {
	now := time.Now()
	a, _ := start(t, Limits{Pieces: 3, PieceBytes: 3000}, func() time.Time { return now })
	ids := []wire.LetterID{{1}, {2}, {3}, {4}, {5}}
	for _, id := range ids {
		now = now.Add(time.Minute)
		if _, err := a.pieces.begin(id, span{0, 799, 5755}); err != nil {
			t.Fatal(err)
		}
		if _, err := a.pieces.add(id, make([]byte, 800)); err != nil {
			t.Fatal(err)
		}
		a.pieces.end(id, false)
	}
	for i, id := range ids {
		if have := a.pieces.have(id) > 0; have != (i >= 2) {
			t.Errorf("upload %d is here: %v", i, have)
		}
	}
	if a.Load() < 0.9 {
		t.Errorf("full of pieces, the load is %.2f", a.Load())
	}
	now = now.Add(keepPieces + time.Minute)
	a.Sweep()
	if left, err := filepath.Glob(filepath.Join(a.c.PieceDir, "*")); err != nil || len(left) != 0 || a.pieces.bytes != 0 {
		t.Errorf("left after a day: %v, %v", left, err)
	}
}

// TestPiecesGrowWithinBounds: uploads that were begun small may not grow over the bound together; who is sending now goes first.
func TestPiecesGrowWithinBounds(t *testing.T) {
	now := time.Now()
	a, _ := start(t, Limits{Pieces: 10, PieceBytes: 3000}, func() time.Time { return now })
	grow := func(id wire.LetterID, from, n int64) *wire.Error {
		now = now.Add(time.Minute)
		if _, err := a.pieces.begin(id, span{from, from + n - 1, 5755}); err != nil {
			return err
		}
		defer a.pieces.end(id, false)
		if a.pieces.bytes > 3000 {
			t.Errorf("%d bytes are kept or on their way", a.pieces.bytes)
		}
		if _, err := a.pieces.add(id, make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		return nil
	}
	for i := range byte(5) {
		if err := grow(wire.LetterID{i}, 0, 10); err != nil {
			t.Fatal(err)
		}
	}
	for i := range byte(5) {
		if err := grow(wire.LetterID{i}, a.pieces.have(wire.LetterID{i}), 1000); err != nil && err.Code != wire.CodeOffset {
			t.Errorf("upload %d: %v", i, err)
		}
	}
	if a.pieces.have(wire.LetterID{4}) == 0 {
		t.Error("the one that sent last is gone")
	}
	if err := grow(wire.LetterID{9}, 0, 3001); err == nil {
		t.Error("a piece larger than all that may be kept was taken")
	}
	var sum int64
	for id := range a.pieces.all {
		sum += a.pieces.have(id)
	}
	if sum != a.pieces.bytes || sum > 3000 {
		t.Errorf("%d bytes are here, %d are counted", sum, a.pieces.bytes)
	}
}

// TestFaultsNameNoLetter: the operator's log does not say which letter a disk refused.
func TestFaultsNameNoLetter(t *testing.T) {
	var told string
	a, o := start(t, Limits{}, time.Now)
	a.c.Fault = func(attempt string, err error) { told += attempt + ": " + err.Error() }
	l := o.Letters(t, 1)[0]
	a.pieces.dir = filepath.Join(a.pieces.dir, "not there")
	if status, body := put(a, l, l[:100], "Content-Range", "bytes 0-99/5755"); status != 500 {
		t.Errorf("%d %s", status, body)
	}
	if told == "" || strings.Contains(told, wire.IDOf(l).String()) {
		t.Errorf("the operator is told %q", told)
	}
}

// TestFull: no room is 507 for whole letters and for pieces, and reading goes on.
func TestFull(t *testing.T) {
	a, o := start(t, Limits{}, time.Now)
	room := a.c.Room
	full := func(int) error { return store.ErrFull }
	a.pieces.room = full
	l := o.Letters(t, 1)[0]
	if status, body := put(a, l, l[:100], "Content-Range", "bytes 0-99/5755"); status != 507 {
		t.Errorf("a piece: %d %s", status, body)
	}
	a.c.Room = full
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", http.NoBody))
	if w.Code != 507 {
		t.Errorf("healthz: %d", w.Code)
	}
	a.c.Room, a.pieces.room = room, room
	if status, body := put(a, l, l[:100], "Content-Range", "bytes 0-99/5755"); status != 202 {
		t.Errorf("with room again: %d %s", status, body)
	}
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"bytes 0-49151/81920", "bytes */5", "bytes 5-4/9", "bytes 0-0/1", "bytes 0-9/99999999999", "bytes +1-2/3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sp, err := parseRange(s)
		if err != nil {
			return
		}
		if sp.first < 0 || sp.last < sp.first || sp.total <= sp.last || sp.total > wire.MaxLetter || sp.len() < 1 {
			t.Errorf("%q gives %+v", s, sp)
		}
	})
}

func FuzzParseIDs(f *testing.F) {
	f.Add(strings.Repeat("0", 64) + "\n")
	f.Add("\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		ids, err := parseIDs(s)
		if err != nil {
			return
		}
		var again strings.Builder
		for _, id := range ids {
			again.WriteString(id.String() + "\n")
		}
		if strings.TrimSuffix(again.String(), "\n") != strings.TrimSuffix(s, "\n") || len(ids) > maxIDs {
			t.Errorf("%q gives %d ids", s, len(ids))
		}
	})
}

// FuzzRequests sends requests of any form: none may panic, and each gets a status that is one of ours.
func FuzzRequests(f *testing.F) {
	f.Add("PUT", "/v1/letters/"+strings.Repeat("a", 64), "bytes 0-3/5755", "AAAA", "x|1", []byte("body"))
	f.Add("GET", "/v1/desk/sync?from=1&limit=2", "", "", "", []byte{})
	f.Add("POST", "/v1/desk/replies", "", "a", "b", make([]byte, 20))
	a, o := start(f, Limits{}, time.Now)
	f.Fuzz(func(t *testing.T, method, target, header, mailbox, proof string, body []byte) {
		if !strings.HasPrefix(target, "/") {
			return
		}
		r, err := http.NewRequest(method, "http://gate.example.org"+target, bytes.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Range", header)
		r.Header.Set(wire.HeaderMailbox, mailbox)
		r.Header.Set(wire.HeaderAuth, mailbox)
		r.Header.Set(wire.HeaderWork, proof)
		// Signed, so that the bodies behind the signature are reached.
		s := wire.SignRequest(o.Device, r.Method, r.URL.RequestURI(), body, "gate.example.org", time.Now())
		r.Header.Set(wire.HeaderDevice, s.Device)
		r.Header.Set(wire.HeaderDate, s.Date)
		r.Header.Set(wire.HeaderSignature, s.Signature)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r.WithContext(ctx))
		if w.Code == 500 {
			t.Errorf("%s %q: %d %s", method, target, w.Code, w.Body)
		}
	})
}
