package line

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"golang.org/x/mod/sumdb/note"

	"panah/core/wire"
)

// Reply puts a sealed reply into a mailbox. A second time changes nothing. The error wraps ErrNoMailbox when the mailbox is gone.
func (l *Line) Reply(ctx context.Context, to wire.MailboxID, sealed []byte) error {
	_, _, err := l.call(ctx, http.MethodPost, "/v1/desk/replies", append(to[:], sealed...), true, nil, http.StatusCreated, http.StatusOK)
	return err
}

// OpenMailbox opens a mailbox. A second time changes nothing.
func (l *Line) OpenMailbox(ctx context.Context, key wire.MailboxKey) error {
	_, _, err := l.call(ctx, http.MethodPost, "/v1/desk/mailboxes", append(key.ID[:], key.Auth[:]...), true, nil, http.StatusCreated, http.StatusOK)
	return err
}

// KillMailbox destroys a mailbox and the replies in it. One that is gone already is no error.
func (l *Line) KillMailbox(ctx context.Context, id wire.MailboxID) error {
	_, _, err := l.call(ctx, http.MethodDelete, "/v1/desk/mailboxes", id[:], true, nil, http.StatusNoContent, http.StatusOK)
	if errors.Is(err, ErrNoMailbox) {
		return nil
	}
	return err
}

// Delete asks the gate to destroy letters: ids, a line each, at most 1,000.
func (l *Line) Delete(ctx context.Context, ids []byte) error {
	_, _, err := l.call(ctx, http.MethodPost, "/v1/desk/delete", ids, true, nil, http.StatusOK)
	return err
}

// Letter puts a sealed letter into the log like everybody does, and works for it when the gate asks. It is not signed: the gate
// need not know which letters desks write to each other. Only while intake is closed it goes in as a desk's. The receipt is checked: the error
// wraps ErrReceipt when it does not hold.
func (l *Line) Letter(ctx context.Context, sealed []byte, from Issuer) (Receipt, error) {
	id := wire.IDOf(sealed)
	header := http.Header{"Content-Type": {wire.TypeLetter}}
	for range 3 {
		_, answer, err := l.call(ctx, http.MethodPut, "/v1/letters/"+id.String(), sealed, false, header, http.StatusCreated, http.StatusOK)
		var e *wire.Error
		switch {
		case err == nil:
			return from.Receipt(answer, sealed, l.now())
		case errors.As(err, &e) && e.Code == wire.CodeClosed:
			return l.DeskLetter(ctx, sealed, from)
		case e == nil || e.Code != wire.CodeWork:
			return Receipt{}, err
		}
		work, err := work(ctx, e.Challenge, id, e.Bits)
		if err != nil {
			return Receipt{}, err
		}
		header.Set(wire.HeaderWork, work)
	}
	return Receipt{}, fmt.Errorf("%w: it keeps asking for work", ErrOffline)
}

// work finds the counter that docs/formats.md, section 4, asks for.
func work(ctx context.Context, challenge string, id wire.LetterID, zeros int) (string, error) {
	if zeros < 0 || zeros > maxProof || len(challenge) > 512 {
		return "", fmt.Errorf("%w: it asks for too much work", ErrOffline)
	}
	return wire.SolveWork(ctx, challenge, id, zeros)
}

// Roster asks for the roster that the gate serves.
func (l *Line) Roster(ctx context.Context) ([]byte, error) {
	_, answer, err := l.call(ctx, http.MethodGet, "/roster", nil, false, nil, http.StatusOK)
	return answer, err
}

// Setup gives a new gate its organisation: it sends the founding roster, proved by the setup code that the gate printed, and returns the gate's
// verifier key, proved by the same code.
func (l *Line) Setup(ctx context.Context, code wire.SetupKey, roster []byte) (vkey string, err error) {
	ctx, cancel := context.WithTimeout(ctx, shortTime)
	defer cancel()
	resp, err := l.send(ctx, http.MethodPost, "/v1/setup", roster, false, http.Header{wire.HeaderSetup: {code.RosterProof(roster)}})
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return "", fmt.Errorf("%w: %v", ErrOffline, err)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("setting the gate up: %w", l.refusal(resp, answer))
	}
	if !wire.SameProof(resp.Header.Get(wire.HeaderSetup), code.GateProof(string(answer))) {
		return "", errors.New("setting the gate up: the answer does not come from the gate that printed this code; check the address, and that nobody else used the code")
	}
	return string(answer), nil
}

// OriginOf returns the name in a gate's verifier key.
func OriginOf(vkey string) (string, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return "", errors.New("the gate's key is malformed")
	}
	return v.Name(), nil
}
