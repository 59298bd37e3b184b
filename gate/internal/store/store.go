// Package store holds what a gate's storage engines and their consumers speak about: batches for the log, held letters,
// mailboxes, and the errors that a caller branches on.
//
// The interfaces lie beside their consumers (seq.Store, mailbox.Store, api.Log); one engine implements them all, and
// storetest proves it. Nothing here has a field for an address, a user agent or a time finer than an hour (letters) or a day
// (mailboxes), so no engine can keep one.
package store

import (
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/core/wire"
)

var (
	// ErrFull says that there is no room: nothing of the call was kept, what was kept before is untouched.
	ErrFull = errors.New("no room on the disk")
	// ErrMoved says that the log does not have the size that a batch was made for: nothing was kept.
	ErrMoved = errors.New("the log has another size than expected")
	// ErrNoMailbox says that a mailbox is not there.
	ErrNoMailbox = errors.New("no such mailbox")
	// ErrMailboxFull says that a mailbox holds MaxReplies, or that the reply would go over MaxReplyBytes.
	ErrMailboxFull = errors.New("the mailbox holds as many replies as it may")
)

// MaxReplies is how many replies one mailbox holds, and MaxReplyBytes how many bytes of them: a mailbox is read in one piece, into
// memory that many readers share, and over lines that are slow.
const (
	MaxReplies    = 500
	MaxReplyBytes = 16 << 20
)

// A Letter is one letter on its way into the log.
type Letter struct {
	Held
	Sealed []byte
}

// Held is what a gate keeps of an accepted letter beside its sealed bytes: all it needs to give the first answer again.
type Held struct {
	ID         wire.LetterID
	Commitment ledger.Commitment
	Key        [32]byte
	Record     string
	Promise    string
}

// A Batch is appended whole or not at all.
type Batch struct {
	First   int64       // index of Letters[0], which is the size of the log before
	Letters []Letter    // all ids different and none held
	Hashes  []tlog.Hash // stored hashes from tlog.StoredHashIndex(0, First) on
	Boxes   []Box       // opened, or kept alive
}

// A BoxID is HMAC(pepper, mailbox id): useless without the pepper, which is not in the database.
type BoxID [32]byte

// A Box is a mailbox as an engine sees it.
type Box struct {
	ID   BoxID
	Auth [32]byte // HMAC(pepper, auth)
	Day  int64    // when it was last used: days since 1970
}
