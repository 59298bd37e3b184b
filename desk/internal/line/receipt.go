package line

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

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

// latestDeadline is how far ahead a deadline may lie: a day, rounded up to the hour, and an hour for clocks that differ. A gate that gives itself longer promises nothing.
const latestDeadline = 26 * time.Hour

// Receipt checks the gate's answer to sealed: its commitment opens to a record of these very bytes, and the promise is signed, about this commitment, and due within a
// day. The error wraps ErrReceipt.
func (i Issuer) Receipt(answer, sealed []byte, now time.Time) (Receipt, error) {
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
	if p.Deadline.Sub(now) > latestDeadline {
		return Receipt{}, fmt.Errorf("%w: its deadline is %s", ErrReceipt, p.Deadline.Format(time.RFC3339))
	}
	return Receipt{p, a.Promise}, nil
}
