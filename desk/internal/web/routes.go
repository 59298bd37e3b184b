package web

import (
	"errors"
	"net/http"
	"strconv"

	"panah/desk/internal/office"
)

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
	photo   bool // its form may carry a photo
	quiet   bool // a request that no person made: it does not put the idle lock off
	run     func(http.ResponseWriter, *http.Request, visit) error
}

func (s *server) table() []route {
	table := s.deskRoutes()
	for _, more := range [...][]route{s.caseRoutes(), s.consentRoutes(), s.peopleRoutes(), s.searchRoutes(), s.dutyRoutes(), s.figureRoutes(), s.movingRoutes(), s.writingRoutes(), s.paperRoutes(), s.readingRoutes(), s.printingRoutes()} {
		table = append(table, more...)
	}
	return table
}

// deskRoutes are those of letters, keys and the gate. Those of the casework stand beside their pages.
func (s *server) deskRoutes() []route {
	return []route{
		{"GET /{$}", unlocked, false, false, s.queue},
		{"GET /thread/{id}", unlocked, false, false, s.thread},
		{"POST /thread/{id}/reply", unlocked, true, false, s.reply},
		{"POST /thread/{id}/urgency", unlocked, false, false, s.urgency},
		{"GET /thread/{id}/code", unlocked, false, false, s.codeAsk},
		{"POST /thread/{id}/code", unlocked, false, false, s.codeMake},
		{"GET /thread/{id}/join", unlocked, false, false, s.joinAsk},
		{"POST /thread/{id}/join", unlocked, false, false, s.join},
		{"GET /thread/{id}/erase", unlocked, false, false, s.eraseAsk},
		{"POST /thread/{id}/erase", unlocked, false, false, s.erase},
		{"GET /part/{id}", unlocked, false, false, s.part},
		{"GET /alarms", unlocked, false, false, s.alarms},
		{"POST /alarms/{id}/resolve", unlocked, false, false, s.resolve},
		{"GET /about", unlocked, false, false, s.about},
		{"POST /about/sync", unlocked, false, false, s.syncNow},
		{"POST /about/promise", unlocked, false, false, s.promise},
		{"GET /arrived", unlocked, false, false, s.arrived},
		{"GET /watch", unlocked, false, false, s.when(s.can.gatekeeper, s.watch)},
		{"POST /watch/tests", unlocked, false, false, s.when(s.can.gatekeeper, s.watchTests)},
		{"POST /watch/tests/now", unlocked, false, false, s.when(s.can.gatekeeper, s.watchTestNow)},
		{"POST /watch/key", unlocked, false, false, s.when(s.can.gatekeeper, s.witnessKey)},
		{"POST /watch/witness", unlocked, false, false, s.when(s.can.gatekeeper, s.witnessAdd)},
		{"POST /watch/witness/remove", unlocked, false, false, s.when(s.can.gatekeeper, s.witnessRemove)},
		{"POST /watch/watched", unlocked, false, false, s.when(s.can.gatekeeper, s.watchedAdd)},
		{"POST /watch/watched/{id}/remove", unlocked, false, false, s.when(s.can.gatekeeper, s.watchedRemove)},
		{"GET /desks", unlocked, false, false, s.when(s.can.council, s.desks)},
		{"POST /desks/roll", unlocked, false, false, s.when(s.can.council, s.roll)},
		{"POST /desks/threshold", unlocked, false, false, s.when(s.can.council, s.threshold)},
		{"POST /desks/cosign/{proposal}", unlocked, false, false, s.when(s.can.council, s.cosign)},
		{"POST /desks/role/{desk}", unlocked, false, false, s.when(s.can.council, s.setRole)},
		{"GET /desks/remove/{desk}", unlocked, false, false, s.when(s.can.council, s.removeAsk)},
		{"POST /desks/remove/{desk}", unlocked, false, false, s.when(s.can.council, s.remove)},
		{"POST /desks/intake", unlocked, false, false, s.when(s.can.sheets, s.intakeSet)},
		{"GET /desks/invite", unlocked, false, false, s.when(s.can.inviter, s.inviteShow)},
		{"POST /desks/invite", unlocked, false, false, s.when(s.can.inviter, s.invite)},
		{"POST /desks/invite/admit", unlocked, false, false, s.when(s.can.inviter, s.admitDesk)},
		{"POST /desks/invite/stop", unlocked, false, false, s.when(s.can.inviter, s.turnAway)},
		{"GET /desks/sheets", unlocked, false, false, s.when(s.can.sheets, s.newSheetsAsk)},
		{"POST /desks/sheets", unlocked, false, false, s.when(s.can.sheets, s.newSheets)},
		{"GET /desks/sheets/{letter}", unlocked, false, false, s.when(s.can.sheets, s.newSheetPrint)},
		{"POST /desks/sheets/done", unlocked, false, false, s.when(s.can.sheets, s.newSheetsDone)},
		{"GET /purge", unlocked, false, false, s.when(s.can.purger, s.purgeAsk)},
		{"POST /purge", unlocked, false, false, s.when(s.can.purger, s.purge)},
		{"GET /thread/{id}/lock", unlocked, false, false, s.when(s.can.specialists, s.lockAsk)},
		{"POST /thread/{id}/lock", unlocked, false, false, s.when(s.can.specialists, s.lockCase)},
		{"GET /events", unlocked, false, true, s.events},
		{"POST /activity", unlocked, false, false, s.activity},
		{"GET /passkeys", unlocked, false, false, s.when(s.can.passkeys, s.passkeysShow)},
		{"POST /passkeys", unlocked, false, false, s.when(s.can.passkeys, s.passkeyAdd)},
		{"POST /passkeys/remove", unlocked, false, false, s.when(s.can.passkeys, s.passkeyRemove)},
		{"POST /passkeys/passphrase", unlocked, false, false, s.when(s.can.passkeys, s.passphraseChange)},
		{"POST /unlock/passkey", launched, false, false, s.when(s.can.passkeys, s.unlockPasskey)},
		{"GET /unlock/passkey", launched, false, false, s.home},
		{"GET /passkeys/remove", unlocked, false, false, s.home},
		{"GET /passkeys/passphrase", unlocked, false, false, s.home},
		{"POST /unlock", launched, false, false, s.unlock},
		{"POST /lock", launched, false, false, s.lock},
		{"POST /language", launched, false, false, s.language},
		{"GET /unlock", launched, false, false, s.home}, // where a reload after a wrong passphrase ends
		{"GET /lock", launched, false, false, s.home},
		{"/", launched, false, false, s.nowhere},
	}
}

// when is run, or the page that says there is no such page, when the office lacks what it takes.
func (s *server) when(able any, run func(http.ResponseWriter, *http.Request, visit) error) func(http.ResponseWriter, *http.Request, visit) error {
	if able == nil {
		return s.nowhere
	}
	return run
}

// routes builds the handler. The guard stands before everything, also before the answer "not found".
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /launch", s.launch)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /calendar/{feed}", s.feed)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /static/{name}", s.static)
	table := s.table()
	if s.wizard != nil {
		table = s.setupTable()
	}
	for _, rt := range table {
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
	form := readForm(w, r, rt.photo)
	v, ok := s.visit(r, !rt.quiet && r.Header.Get("Panah-Live") == "")
	if !ok {
		s.outside(w, r)
		return
	}
	r, v, ok = s.actAs(r, v)
	if !ok {
		s.log.Info("a session of somebody who does not work here any more was locked")
	}
	if squeezable(r) {
		w = squeezed{w}
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
	case s.wizard == nil && !v.Unlocked && s.front.setup != nil && !s.front.setup.Exists():
		// A desk that was removed wipes itself: there is nothing left that a passphrase could open.
		s.front.leave(s, goneBy(s.front.setup))
		return s.home(w, r, v)
	case rt.who == unlocked && !v.Unlocked:
		return s.keepAndAsk(w, r, v)
	}
	if err := rt.mayCall(v); err != nil {
		return err
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

// id reads the number in a path.
func id(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || n < 1 {
		return 0, office.ErrNotFound
	}
	return n, nil
}
