// Package gate runs the internet-facing server: public pages, letters in, mailboxes, and the desks' sync.
//
// It is an untrusted relay: it keeps letters that it cannot read, in a log that the desks verify, and holds no key that opens
// any. It writes no access log and no address of anybody, anywhere. What it acknowledges is on the disk.
package gate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"panah/gate/internal/api"
	"panah/gate/internal/board"
	"panah/gate/internal/mailbox"
	"panah/gate/internal/organisation"
	"panah/gate/internal/seq"
	"panah/gate/internal/store/sqlite"
)

// A Gate is one gate over one data folder.
type Gate struct {
	c    Config
	keys keys
	org  *organisation.Organisation

	lock  *os.File
	db    *sqlite.DB
	seq   *seq.Sequencer
	boxes *mailbox.Mailboxes
	board *board.Board
	api   *api.API

	handler http.Handler
	pace    pace
	ready   chan struct{}
	addr    string // set before ready is closed
}

// New opens the data folder and prepares everything but the network. Run must follow, or Close.
func New(c Config) (*Gate, error) {
	c = c.withDefaults()
	g := &Gate{c: c, ready: make(chan struct{}), pace: defaultPace}
	if err := g.open(); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// open builds the gate from the disk up.
func (g *Gate) open() (err error) {
	dir := g.c.DataDir
	if g.keys, err = loadKeys(dir); err != nil {
		return err
	}
	if g.lock, err = lock(dir); err != nil {
		return err
	}
	if g.db, err = openStore(dir, sqlite.Options{Reserve: g.c.Reserve}); err != nil {
		return err
	}
	if err := g.openOrganisation(context.Background()); err != nil {
		return err
	}
	keep := func(checkpoint []byte) error { return writeFile(filepath.Join(dir, checkpointFile), checkpoint) }
	if g.seq, err = seq.New(g.db.Appender(), g.keys.signer, time.Now, keep); err != nil {
		return err
	}
	if err := g.warnIfShorter(); err != nil {
		return err
	}
	g.boxes = mailbox.New(g.db, g.keys.pepper, time.Now)
	g.board, err = board.Open(g.db)
	if errors.Is(err, board.ErrRulebook) {
		g.c.Log.Warn("the check of papers answers by the rules of this release until a keeper signs a rulebook again", "because", err)
	} else if err != nil {
		return err
	}
	site, err := g.c.Site.JSON()
	if err != nil {
		return err
	}
	partners, err := loadWitnesses(dir, g.keys.verifier)
	if err != nil {
		return err
	}
	g.api, err = api.New(api.Config{
		Witnesses: partners, Gate: g.keys.verifier,
		Seq: g.seq, Log: g.db, Mailboxes: g.boxes, Org: g.org, Setup: g.setup, Origin: g.Origin(), Site: site, Board: g.board,
		PieceDir: filepath.Join(dir, pieceDir), Room: g.db.HasRoom, Now: time.Now, Fault: newFaults(g.c.Log).tell,
	})
	if err != nil {
		return err
	}
	g.handler, err = g.routes()
	return err
}

// warnIfShorter tells the operator when the log is shorter than what desks have been shown: the folder comes from an older copy.
func (g *Gate) warnIfShorter() error {
	seen, err := lastCheckpoint(g.c.DataDir, g.keys)
	if err != nil {
		return err
	}
	if seen.Size > g.seq.Size() {
		g.c.Log.Warn("the log is shorter than what desks were shown; this folder comes from an older copy, and desks will say so",
			"entries", g.seq.Size(), "shown", seen.Size)
	}
	return nil
}

// Close closes what New opened, for a gate that is not run.
func (g *Gate) Close() error {
	var errs []error
	if g.seq != nil {
		g.seq.Close()
	}
	if g.db != nil {
		errs = append(errs, g.db.Close())
	}
	if g.lock != nil {
		errs = append(errs, g.lock.Close())
	}
	return errors.Join(errs...)
}

// Ready is closed when the gate listens; Addr and URL tell where.
func (g *Gate) Ready() <-chan struct{} { return g.ready }

// Addr is the address the gate listens on, after Ready.
func (g *Gate) Addr() string { return g.addr }

// URL is where the pages are, after Ready.
func (g *Gate) URL() string {
	if len(g.c.Domains) == 0 {
		return "http://" + g.addr
	}
	if p := port(g.addr); p != 443 {
		return fmt.Sprintf("https://%s:%d", g.c.Domains[0], p)
	}
	return "https://" + g.c.Domains[0]
}

// Origin is the gate's name, as promises, checkpoints and desks' requests have it.
func (g *Gate) Origin() string { return g.keys.verifier.Name() }

// VKey is the gate's verifier key (sumdb/note).
func (g *Gate) VKey() string { return g.keys.vkey }

// gcPercent was measured: a sixth more letters a second than 100, for 10 MiB at 32 senders. GOMEMLIMIT still bounds it.
const gcPercent = 300

// stopTime is how long requests under way get when the gate stops.
const stopTime = 10 * time.Second

// Run listens and serves until ctx ends, then finishes what is under way, closes the folder and returns nil. It is called once.
func (g *Gate) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, g.Close()) }()
	// Letters pass through memory and are gone: what lives is small, so that the default would collect many times a second.
	debug.SetGCPercent(gcPercent)
	servers, err := g.listen(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, len(servers))
	for _, s := range servers {
		go func() { failed <- s.serve() }()
	}
	swept := make(chan struct{})
	go func() { defer close(swept); g.sweep(ctx) }()
	debug.FreeOSMemory() // what preparing the pages took
	close(g.ready)
	g.c.Log.Info("the gate is open", "url", g.URL(), "letters", g.org.Taking())
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	cancel()
	g.api.Wake()
	stopping, done := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer done()
	for _, s := range servers {
		if e := s.stop(stopping); e != nil && !errors.Is(e, context.DeadlineExceeded) {
			err = errors.Join(err, e)
		}
	}
	<-swept
	return err
}

// A server is one listener with what it serves.
type server struct {
	http *http.Server
	ln   net.Listener
	end  func()
}

func (s server) serve() error {
	var err error
	if s.http.TLSConfig != nil {
		err = s.http.ServeTLS(s.ln, "", "")
	} else {
		err = s.http.Serve(s.ln)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serving: %w", err)
}

func (s server) stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.end()
	return err
}

// listen opens the listeners: the gate's, and with domains the one for the authority and for plain HTTP.
func (g *Gate) listen(ctx context.Context) ([]server, error) {
	ln, err := net.Listen("tcp", g.c.Addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", g.c.Addr, err)
	}
	g.addr = ln.Addr().String()
	main := server{NewServer(g.handler), ln, func() {}}
	if len(g.c.Domains) == 0 {
		return []server{main}, nil
	}
	var plain net.Listener
	plainAddr := ""
	if g.c.HTTPAddr != "off" {
		if plain, err = net.Listen("tcp", g.c.HTTPAddr); err != nil {
			return nil, errors.Join(fmt.Errorf("listening on %s for the certificate authority: %w", g.c.HTTPAddr, err), ln.Close())
		}
		plainAddr = plain.Addr().String()
	}
	cs := newCertificates(g.c, g.addr, plainAddr)
	main.http.Handler = strict(g.handler)
	main.http.TLSConfig = cs.tlsConfig()
	main.end = cs.stop
	servers := []server{main}
	if plain != nil {
		servers = append(servers, server{NewServer(cs.plain(g.c.Domains[0])), plain, func() {}})
	}
	return servers, cs.manage(ctx, g.c.Domains)
}

// NewServer is an HTTP server with the bounds of all listeners of a gate; the benchmark's do-nothing handler gets the same.
func NewServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: handshakeTime,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		// net/http's own messages carry the addresses of whoever connects. What matters of them is told by faults and recovered.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
}

// recovered tells the operator of a panic without saying whose request it was.
func (g *Gate) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				g.c.Log.Error("a request failed inside the gate", "kind", fmt.Sprintf("%T", p), "at", places())
			}
			panic(http.ErrAbortHandler)
		}()
		next.ServeHTTP(w, r)
	})
}

// places are the functions and lines that a panic came through. Not debug.Stack: it prints arguments, and those may be bytes of a
// mailbox key.
func places() string {
	var pcs [24]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])]) // 3: not this function nor the one that recovers
	var b strings.Builder
	for {
		f, more := frames.Next()
		fmt.Fprintf(&b, "%s:%d ", f.Function, f.Line)
		if !more {
			return strings.TrimSpace(b.String())
		}
	}
}

// sweep forgets what has been kept for long enough: at the start, and every hour.
func (g *Gate) sweep(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		g.api.Sweep()
		if err := g.org.Sweep(ctx); err != nil && ctx.Err() == nil {
			g.c.Log.Error("proposals that waited for too long could not be forgotten", "because", err)
		}
		if n, err := g.boxes.Sweep(ctx, g.db); err != nil {
			g.c.Log.Error("unused mailboxes could not be erased", "because", err)
		} else if n > 0 {
			g.c.Log.Info("unused mailboxes were erased", "mailboxes", n)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
