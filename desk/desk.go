// Package desk is the caseworker's side: it makes an organisation's keys, joins them to a gate, and serves the pages on
// this laptop over an encrypted database that follows the gate's log.
//
// It listens on loopback only, calls nobody but its gate, and opens nothing without the passphrase.
package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"panah/core/pathway"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/desk/internal/office"
	"panah/desk/internal/watch"
	"panah/desk/internal/web"
	"panah/i18n"
	"panah/rules"
)

// What a caller may branch on. Functions of this package wrap them.
var (
	ErrExists     = keyring.ErrExists     // the folder holds a desk already
	ErrPassphrase = keyring.ErrPassphrase // wrong passphrase
	ErrDamaged    = keyring.ErrDamaged    // the key file is cut or changed
	ErrOffline    = line.ErrOffline       // the gate does not answer
)

// Exists reports whether the folder holds a desk.
func Exists(data string) bool { return keyring.Exists(data) }

// Gate is where an organisation's gate is.
type Gate struct {
	URL    string // "https://help.example.org"
	Origin string // its name in checkpoints
	Key    string // its note verifier key
}

// SetGate writes into the key file where the gate is. The caller vouches for the key: Connect proves it.
// Another key than the one it has is refused.
func SetGate(data, passphrase string, g Gate) error {
	keys, err := keyring.Open(data, passphrase)
	if err != nil {
		return fmt.Errorf("joining the gate: %w", err)
	}
	defer keys.Forget()
	return setGate(keys, g)
}

func setGate(keys *keyring.Keyring, g Gate) error {
	next := keyring.Gate{URL: g.URL, Origin: g.Origin, Key: g.Key}
	if keys.Gate() == next {
		return nil
	}
	if keys.Gate().Key != "" && keys.Gate().Key != g.Key {
		return errors.New("joining the gate: this desk already follows a gate with another key; its log cannot be continued by a new one")
	}
	if _, err := line.New(g.URL, g.Origin, keys.Device(), time.Now); err != nil {
		return fmt.Errorf("joining the gate: %w", err)
	}
	if err := keys.Update(func(s *keyring.State) error { s.Gate = next; return nil }); err != nil {
		return fmt.Errorf("joining the gate: %w", err)
	}
	return nil
}

// Roster returns the founding roster, for a gate beside the desk (panah demo). The error wraps ErrPassphrase or ErrDamaged.
func Roster(data, passphrase string) ([]byte, error) {
	keys, err := keyring.Open(data, passphrase)
	if err != nil {
		return nil, fmt.Errorf("reading the roster: %w", err)
	}
	defer keys.Forget()
	return keys.Founding, nil
}

// Connect gives a new gate at url the founding roster, proved by the setup code that the gate printed, and learns the gate's key by the
// same code. Repeating it is harmless. The error wraps ErrOffline, ErrPassphrase, or says what the gate said.
func Connect(ctx context.Context, data, passphrase, url, setupCode string) (Gate, error) {
	code, err := wire.ParseSetupCode(setupCode)
	if err != nil {
		return Gate{}, fmt.Errorf("joining the gate: %w", err)
	}
	keys, err := keyring.Open(data, passphrase)
	if err != nil {
		return Gate{}, fmt.Errorf("joining the gate: %w", err)
	}
	defer keys.Forget()
	g, err := connect(ctx, keys, url, code)
	if err != nil {
		return Gate{}, fmt.Errorf("joining the gate: %w", err)
	}
	return g, nil
}

// connect tells the gate whom it serves, and keeps its key.
func connect(ctx context.Context, keys *keyring.Keyring, url string, code wire.SetupKey) (Gate, error) {
	l, err := line.New(url, "", keys.Device(), time.Now)
	if err != nil {
		return Gate{}, err
	}
	defer l.Close()
	vkey, err := l.Setup(ctx, code, keys.Founding)
	if err != nil {
		return Gate{}, err
	}
	origin, err := line.OriginOf(vkey)
	if err != nil {
		return Gate{}, err
	}
	g := Gate{URL: url, Origin: origin, Key: vkey}
	return g, setGate(keys, g)
}

// Config says how a desk runs.
type Config struct {
	Data      string        // folder with the key file, or for it; required
	Listen    string        // loopback address and port; "": 127.0.0.1 and any free port
	LockAfter time.Duration // idle time until it locks; 0: 15 minutes
	LogN      int           // cost of the passphrase of a desk that the pages make, as in FoundConfig
	Version   string        // of the program, for the foot of the pages
	Log       *slog.Logger  // nil: nowhere. No content, name or address is ever logged
	// Clocks is how long each urgency leaves; nil: as rules/pathways says. LookEvery is how often clocks are looked at; 0: every 20 s.
	Clocks    map[pathway.Urgency]pathway.Clock
	LookEvery time.Duration
	// Ready is called once with the URL that opens the desk in a browser. It holds the launch token: show it to the
	// person at the keyboard, write it nowhere.
	Ready func(url string)
}

// closing is how long requests may take to end when the desk stops.
const closing = 5 * time.Second

// Run serves the desk until ctx ends, then locks it. Where the folder holds none, its pages make one. It returns nil after an orderly end.
func Run(ctx context.Context, c Config) error {
	if err := keepMemory(); err != nil {
		return err
	}
	book, err := situations()
	if err != nil {
		return err
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	f := &folder{c: c, offices: office.Config{Data: c.Data, LockAfter: c.LockAfter, Urgency: urgency(book), Clocks: c.Clocks, LookEvery: c.LookEvery, Log: c.Log, TestEvery: watch.Every}}
	if f.offices.Clocks == nil {
		f.offices.Clocks = book.Common.Clocks
	}
	defer f.close()
	var o web.Office
	if f.Exists() {
		if o, err = f.Open(); err != nil {
			return err
		}
	}
	at, err := listenLoopback(c.Listen)
	if err != nil {
		return err
	}
	token := web.NewToken()
	handler, err := web.New(web.Config{Office: o, Setup: f, Addr: at.addr, Localhost: at.localhost, Token: token, Version: c.Version, Idle: c.LockAfter, Log: c.Log})
	if err != nil {
		at.close()
		return fmt.Errorf("opening the desk's pages: %w", err)
	}
	if c.Ready != nil {
		c.Ready(web.LaunchURL(at.addr, token))
	}
	return serve(ctx, at.listeners, handler)
}

// listen refuses every address that another computer could reach.
func listen(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("opening the desk: the address is like 127.0.0.1:7443: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, errors.New("opening the desk: it listens on this computer only; use 127.0.0.1 or [::1]")
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("opening the desk: %w", err)
	}
	return l, nil
}

// serve answers until ctx ends. Event streams end with the base context, before Shutdown waits for requests.
func serve(ctx context.Context, at []net.Listener, h http.Handler) error {
	base, cancel := context.WithCancel(context.Background())
	defer cancel()
	srv := &http.Server{
		Handler: h, BaseContext: func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
	done := make(chan error, len(at))
	for _, l := range at {
		go func() { done <- srv.Serve(l) }()
	}
	select {
	case err := <-done:
		return errors.Join(fmt.Errorf("serving the desk's pages: %w", err), srv.Close())
	case <-ctx.Done():
	}
	cancel()
	last, stop := context.WithTimeout(context.Background(), closing)
	defer stop()
	if err := srv.Shutdown(last); err != nil {
		return errors.Join(fmt.Errorf("closing the desk's pages: %w", err), srv.Close())
	}
	return nil
}

func situations() (*pathway.Book, error) {
	words, err := i18n.Catalogue(true)
	if err != nil {
		return nil, fmt.Errorf("reading the words: %w", err)
	}
	book, err := rules.Pathways(i18n.Situations(words))
	if err != nil {
		return nil, fmt.Errorf("reading the pathways: %w", err)
	}
	return book, nil
}

// urgency translates what the pathways say of a person's choices.
func urgency(book *pathway.Book) func([]string) casedb.Urgency {
	return func(situations []string) casedb.Urgency {
		switch book.Urgency(situations) {
		case pathway.Minutes:
			return casedb.UrgencyMinutes
		case pathway.Hours:
			return casedb.UrgencyHours
		}
		return casedb.UrgencyDays
	}
}
