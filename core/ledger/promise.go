package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A Promise is what a gate signs for a letter it has made durable: the letter is in its log, and open to the
// organisation's desks, by the deadline. It proves receipt to anybody who has the gate's public key.
type Promise struct {
	Org        string // fingerprint of the organisation
	Gate       string // origin
	Commitment Commitment
	Deadline   time.Time
}

func (p Promise) text() string {
	return fmt.Sprintf("panah.promise/v1\norg %s\ngate %s\ncommitment %s\ndeadline %s\n",
		p.Org, p.Gate, base64.StdEncoding.EncodeToString(p.Commitment[:]), p.Deadline.UTC().Format(time.RFC3339))
}

// SignPromise writes the signed note of p.
func SignPromise(p Promise, s note.Signer) (string, error) {
	p.Gate = s.Name()
	signed, err := note.Sign(&note.Note{Text: p.text()}, s)
	if err != nil {
		return "", fmt.Errorf("signing a promise: %w", err)
	}
	return string(signed), nil
}

// CheckPromise reads a promise that v must have signed. The error wraps ErrSignature when it has not.
func CheckPromise(signed string, v note.Verifier) (Promise, error) {
	text, err := openNote([]byte(signed), v)
	if err != nil {
		return Promise{}, fmt.Errorf("reading a promise: %w", err)
	}
	return parsePromise(text)
}

func parsePromise(text string) (Promise, error) {
	bad := errors.New("reading a promise: malformed")
	lines := strings.Split(text, "\n")
	if len(lines) != 6 || lines[0] != "panah.promise/v1" {
		return Promise{}, bad
	}
	var values [4]string
	for i, name := range []string{"org", "gate", "commitment", "deadline"} {
		v, ok := strings.CutPrefix(lines[i+1], name+" ")
		if !ok {
			return Promise{}, bad
		}
		values[i] = v
	}
	c, err := base64.StdEncoding.Strict().DecodeString(values[2])
	if err != nil || len(c) != 32 {
		return Promise{}, bad
	}
	deadline, err := time.Parse(time.RFC3339, values[3])
	if err != nil {
		return Promise{}, bad
	}
	p := Promise{values[0], values[1], Commitment(c), deadline}
	if p.text() != text {
		return Promise{}, bad
	}
	return p, nil
}
