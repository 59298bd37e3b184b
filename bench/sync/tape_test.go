package sync

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// A tape stands between desk and gate: it records what the gate answers, and plays it again. A gate is another machine in real life, so its
// reading and framing of 20,000 rows are not the desk's work; a tape costs next to nothing.
type tape struct {
	*httptest.Server
	playing atomic.Bool
	mu      sync.Mutex
	answers map[string][]byte // by request URI; guarded by mu
}

func newTape(b *testing.B, gate string) *tape {
	b.Helper()
	to, err := url.Parse(gate)
	if err != nil {
		b.Fatal(err)
	}
	t := &tape{answers: map[string][]byte{}}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = t.record
	t.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !t.playing.Load() {
			proxy.ServeHTTP(w, r)
			return
		}
		t.mu.Lock()
		answer, ok := t.answers[r.URL.RequestURI()]
		t.mu.Unlock()
		if !ok {
			http.Error(w, "not on the tape: "+r.URL.RequestURI(), http.StatusNotFound)
			return
		}
		_, _ = w.Write(answer)
	}))
	b.Cleanup(t.Close)
	return t
}

func (t *tape) record(r *http.Response) error {
	if r.StatusCode != http.StatusOK {
		return nil
	}
	r.Body = &recorder{ReadCloser: r.Body, t: t, uri: r.Request.URL.RequestURI()}
	return nil
}

// A recorder keeps what is read through it.
type recorder struct {
	io.ReadCloser
	t   *tape
	uri string
	got []byte
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.got = append(r.got, p[:n]...)
	if err == io.EOF {
		r.t.mu.Lock()
		defer r.t.mu.Unlock()
		r.t.answers[r.uri] = r.got
	}
	return n, err
}
