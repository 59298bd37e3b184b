// Package ledger holds the rules of a gate's log: commitments, records, checkpoints, promises and their checks.
//
// It keeps nothing and talks to nobody: stores and desks bring hashes and clocks. Tree hashing is that of RFC 6962 as
// golang.org/x/mod/sumdb/tlog implements it; notes are sumdb/note, checkpoints C2SP tlog-checkpoint. Formats: docs/formats.md, section 3.
package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"panah/core/wire"
)

// ErrCommitment says that a letter is not the one its log entry commits to.
var ErrCommitment = errors.New("the letter is not the one that the log entry stands for")

// A Commitment is what the log holds for one letter: 32 bytes that tell nothing once key and record are gone.
type Commitment [32]byte

// A Record is what a commitment commits to.
type Record struct {
	Letter wire.LetterID
	Size   int64     // sealed bytes
	Hour   time.Time // when the gate received it, rounded down to an hour so that it cannot time a person
}

// String is the text that is committed to.
func (r Record) String() string {
	return fmt.Sprintf("panah.record/v1\nletter %s\nsize %d\nhour %d\n", r.Letter, r.Size, r.Hour.Truncate(time.Hour).Unix())
}

// ParseRecord reads the text of a record and refuses any other spelling of it.
func ParseRecord(s string) (Record, error) {
	bad := errors.New("malformed log record")
	lines := strings.Split(s, "\n")
	if len(s) > 512 || len(lines) != 5 || lines[0] != "panah.record/v1" {
		return Record{}, bad
	}
	var r Record
	letter, ok1 := strings.CutPrefix(lines[1], "letter ")
	size, ok2 := strings.CutPrefix(lines[2], "size ")
	hour, ok3 := strings.CutPrefix(lines[3], "hour ")
	id, err1 := wire.ParseLetterID(letter)
	n, err2 := strconv.ParseInt(size, 10, 64)
	sec, err3 := strconv.ParseInt(hour, 10, 64)
	if !ok1 || !ok2 || !ok3 || err1 != nil || err2 != nil || err3 != nil {
		return Record{}, bad
	}
	r = Record{id, n, time.Unix(sec, 0).UTC()}
	if r.String() != s {
		return Record{}, bad
	}
	return r, nil
}

// Commit returns HMAC-SHA256(key, record).
func Commit(key [32]byte, record string) Commitment {
	m := hmac.New(sha256.New, key[:])
	m.Write([]byte(record))
	return Commitment(m.Sum(nil))
}

// CheckEntry reports whether a present entry is consistent: the commitment opens to the record, and the record names the
// sealed bytes. The error wraps ErrCommitment.
func CheckEntry(e wire.Entry) (Record, error) {
	r, err := ParseRecord(e.Record)
	if err != nil {
		return Record{}, fmt.Errorf("%w: %v", ErrCommitment, err)
	}
	if Commit(e.Key, e.Record) != e.Commitment {
		return Record{}, fmt.Errorf("%w: commitment", ErrCommitment)
	}
	if wire.IDOf(e.Sealed) != r.Letter || int64(len(e.Sealed)) != r.Size {
		return Record{}, fmt.Errorf("%w: letter", ErrCommitment)
	}
	return r, nil
}

// LeafHash is the tree hash of a commitment.
func LeafHash(c Commitment) tlog.Hash { return tlog.RecordHash(c[:]) }

// NewGateKey makes a gate's signing key; origin is the gate's name (a host name, or any word without spaces and "+").
// skey is secret, vkey public: both in the text forms of sumdb/note.
func NewGateKey(origin string) (skey, vkey string, err error) {
	// nil: note draws from crypto/rand itself.
	if skey, vkey, err = note.GenerateKey(nil, origin); err != nil {
		return "", "", fmt.Errorf("making the gate's key: %w", err)
	}
	return skey, vkey, nil
}

// A Tree is the size and root of a log.
type Tree struct {
	Size int64
	Root tlog.Hash
}

// SignCheckpoint writes the checkpoint of t, signed by the gate.
func SignCheckpoint(t Tree, s note.Signer) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", s.Name(), t.Size, base64.StdEncoding.EncodeToString(t.Root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		return nil, fmt.Errorf("signing a checkpoint: %w", err)
	}
	return signed, nil
}

// maxNote bounds checkpoints and promises, bytes.
const maxNote = 4 << 10

// ErrSignature says that a checkpoint or promise is not signed by the gate that it should be from.
var ErrSignature = errors.New("not signed by this gate")

// ParseCheckpoint reads a checkpoint that v must have signed. The error wraps ErrSignature when it has not.
func ParseCheckpoint(signed []byte, v note.Verifier) (Tree, error) {
	text, err := openNote(signed, v)
	if err != nil {
		return Tree{}, fmt.Errorf("reading a checkpoint: %w", err)
	}
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != v.Name() {
		return Tree{}, errors.New("reading a checkpoint: malformed, or of another log")
	}
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err1 != nil || err2 != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] || len(root) != tlog.HashSize {
		return Tree{}, errors.New("reading a checkpoint: malformed")
	}
	return Tree{size, tlog.Hash(root)}, nil
}

func openNote(signed []byte, v note.Verifier) (string, error) {
	if len(signed) > maxNote {
		return "", errors.New("longer than 4 KiB")
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return "", fmt.Errorf("%w: %v", ErrSignature, err)
	}
	return n.Text, nil
}
