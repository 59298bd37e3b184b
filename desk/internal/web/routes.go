package web

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"

	"panah/desk/internal/office"
)

// maxForm bounds a form: 20,000 characters of text, each at most four bytes and each byte written as %XX.
const maxForm = 20_000*12 + 16<<10

// who says who may call a route.
type who int

const (
	anyone   who = iota // any request that passes the guard
	launched            // a browser that came through the launch URL
	unlocked            // … and has given the passphrase
)

// A route is one line of the table. run may return an error, which becomes a page that says what to do.
type route struct {
	pattern string
	who     who
	quiet   bool // a request that no person made: it does not put the idle lock off
	run     func(http.ResponseWriter, *http.Request, visit) error
}

func (s *server) table() []route {
	return []route{
		{"GET /{$}", unlocked, false, s.queue},
		{"GET /thread/{id}", unlocked, false, s.thread},
		{"POST /thread/{id}/reply", unlocked, false, s.reply},
		{"POST /thread/{id}/urgency", unlocked, false, s.urgency},
		{"GET /thread/{id}/code", unlocked, false, s.codeAsk},
		{"POST /thread/{id}/code", unlocked, false, s.codeMake},
		{"GET /thread/{id}/join", unlocked, false, s.joinAsk},
		{"POST /thread/{id}/join", unlocked, false, s.join},
		{"GET /thread/{id}/erase", unlocked, false, s.eraseAsk},
		{"POST /thread/{id}/erase", unlocked, false, s.erase},
		{"GET /part/{id}", unlocked, false, s.part},
		{"GET /alarms", unlocked, false, s.alarms},
		{"POST /alarms/{id}/resolve", unlocked, false, s.resolve},
		{"GET /about", unlocked, false, s.about},
		{"POST /about/sync", unlocked, false, s.syncNow},
		{"POST /about/promise", unlocked, false, s.promise},
		{"GET /events", unlocked, true, s.events},
		{"POST /activity", unlocked, false, s.activity},
		{"POST /unlock", launched, false, s.unlock},
		{"POST /lock", launched, false, s.lock},
		{"POST /language", launched, false, s.language},
		{"GET /unlock", launched, false, s.home}, // where a reload after a wrong passphrase ends
		{"GET /lock", launched, false, s.home},
		{"/", launched, false, s.nowhere},
	}
}

// routes builds the handler. The guard stands before everything, also before the answer "not found".
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /launch", s.launch)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /static/{name}", s.static)
	for _, rt := range s.table() {
		mux.HandleFunc(rt.pattern, func(w http.ResponseWriter, r *http.Request) { s.admit(w, r, rt) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header())
		if status := s.guard.check(r, r.URL.Path == "/launch"); status != 0 {
			http.Error(w, "The desk does not answer requests that its own pages did not make. Open the address that the program printed.", status)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// admit lets a request through to its route when its session may call it.
func (s *server) admit(w http.ResponseWriter, r *http.Request, rt route) {
	form := readForm(w, r)
	v, ok := s.visit(r, !rt.quiet && r.Header.Get("Panah-Live") == "")
	if !ok {
		s.outside(w, r)
		return
	}
	if err := s.enter(w, r, rt, v, form); err != nil {
		s.fail(w, r, v, err)
	}
}

// visit finds the request's session. alive puts the idle locks off, of the session and of the office.
func (s *server) visit(r *http.Request, alive bool) (visit, bool) {
	c, err := r.Cookie(s.cookie)
	if err != nil {
		return visit{}, false
	}
	if s.office.Locked() {
		alive = false // and sessions that think otherwise learn it below
	}
	v, ok := s.sessions.visit(c.Value, alive)
	switch {
	case v.Unlocked && s.office.Locked():
		s.sessions.lockAll()
		v.Unlocked = false
	case v.Unlocked && alive:
		s.office.Touch()
	}
	return v, ok
}

func (s *server) enter(w http.ResponseWriter, r *http.Request, rt route, v visit, form error) error {
	switch {
	case form != nil:
		return form
	case r.Method == http.MethodPost && !v.own(r.PostForm.Get("csrf")):
		return errForeignForm
	case rt.who == unlocked && !v.Unlocked:
		return s.keepAndAsk(w, r, v)
	}
	return rt.run(w, r, v)
}

// Errors that have a page of their own.
var (
	errForeignForm = errors.New("the form does not belong to this session")
	errFormSize    = errors.New("the form is larger than any of ours")
	errFormKind    = errors.New("the form is not one of ours")
	errNowhere     = errors.New("there is no such page")
	errPart        = errors.New("a file that the desk does not show")
)

// readForm reads a POST's body within bounds. Only plain forms are ours: nothing is ever written to a temporary file.
func readForm(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	// Scripts add a charset to it.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		r.PostForm = nil
		return errFormKind
	}
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return errFormSize
		}
		return fmt.Errorf("%w: %v", errFormKind, "it cannot be read")
	}
	return nil
}

// id reads the number in a path.
func id(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || n < 1 {
		return 0, office.ErrNotFound
	}
	return n, nil
}
