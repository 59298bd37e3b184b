package casedb

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"panah/core/ledger"
	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
)

// order is a notice that a desk signed.
func (b *book) order(n Notice, by *scribe) Incoming {
	b.t.Helper()
	body, err := json.Marshal(n)
	if err != nil {
		b.t.Fatal(err)
	}
	if body, err = SignNotice(body, "org", by.key); err != nil {
		b.t.Fatal(err)
	}
	return b.body(body)
}

func (b *book) body(body []byte) Incoming {
	return b.entry(seal.Letter{Kind: seal.KindNotice, Sealed: seal.SealedDesk, Parts: []seal.Part{{Type: seal.TypeOctets, Data: body}}})
}

func erasing(box wire.MailboxID) Notice {
	return Notice{Do: doErase, Mailboxes: []string{box.Reveal()}}
}

func (b *book) erased(thread int64) bool {
	b.t.Helper()
	th, err := b.db.Thread(b.t.Context(), thread)
	if err != nil {
		b.t.Fatal(err)
	}
	return th.State == StateErased
}

// signedBook has conversations 1 to n, and knows a desk.
func signedBook(t *testing.T, by *scribe, n int) *book {
	t.Helper()
	b := newBook(t)
	if err := b.db.KnowDevices(t.Context(), 1, []Device{by.device()}); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		b.store(b.first(wire.MailboxID{byte(i + 1)}, "a letter"))
	}
	return b
}

// A desk obeys what another one signed and says whose order it was; from then on it obeys nothing unsigned. What stands before the first signed order stays valid.
func TestOrdersAreSigned(t *testing.T) {
	s := newScribe(t)
	b := signedBook(t, s, 3)
	b.store(b.notice(erasing(wire.MailboxID{1})), b.order(erasing(wire.MailboxID{2}), s), b.notice(erasing(wire.MailboxID{3})))
	if !b.erased(1) || !b.erased(2) || b.erased(3) {
		t.Errorf("erased: %v %v %v, wanted the first two", b.erased(1), b.erased(2), b.erased(3))
	}
	if a := b.alarms(); !slices.Equal(a, []AlarmKind{AlarmUnsigned}) {
		t.Errorf("alarms %v", a)
	}
	d := s.device()
	for thread, want := range map[int64]string{1: "", 2: deskName(d[:])} {
		if th, err := b.db.Thread(t.Context(), thread); err != nil || th.ErasedBy != want {
			t.Errorf("thread %d was erased by %q, wanted %q: %v", thread, th.ErasedBy, want, err)
		}
	}
}

// Nothing is obeyed in the name of a desk that did not sign it, of one that no roster names, or of a reader's.
func TestOrdersOfOthersAreRefused(t *testing.T) {
	s, stranger := newScribe(t), newScribe(t)
	n, err := json.Marshal(erasing(wire.MailboxID{1}))
	if err != nil {
		t.Fatal(err)
	}
	good, err := SignNotice(n, "org", s.key)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := SignNotice(n, "another", s.key)
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := SignNotice(n, "org", stranger.key)
	if err != nil {
		t.Fatal(err)
	}
	moved := bytes.Replace(good, []byte(wire.MailboxID{1}.Reveal()), []byte(wire.MailboxID{2}.Reveal()), 1)
	for name, body := range map[string][]byte{"of another organisation": elsewhere, "of an unknown desk": unknown, "changed": moved} {
		b := signedBook(t, s, 2)
		b.store(b.body(body))
		if a := b.alarms(); b.erased(1) || b.erased(2) || !slices.Equal(a, []AlarmKind{AlarmUnsigned}) {
			t.Errorf("%s: erased %v %v, alarms %v", name, b.erased(1), b.erased(2), a)
		}
	}
	b := signedBook(t, s, 1)
	if err := b.db.Roles(t.Context(), map[Device]string{s.device(): string(roster.RoleReader)}); err != nil {
		t.Fatal(err)
	}
	b.store(b.body(good))
	if b.erased(1) || len(b.alarms()) != 1 {
		t.Errorf("a reader's desk erased: %v", b.alarms())
	}
}

// A copy of an order that another desk puts into the log again is not obeyed: it must not bring back who was named before.
func TestAnOrderCountsOnce(t *testing.T) {
	s := newScribe(t)
	b := signedBook(t, s, 1)
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	one, two := newScribe(t).device(), newScribe(t).device()
	c := CaseID{1}
	naming := func(d Device) Notice {
		raw, _ := json.Marshal([]([]byte){d[:]})
		return Notice{
			Do: doLock, Case: c.String(), Mailboxes: []string{wire.MailboxID{1}.Reveal()}, Recipient: id.Recipient().String(),
			Specialists: []string{strings.Trim(string(raw), `[]"`)},
		}
	}
	first := b.order(naming(one), s)
	b.store(first, b.order(naming(two), s), b.body(first.Letter.Parts[0].Data))
	got, err := b.db.SpecialistsOf(t.Context(), 1)
	if err != nil || !slices.Equal(got, []Device{two}) {
		t.Errorf("an old order names the first desk again: %v", err)
	}
	if a := b.alarms(); len(a) > 0 {
		t.Errorf("alarms %v", a)
	}
	d := s.device()
	if th, err := b.db.Thread(t.Context(), 1); err != nil || th.LockedBy != deskName(d[:]) {
		t.Errorf("locked by %q: %v", th.LockedBy, err)
	}
}

// Starting over does not open the way for unsigned orders.
func TestUnsignedOrdersAfterStartingOver(t *testing.T) {
	s := newScribe(t)
	b := signedBook(t, s, 2)
	signed := b.order(erasing(wire.MailboxID{9}), s)
	b.store(signed)
	if err := b.db.inTx(t.Context(), startOver); err != nil {
		t.Fatal(err)
	}
	b.edge, b.next = ledger.Edge{}, 0
	b.store(b.first(wire.MailboxID{1}, "a letter"), b.first(wire.MailboxID{2}, "a letter"), signed)
	b.next = 3
	b.store(b.notice(erasing(wire.MailboxID{2})))
	if a := b.alarms(); b.erased(2) || !slices.Equal(a, []AlarmKind{AlarmUnsigned}) {
		t.Errorf("erased %v, alarms %v", b.erased(2), a)
	}
}

// What a desk signs is what the formats say: the bytes before the signature.
func TestSignedNoticeBytes(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	body, err := SignNotice([]byte(`{"do":"erase","mailboxes":["AQAAAAAAAAAAAAAAAAAAAA"]}`), "org", key)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"do":"erase","mailboxes":["AQAAAAAAAAAAAAAAAAAAAA"],"by":"6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw="`
	const sig = `liF5PinTb73deHzb5M7gDxO4rqCIw/Qc+NWojXgaR3TOOhgkYK3t1y/GChdly5E30oIiYrZXQ/ulYFFP7BcSCw==`
	text, rest, found := strings.Cut(string(body), sigKey)
	if !found || text != want || rest != sig+`"}` {
		t.Fatalf("the body is %s", body)
	}
	n, err := ParseNotice(body)
	if err != nil || !ed25519.Verify(n.By, []byte("panah.notice/v1\norg\n"+text+"}"), n.Sig) {
		t.Errorf("the signature is not over the text: %v", err)
	}
	for _, bad := range []string{string(body) + " ", strings.Replace(string(body), `"do":"erase"`, `"do":"test"`, 1), strings.Replace(string(body), sigKey, `, "sig":"`, 1)} {
		if _, err := ParseNotice([]byte(bad)); err == nil {
			t.Errorf("accepted %s", bad)
		}
	}
	if plain, err := SignNotice([]byte(`{"do":"test"}`), "org", key); err != nil || string(plain) != `{"do":"test"}` {
		t.Errorf("a test letter came back as %s: %v", plain, err)
	}
}
