package wraps

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"

	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
)

// Bounds of what one wrap names.
const (
	maxEntries   = 1000
	maxMailboxes = 1000
)

// errBody says that a wrap is malformed; it quotes nothing, as a wrap is made of keys.
var errBody = errors.New("a wrap that this version cannot read")

// body is the one part of a wrap: docs/formats-keys.md, section 7.
type body struct {
	Thread  []string     `json:"thread"`
	Letters []bodyLetter `json:"letters"`
}

type bodyLetter struct {
	ID  string `json:"id"`
	Key []byte `json:"key"`
}

func encodeBody(w casedb.Wrap) ([]byte, error) {
	var b body
	for _, m := range w.Mailboxes[:min(len(w.Mailboxes), maxMailboxes)] {
		b.Thread = append(b.Thread, m.Reveal())
	}
	for _, e := range w.Entries {
		b.Letters = append(b.Letters, bodyLetter{e.ID.String(), e.Key[:]})
	}
	out, err := json.Marshal(b)
	if err != nil {
		return nil, errBody
	}
	return out, nil
}

// parseBody reads what encodeBody wrote.
func parseBody(b []byte) (w casedb.Wrap, err error) {
	var in body
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return w, errBody
	}
	if _, err := d.Token(); err != io.EOF {
		return w, errBody
	}
	if len(in.Thread) == 0 || len(in.Thread) > maxMailboxes || len(in.Letters) == 0 || len(in.Letters) > maxEntries {
		return w, errBody
	}
	for _, s := range in.Thread {
		m, err := wire.ParseMailboxID(s)
		if err != nil {
			return casedb.Wrap{}, errBody
		}
		w.Mailboxes = append(w.Mailboxes, m)
	}
	for _, l := range in.Letters {
		id, err := wire.ParseLetterID(l.ID)
		if err != nil || len(l.Key) != len(seal.FileKey{}) {
			return casedb.Wrap{}, errBody
		}
		w.Entries = append(w.Entries, casedb.KeyedEntry{ID: id, Key: seal.FileKey(l.Key)})
	}
	return w, nil
}

// name is what a thread's wrap of a number is called in an epoch: without the epoch's key nobody can tell which wraps of two epochs are one thread's.
func name(key seal.DeskKey, first wire.MailboxID, number uint32) [16]byte {
	m := hmac.New(sha256.New, key[:])
	m.Write([]byte("panah/wrap/v1\x00"))
	m.Write(first[:])
	m.Write(binary.BigEndian.AppendUint32(nil, number))
	return [16]byte(m.Sum(nil))
}
