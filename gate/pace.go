package gate

import (
	"io"
	"net/http"
	"time"
)

// A pace is how slow a request may be. A phone on a bad 2G line sends 1 KB in a second and is silent for many seconds between
// cells; somebody who only wants to hold connections sends a byte now and then.
type pace struct {
	silence time.Duration // longest wait for the next byte, either way
	grace   time.Duration // free time before the rate counts
	rate    int64         // least bytes a second of a body, after the grace
}

var defaultPace = pace{silence: 30 * time.Second, grace: time.Minute, rate: 256}

// keep gives every request its deadlines. They are set per request, as net/http's own are for a whole body: too short for a slow
// phone or too long for an attack.
func (p pace) keep(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		_ = rc.SetWriteDeadline(time.Now().Add(p.silence)) // a connection that cannot is one that has ended
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = &pacedBody{ReadCloser: r.Body, rc: rc, pace: p, start: time.Now()}
		}
		next.ServeHTTP(&pacedWriter{ResponseWriter: w, rc: rc, silence: p.silence}, r)
	})
}

// A pacedBody moves the read deadline on as bytes arrive.
type pacedBody struct {
	io.ReadCloser
	rc    *http.ResponseController
	pace  pace
	start time.Time
	n     int64
}

// Read reads with a deadline: not silent for long, and not slow for ever.
func (b *pacedBody) Read(p []byte) (int, error) {
	deadline := time.Now().Add(b.pace.silence)
	if last := b.start.Add(b.pace.grace + time.Duration(b.n)*time.Second/time.Duration(b.pace.rate)); last.Before(deadline) {
		deadline = last
	}
	_ = b.rc.SetReadDeadline(deadline)
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	if err != nil {
		// The handler goes on, and waits for the disk or for news: that is no silence of the sender.
		_ = b.rc.SetReadDeadline(time.Time{})
	}
	return n, err
}

// A pacedWriter moves the write deadline on as bytes leave.
type pacedWriter struct {
	http.ResponseWriter
	rc      *http.ResponseController
	silence time.Duration
}

// slice is how much must leave within one silence, bytes.
const slice = 16 << 10

// WriteHeader starts the answer, which may come long after the request.
func (w *pacedWriter) WriteHeader(status int) {
	_ = w.rc.SetWriteDeadline(time.Now().Add(w.silence))
	w.ResponseWriter.WriteHeader(status)
}

// Write writes in slices, each with its own deadline.
func (w *pacedWriter) Write(p []byte) (n int, err error) {
	for {
		_ = w.rc.SetWriteDeadline(time.Now().Add(w.silence))
		m, err := w.ResponseWriter.Write(p[:min(slice, len(p))])
		n += m
		if p = p[m:]; err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
