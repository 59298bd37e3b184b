package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"time"
)

// A ThreadKey authenticates the letters and replies of one mailbox, because age authenticates no sender.
// It prints as "[thread key]".
type ThreadKey [32]byte

// String hides the key.
func (ThreadKey) String() string { return "[thread key]" }

// GoString hides the key.
func (ThreadKey) GoString() string { return "[thread key]" }

// ErrForged says that a letter's tag is not its thread's.
var ErrForged = errors.New("not written by the other side of this conversation, or changed on the way")

// Direction bytes of the tag.
const (
	fromPerson       = 'p'
	fromOrganisation = 'o'
)

// Tag computes the thread tag of l under k: HMAC-SHA256 over direction, number and body (docs/formats.md, section 2).
func (k ThreadKey) Tag(l Letter) []byte {
	kind, direction := l.Kind, byte(fromPerson)
	switch kind {
	case KindReplyCopy: // a copy proves the reply it copies
		kind, direction = KindReply, fromOrganisation
	case KindReply:
		direction = fromOrganisation
	}
	m := hmac.New(sha256.New, k[:])
	m.Write([]byte("panah/thread/v1\x00"))
	m.Write([]byte{direction})
	writeNumber(m, l.N)
	m.Write([]byte(kind + "\x00"))
	writeParts(m, l.Parts)
	if l.To != "" {
		m.Write([]byte("\x00" + l.To))
	}
	return m.Sum(nil)
}

// writeParts writes what a tag covers of the content: each type and each part with its length before it, so that no other
// division into parts gives the same bytes.
func writeParts(m hash.Hash, parts []Part) {
	for _, p := range parts {
		writeNumber(m, uint32(len(p.Type)))
		m.Write([]byte(p.Type))
		writeNumber(m, uint32(len(p.Data)))
		m.Write(p.Data)
	}
}

// writeNumber writes v as uint32, big-endian.
func writeNumber(m hash.Hash, v uint32) {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], v)
	m.Write(n[:])
}

// Check reports ErrForged when l's tag is not the one k gives.
func (k ThreadKey) Check(l Letter) error {
	if !hmac.Equal(l.Tag, k.Tag(l)) {
		return ErrForged
	}
	return nil
}

// LaterNumber numbers a person's later letters: seconds since the start of 2026. The phone keeps nothing, so it
// cannot count; a clock that goes forward is enough to make numbers grow.
func LaterNumber(now time.Time) uint32 {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return uint32(max(1, now.Unix()-start.Unix()))
}
