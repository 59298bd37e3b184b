package line

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/wire"
)

// Largest answers of the routes of docs/formats-keys.md, section 4, bytes.
const (
	maxKeyNews = wire.MaxRosters*(wire.MaxRoster+5) + 4*(wire.MaxPackage+5) + 4<<20
	maxRosters = wire.MaxRosters*(wire.MaxRoster+5) + 5
	maxWraps   = wire.MaxPackage + wire.MaxLetter + 64<<10
)

var (
	// ErrRoster says that what was sent does not follow what the gate has: somebody else came first.
	ErrRoster = errors.New("the gate has another roster already")
	// ErrNoFile says that the gate has no recovery file of that name.
	ErrNoFile = errors.New("the gate has no such recovery file")
)

// Keys asks for everything about keys: rosters from serial from on, this device's grant, cards and proposals. The caller verifies all of it.
func (l *Line) Keys(ctx context.Context, from int) (wire.KeyNews, error) {
	_, answer, err := l.ask(ctx, request{method: http.MethodGet, target: "/v1/desk/keys?from=" + strconv.Itoa(from), sign: true, limit: maxKeyNews}, http.StatusOK)
	if err != nil {
		return wire.KeyNews{}, err
	}
	news, err := wire.ParseKeyNews(answer)
	if err != nil {
		return wire.KeyNews{}, fmt.Errorf("%w: %v", ErrOffline, err)
	}
	return news, nil
}

// Rosters asks like a stranger for the rosters from serial from on, at most 200: also a desk that was removed may.
func (l *Line) Rosters(ctx context.Context, from int) ([][]byte, error) {
	_, answer, err := l.ask(ctx, request{method: http.MethodGet, target: "/rosters?from=" + strconv.Itoa(from), limit: maxRosters}, http.StatusOK)
	if err != nil {
		return nil, err
	}
	rosters, err := wire.ParseRosters(answer)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrOffline, err)
	}
	return rosters, nil
}

// Posted says what a gate did with a package.
type Posted int

// What a gate does with a package.
const (
	PostedNow      Posted = iota + 1 // its roster is the current one from now on
	PostedBefore                     // it was already
	PostedProposal                   // kept until enough keepers have signed
)

// PostRoster sends a roster with what goes into force with it. A second time changes nothing. The error wraps ErrRoster when it does not follow the gate's current roster.
func (l *Line) PostRoster(ctx context.Context, p wire.Package) (Posted, error) {
	status, _, err := l.ask(ctx, request{method: http.MethodPost, target: "/v1/roster", body: p.Bytes()}, http.StatusCreated, http.StatusOK, http.StatusAccepted)
	switch {
	case err != nil:
		return 0, err
	case status == http.StatusCreated:
		return PostedNow, nil
	case status == http.StatusOK:
		return PostedBefore, nil
	}
	return PostedProposal, nil
}

// PutCard publishes this device's card. The error wraps ErrRoster when the gate has one of the same or a higher generation.
func (l *Line) PutCard(ctx context.Context, card []byte) error {
	_, _, err := l.call(ctx, http.MethodPut, "/v1/desk/card", card, true, nil, http.StatusCreated, http.StatusOK)
	return err
}

// Recovery asks for one recovery file. The error wraps ErrNoFile.
func (l *Line) Recovery(ctx context.Context, name string) ([]byte, error) {
	if !wire.GoodFileName(name) {
		return nil, fmt.Errorf("asking for a recovery file: %w", ErrNoFile)
	}
	status, answer, err := l.ask(ctx, request{method: http.MethodGet, target: "/recovery/" + name, limit: wire.MaxFile + 1}, http.StatusOK)
	if status == http.StatusNotFound {
		return nil, ErrNoFile
	}
	return answer, err
}

// PutRecovery replaces all recovery files.
func (l *Line) PutRecovery(ctx context.Context, files []wire.File) error {
	_, _, err := l.call(ctx, http.MethodPut, "/v1/desk/recovery", wire.AppendFiles(nil, files), true, nil, http.StatusCreated, http.StatusOK)
	return err
}

// Intake opens or closes the public intake.
func (l *Line) Intake(ctx context.Context, open bool) error {
	body := []byte{0}
	if open {
		body[0] = 1
	}
	_, _, err := l.call(ctx, http.MethodPost, "/v1/desk/intake", body, true, nil, http.StatusNoContent, http.StatusOK)
	return err
}

// DeskLetter puts a sealed letter into the log, also while intake is closed. A second time changes nothing. The receipt is checked: the error wraps
// ErrReceipt when it does not hold.
func (l *Line) DeskLetter(ctx context.Context, sealed []byte, from Issuer) (Receipt, error) {
	_, answer, err := l.call(ctx, http.MethodPost, "/v1/desk/letters", sealed, true, http.Header{"Content-Type": {wire.TypeLetter}}, http.StatusCreated, http.StatusOK)
	if err != nil {
		return Receipt{}, err
	}
	return from.Receipt(answer, sealed, l.now())
}

// PutWraps stores wraps of an epoch, at most wire.MaxWraps and 8 MiB; an empty one deletes. A second time changes nothing.
func (l *Line) PutWraps(ctx context.Context, epoch int, wraps []wire.Wrap) error {
	target := "/v1/desk/wraps?epoch=" + strconv.Itoa(epoch)
	_, _, err := l.call(ctx, http.MethodPut, target, wire.AppendWraps(nil, wraps, false), true, nil, http.StatusNoContent, http.StatusOK)
	return err
}

// Wraps asks for wraps of an epoch in the order of their names, after the name after (zero: from the first); more says that there are further ones.
func (l *Line) Wraps(ctx context.Context, epoch int, after [16]byte) (wraps []wire.Wrap, more bool, err error) {
	target := fmt.Sprintf("/v1/desk/wraps?epoch=%d", epoch)
	if after != [16]byte{} {
		target += fmt.Sprintf("&after=%x", after)
	}
	_, answer, err := l.ask(ctx, request{method: http.MethodGet, target: target, sign: true, limit: maxWraps}, http.StatusOK)
	if err != nil {
		return nil, false, err
	}
	if wraps, more, err = wire.ParseWraps(answer); err != nil {
		return nil, false, fmt.Errorf("%w: %v", ErrOffline, err)
	}
	for i, w := range wraps { // names only go up, or asking on might never end
		if bytes.Compare(w.Name[:], after[:]) <= 0 && (i > 0 || after != [16]byte{}) {
			return nil, false, fmt.Errorf("%w: wraps out of order", ErrOffline)
		}
		after = w.Name
	}
	return wraps, more && len(wraps) > 0, nil
}

// DropWraps deletes all wraps of epochs before epoch.
func (l *Line) DropWraps(ctx context.Context, epoch int) error {
	_, _, err := l.call(ctx, http.MethodDelete, "/v1/desk/wraps?epoch="+strconv.Itoa(epoch), nil, true, nil, http.StatusNoContent, http.StatusOK)
	return err
}

// Consistency asks for the proof that the tree of size newer continues the one of size older, 1 ≤ older ≤ newer. The caller checks it.
func (l *Line) Consistency(ctx context.Context, older, newer int64) (tlog.TreeProof, error) {
	target := fmt.Sprintf("/v1/desk/consistency?old=%d&new=%d", older, newer)
	_, answer, err := l.call(ctx, http.MethodGet, target, nil, true, nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	if len(answer)%tlog.HashSize != 0 || len(answer) > 64*2*tlog.HashSize {
		return nil, fmt.Errorf("%w: no proof in its answer", ErrOffline)
	}
	var proof tlog.TreeProof
	for len(answer) > 0 {
		proof = append(proof, tlog.Hash(answer[:tlog.HashSize]))
		answer = answer[tlog.HashSize:]
	}
	return proof, nil
}

// A request is one with an answer that is read whole.
type request struct {
	method, target string
	body           []byte
	sign           bool
	header         http.Header
	limit          int64 // of the answer, bytes; 0: maxAnswer
}

// ask makes a request and returns its answer when its status is one of ok. The status is also told when it is not.
func (l *Line) ask(ctx context.Context, q request, ok ...int) (status int, answer []byte, err error) {
	limit := shortTime
	if len(q.body) > maxAnswer || q.limit > maxAnswer {
		limit = longTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if q.limit == 0 {
		q.limit = maxAnswer
	}
	resp, err := l.send(ctx, q.method, q.target, q.body, q.sign, q.header)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, q.limit))
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %v", ErrOffline, err)
	}
	for _, s := range ok {
		if resp.StatusCode == s {
			return s, answer, nil
		}
	}
	return resp.StatusCode, nil, l.refusal(resp, answer)
}
