package line

import (
	"encoding/json"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
)

// ErrReceipt says that the gate took a letter and answered with something that proves nothing: the desk does not count on that letter.
var ErrReceipt = errors.New("the gate's receipt for a letter does not hold")

// A FalseReceipt is an ErrReceipt with what the gate answered.
type FalseReceipt struct {
	Why    string
	Answer string // at most 4 KiB of it
}

// Error says what does not hold.
func (f *FalseReceipt) Error() string { return ErrReceipt.Error() + ": " + f.Why }

// Is makes every FalseReceipt an ErrReceipt.
func (*FalseReceipt) Is(target error) bool { return target == ErrReceipt }

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
// day. The error is a *FalseReceipt.
func (i Issuer) Receipt(answer, sealed []byte, now time.Time) (Receipt, error) {
	wrong := func(why string) (Receipt, error) {
		return Receipt{}, &FalseReceipt{why, string(answer[:min(len(answer), 4<<10)])}
	}
	var a wire.Accepted
	if err := json.Unmarshal(answer, &a); err != nil {
		return wrong("malformed")
	}
	if a.ID != wire.IDOf(sealed).String() || len(a.Commitment) != len(ledger.Commitment{}) || len(a.Key) != 32 {
		return wrong("of another letter")
	}
	entry := wire.Entry{Commitment: ledger.Commitment(a.Commitment), Present: true, Key: [32]byte(a.Key), Record: a.Record, Sealed: sealed}
	if _, err := ledger.CheckEntry(entry); err != nil {
		return wrong(err.Error())
	}
	p, err := ledger.CheckPromise(a.Promise, i.Gate)
	if err != nil {
		return wrong(err.Error())
	}
	if p.Commitment != entry.Commitment || p.Org != i.Org || p.Gate != i.Gate.Name() {
		return wrong("it promises something else")
	}
	if p.Deadline.Sub(now) > latestDeadline {
		return wrong("its deadline is " + p.Deadline.Format(time.RFC3339))
	}
	return Receipt{p, a.Promise}, nil
}
