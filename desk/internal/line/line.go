// Package line is a desk's connection to its gate: signed requests, bounded answers, nothing kept.
//
// It believes nothing that comes back: it tells transport from refusal, and leaves proofs to desk/internal/sync. It follows no
// redirect and speaks to one address only.
package line

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"panah/core/wire"
)

var (
	// ErrOffline says that the gate did not answer. What was to be sent may or may not have arrived.
	ErrOffline = errors.New("the gate does not answer")
	// ErrClock says that the gate refuses this desk because their clocks differ by more than five minutes.
	ErrClock = errors.New("the desk's clock and the gate's are more than five minutes apart")
	// ErrDevice says that the gate does not count this desk among the organisation's.
	ErrDevice = errors.New("the gate does not know this desk")
	// ErrNoMailbox says that a mailbox is gone.
	ErrNoMailbox = errors.New("the mailbox is gone")
)

// A ClockError is an ErrClock that says by how much.
type ClockError struct {
	Ahead time.Duration // of the gate's clock before this desk's; negative when it is behind
}

// Error says what is wrong.
func (ClockError) Error() string { return ErrClock.Error() }

// Is makes every ClockError an ErrClock.
func (ClockError) Is(target error) bool { return target == ErrClock }

// Times and sizes that a request may take.
const (
	shortTime  = 60 * time.Second // requests with a small answer; 2 MiB at 300 kbit/s go through
	longTime   = 5 * time.Minute  // 8 MiB at 300 kbit/s take four
	newsTime   = 45 * time.Second // the gate waits 25 s
	maxAnswer  = 256 << 10
	maxProof   = 26 // bits of work that a desk does: some seconds
	userAgent  = "panah-desk"
	syncStream = 1000 // entries asked for at once
)

// A Line talks to one gate. Its methods may be called at once.
type Line struct {
	base   *url.URL
	origin string
	device ed25519.PrivateKey
	http   *http.Client
	now    func() time.Time
}

// New makes a line to the gate at base ("https://help.example.org") whose name is origin. device signs.
func New(base, origin string, device ed25519.PrivateKey, now func() time.Time) (*Line, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.Path != "" || u.RawQuery != "" {
		return nil, errors.New("the gate's address is not like https://help.example.org")
	}
	return &Line{base: u, origin: origin, device: device, now: now, http: newClient()}, nil
}

// newClient follows no redirect: what the desk signs and sends is for its gate only. A proxy from the environment is
// used, so that a desk can go through Tor.
func newClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = newsTime
	t.MaxResponseHeaderBytes = 64 << 10
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Close drops idle connections.
func (l *Line) Close() { l.http.CloseIdleConnections() }

// send makes one request; signed with the device's key when sign is set. The caller closes the body.
func (l *Line) send(ctx context.Context, method, target string, body []byte, sign bool, header http.Header) (*http.Response, error) {
	u := *l.base
	path, query, _ := strings.Cut(target, "?")
	u.Path, u.RawQuery = path, query
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("asking the gate: %w", err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", userAgent)
	if sign {
		s := wire.SignRequest(l.device, method, target, body, l.origin, l.now())
		req.Header.Set(wire.HeaderDevice, s.Device)
		req.Header.Set(wire.HeaderDate, s.Date)
		req.Header.Set(wire.HeaderSignature, s.Signature)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, ctx.Err()
		}
		// The chain holds the gate's address only.
		return nil, fmt.Errorf("%w: %v", ErrOffline, err)
	}
	return resp, nil
}

// call makes a request with a small answer and returns it when its status is one of ok.
func (l *Line) call(ctx context.Context, method, target string, body []byte, sign bool, header http.Header, ok ...int) (status int, answer []byte, err error) {
	return l.ask(ctx, request{method: method, target: target, body: body, sign: sign, header: header}, ok...)
}

// refusal turns an answer that is no success into an error: ErrClock, ErrDevice, ErrNoMailbox, ErrOffline for what passes, or the gate's own words.
func (l *Line) refusal(resp *http.Response, answer []byte) error {
	e := &wire.Error{Status: resp.StatusCode}
	if json.Unmarshal(answer, e) != nil || e.Code == "" {
		// A proxy in between, or something that is no gate.
		return fmt.Errorf("%w: it answered %d", ErrOffline, resp.StatusCode)
	}
	switch e.Code {
	case wire.CodeDevice:
		if ahead := l.skew(resp); ahead.Abs() > wire.RequestWindow {
			return ClockError{ahead}
		}
		return fmt.Errorf("%w: %w", ErrDevice, e)
	case wire.CodeNoMailbox:
		return fmt.Errorf("%w: %w", ErrNoMailbox, e)
	case wire.CodeRoster:
		return fmt.Errorf("%w: %w", ErrRoster, e)
	case wire.CodeJoin:
		return fmt.Errorf("%w: %w", ErrJoin, e)
	case wire.CodeBusy, wire.CodeFull, wire.CodeInternal, wire.CodeClosed:
		return fmt.Errorf("%w: %w", ErrOffline, e)
	}
	return e
}

// skew is how far the gate's clock, as its answer's Date says, is ahead of this desk's; 0 when it does not say.
func (l *Line) skew(resp *http.Response) time.Duration {
	t, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0
	}
	return t.Sub(l.now())
}

// Sync opens the stream of entries from index from on. The caller reads frames and closes it.
func (l *Line) Sync(ctx context.Context, from int64) (io.ReadCloser, error) {
	target := "/v1/desk/sync?from=" + strconv.FormatInt(from, 10) + "&limit=" + strconv.Itoa(syncStream)
	resp, err := l.send(ctx, http.MethodGet, target, nil, true, nil)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		if err != nil {
			return nil, fmt.Errorf("%w: %v", ErrOffline, err)
		}
		return nil, l.refusal(resp, answer)
	}
	return resp.Body, nil
}

// News waits until the log is larger than after or anything about keys changed since keys, at most half a minute. It returns the log's size, and a number that only
// means "changed since", as the gate says.
func (l *Line) News(ctx context.Context, after, keys int64) (size, keysNow int64, err error) {
	target := fmt.Sprintf("/v1/desk/news?after=%d&keys=%d", after, keys)
	_, answer, err := l.call(ctx, http.MethodGet, target, nil, true, nil, http.StatusOK)
	if err != nil {
		return 0, 0, err
	}
	var news struct {
		Size int64 `json:"size"`
		Keys int64 `json:"keys"`
	}
	if err := json.Unmarshal(answer, &news); err != nil {
		return 0, 0, fmt.Errorf("%w: no news in its answer", ErrOffline)
	}
	return news.Size, news.Keys, nil
}
