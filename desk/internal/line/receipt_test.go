package line

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
)

// issuer makes a gate's key, and whose receipts a desk believes then.
func issuer(t testing.TB) (note.Signer, Issuer) {
	t.Helper()
	skey, vkey, err := ledger.NewGateKey("gate.test")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, Issuer{v, "abcdefghjkmnpqrstvwx"}
}

// receiptTime is when receipt was made.
var receiptTime = time.Now().Truncate(time.Hour)

// receipt is what an honest gate answers, edited.
func receipt(t testing.TB, sealed []byte, gate note.Signer, edit func(*wire.Accepted, *ledger.Promise)) []byte {
	t.Helper()
	record := ledger.Record{Letter: wire.IDOf(sealed), Size: int64(len(sealed)), Hour: receiptTime}.String()
	key := [32]byte{1, 2, 3}
	c := ledger.Commit(key, record)
	a := wire.Accepted{ID: wire.IDOf(sealed).String(), Commitment: c[:], Key: key[:], Record: record}
	p := ledger.Promise{Org: "abcdefghjkmnpqrstvwx", Commitment: c, Deadline: receiptTime.Add(24 * time.Hour)}
	if edit != nil {
		edit(&a, &p)
	}
	var err error
	if a.Promise, err = ledger.SignPromise(p, gate); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReceiptsThatProveNothing(t *testing.T) {
	gate, from := issuer(t)
	stranger, _ := issuer(t)
	sealed := []byte("a letter")
	if r, err := from.Receipt(receipt(t, sealed, gate, nil), sealed, receiptTime); err != nil || r.Signed == "" || r.Gate != "gate.test" {
		t.Fatalf("a good receipt: %v", err)
	}
	other := ledger.Commit([32]byte{9}, "another record")
	for what, answer := range map[string][]byte{
		"none":                   nil,
		"no JSON":                []byte("<html>"),
		"another letter's":       receipt(t, []byte("another"), gate, nil),
		"another key":            receipt(t, sealed, gate, func(a *wire.Accepted, _ *ledger.Promise) { a.Key[0]++ }),
		"a short key":            receipt(t, sealed, gate, func(a *wire.Accepted, _ *ledger.Promise) { a.Key = a.Key[1:] }),
		"no commitment":          receipt(t, sealed, gate, func(a *wire.Accepted, _ *ledger.Promise) { a.Commitment = nil }),
		"another record":         receipt(t, sealed, gate, func(a *wire.Accepted, _ *ledger.Promise) { a.Record += "x" }),
		"a promise of another":   receipt(t, sealed, gate, func(_ *wire.Accepted, p *ledger.Promise) { p.Commitment = other }),
		"a promise to others":    receipt(t, sealed, gate, func(_ *wire.Accepted, p *ledger.Promise) { p.Org = "zbcdefghjkmnpqrstvwx" }),
		"a promise for some day": receipt(t, sealed, gate, func(_ *wire.Accepted, p *ledger.Promise) { p.Deadline = receiptTime.AddDate(10, 0, 0) }),
		"another gate's promise": receipt(t, sealed, stranger, nil),
	} {
		if _, err := from.Receipt(answer, sealed, receiptTime); !errors.Is(err, ErrReceipt) {
			t.Errorf("%s: %v, want ErrReceipt", what, err)
		}
	}
}

// While intake is closed a desk's own letters still go in, signed.
func TestLetterGoesInWhileIntakeIsClosed(t *testing.T) {
	gate, from := issuer(t)
	sealed := []byte("a letter")
	l := newLine(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/desk/letters" {
			refuse(w, http.StatusServiceUnavailable, wire.Error{Code: wire.CodeClosed, Say: "not yet"})
			return
		}
		if r.Header.Get(wire.HeaderDevice) == "" {
			t.Error("not signed")
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(receipt(t, sealed, gate, nil))
	})
	if _, err := l.Letter(t.Context(), sealed, from); err != nil {
		t.Error(err)
	}
}

func FuzzReceipt(f *testing.F) {
	gate, from := issuer(f)
	sealed := []byte("a letter")
	f.Add(receipt(f, sealed, gate, nil))
	f.Add([]byte(`{"id":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := from.Receipt(b, sealed, receiptTime)
		if err == nil && (r.Org != from.Org || r.Gate != from.Gate.Name()) {
			t.Fatal("a receipt that proves nothing is taken")
		}
	})
}
