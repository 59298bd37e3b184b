package join_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"

	"filippo.io/age"

	"panah/core/join"
	"panah/core/receipt"
	"panah/core/roster"
)

func room(t testing.TB) (join.Code, join.Room) {
	t.Helper()
	c, err := join.NewCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Derive()
	if err != nil {
		t.Fatal(err)
	}
	return c, r
}

func TestCodesAsPeopleTypeThem(t *testing.T) {
	c, r := room(t)
	persian := strings.NewReplacer("0", "۰", "1", "۱", "2", "۲", "3", "۳", "4", "۴", "5", "۵", "6", "۶", "7", "۷", "8", "۸", "9", "۹").Replace(c.Reveal())
	for _, typed := range []string{c.Reveal(), strings.ReplaceAll(c.Reveal(), " ", ""), strings.ReplaceAll(c.Reveal(), " ", "-"), persian} {
		again, err := join.Parse(typed)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := again.Derive(); err != nil || same != r {
			t.Errorf("another room: %v", err)
		}
	}
	plain := strings.ReplaceAll(c.Reveal(), " ", "")
	for i := range plain { // every single wrong digit
		wrong := []byte(plain)
		wrong[i] = '0' + (wrong[i]-'0'+1)%10
		if _, err := join.Parse(string(wrong)); !errors.Is(err, receipt.ErrCheck) || !errors.Is(err, join.ErrCode) {
			t.Errorf("digit %d wrong: %v", i, err)
		}
	}
	if _, err := join.Parse(plain[:8]); !errors.Is(err, receipt.ErrLength) {
		t.Errorf("a digit is missing: %v", err)
	}
	if s := fmt.Sprintf("%v %#v %v %#v", c, c, r, r); s != "[joining code] [joining code] [room] [room]" {
		t.Error(s)
	}
}

func hello(t testing.TB) (join.Hello, ed25519.PrivateKey) {
	t.Helper()
	pub, device, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	card, err := roster.SignCard("org", 1, id.Recipient(), device)
	if err != nil {
		t.Fatal(err)
	}
	return join.Hello{V: 1, Device: pub, Card: string(card), Name: "Second desk", Nonce: bytes.Repeat([]byte{7}, 32)}, device
}

func TestMessages(t *testing.T) {
	_, r := room(t)
	_, other := room(t)
	h, _ := hello(t)
	msg, err := r.Seal(join.Newcomer, 0, h)
	if err != nil {
		t.Fatal(err)
	}
	var got join.Hello
	if err := r.Open(join.Newcomer, 0, msg, &got); err != nil {
		t.Fatal(err)
	}
	if card, err := got.Check("org"); err != nil || card.Generation != 1 {
		t.Fatalf("its card: %v", err)
	}
	if _, err := got.Check("another"); !errors.Is(err, join.ErrMessage) {
		t.Errorf("a card for another organisation: %v", err)
	}
	changed := bytes.Clone(msg)
	changed[len(changed)-2] ^= 1
	for what, err := range map[string]error{
		"another code": other.Open(join.Newcomer, 0, msg, &got), "sent back": r.Open(join.Keeper, 0, msg, &got),
		"another number": r.Open(join.Newcomer, 1, msg, &got), "changed": r.Open(join.Newcomer, 0, changed, &got), "cut": r.Open(join.Newcomer, 0, msg[:20], &got),
	} {
		if !errors.Is(err, join.ErrMessage) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Whatever a gate in the middle changes, the two see other words, or the newcomer sees a number that was not committed to.
func TestAGateInTheMiddleShowsInTheWords(t *testing.T) {
	_, r := room(t)
	nonce := bytes.Repeat([]byte{9}, 32)
	offer := join.Offer{V: 1, Org: strings.Repeat("a", 20), Name: "Example", Device: make([]byte, 32), Commit: join.Commit(nonce)}
	offerMsg, err := r.Seal(join.Keeper, 0, offer)
	if err != nil {
		t.Fatal(err)
	}
	h, _ := hello(t)
	helloMsg, err := r.Seal(join.Newcomer, 0, h)
	if err != nil {
		t.Fatal(err)
	}
	if err := (join.Reveal{Nonce: nonce}).Check(offer); err != nil {
		t.Fatal(err)
	}
	words := join.Words(r.ID, offerMsg, helloMsg, nonce)
	gates, _ := hello(t) // the gate guessed the code and puts a device of its own in between
	gatesMsg, err := r.Seal(join.Newcomer, 0, gates)
	if err != nil {
		t.Fatal(err)
	}
	if join.Words(r.ID, offerMsg, gatesMsg, nonce) == words {
		t.Error("another newcomer, the same words")
	}
	other := offer
	other.Device = bytes.Repeat([]byte{1}, 32)
	otherMsg, err := r.Seal(join.Keeper, 0, other)
	if err != nil {
		t.Fatal(err)
	}
	if join.Words(r.ID, otherMsg, helloMsg, nonce) == words {
		t.Error("another keeper, the same words")
	}
	if err := (join.Reveal{Nonce: bytes.Repeat([]byte{8}, 32)}).Check(offer); !errors.Is(err, join.ErrReveal) {
		t.Errorf("a number chosen after the hello: %v", err)
	}
}

func FuzzOpenMessage(f *testing.F) {
	c, err := join.Parse("000000000")
	if err != nil {
		f.Fatal(err)
	}
	r, err := c.Derive()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"v":1,"org":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		// Behind a good MAC: what somebody with the code could send.
		msg, err := r.Seal(join.Newcomer, 0, jsonBytes(body))
		if err != nil {
			return
		}
		var h join.Hello
		if r.Open(join.Newcomer, 0, msg, &h) == nil {
			_, _ = h.Check("org")
		}
		var o join.Offer
		if r.Open(join.Newcomer, 0, msg, &o) == nil {
			_ = o.Check()
		}
	})
}

// jsonBytes is JSON as it stands.
type jsonBytes []byte

// MarshalJSON returns the bytes.
func (b jsonBytes) MarshalJSON() ([]byte, error) { return b, nil }
