package gate_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"panah/gate"
	"panah/internal/testkit"
)

const domain = "help.panah.example"

// TestCertificates obtains certificates from a real ACME server (Pebble, by the people of Let's Encrypt), by either challenge.
func TestCertificates(t *testing.T) {
	pebble := filepath.Join(t.TempDir(), "pebble")
	build := exec.Command("go", "build", "-o", pebble, "github.com/letsencrypt/pebble/v2/cmd/pebble")
	build.Dir = filepath.Join("..", "tools")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the ACME server: %v\n%s", err, out)
	}
	for name, httpAddr := range map[string]string{"challenge over HTTP": freeAddr(t), "challenge over TLS": "off"} {
		t.Run(name, func(t *testing.T) { obtain(t, pebble, httpAddr) })
	}
}

func obtain(t *testing.T, pebble, httpAddr string) {
	tlsAddr := freeAddr(t)
	ca := startCA(t, pebble, tlsAddr, httpAddr)
	o := testkit.NewOrganisation(t)
	log := &lines{}
	r := start(t, t.TempDir(), gate.Config{
		Roster: o.Signed, Addr: tlsAddr, HTTPAddr: httpAddr, Domains: []string{domain}, Email: "keeper@panah.example",
		ACME: gate.ACME{Directory: ca.directory, Roots: ca.roots}, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	client := &http.Client{
		Transport: &http.Transport{
			ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: ca.issued(t)},
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				to := tlsAddr
				if _, p, _ := net.SplitHostPort(addr); p == "80" {
					to = httpAddr
				}
				return (&net.Dialer{}).DialContext(ctx, network, to)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	var res *http.Response
	for deadline := time.Now().Add(40 * time.Second); ; time.Sleep(100 * time.Millisecond) { // polling: the authority takes its time
		var err error
		if res, err = client.Get("https://" + domain + "/healthz"); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no certificate: %v\n%s", err, log.bytes())
		}
	}
	res.Body.Close()
	if res.StatusCode != 200 || res.ProtoMajor != 2 || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d %s, HSTS %q", res.StatusCode, res.Proto, res.Header.Get("Strict-Transport-Security"))
	}
	l := o.Letters(t, 1)[0]
	req, err := http.NewRequest("PUT", "https://"+domain+letterPath(l), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(l)), int64(len(l))
	if res, err = client.Do(req); err != nil || res.StatusCode != 201 {
		t.Fatalf("a letter over HTTP/2: %v %v", res, err)
	}
	res.Body.Close()
	if httpAddr != "off" {
		if res, err = client.Get("http://" + domain + "/en/?x=1"); err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if to := res.Header.Get("Location"); res.StatusCode != 301 || to != "https://"+domain+"/en/" {
			t.Errorf("plain HTTP: %d to %q", res.StatusCode, to)
		}
	}
	garbage(t, "127.77.1.2", tlsAddr, "GET / HTTP/1.1\r\n\r\n")
	garbage(t, "127.77.1.2", tlsAddr, "\x16\x03\x01\x00\x05hello")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	address := regexp.MustCompile(`127\.77\.1\.2`)
	for name, b := range files(t, r.dir) {
		if address.Match(b) {
			t.Errorf("an address is in %s", name)
		}
	}
	if address.Match(log.bytes()) {
		t.Errorf("an address is in the log: %s", log.bytes())
	}
}

// A ca is a running ACME server.
type ca struct {
	directory, management string
	roots                 *x509.CertPool // of its own web server
}

func startCA(t *testing.T, pebble, tlsAddr, httpAddr string) ca {
	t.Helper()
	dir := t.TempDir()
	listen, management := freeAddr(t), freeAddr(t)
	c := ca{"https://" + listen + "/dir", "https://" + management, selfSigned(t, dir)}
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": management, "certificate": filepath.Join(dir, "cert.pem"), "privateKey": filepath.Join(dir, "key.pem"),
		"httpPort": portOf(httpAddr), "tlsPort": portOf(tlsAddr), "retryAfter": map[string]int{"authz": 1, "order": 1}, "keyAlgorithm": "ecdsa",
		"profiles": map[string]any{"default": map[string]any{"description": "default", "validityPeriod": 7776000}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "config.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(pebble, "-config", file, "-dnsserver", answerAll(t))
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
	said := &lines{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed: an error by definition
		if t.Failed() {
			t.Logf("the ACME server said: %s", said.bytes())
		}
	})
	return c
}

// issued are the roots of the certificates that it issues.
func (c ca) issued(t *testing.T) *x509.CertPool {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: c.roots}}}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) { // polling: it starts
		res, err := client.Get(c.management + "/roots/0")
		if err != nil {
			if time.Now().After(deadline) {
				t.Fatal(err)
			}
			continue
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		pool := x509.NewCertPool()
		if err != nil || !pool.AppendCertsFromPEM(b) {
			t.Fatalf("no root: %v", err)
		}
		return pool
	}
}

// selfSigned writes cert.pem and key.pem for 127.0.0.1.
func selfSigned(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: secret}} {
		b := pem.EncodeToMemory(block)
		pool.AppendCertsFromPEM(b)
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return pool
}

// answerAll is a name server for which every name is this machine. The ACME server asks over TCP (RFC 1035, section 4.2.2).
func answerAll(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return // closed
			}
			go answerNames(conn)
		}
	}()
	return ln.Addr().String()
}

func answerNames(conn net.Conn) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		buf := make([]byte, binary.BigEndian.Uint16(size[:]))
		var m dnsmessage.Message
		if _, err := io.ReadFull(conn, buf); err != nil || m.Unpack(buf) != nil || len(m.Questions) != 1 {
			return
		}
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
			}}
		}
		b, err := m.Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)); err != nil {
			return
		}
	}
}

// freeAddr is an address that nobody listened on a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func portOf(addr string) int {
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		return 1 // no listener: the authority must not need it
	}
	n, err := strconv.Atoi(p)
	if err != nil {
		panic(fmt.Sprintf("port of %s: %v", addr, err))
	}
	return n
}
