package line

import (
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
)

// ErrReceipt says that the gate took a letter and answered with something that proves nothing: the desk does not count on that letter.
var ErrReceipt = errors.New("the gate's receipt for a letter does not hold")

// An Issuer is whose receipts are good: the gate that signs promises, and the organisation that they are made to.
type Issuer struct {
	Gate note.Verifier
	Org  string // fingerprint, 20 characters
}

// A Receipt is the gate's answer to a letter, checked: a promise that anybody can check again.
type Receipt struct {
	ledger.Promise
	Signed string // the promise's text
}

// Receipt checks the gate's answer to sealed: its commitment opens to a record of these very bytes, and the promise is signed and about this commitment. The error wraps
// ErrReceipt.
func (i Issuer) Receipt(answer, sealed []byte) (Receipt, error) {
	var a wire.Accepted
	if err := json.Unmarshal(answer, &a); err != nil {
		return Receipt{}, fmt.Errorf("%w: malformed", ErrReceipt)
	}
	if a.ID != wire.IDOf(sealed).String() || len(a.Commitment) != len(ledger.Commitment{}) || len(a.Key) != 32 {
		return Receipt{}, fmt.Errorf("%w: of another letter", ErrReceipt)
	}
	entry := wire.Entry{Commitment: ledger.Commitment(a.Commitment), Present: true, Key: [32]byte(a.Key), Record: a.Record, Sealed: sealed}
	if _, err := ledger.CheckEntry(entry); err != nil {
		return Receipt{}, fmt.Errorf("%w: %v", ErrReceipt, err)
	}
	p, err := ledger.CheckPromise(a.Promise, i.Gate)
	if err != nil {
		return Receipt{}, fmt.Errorf("%w: %v", ErrReceipt, err)
	}
	if p.Commitment != entry.Commitment || p.Org != i.Org || p.Gate != i.Gate.Name() {
		return Receipt{}, fmt.Errorf("%w: it promises something else", ErrReceipt)
	}
	return Receipt{p, a.Promise}, nil
}
