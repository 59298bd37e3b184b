package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"panah/desk"
	"panah/gate"
)

// What the demonstration is made of. The passphrase protects nothing real: it is printed at every start.
const (
	demoName       = "Nur Legal Aid (made-up)"
	demoOrigin     = "demo-gate"
	demoPassphrase = "only for the demonstration"
	// demoLogN makes the passphrase cheap to check, so that trying out does not wait a second at each unlock.
	demoLogN = 14
)

// A demo is one run of the demonstration.
type demo struct {
	data, gateAddr, deskAddr string
	started                  time.Time
	log                      *slog.Logger
}

func demonstration() command {
	return command{
		name: "demo", args: "[--data DIR] [--gate ADDR] [--desk ADDR]", short: "try everything with a made-up organisation",
		long: `Starts a gate and a desk of a made-up organisation on this machine, joined already, and prints where to find them. Nothing is
reachable from another machine. Sealing, log and storage are the real ones; only the passphrase is known to everybody, so
write nothing true into it. What you do is kept in DIR until you delete it. Stop with Ctrl-C.`,
		example: "panah demo --data /tmp/panah-demo",
		prepare: func(flags *flag.FlagSet) runner {
			d := demo{started: time.Now()}
			flags.StringVar(&d.data, "data", "data", "`DIR` to keep everything in")
			flags.StringVar(&d.gateAddr, "gate", "127.0.0.1:8400", "`ADDR` of the gate")
			flags.StringVar(&d.deskAddr, "desk", "127.0.0.1:8401", "`ADDR` of the desk")
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				d.log = slog.New(slog.NewTextHandler(s.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
				return d.run(ctx, s)
			}
		},
	}
}

func (d demo) gateDir() string { return filepath.Join(d.data, "gate") }
func (d demo) deskDir() string { return filepath.Join(d.data, "desk") }

func (d demo) run(ctx context.Context, s Streams) error {
	for flagName, addr := range map[string]string{"--gate": d.gateAddr, "--desk": d.deskAddr} {
		if err := free(addr); err != nil {
			return busy(err, flagName)
		}
	}
	roster, err := d.prepare()
	if err != nil {
		return err
	}
	site, err := readSite(d.gateDir())
	if err != nil {
		return err
	}
	g, err := gate.New(gate.Config{DataDir: d.gateDir(), Addr: d.gateAddr, Roster: roster, Site: site, Log: d.log})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return busy(g.Run(ctx), "--gate") })
	group.Go(func() error {
		select {
		case <-g.Ready():
		case <-ctx.Done():
			return nil
		}
		if err := d.join(g); err != nil {
			return err
		}
		return busy(desk.Run(ctx, desk.Config{
			Data: d.deskDir(), Listen: d.deskAddr, LockAfter: time.Hour, Version: Version(), Log: d.log,
			Ready: func(url string) { d.tell(s, g.URL(), url) },
		}), "--desk")
	})
	if err := group.Wait(); err != nil {
		return err
	}
	s.say("Stopped. Everything is kept in %s.", d.data)
	return nil
}

// free reports whether a port can be listened on: better told before anything is made than half-way.
func free(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", addr, err)
	}
	return l.Close()
}

// prepare makes the organisation and the gate where they are not there yet, and returns the roster for the gate.
func (d demo) prepare() (roster []byte, err error) {
	if !desk.Exists(d.deskDir()) {
		_, err := desk.Init(desk.FoundConfig{Data: d.deskDir(), Name: demoName, Passphrase: demoPassphrase, LogN: demoLogN})
		if err != nil {
			return nil, err
		}
	}
	roster, err = desk.Roster(d.deskDir(), demoPassphrase)
	if errors.Is(err, desk.ErrPassphrase) {
		return nil, d.foreign(d.deskDir())
	}
	if err != nil {
		return nil, err
	}
	_, err = gate.Init(d.gateDir(), demoOrigin)
	if err != nil && !errors.Is(err, gate.ErrExists) {
		return nil, err
	}
	// An older version left a database that is brought up to date when the gate starts: its name can be read all the same.
	if st, err := gate.Look(d.gateDir()); err != nil && st.Origin == "" {
		return nil, err
	} else if st.Origin != demoOrigin {
		return nil, d.foreign(d.gateDir())
	}
	return roster, d.site()
}

func (d demo) foreign(dir string) error {
	return fmt.Errorf("%s is not from a demonstration and is left alone; choose another folder with --data", dir)
}

// site writes the settings of the public pages when there are none.
func (d demo) site() error {
	name := filepath.Join(d.gateDir(), siteFile)
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	b, err := gate.Site{Leave: "https://www.wikipedia.org/", LangDefault: "en", Drafts: true}.JSON()
	if err != nil {
		return err
	}
	return writeNew(name, b)
}

// join tells the desk where its gate is.
func (d demo) join(g *gate.Gate) error {
	return desk.SetGate(d.deskDir(), demoPassphrase, desk.Gate{URL: g.URL(), Origin: g.Origin(), Key: g.VKey()})
}

// tell prints where things are and what to do next.
func (d demo) tell(s Streams, gateURL, deskURL string) {
	s.data(`Public pages   %s/
Desk           %s
Passphrase     %s
Data           %s`, gateURL, deskURL, demoPassphrase, d.data)
	s.say(`
1. Open the public pages, choose a language, write a letter, and keep the receipt code.
2. Open the desk in the same or another browser, unlock it with the passphrase, read the letter and answer.
3. On the public pages, open the mailbox with the code: the answer is there.
%s is made up: write nothing true. Stop with Ctrl-C. Ready in %.1f s.`, demoName, time.Since(d.started).Seconds())
}
