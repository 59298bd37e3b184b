// Package hoard is the worst gate there is: a real one, in this process, whose operator keeps every byte that ever passed, and may change
// what passes. Attack tests begin with it. It is imported by tests only.
package hoard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"panah/gate"
	"panah/internal/testkit/gates"
)

// Origin is the name of the gates here.
const Origin = "help.example.org"

// An Exchange is one request with its answer. Bodies are whole.
type Exchange struct {
	Method string
	Target string // path and query
	Header http.Header
	Body   []byte
	Answer Answer
}

// An Answer is what a gate says.
type Answer struct {
	Status int // 0: the connection was cut
	Header http.Header
	Body   []byte
}

// A Meddler stands between everybody and the gate. It gets a request, whose Answer is empty, and a way to ask the true gate with what is
// in e at that moment, as often as it likes; what it returns is what the sender sees. Status 0 cuts the connection.
type Meddler func(e Exchange, gate func(Exchange) Answer) Answer

// A Gate is a running gate with everything that it saw.
type Gate struct {
	URL   string // of the proxy, which is all that others know; it stays over restarts
	Dir   string // data folder
	Setup string // setup code
	VKey  string // verifier key

	config gate.Config
	proxy  *httptest.Server
	client *http.Transport

	mu     sync.Mutex // guards the rest
	seen   []Exchange
	meddle Meddler
	target string
	stop   func() error // nil while it is down
}

// Start makes a gate in c.DataDir (a folder of the test's when empty) and runs it until the test ends.
func Start(tb testing.TB, c gate.Config) *Gate {
	tb.Helper()
	if c.DataDir == "" {
		c.DataDir = tb.TempDir()
	}
	c.Addr, c.Reserve = "127.0.0.1:0", -1
	if c.Site.Leave == "" {
		c.Site.Leave = "https://www.example.org/"
	}
	id, err := gate.Init(c.DataDir, Origin)
	if err != nil {
		tb.Fatal(err)
	}
	g := &Gate{Dir: c.DataDir, Setup: id.SetupCode, VKey: id.VKey, config: c, client: &http.Transport{DisableCompression: true}}
	g.proxy = httptest.NewServer(http.HandlerFunc(g.serve))
	g.URL = g.proxy.URL
	tb.Cleanup(func() {
		g.Stop(tb)
		g.proxy.CloseClientConnections()
		g.proxy.Close()
		g.client.CloseIdleConnections()
	})
	g.Run(tb)
	return g
}

// Run starts the gate again after Stop. The configured roster is that of the first start: a later one is in the store.
func (g *Gate) Run(tb testing.TB) {
	tb.Helper()
	running, stop := gates.Begin(tb, g.config)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.target, g.stop = running.URL(), stop
}

// Stop takes the gate off the network; what it saw stays. Requests meanwhile are cut.
func (g *Gate) Stop(tb testing.TB) {
	tb.Helper()
	g.mu.Lock()
	stop := g.stop
	g.stop, g.target = nil, ""
	g.mu.Unlock()
	if stop == nil {
		return
	}
	if err := stop(); err != nil {
		tb.Errorf("stopping the gate: %v", err)
	}
}

// Meddle puts m between everybody and the gate; nil takes it away.
func (g *Gate) Meddle(m Meddler) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meddle = m
}

// Seen returns every exchange so far, in the order of their answers.
func (g *Gate) Seen() []Exchange {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Exchange(nil), g.seen...)
}

// serve passes one request on and keeps it.
func (g *Gate) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	e := Exchange{Method: r.Method, Target: r.URL.RequestURI(), Header: r.Header.Clone(), Body: body}
	g.mu.Lock()
	meddle := g.meddle
	g.mu.Unlock()
	ask := func(e Exchange) Answer {
		answer, err := g.ask(r.Context(), e)
		e.Answer = answer
		g.mu.Lock()
		g.seen = append(g.seen, e)
		g.mu.Unlock()
		if err != nil {
			return Answer{}
		}
		return answer
	}
	var answer Answer
	if meddle == nil {
		answer = ask(e)
	} else {
		answer = meddle(e, ask)
		e.Answer = answer
		g.mu.Lock()
		g.seen = append(g.seen, e) // also what never reached the gate
		g.mu.Unlock()
	}
	if answer.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	for k, v := range answer.Header {
		w.Header()[k] = v
	}
	w.Header().Del("Content-Length") // a meddler may have changed it
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // the other side may have gone
}

// ask asks the true gate.
func (g *Gate) ask(ctx context.Context, e Exchange) (Answer, error) {
	g.mu.Lock()
	target := g.target
	g.mu.Unlock()
	if target == "" {
		return Answer{}, errors.New("the gate is down")
	}
	req, err := http.NewRequestWithContext(ctx, e.Method, target+e.Target, bytes.NewReader(e.Body))
	if err != nil {
		return Answer{}, fmt.Errorf("asking the gate: %w", err)
	}
	req.Header = e.Header.Clone()
	res, err := g.client.RoundTrip(req)
	if err != nil {
		return Answer{}, fmt.Errorf("asking the gate: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return Answer{res.StatusCode, res.Header, body}, err // what was read before a cut is kept too
}
