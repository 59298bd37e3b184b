package gate

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// certificates obtain and renew the certificates of a gate, and answer the authority's challenges.
type certificates struct {
	magic  *certmagic.Config
	cache  *certmagic.Cache
	issuer *certmagic.ACMEIssuer
}

// newCertificates prepares them for a server that listens on addr and, for the challenge, on httpAddr ("" for none).
func newCertificates(c Config, addr, httpAddr string) *certificates {
	cs := &certificates{}
	quiet := zap.NewNop() // its messages carry the addresses of whoever knocks
	cs.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return cs.magic, nil },
		Logger:           quiet,
	})
	cs.magic = certmagic.New(cs.cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: filepath.Join(c.DataDir, tlsDir)},
		Logger:  quiet,
		OnEvent: func(_ context.Context, event string, data map[string]any) error { tell(c.Log, event, data); return nil },
	})
	cs.issuer = certmagic.NewACMEIssuer(cs.magic, certmagic.ACMEIssuer{
		CA: c.ACME.Directory, TrustedRoots: c.ACME.Roots, Email: c.Email, Agreed: true, Logger: quiet,
		DisableHTTPChallenge: httpAddr == "",
		// One process answers: nothing about challenges needs to be on disk.
		DisableDistributedSolvers: true,
		AltTLSALPNPort:            port(addr), AltHTTPPort: port(httpAddr), ListenHost: host(addr),
	})
	cs.magic.Issuers = []certmagic.Issuer{cs.issuer}
	return cs
}

// manage starts to obtain and renew; it returns at once, and trouble is told to the log.
func (cs *certificates) manage(ctx context.Context, domains []string) error {
	if err := cs.magic.ManageAsync(ctx, domains); err != nil {
		return fmt.Errorf("obtaining certificates: %w", err)
	}
	return nil
}

// tlsConfig serves HTTP/2, HTTP/1.1 and the authority's TLS challenge.
func (cs *certificates) tlsConfig() *tls.Config {
	t := cs.magic.TLSConfig()
	t.MinVersion = tls.VersionTLS12
	t.NextProtos = append([]string{"h2", "http/1.1"}, t.NextProtos...)
	return t
}

// plain answers the authority's HTTP challenge and sends everybody else to https on the first domain.
func (cs *certificates) plain(domain string) http.Handler {
	return cs.issuer.HTTPChallengeHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		http.Redirect(w, r, "https://"+domain+r.URL.EscapedPath(), http.StatusMovedPermanently)
	}))
}

// strict tells browsers to never use plain HTTP with this name again (RFC 6797): two years.
func strict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		next.ServeHTTP(w, r)
	})
}

// told are the events an operator should know, in words.
var told = map[string]string{
	"cert_obtained": "the certificate is there", "cert_failed": "no certificate yet; the gate tries again by itself",
}

// tell logs what happens to certificates, without addresses.
func tell(log *slog.Logger, event string, data map[string]any) {
	words, ok := told[event]
	if !ok {
		return
	}
	name, _ := data["identifier"].(string)
	args := []any{"domain", name}
	if err, ok := data["error"].(error); ok {
		args = append(args, "because", scrub(err.Error()))
	}
	log.Info(words, args...)
}

var addresses = regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}\b|[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,7}`)

// scrub takes network addresses out of a message of somebody else's code.
func scrub(s string) string {
	return addresses.ReplaceAllStringFunc(s, func(a string) string {
		if net.ParseIP(strings.Trim(a, "[]")) == nil {
			return a
		}
		return "[address]"
	})
}

func port(addr string) int {
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(p)
	if err != nil {
		return 0
	}
	return n
}

func host(addr string) string {
	h, _, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	return h
}

// stop ends renewal.
func (cs *certificates) stop() { cs.cache.Stop() }

// handshakeTime is how long a TLS handshake may take: several round trips on a bad line.
const handshakeTime = 20 * time.Second
