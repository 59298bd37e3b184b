package door

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"time"

	"panah/core/receipt"
	"panah/core/seal"
	"panah/core/wire"
)

// Bounds of an opened mailbox.
const (
	maxReplies = 200     // the newest ones; the page says that there are more
	maxShown   = 6 << 20 // bytes of pictures in one page, newest first
	maxGap     = 50      // missing numbers that are listed one by one
)

// Trust is what the gate's door could check about a reply with the conversation's key.
type Trust string

// The values of Trust. What the gate itself may have changed, the door cannot tell to itself: a person who fears the gate uses the page with script.
const (
	OK      Trust = "ok"      // the organisation wrote it, with this number
	Forged  Trust = "forged"  // not written by the organisation, changed on the way, or damaged; its words are not shown
	Missing Trust = "missing" // a reply with this number was written and is not here
)

// A Reply is one answer of the organisation. It prints as "(reply)".
type Reply struct {
	N      uint32 // its number, from 1; 0 when it could not be read
	At     time.Time
	Text   string // what the caseworker wrote; the page isolates its direction
	Photos []Photo
	More   int // parts not shown here: sound, files, pictures over the bound
	Trust  Trust
}

// String hides the reply.
func (Reply) String() string { return "(reply)" }

// GoString hides the reply.
func (Reply) GoString() string { return "(reply)" }

// MarshalText hides it from encoders and log handlers.
func (Reply) MarshalText() ([]byte, error) { return []byte("(reply)"), nil }

// A Photo is a picture in a reply.
type Photo struct {
	URL template.URL // data:image/…;base64,… for the src of an img; the policy of the page must say img-src data:
}

// A Thread is an opened mailbox, oldest reply first. It prints as "(thread)".
type Thread struct {
	Key     wire.MailboxKey
	Replies []Reply
	Older   int // replies that are in the mailbox and not shown
}

// String hides the thread.
func (Thread) String() string { return "(thread)" }

// GoString hides the thread.
func (Thread) GoString() string { return "(thread)" }

// MarshalText hides it from encoders and log handlers.
func (Thread) MarshalText() ([]byte, error) { return []byte("(thread)"), nil }

// Open derives the keys of code, fetches the replies and checks tags and numbers. A number that is not there is a Reply
// of its own with Trust Missing; one that is missing at the end cannot be seen. Errors wrap ErrNoMailbox, or are the
// store's or the context's.
func (d *Door) Open(ctx context.Context, code receipt.Code, org string) (*Thread, error) {
	keys, err := d.derive(ctx, code, org)
	if err != nil {
		return nil, err
	}
	defer clear(keys.MAC[:])
	sealed, err := d.mailboxes.Replies(ctx, keys.Mailbox)
	if err != nil {
		return nil, fmt.Errorf("fetching replies: %w", err)
	}
	t := &Thread{Key: keys.Mailbox}
	if over := len(sealed) - maxReplies; over > 0 {
		t.Older, sealed = over, sealed[over:]
	}
	room := maxShown
	for _, s := range slices.Backward(sealed) {
		if err := d.sealings.enter(ctx); err != nil {
			return nil, err
		}
		reply := openReply(s, keys, org, &room)
		d.sealings.leave()
		t.Replies = append(t.Replies, reply)
	}
	slices.Reverse(t.Replies)
	t.Replies = inOrder(t.Replies, t.Older == 0)
	return t, nil
}

// openReply opens one reply. room is what pictures may still take of the page.
func openReply(sealed []byte, keys receipt.Keys, org string, room *int) Reply {
	l, err := openAuthentic(sealed, keys, org)
	defer wipeParts(l)
	if err != nil {
		return Reply{Trust: Forged}
	}
	r := Reply{N: l.N, At: l.At, Text: string(bytes.ToValidUTF8([]byte(l.Text()), []byte("\uFFFD"))), Trust: OK}
	for _, p := range l.Parts {
		switch p.Type {
		case seal.TypeText, seal.TypeIntake:
		case seal.TypeJPEG, seal.TypePNG, seal.TypeWebP:
			if len(p.Data) > *room {
				r.More++
				continue
			}
			*room -= len(p.Data)
			url := "data:" + p.Type + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
			r.Photos = append(r.Photos, Photo{template.URL(url)})
		default:
			r.More++
		}
	}
	return r
}

// openAuthentic opens a reply and checks that the organisation wrote it. What was opened is returned with the error too, for wiping.
func openAuthentic(sealed []byte, keys receipt.Keys, org string) (seal.Letter, error) {
	l, err := seal.Open(sealed, keys.Box)
	if err != nil {
		return l, err
	}
	if l.Kind != seal.KindReply || l.Org != org || l.N == 0 {
		return l, seal.ErrForged
	}
	return l, keys.MAC.Check(l)
}

func wipeParts(l seal.Letter) {
	for _, p := range l.Parts {
		clear(p.Data)
	}
}

// inOrder sorts replies by number, whatever order the gate gave them, drops what came twice and names what is missing.
// Forged ones have no number that could be believed: they stand at the end. fromStart says that number 1 should be here.
func inOrder(replies []Reply, fromStart bool) []Reply {
	slices.SortStableFunc(replies, func(a, b Reply) int {
		if af, bf := a.Trust == Forged, b.Trust == Forged; af || bf {
			return cmp.Compare(boolInt(af), boolInt(bf))
		}
		return cmp.Compare(a.N, b.N)
	})
	var out []Reply
	next := uint32(1)
	if !fromStart && len(replies) > 0 {
		next = max(1, replies[0].N)
	}
	for i, r := range replies {
		if i > 0 && same(r, replies[i-1]) {
			continue
		}
		for listed := 0; r.Trust == OK && next < r.N && listed < maxGap; listed++ {
			out = append(out, Reply{N: next, Trust: Missing})
			next++
		}
		if r.Trust == OK {
			next = r.N + 1
		}
		out = append(out, r)
	}
	return out
}

// same tells a reply that the gate gave twice. Two desks that were apart may have written two with one number: both are shown.
func same(a, b Reply) bool {
	return a.Trust == OK && b.Trust == OK && a.N == b.N && a.At.Equal(b.At) && a.Text == b.Text && slices.Equal(a.Photos, b.Photos)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
