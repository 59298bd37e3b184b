package seal

import (
	"crypto/hmac"
	"crypto/sha256"
)

// A DeskKey authenticates what an organisation's desks put into the log for each other. Its recipient is public, so
// anybody can seal to it; a person holds the thread key, so a thread tag does not prove a desk. It prints as "[desk key]".
type DeskKey [32]byte

// String hides the key.
func (DeskKey) String() string { return "[desk key]" }

// GoString hides the key.
func (DeskKey) GoString() string { return "[desk key]" }

// Tag computes the desk tag of what a desk writes to the others (docs/formats.md, section 2).
func (k DeskKey) Tag(l Letter) []byte {
	m := hmac.New(sha256.New, k[:])
	m.Write([]byte("panah/desk/v1\x00" + l.Kind + "\x00"))
	m.Write(l.Mailbox[:])
	writeNumber(m, l.N)
	writeParts(m, l.Parts)
	if l.Seen != "" {
		m.Write([]byte("\x00" + l.Seen))
	}
	return m.Sum(nil)
}

// Check reports ErrForged when l's desk tag is not the one k gives.
func (k DeskKey) Check(l Letter) error {
	if !hmac.Equal(l.DeskTag, k.Tag(l)) {
		return ErrForged
	}
	return nil
}
