// Package web is the caseworker's pages: served on loopback to the browser of the laptop that the desk runs on,
// readable without script, kept fresh by a small module where there is script.
//
// It refuses every request that another page or program on the laptop could send: the Host header must be ours, the
// request must come from our own pages, the browser must have come through the launch URL, and its session must have
// been unlocked with the passphrase. Nothing readable is written to disk or left in a browser's cache, and no
// file of a stranger reaches a browser before desk/internal/media has made it safe.
//
// Not given: without script a conversation that is open stays on the screen when the session locks, until somebody does
// something on the page (reloading by itself would lose what is being typed); the list does not. A program that runs as the same user can read this process and the browser; cookies do not know ports, so
// another server on the same loopback address sees the session cookie if somebody opens its pages in the same browser.
package web

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"panah/core/consent"
	"panah/core/l10n"
	"panah/core/pathway"
	"panah/i18n"
	"panah/rules"
	webdesk "panah/web/desk"
)

// DefaultIdle is how long nobody may do anything before a session locks.
const DefaultIdle = 15 * time.Minute

// A Config says what the pages show and where they are served.
type Config struct {
	Office  Office        // what the pages are about: a *office.Office; nil: the folder holds no desk, and Setup makes one
	Setup   Setup         // makes a desk where there is none; nil: the pages do not offer it
	Addr    string        // bound address as browsers must name it: a literal loopback address and port; required
	Token   Token         // opens sessions; required, made by NewToken for each run
	Version string        // of the program
	Idle    time.Duration // until a session locks; 0: DefaultIdle
	Log     *slog.Logger  // for failures, which never quote content; nil: none are written
	// Localhost says that http://localhost with the port of Addr reaches this desk and cannot reach another program: passkeys are offered there.
	Localhost bool
	Assets    fs.FS // dist folder with manifest.json; nil: the one built into the program
}

// A server holds what the handlers share. All of it is safe for concurrent use, and nothing changes after New but
// sessions and attempts.
type server struct {
	office       Office
	can          powers  // of the office
	wizard       *wizard // nil: there is a desk
	front        *front
	token        Token
	version      string
	idle         time.Duration
	log          *slog.Logger
	cookie       string // name; with the port, because cookies of all ports are in one jar
	guard        *guard
	localhost    bool // passkeys are offered
	questions    *questions
	sessions     *sessions
	attempts     attempts
	assets       *assets
	pages        pages
	desk         *l10n.Catalogue
	intake       *l10n.Catalogue
	book         *pathway.Book
	papers       []pathway.Paper
	sources      map[string]pathway.Source // of the rules, by id
	consentTexts *consent.Book
}

// New returns the handler of the desk's pages. It fails when the address is not loopback, when a required field is missing,
// or when the program was built without its assets. Event streams end with their request's context: give the
// http.Server a BaseContext that is cancelled before Shutdown.
func New(c Config) (http.Handler, error) {
	if c.Office == nil && c.Setup == nil || c.Token.secret == "" {
		return nil, errors.New("the desk's pages need an office or a setup, and a launch token")
	}
	s := &server{office: c.Office, front: &front{setup: c.Setup}, token: c.Token, version: c.Version, idle: c.Idle, log: c.Log, localhost: c.Localhost, questions: &questions{}}
	if c.Office == nil {
		s.office, s.wizard = absent{}, &wizard{Setup: c.Setup}
		if c.Setup.Removed() {
			s.wizard.gone = "gone.removed"
		}
	}
	if s.idle <= 0 {
		s.idle = DefaultIdle
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.can = powersOf(s.office)
	var err error
	if s.guard, err = newGuard(c.Addr); err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return nil, fmt.Errorf("reading the bound address: %w", err)
	}
	s.cookie = "panah_desk_" + port
	if c.Assets == nil {
		c.Assets = webdesk.Assets()
	}
	if s.assets, err = readAssets(c.Assets); err != nil {
		return nil, err
	}
	if err := s.readWords(); err != nil {
		return nil, err
	}
	if s.pages, err = readPages(); err != nil {
		return nil, err
	}
	s.sessions = newSessions(s.idle, s.office.Lock)
	s.front.serve(s)
	return s.front, nil
}

// with returns a server for another office, with the same sessions.
func (s *server) with(o Office) *server {
	return &server{
		office: o, can: powersOf(o), front: s.front, token: s.token, version: s.version, idle: s.idle, log: s.log, cookie: s.cookie, guard: s.guard, localhost: s.localhost, questions: s.questions,
		sessions: s.sessions, assets: s.assets, pages: s.pages, desk: s.desk, intake: s.intake, book: s.book, papers: s.papers, sources: s.sources, consentTexts: s.consentTexts,
	}
}

func (s *server) readWords() (err error) {
	if s.desk, err = i18n.Desk(); err != nil {
		return err
	}
	// Drafts are shown at the desk, as in the desk's own words.
	if s.intake, err = i18n.Catalogue(true); err != nil {
		return err
	}
	if s.book, err = rules.Pathways(i18n.Situations(s.intake)); err != nil {
		return fmt.Errorf("reading the pathways: %w", err)
	}
	if s.papers, err = rules.Papers(); err != nil {
		return fmt.Errorf("reading the kinds of paper: %w", err)
	}
	if s.sources, err = rules.Sources(); err != nil {
		return err
	}
	if s.consentTexts, err = rules.Consents(); err != nil {
		return fmt.Errorf("reading the consent texts: %w", err)
	}
	return nil
}
