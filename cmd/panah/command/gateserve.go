package command

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"panah/gate"
)

// nameList collects a flag that may be given more than once, or once with commas.
type nameList []string

func (l *nameList) String() string { return strings.Join(*l, ",") }

func (l *nameList) Set(s string) error {
	*l = append(*l, strings.Split(s, ",")...)
	return nil
}

type gateServeFlags struct {
	data, listen, http, email, acme, acmeRoots string
	domains                                    nameList
	init                                       gateInitFlags
}

func gateServe() command {
	return command{
		name: "gate serve", args: "[--domain HOST]... [--data DIR]", short: "run a gate (also: panah gate)",
		long: `Runs the internet-facing server: it takes sealed letters in, keeps them, and hands them to the organisation's desks.
With --domain it gets its own certificates (Let's Encrypt) and listens on ports 443 and 80; without, it speaks plain HTTP
on this machine only, for trying out or behind a proxy. When the data folder is new, --domain makes the gate first
and prints its setup code. It keeps no access log and writes no address of anybody. Stop it with Ctrl-C or SIGTERM.
Settings of the pages are in site.json in the data folder.`,
		example: "panah gate --domain help.example.org --data /var/lib/panah",
		prepare: func(flags *flag.FlagSet) runner {
			var f gateServeFlags
			flags.StringVar(&f.data, "data", stateDir("gate-data"), "`DIR` of the gate")
			flags.Var(&f.domains, "domain", "`HOST` name to get a certificate for; may be given again")
			flags.StringVar(&f.listen, "listen", "", "`ADDR` to listen on (default 127.0.0.1:8080, or :443 with --domain)")
			flags.StringVar(&f.http, "http", "", "`ADDR` for the certificate authority and for sending people to https, or off (default :80)")
			flags.StringVar(&f.email, "email", "", "`ADDRESS` for warnings of the certificate authority")
			flags.StringVar(&f.acme, "acme", "", "`URL` of another certificate authority (ACME directory)")
			flags.StringVar(&f.acmeRoots, "acme-roots", "", "`FILE` with the PEM certificates to trust when talking to it")
			siteFlags(flags, &f.init.site)
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				return f.serve(ctx, s)
			}
		},
	}
}

func (f *gateServeFlags) serve(ctx context.Context, s Streams) error {
	if err := f.firstTime(s); err != nil {
		return err
	}
	site, err := readSite(f.data)
	if err != nil {
		return err
	}
	roots, err := readRoots(f.acmeRoots)
	if err != nil {
		return err
	}
	g, err := gate.New(gate.Config{
		DataDir: f.data, Addr: f.listen, Domains: f.domains, HTTPAddr: f.http, Email: f.email,
		ACME: gate.ACME{Directory: f.acme, Roots: roots}, Site: site,
		Log: slog.New(slog.NewTextHandler(s.Err, nil)),
	})
	if err != nil {
		return err
	}
	go func() {
		select {
		case <-g.Ready():
			s.data("%s", g.URL())
		case <-ctx.Done():
		}
	}()
	return busy(g.Run(ctx), "--listen")
}

// firstTime makes the gate when the folder is new and the host name is known.
func (f *gateServeFlags) firstTime(s Streams) error {
	_, err := os.Stat(filepath.Join(f.data, siteFile))
	if err == nil || !errors.Is(err, fs.ErrNotExist) || len(f.domains) == 0 {
		return nil
	}
	f.init.data, f.init.origin = f.data, f.domains[0]
	_, err = f.init.init(s)
	return err
}

func readRoots(name string) (*x509.CertPool, error) {
	if name == "" {
		return nil, nil
	}
	b, err := readBounded(Streams{}, name, 1<<20)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("%s holds no PEM certificate", name)
	}
	return pool, nil
}

// busy puts the commonest failure of a server into words: the port is taken, or not ours to take.
func busy(err error, option string) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w\nAnother program uses that port; stop it, or choose another with %s 127.0.0.1:PORT", err, option)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%w\nThis user may not use that port; choose one over 1024 with %s, or see docs/deploy.md", err, option)
	}
	return err
}
