package custody

import (
	"encoding/json"
	"time"

	"filippo.io/age"

	"panah/core/roster"
	"panah/core/seal"
)

// A Proof is what a letter says that a recovery opens.
type Proof string

// Both do nothing to desks that read them. docs/formats-keys.md, section 5.
const (
	// Rehearsal is left with new sheets: the recovery that opens it is their rehearsal, and opens intake.
	Rehearsal Proof = "rehearsal"
	// Again is left after each recovery, so that the next one has something to open. It says nothing of intake.
	Again Proof = "proof"
)

// Letter seals the letter that proves a recovery: only who has the key of the epoch of r reads it, and only a desk could write it.
func Letter(p Proof, r roster.Roster, key seal.DeskKey, now time.Time) ([]byte, error) {
	l := seal.Letter{
		Kind: seal.KindNotice, Org: r.Org, Epoch: r.Epoch, Sealed: seal.SealedDesk, At: now.UTC().Truncate(time.Second),
		Parts: []seal.Part{{Type: seal.TypeOctets, Data: []byte(`{"do":"` + string(p) + `"}`)}},
	}
	l.DeskTag = key.Tag(l)
	return seal.Seal(l, r.Recipient)
}

// Open opens a sealed letter with the key of an epoch. It returns which proof the letter is, "" when it is another letter that opens; the error is what package
// seal says of one that does not.
func Open(sealed []byte, id age.Identity, key seal.DeskKey) (Proof, error) {
	l, err := seal.Open(sealed, id)
	if err != nil {
		return "", err
	}
	var n struct {
		Do Proof `json:"do"`
	}
	if l.Kind != seal.KindNotice || len(l.Parts) != 1 || json.Unmarshal(l.Parts[0].Data, &n) != nil || key.Check(l) != nil {
		return "", nil
	}
	if n.Do != Rehearsal && n.Do != Again {
		return "", nil
	}
	return n.Do, nil
}
