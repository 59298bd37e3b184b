package gate

import (
	"crypto/x509"
	"log/slog"

	"panah/gate/internal/web"
)

// Site is what the operator sets for the public pages: docs/formats.md, section 6.
type Site = web.Site

// ParseSite reads site.json strictly.
func ParseSite(data []byte) (Site, error) { return web.ParseSite(data) }

// Config says how a gate runs. Only DataDir and Site.Leave are required.
type Config struct {
	// DataDir is the folder that Init made. One gate at a time uses it.
	DataDir string

	// Addr is where to listen: host:port, port 0 for any free one. Empty means 127.0.0.1:8080, or :443 with Domains.
	Addr string

	// Domains are the host names to obtain certificates for. None means plain HTTP: on loopback, or behind a proxy that ends TLS and
	// runs on this machine.
	Domains []string

	// HTTPAddr is where to listen for the certificate authority's challenge and to send everybody else to https. Empty means :80 with
	// Domains; "off" means not at all (the challenge then comes over TLS). Without Domains it is not used.
	HTTPAddr string

	// Email is given to the certificate authority, so that it can warn of trouble. May be empty.
	Email string

	// ACME names another certificate authority than Let's Encrypt. For organisations with their own, and for tests.
	ACME ACME

	// Roster is the signed roster to serve: the founding one for a new gate (panah demo), or the next one. nil means the one
	// that DataDir holds; a gate with none answers "closed" until a desk sets it up.
	Roster []byte

	// Site is what the public pages show: the way out ("leave now"), languages, drafts, who is on duty.
	Site Site

	// Reserve is how many bytes stay free on the disk for erasing and for the system; letters are refused before it is used.
	// 0 means 64 MiB, negative none.
	Reserve int64

	// Log is told what the operator should know. It never gets a datum of a person, nor an address. nil means none.
	Log *slog.Logger
}

// ACME is a certificate authority.
type ACME struct {
	Directory string         // URL of its directory; empty: Let's Encrypt
	Roots     *x509.CertPool // whom to trust when talking to it; nil: the system's
}

const defaultReserve = 64 << 20

// withDefaults fills what is empty.
func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:8080"
		if len(c.Domains) > 0 {
			c.Addr = ":443"
		}
	}
	if c.HTTPAddr == "" {
		c.HTTPAddr = ":80"
	}
	switch {
	case c.Reserve == 0:
		c.Reserve = defaultReserve
	case c.Reserve < 0:
		c.Reserve = 0
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
