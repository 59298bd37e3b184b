package web

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// policy is the page's content security policy. Scripts, styles, pictures and sound come from this desk only, nothing
// is inline, and no other page may hold this one in a frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// A guard stands before every handler: this desk holds readable letters, and every page that the same browser has
// open, and every program on the same laptop, can send requests to a loopback port.
type guard struct {
	hosts map[string]bool // the only Host headers that reach a handler
}

// newGuard takes the bound address. Anything but a literal loopback address is refused: a name could be
// pointed elsewhere, and another address would let the office network in.
func newGuard(addr string) (*guard, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("reading the bound address: %w", err)
	}
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsLoopback() || port == "0" || port == "" {
		return nil, errors.New("the desk's pages are served on a loopback address with a known port only")
	}
	return &guard{hosts: map[string]bool{addr: true, "localhost:" + port: true}}, nil
}

// check returns the status with which to refuse r, or 0. launch says that r opens the launch URL, the one address
// that may be followed from anywhere.
func (g *guard) check(r *http.Request, launch bool) int {
	if !g.hosts[r.Host] {
		return http.StatusMisdirectedRequest // DNS rebinding: the name in the address bar is somebody else's
	}
	site := r.Header.Get("Sec-Fetch-Site")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		// Browsers say where a request comes from. A page on another port of this machine counts as "same-site", and is
		// as foreign as any other. No header at all is no browser that could be lured here.
		if site != "" && site != "same-origin" && site != "none" && !launch {
			return http.StatusForbidden
		}
	case http.MethodPost:
		if !g.ownPost(r, site) {
			return http.StatusForbidden
		}
	default:
		return http.StatusMethodNotAllowed
	}
	return 0
}

// ownPost tells a form of ours from one that another page sent. Origin is "null" for our own forms too, because of
// our referrer policy (Fetch, section 3.2); then Sec-Fetch-Site, which no page can forge, decides.
func (g *guard) ownPost(r *http.Request, site string) bool {
	origin := r.Header.Get("Origin")
	if site != "" && site != "same-origin" {
		return false
	}
	if origin == "" || origin == "null" {
		return site == "same-origin"
	}
	host, ok := strings.CutPrefix(origin, "http://")
	return ok && host == r.Host
}

// setHeaders writes what every answer carries. Nothing readable may stay in a browser's cache; static files
// overwrite Cache-Control.
func setHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), display-capture=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}
