package wire

import (
	"encoding/json"
	"errors"
)

// A Witness is a partner's desk that cosigns a gate's checkpoints, as the gate tells its desks.
type Witness struct {
	Key      string `json:"key"`                // verifier key, C2SP tlog-cosignature
	Cosigned string `json:"cosigned,omitempty"` // the newest checkpoint with its cosignature
}

// Witnesses is the answer of GET /v1/desk/witnesses.
type Witnesses struct {
	Witnesses []Witness `json:"witnesses"`
}

// MaxWitnesses is how many witnesses a gate has at most.
const MaxWitnesses = 16

// ParseWitnesses reads the answer, bounded: at most MaxWitnesses, keys of at most 512 bytes, checkpoints of at most 4 KiB.
func ParseWitnesses(b []byte) ([]Witness, error) {
	bad := errors.New("reading the list of witnesses: malformed")
	var list Witnesses
	if len(b) > 256<<10 || json.Unmarshal(b, &list) != nil || len(list.Witnesses) > MaxWitnesses {
		return nil, bad
	}
	for _, w := range list.Witnesses {
		if w.Key == "" || len(w.Key) > 512 || len(w.Cosigned) > 4<<10 {
			return nil, bad
		}
	}
	return list.Witnesses, nil
}
