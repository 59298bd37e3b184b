package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// page is one answer that is the same for everybody, with its compressed forms.
type page struct {
	contentType   string
	plain, br, gz []byte
	tag           string // ETag
	closed        bool   // it asks no server for anything: closedPolicy
}

// Pages are compressed when the gate starts, which has to be quick, and then once more at leisure: a tenth smaller for
// twenty times the work (on one core 16 ms for all, 150 ms for the first pages).
const (
	quickBrotli = 6
	bestBrotli  = brotli.BestCompression
	// brotliWindow is the base-2 logarithm of the window: a page fits into 64 KiB, and the default of 4 MiB takes 32 MiB of memory.
	brotliWindow = 16
)

// packed compresses a page quickly.
func packed(html []byte) (page, error) {
	p := page{contentType: typePage, plain: html, tag: tagOf(html)}
	var gz bytes.Buffer
	g, err := gzip.NewWriterLevel(&gz, gzip.DefaultCompression)
	if err != nil {
		return p, fmt.Errorf("compressing a page: %w", err)
	}
	if p.gz, err = squeezed(&gz, g, html); err != nil {
		return p, err
	}
	var br bytes.Buffer
	p.br, err = squeezed(&br, brotli.NewWriterLevel(&br, quickBrotli), html)
	return p, err
}

// squeezed writes data through a compressor and returns what came out.
func squeezed(out *bytes.Buffer, w io.WriteCloser, data []byte) ([]byte, error) {
	if _, err := w.Write(data); err != nil {
		return nil, fmt.Errorf("compressing a page: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compressing a page: %w", err)
	}
	return out.Bytes(), nil
}

// smaller returns the same pages, with the first ones ("/" and each language's) compressed as well as it gets: those are what a person
// waits for.
func (r *rendered) smaller() (*rendered, error) {
	better := &rendered{org: r.org, rules: r.rules, pages: make(map[string]page, len(r.pages)), closed: r.closed, checks: r.checks}
	for path, p := range r.pages {
		better.pages[path] = p
		if !strings.HasSuffix(path, "/") {
			continue
		}
		var br bytes.Buffer
		var err error
		if p.br, err = squeezed(&br, brotli.NewWriterOptions(&br, brotli.WriterOptions{Quality: bestBrotli, LGWin: brotliWindow}), p.plain); err != nil {
			return nil, err
		}
		better.pages[path] = p
	}
	return better, nil
}

// policy is what the pages may load and do. Nothing is inline, nothing comes from elsewhere, forms go only to this gate.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src blob:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// closedPolicy is that of the check of papers: what is chosen there cannot leave the page by itself. Its plain form is the only way out.
const closedPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// permissions switches off what no page needs; the microphone records voice letters.
const permissions = "microphone=(self), camera=(), geolocation=(), display-capture=(), usb=(), payment=()"

// guard sets the headers that every answer carries.
func guard(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", permissions)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// serve answers with a page in the best form that the browser takes. Pages are asked for again each time (they may
// change with a release) and cost 304 when nothing did; hashed assets never change.
func (p page) serve(w http.ResponseWriter, r *http.Request, forever bool) {
	h := w.Header()
	guard(h)
	if p.closed {
		h.Set("Content-Security-Policy", closedPolicy)
	}
	h.Set("Content-Type", p.contentType)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("ETag", p.tag)
	if slices.Contains(strings.Split(r.Header.Get("If-None-Match"), ", "), p.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := p.plain
	switch {
	case accepts(r, "br"):
		body = p.br
		h.Set("Content-Encoding", "br")
	case accepts(r, "gzip"):
		body = p.gz
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the browser went away: nobody is left to tell
	}
}

// accepts reports whether the browser takes an encoding (RFC 9110, section 12.5.3; a weight of 0 means no).
func accepts(r *http.Request, encoding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) != encoding {
			continue
		}
		q := strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		zero := q != "" && strings.Trim(q, "0.") == ""
		return !zero
	}
	return false
}

// serveOnce answers with a page that is for this person only: nothing may keep it, and it is not compressed, since the
// length of a compressed page tells of what is in it.
func serveOnce(w http.ResponseWriter, status int, html []byte) {
	serveUnder(policy, w, status, html)
}

// serveUnder is serveOnce with another policy.
func serveUnder(policy string, w http.ResponseWriter, status int, html []byte) {
	h := w.Header()
	guard(h)
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", typePage)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(html)))
	w.WriteHeader(status)
	_, _ = w.Write(html)
}
