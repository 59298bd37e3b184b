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
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = &pacedBody{ReadCloser: r.Body, rc: rc, pace: p, start: time.Now()}
		}
		pw := &pacedWriter{ResponseWriter: w, rc: rc, pace: p}
		pw.extend() // for "100 Continue", and for what net/http answers by itself
		next.ServeHTTP(pw, r)
	})
}

// fresh reports whether a deadline that was set earlier leaves nearly as much silence as a new one would: setting one costs as much
// as reading a small letter.
func (p pace) fresh(deadline, now time.Time) bool { return deadline.Sub(now) > p.silence-p.silence/8 }

// A pacedBody moves the read deadline on as bytes arrive.
type pacedBody struct {
	io.ReadCloser
	rc    *http.ResponseController
	pace  pace
	start time.Time
	set   time.Time // the deadline
	n     int64
}

// Read reads with a deadline: not silent for long, and not slow for ever.
func (b *pacedBody) Read(p []byte) (int, error) {
	if now := time.Now(); !b.pace.fresh(b.set, now) {
		b.set = now.Add(b.pace.silence)
		if last := b.start.Add(b.pace.grace + time.Duration(b.n)*time.Second/time.Duration(b.pace.rate)); last.Before(b.set) {
			b.set = last
		}
		_ = b.rc.SetReadDeadline(b.set) // a connection that cannot is one that has ended
	}
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	if err != nil {
		// The handler goes on, and waits for the disk or for news: that is no silence of the sender.
		b.set = time.Time{}
		_ = b.rc.SetReadDeadline(b.set)
	}
	return n, err
}

// A pacedWriter moves the write deadline on as bytes leave.
type pacedWriter struct {
	http.ResponseWriter
	rc   *http.ResponseController
	pace pace
	set  time.Time // the deadline
}

// slice is how much must leave within one silence, bytes.
const slice = 16 << 10

// extend gives the other side another silence.
func (w *pacedWriter) extend() {
	if now := time.Now(); !w.pace.fresh(w.set, now) {
		w.set = now.Add(w.pace.silence)
		_ = w.rc.SetWriteDeadline(w.set)
	}
}

// WriteHeader starts the answer, which may come long after the request.
func (w *pacedWriter) WriteHeader(status int) {
	w.extend()
	w.ResponseWriter.WriteHeader(status)
}

// Write writes in slices, each with its own deadline.
func (w *pacedWriter) Write(p []byte) (n int, err error) {
	for {
		w.extend()
		m, err := w.ResponseWriter.Write(p[:min(slice, len(p))])
		n += m
		if p = p[m:]; err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
