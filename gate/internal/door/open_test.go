package door

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"html/template"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"panah/core/receipt"
	"panah/core/seal"
	"panah/core/wire"
)

// box is the gate's store as the door sees it: one mailbox in memory.
type box struct {
	key     wire.MailboxKey
	replies [][]byte
}

func (b *box) Replies(_ context.Context, key wire.MailboxKey) ([][]byte, error) {
	if key != b.key {
		return nil, ErrNoMailbox
	}
	return b.replies, nil
}

func (b *box) Erase(_ context.Context, key wire.MailboxKey) error {
	if key != b.key {
		return ErrNoMailbox
	}
	*b = box{}
	return nil
}

// A conversation is a mailbox with its keys, and a desk that answers into it.
type conversation struct {
	t    *testing.T
	code receipt.Code
	keys receipt.Keys
}

func newConversation(t *testing.T) conversation {
	t.Helper()
	code, err := receipt.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := receipt.Derive(code, testOrg)
	if err != nil {
		t.Fatal(err)
	}
	return conversation{t, code, keys}
}

// reply seals an answer; change may spoil it after it was signed.
func (c conversation) reply(n uint32, change func(*seal.Letter), parts ...seal.Part) []byte {
	c.t.Helper()
	l := seal.Letter{Kind: seal.KindReply, Org: testOrg, Sealed: seal.SealedDesk, N: n, At: noon(), Parts: parts}
	l.Tag = c.keys.MAC.Tag(l)
	if change != nil {
		change(&l)
	}
	sealed, err := seal.Seal(l, c.keys.Recipient())
	if err != nil {
		c.t.Fatal(err)
	}
	return sealed
}

func text(s string) seal.Part { return seal.Part{Type: seal.TypeText, Data: []byte(s)} }

func TestOpen(t *testing.T) {
	c := newConversation(t)
	one, two, three, five := c.reply(1, nil, text("one")), c.reply(2, nil, text("two")), c.reply(3, nil, text("three")), c.reply(5, nil, text("five"))
	spoilt := slices.Clone(two)
	spoilt[len(spoilt)-1] ^= 1
	ok := func(n uint32, s string) Reply { return Reply{N: n, Text: s, Trust: OK} }
	forged := Reply{Trust: Forged}
	for name, tc := range map[string]struct {
		replies [][]byte
		want    []Reply
	}{
		"none":                      {nil, nil},
		"in order":                  {[][]byte{one, two, three}, []Reply{ok(1, "one"), ok(2, "two"), ok(3, "three")}},
		"reordered":                 {[][]byte{three, one, two}, []Reply{ok(1, "one"), ok(2, "two"), ok(3, "three")}},
		"given twice":               {[][]byte{one, one, two}, []Reply{ok(1, "one"), ok(2, "two")}},
		"missing in between":        {[][]byte{one, two, five}, []Reply{ok(1, "one"), ok(2, "two"), {N: 3, Trust: Missing}, {N: 4, Trust: Missing}, ok(5, "five")}},
		"missing at first":          {[][]byte{two}, []Reply{{N: 1, Trust: Missing}, ok(2, "two")}},
		"changed on the way":        {[][]byte{one, spoilt}, []Reply{ok(1, "one"), forged}},
		"another number":            {[][]byte{one, c.reply(3, func(l *seal.Letter) { l.N = 2 }, text("three"))}, []Reply{ok(1, "one"), forged}},
		"another text":              {[][]byte{c.reply(1, func(l *seal.Letter) { l.Parts[0].Data = []byte("come to the station") }, text("one"))}, []Reply{forged}},
		"another organisation":      {[][]byte{c.reply(1, func(l *seal.Letter) { l.Org = "x" }, text("one"))}, []Reply{forged}},
		"another conversation":      {[][]byte{newConversation(t).reply(1, nil, text("one"))}, []Reply{forged}},
		"two desks that were apart": {[][]byte{one, c.reply(1, nil, text("uno"))}, []Reply{ok(1, "one"), ok(1, "uno")}},
		"a number out of reach":     {[][]byte{c.reply(4_000_000_000, nil, text("far"))}, append(gap(maxGap), ok(4_000_000_000, "far"))},
		"not a letter":              {[][]byte{[]byte("<html>")}, []Reply{forged}},
	} {
		t.Run(name, func(t *testing.T) {
			d := New(Config{Mailboxes: &box{key: c.keys.Mailbox, replies: tc.replies}})
			thread, err := d.Open(t.Context(), c.code, testOrg)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, thread.Replies, cmpopts.IgnoreFields(Reply{}, "At"), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func gap(n int) (out []Reply) {
	for i := range n {
		out = append(out, Reply{N: uint32(i + 1), Trust: Missing})
	}
	return out
}

func TestPhotosInReplies(t *testing.T) {
	c := newConversation(t)
	jpeg := func(size int) seal.Part { return seal.Part{Type: seal.TypeJPEG, Data: bytes.Repeat([]byte{1}, size)} }
	replies := [][]byte{
		c.reply(1, nil, jpeg(100<<10), seal.Part{Type: seal.TypeOgg, Data: []byte("OggS")}, seal.Part{Type: seal.TypeOctets, Data: []byte("<svg>")}),
	}
	for n := uint32(2); n <= 5; n++ {
		replies = append(replies, c.reply(n, nil, text("photo"), jpeg(maxShown/4)))
	}
	d := New(Config{Mailboxes: &box{key: c.keys.Mailbox, replies: replies}})
	thread, err := d.Open(t.Context(), c.code, testOrg)
	if err != nil {
		t.Fatal(err)
	}
	if first := thread.Replies[0]; len(first.Photos) != 0 || first.More != 3 {
		t.Errorf("the oldest has %d photos, %d more", len(first.Photos), first.More)
	}
	page := template.Must(template.New("").Parse(`<img src="{{.URL}}">`))
	var out strings.Builder
	if err := page.Execute(&out, thread.Replies[4].Photos[0]); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), `<img src="data:image/jpeg;base64,AQEB`) {
		t.Errorf("in a page: %.60s", out.String())
	}
}

func TestAFullMailbox(t *testing.T) {
	c := newConversation(t)
	var replies [][]byte
	for n := range uint32(maxReplies + 3) {
		replies = append(replies, c.reply(n+1, nil, text("x")))
	}
	d := New(Config{Mailboxes: &box{key: c.keys.Mailbox, replies: replies}})
	thread, err := d.Open(t.Context(), c.code, testOrg)
	if err != nil {
		t.Fatal(err)
	}
	if len(thread.Replies) != maxReplies || thread.Older != 3 || thread.Replies[0].N != 4 {
		t.Errorf("%d replies from %d, %d older", len(thread.Replies), thread.Replies[0].N, thread.Older)
	}
}

func TestErase(t *testing.T) {
	c := newConversation(t)
	us := newOrganisation(t)
	d := New(Config{Mailboxes: &box{key: c.keys.Mailbox, replies: [][]byte{c.reply(1, nil, text("x"))}}})
	sealed, err := d.SealErase(t.Context(), c.code, us.desk, noon())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Erase(t.Context(), sealed.Key); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open(t.Context(), c.code, testOrg); !errors.Is(err, ErrNoMailbox) {
		t.Errorf("after erasure: %v", err)
	}
}
