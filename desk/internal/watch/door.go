package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"panah/core/wire"
	"panah/desk/internal/line"
)

// Bounds of a visit.
const (
	visitTime  = 2 * time.Minute
	maxPage    = 1 << 20
	maxAnswer  = 64 << 10
	maxWork    = 26 // bits: some seconds
	workRounds = 3
)

// A visitor goes to a gate as a person's browser does: on connections of its own, without a name, with a browser's headers. What a gate could still tell apart is the
// handshake of TLS, and where the connection comes from.
type visitor struct {
	base   string
	http   *http.Client
	header http.Header
}

// newVisitor makes a visitor of the gate at base. Nothing is shared with other visitors or the desk's own line.
func newVisitor(base string, now time.Time) *visitor {
	t := http.DefaultTransport.(*http.Transport).Clone() // with the proxy of the environment, as the desk's own line
	t.ResponseHeaderTimeout = time.Minute
	t.MaxResponseHeaderBytes = 64 << 10
	languages := []string{"fa-IR,fa;q=0.9,en-US;q=0.8,en;q=0.7", "fa;q=0.9,en;q=0.8", "ps,fa;q=0.9,en;q=0.8", "ur-PK,ur;q=0.9,en-US;q=0.8,en;q=0.7", "en-US,en;q=0.9"}
	return &visitor{
		base: base,
		http: &http.Client{Transport: t, Timeout: visitTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		header: http.Header{
			"User-Agent":      {userAgent(now)},
			"Accept-Language": {languages[rand.N(len(languages))]},
		},
	}
}

// userAgent is that of Chrome on a telephone, which names no model and a new version every four weeks.
func userAgent(now time.Time) string {
	const of, fourWeeks = 142, 28 * 24 * time.Hour
	version := of + now.Sub(time.Date(2025, time.October, 28, 0, 0, 0, 0, time.UTC))/fourWeeks
	return fmt.Sprintf("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Mobile Safari/537.36", version)
}

// leave closes the visitor's connections.
func (v *visitor) leave() { v.http.CloseIdleConnections() }

// open looks at the first page, as everybody does before writing. What it says does not matter here: verify-pages compares pages.
func (v *visitor) open(ctx context.Context) {
	h := v.header.Clone()
	h.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8")
	h.Set("Sec-Fetch-Dest", "document")
	h.Set("Sec-Fetch-Mode", "navigate")
	h.Set("Sec-Fetch-Site", "none")
	h.Set("Upgrade-Insecure-Requests", "1")
	_, _, _ = v.ask(ctx, http.MethodGet, "/", nil, h)
}

// A said is what the gate answered to a letter, for people who look into it.
type said struct {
	status int // 0: nothing
	err    *wire.Error
}

// String is one line: bounded, and in the gate's words.
func (s said) String() string {
	switch {
	case s.status == 0:
		return "no answer"
	case s.err != nil && s.err.Code != "":
		return fmt.Sprintf("answer %d, %.40q: %.300q", s.status, s.err.Code, s.err.Say)
	}
	return fmt.Sprintf("answer %d", s.status)
}

// put brings a letter whole, as a browser brings a small one, and works when asked. taken is the gate's answer to it; nil when it did not take the letter.
func (v *visitor) put(ctx context.Context, sealed []byte, key wire.MailboxKey) (taken []byte, s said, err error) {
	id := wire.IDOf(sealed)
	h := v.fetch()
	h.Set("Content-Type", wire.TypeLetter)
	h.Set(wire.HeaderMailbox, key.ID.Reveal())
	h.Set(wire.HeaderAuth, key.RevealAuth())
	for range workRounds {
		status, body, err := v.ask(ctx, http.MethodPut, "/v1/letters/"+id.String(), sealed, h)
		if err != nil {
			return nil, said{}, err
		}
		if status == http.StatusCreated || status == http.StatusOK {
			return body, said{status: status}, nil
		}
		no := &wire.Error{Status: status}
		if json.Unmarshal(body, no) != nil {
			no = nil
		}
		s = said{status: status, err: no}
		if no == nil || no.Code != wire.CodeWork || no.Bits < 0 || no.Bits > maxWork || len(no.Challenge) > 512 {
			return nil, s, nil
		}
		answer, err := wire.SolveWork(ctx, no.Challenge, id, no.Bits)
		if err != nil {
			return nil, s, err
		}
		h.Set(wire.HeaderWork, answer)
	}
	return nil, s, nil
}

// erase destroys a mailbox, as a person does who has read everything. One that is gone is no error.
func (v *visitor) erase(ctx context.Context, key wire.MailboxKey) error {
	h := v.fetch()
	h.Set(wire.HeaderMailbox, key.ID.Reveal())
	h.Set(wire.HeaderAuth, key.RevealAuth())
	status, _, err := v.ask(ctx, http.MethodDelete, "/v1/mailbox", nil, h)
	if err == nil && status != http.StatusNoContent && status != http.StatusNotFound {
		err = fmt.Errorf("erasing the mailbox of a test letter: the gate answered %d", status)
	}
	return err
}

// fetch are the headers of a request that a page's script makes.
func (v *visitor) fetch() http.Header {
	h := v.header.Clone()
	h.Set("Accept", "*/*")
	h.Set("Origin", v.base)
	h.Set("Referer", v.base+"/")
	h.Set("Sec-Fetch-Dest", "empty")
	h.Set("Sec-Fetch-Mode", "cors")
	h.Set("Sec-Fetch-Site", "same-origin")
	return h
}

// ask makes one request. The error wraps line.ErrOffline when there was no whole answer.
func (v *visitor) ask(ctx context.Context, method, path string, body []byte, h http.Header) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("visiting the gate: %w", err)
	}
	req.Header = h.Clone()
	resp, err := v.http.Do(req)
	if err != nil {
		return 0, nil, v.lost(ctx, err)
	}
	defer resp.Body.Close()
	limit := int64(maxAnswer)
	if method == http.MethodGet {
		limit = maxPage
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if err != nil {
		return 0, nil, v.lost(ctx, err)
	}
	return resp.StatusCode, answer, nil
}

func (v *visitor) lost(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %v", line.ErrOffline, err)
}
