package roster

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// ErrFollows is the part of ErrMalformed that says that a roster, well-formed or not otherwise, comes after another one than the one given, or
// belongs to another organisation.
var ErrFollows = errors.New("does not follow")

// Hash is what the next roster names as previous: SHA-256 of the signed note.
func Hash(signed []byte) [32]byte { return sha256.Sum256(signed) }

// Text is the text of the note, without signatures.
func (r Roster) Text() string { return r.text() }

// TextHash is the SHA-256 of Text: what stays the same whichever keepers have signed.
func (r Roster) TextHash() [32]byte { return sha256.Sum256([]byte(r.text())) }

// Next is a draft of the roster that follows r, whose signed bytes are given: everything as it is, one serial more.
func (r Roster) Next(signed []byte) Roster {
	next := r
	next.Serial, next.Previous = r.Serial+1, Hash(signed)
	next.Keepers, next.Devices = slices.Clone(r.Keepers), slices.Clone(r.Devices)
	return next
}

// Sort puts keepers and devices into the order that a roster has them in.
func (r *Roster) Sort() {
	slices.Sort(r.Keepers)
	slices.SortFunc(r.Devices, func(a, b DeviceHash) int { return bytes.Compare(a[:], b[:]) })
}

// follows checks everything about a next roster but its signatures.
func (r Roster) follows(prevSigned []byte, prev Roster) error {
	switch {
	case r.Org != prev.Org || r.Serial != prev.Serial+1 || r.Previous != Hash(prevSigned):
		return fmt.Errorf("%w: %w: the last one here is roster %d", ErrMalformed, ErrFollows, prev.Serial)
	case r.Epoch != prev.Epoch && r.Epoch != prev.Epoch+1:
		return fmt.Errorf("%w: epochs come one after the other", ErrMalformed)
	case (r.Epoch == prev.Epoch) != (r.Recipient.String() == prev.Recipient.String()):
		return fmt.Errorf("%w: an epoch has one recipient, and no other epoch has it", ErrMalformed)
	}
	if r.Epoch == prev.Epoch {
		for _, d := range prev.Devices {
			// Whoever leaves holds the epoch's key.
			if !slices.Contains(r.Devices, d) {
				return fmt.Errorf("%w: a device left and the epoch stayed", ErrMalformed)
			}
		}
	}
	return nil
}

// OpenProposal reads a roster that would follow prev, signed by at least one of prev's keepers, and says by how many. The error wraps ErrMalformed or ErrUnsigned.
func OpenProposal(signed, prevSigned []byte, prev Roster) (r Roster, signatures int, err error) {
	if r, err = open(signed); err != nil {
		return Roster{}, 0, err
	}
	if err := r.follows(prevSigned, prev); err != nil {
		return Roster{}, 0, err
	}
	if signatures, err = countSigned(signed, prev); err != nil {
		return Roster{}, 0, err
	}
	return r, signatures, nil
}

// OpenChain reads rosters from the founding one on and returns the last. org is the fingerprint that the chain must have; "" accepts any. The
// error says which serial does not fit.
func OpenChain(notes [][]byte, org string) (Roster, error) {
	if len(notes) == 0 {
		return Roster{}, fmt.Errorf("%w: an empty chain", ErrMalformed)
	}
	r, err := OpenFounding(notes[0])
	if err != nil {
		return Roster{}, fmt.Errorf("roster 1: %w", err)
	}
	if org != "" && r.Org != org {
		return Roster{}, fmt.Errorf("%w: the chain is that of another organisation", ErrMalformed)
	}
	for i := 1; i < len(notes); i++ {
		if r, err = OpenNext(notes[i], notes[i-1], r); err != nil {
			return Roster{}, fmt.Errorf("roster %d: %w", i+1, err)
		}
	}
	return r, nil
}

// Cosign adds a signature to a note; one that is there already stays the only one of its key.
func Cosign(signed []byte, by note.Signer) ([]byte, error) {
	text, _, ok := splitNote(signed)
	if !ok {
		return nil, fmt.Errorf("signing a roster: %w", ErrMalformed)
	}
	mine, err := note.Sign(&note.Note{Text: text}, by)
	if err != nil {
		return nil, fmt.Errorf("signing a roster: %w", err)
	}
	return Merge(signed, mine)
}

// Merge joins the signatures of two notes with one text, sorted, so that the same signatures give the same bytes.
func Merge(a, b []byte) ([]byte, error) {
	text, sigsA, okA := splitNote(a)
	other, sigsB, okB := splitNote(b)
	if !okA || !okB || text != other {
		return nil, fmt.Errorf("%w: two texts", ErrMalformed)
	}
	sigs := append(sigsA, sigsB...)
	slices.Sort(sigs)
	return []byte(text + "\n" + strings.Join(slices.Compact(sigs), "")), nil
}

// splitNote cuts a note into its text, which ends with a newline, and its signature lines.
func splitNote(signed []byte) (text string, sigs []string, ok bool) {
	if len(signed) > maxRoster {
		return "", nil, false
	}
	text, rest, ok := strings.Cut(string(signed), "\n\n")
	if !ok || !strings.HasSuffix(rest, "\n") {
		return "", nil, false
	}
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "— ") {
			return "", nil, false
		}
		sigs = append(sigs, line)
	}
	return text + "\n", sigs, true
}

// Signed reports whether any keeper of any of the rosters signed the note: whether keepers are at odds, or nobody of them had a hand in it.
func Signed(signed []byte, by ...Roster) bool {
	for _, r := range by {
		if n, err := countSigned(signed, r); err == nil && n > 0 {
			return true
		}
	}
	return false
}

// KeptBy is r with those of its keepers only who signed the note. Whoever did not sign the roster that follows may have been put out of office by it.
func (r Roster) KeptBy(signed []byte) Roster {
	r.Keepers = slices.DeleteFunc(slices.Clone(r.Keepers), func(k string) bool { return !Signed(signed, Roster{Keepers: []string{k}}) })
	return r
}

// countSigned counts the keepers of by that signed; none is an error.
func countSigned(signed []byte, by Roster) (int, error) {
	var verifiers []note.Verifier
	for _, k := range by.Keepers {
		v, err := note.NewVerifier(k)
		if err != nil {
			return 0, fmt.Errorf("%w: keeper key", ErrMalformed)
		}
		verifiers = append(verifiers, v)
	}
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	var unverified *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unverified):
		return 0, fmt.Errorf("%w: none of %d", ErrUnsigned, by.Threshold)
	case err != nil:
		return 0, fmt.Errorf("%w: %v", ErrUnsigned, err)
	}
	return len(n.Sigs), nil
}
