package custody

import (
	"encoding/json"
	"errors"
	"time"

	"filippo.io/age"

	"panah/core/roster"
	"panah/core/seal"
)

// doRehearsal is what the rehearsal letter's notice does: nothing, but that it was opened.
const doRehearsal = "rehearsal"

// Rehearsal seals the letter that proves a recovery: only who has the key of the epoch of r reads it, and only a desk could write it.
func Rehearsal(r roster.Roster, key seal.DeskKey, now time.Time) ([]byte, error) {
	l := seal.Letter{
		Kind: seal.KindNotice, Org: r.Org, Epoch: r.Epoch, Sealed: seal.SealedDesk, At: now.UTC().Truncate(time.Second),
		Parts: []seal.Part{{Type: seal.TypeOctets, Data: []byte(`{"do":"` + doRehearsal + `"}`)}},
	}
	l.DeskTag = key.Tag(l)
	return seal.Seal(l, r.Recipient)
}

// ErrOther says that a letter opened, and is no rehearsal letter.
var ErrOther = errors.New("it is another letter")

// OpenRehearsal opens a sealed letter with the key of an epoch and checks that it is a desk's rehearsal letter. The error wraps ErrOther, or is what package
// seal says of a letter that does not open.
func OpenRehearsal(sealed []byte, id age.Identity, key seal.DeskKey) error {
	l, err := seal.Open(sealed, id)
	if err != nil {
		return err
	}
	var n struct {
		Do string `json:"do"`
	}
	if l.Kind != seal.KindNotice || len(l.Parts) != 1 || json.Unmarshal(l.Parts[0].Data, &n) != nil || n.Do != doRehearsal || key.Check(l) != nil {
		return ErrOther
	}
	return nil
}
