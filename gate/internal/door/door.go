// Package door does at the gate, in memory, what a browser without script cannot: it reads a plain HTML form, seals
// what was typed to the organisation, and opens a mailbox for the length of one answer.
//
// It refuses to write: no plaintext goes to disk, to a log, into an error or into a URL. Forms are read with
// MultipartReader straight into bounded buffers; the helpers of net/http that spill to temporary files are forbidden
// here by a test (internal/archtest). Buffers are cleared after use as far as Go allows it: copies that the HTTP
// server, the template engine or the collector made are out of reach, and docs/threat-model.md says so. What is
// sealed here is marked "door" and is never called end-to-end.
//
// How a page uses it, every form being method="post" enctype="multipart/form-data" accept-charset="utf-8" with the
// field names of [Draft]:
//
//	draft, err := d.ReadLetter(r)          // draft is never nil: on error show the form again with it
//	defer draft.Wipe()
//	sealed, err := d.SealFirst(r.Context(), draft, desk, now)
//	// give sealed.Letter and sealed.Key to the log, then show sealed.Code
//
//	code, err := receipt.Parse(draft.Code.Reveal())
//	thread, err := d.Open(r.Context(), code, desk.Org)
//	sealed, err := d.SealLater(r.Context(), draft, code, desk, now)
//	sealed, err := d.SealErase(r.Context(), code, desk, now) // log it, and then: d.Erase(r.Context(), sealed.Key)
//
// A file input should say accept="image/jpeg,image/png,image/webp": phones then convert what else they have.
package door

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"time"

	"panah/core/wire"
)

// What a page tells a person. Errors of this package wrap exactly one of them, or are the context's, the log's or
// the mailbox store's own; none quotes what was typed.
var (
	ErrForm          = errors.New("this is not a form of ours: open the page again and send it from there")
	ErrNotUTF8       = errors.New("some characters could not be read: set the page to Unicode (UTF-8) and send it again")
	ErrFieldTooLong  = errors.New("one of the short answers is too long: shorten it and send again")
	ErrStoryTooLong  = errors.New("the text is longer than 20,000 characters: send the rest as a second letter")
	ErrTooLarge      = errors.New("too large: send fewer or smaller photos")
	ErrTooManyPhotos = errors.New("more than four photos: send the others in a second letter")
	ErrVoiceLong     = errors.New("a recording of more than 1 MiB: choose a shorter one")
	ErrVoiceKind     = errors.New("not a recording in Ogg or WebM, which is what a desk plays: choose another one, or write")
	ErrCut           = errors.New("not all of it arrived: send it again")
	ErrEmpty         = errors.New("there is nothing in the letter yet: write, speak or add a photo")
	ErrBusy          = errors.New("too many people are sending photos right now: send it again in a few minutes")
	// ErrNoMailbox comes from Mailboxes, for an unknown mailbox and for a wrong secret alike.
	ErrNoMailbox = errors.New("there is no mailbox with this code: check the digits; it may also have been erased")
)

// Mailboxes is where the gate keeps sealed replies.
type Mailboxes interface {
	// Replies returns the sealed replies of a mailbox, oldest first, or an error that wraps ErrNoMailbox.
	Replies(ctx context.Context, key wire.MailboxKey) ([][]byte, error)
	// Erase removes the mailbox and its replies. Erasing what is not there is an error that wraps ErrNoMailbox.
	Erase(ctx context.Context, key wire.MailboxKey) error
}

// Config says what a Door works with. Zero numbers mean the defaults.
type Config struct {
	Mailboxes   Mailboxes     // required
	Random      io.Reader     // for receipt codes; nil: the system's
	FileMemory  int64         // bytes of files that drafts may hold at once, all senders together: 12 MiB
	TextMemory  int64         // bytes of stories over 4 KiB, all senders together: 16 MiB
	Derivations int           // receipt codes being derived at once, 32 MiB each: 1
	Sealings    int           // letters being sealed or opened at once, up to 6 MiB each: 1
	Patience    time.Duration // how long a sender waits for memory before ErrBusy: 30 s
}

// A Door reads, seals and opens for people without script. It is safe for concurrent use and holds nothing between calls.
type Door struct {
	mailboxes   Mailboxes
	random      io.Reader
	memory      *budget // for files
	text        *budget // for long stories
	derivations places
	sealings    places
}

// New makes a Door.
func New(c Config) *Door {
	orElse := func(n, fallback int) int {
		if n > 0 {
			return n
		}
		return fallback
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.FileMemory <= 0 {
		c.FileMemory = 12 << 20
	}
	if c.TextMemory <= 0 {
		c.TextMemory = 16 << 20
	}
	if c.Patience <= 0 {
		c.Patience = 30 * time.Second
	}
	return &Door{
		mailboxes:   c.Mailboxes,
		random:      c.Random,
		memory:      newBudget(c.FileMemory, c.Patience),
		text:        newBudget(c.TextMemory, c.Patience),
		derivations: make(places, orElse(c.Derivations, 1)),
		sealings:    make(places, orElse(c.Sealings, 1)),
	}
}

// Erase removes the mailbox of a letter that SealErase sealed. The letter must be durable first: were it the other
// way round, a crash between the two would leave the desks with no word of the wish.
func (d *Door) Erase(ctx context.Context, key wire.MailboxKey) error {
	return d.mailboxes.Erase(ctx, key)
}
