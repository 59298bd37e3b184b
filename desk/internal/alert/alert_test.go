package alert

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
)

const user, password = "desk", "a password of the mail server"

// authority makes a certificate authority and a certificate of it for 127.0.0.1.
func authority(t *testing.T) (*x509.CertPool, tls.Certificate) {
	t.Helper()
	make := func(template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var keys [2]*ecdsa.PrivateKey
	for i := range keys {
		var err error
		if keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: from, NotAfter: to, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	}
	ca = make(ca, ca, keys[0], keys[0])
	leaf := make(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "mail"}, NotBefore: from, NotAfter: to, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, ca, keys[1], keys[0])
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return pool, tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: keys[1]}
}

// A post is a real mail server that keeps what it gets.
type post struct {
	mechanisms []string
	refuse     string // recipient that it refuses

	mu  sync.Mutex
	got []got // guarded by mu
}

type got struct{ From, To, Hello, Text string }

// one is a conversation with it.
type one struct {
	p     *post
	hello string
	got   got
	in    bool // the user is known
}

func (o *one) Reset()                   { o.got = got{} }
func (o *one) Logout() error            { return nil }
func (o *one) AuthMechanisms() []string { return o.p.mechanisms }

func (o *one) Auth(mech string) (sasl.Server, error) {
	check := func(name, word string) error {
		if o.in = name == user && word == password; !o.in {
			return smtp.ErrAuthFailed
		}
		return nil
	}
	if mech == "LOGIN" {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, name, word string) error { return check(name, word) }), nil
}

func (o *one) Mail(from string, _ *smtp.MailOptions) error {
	if len(o.p.mechanisms) > 0 && !o.in {
		return smtp.ErrAuthRequired
	}
	o.got.From = from
	return nil
}

func (o *one) Rcpt(to string, _ *smtp.RcptOptions) error {
	if to == o.p.refuse {
		return &smtp.SMTPError{Code: 550, Message: "no such person: " + to}
	}
	o.got.To += to
	return nil
}

func (o *one) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	o.got.Text, o.got.Hello = string(b), o.hello
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	o.p.got = append(o.p.got, o.got)
	return err
}

// loginServer is the server's side of LOGIN, which go-sasl has no more.
type loginServer struct {
	step  int
	name  string
	check func(name, password string) error
}

func (l *loginServer) Next(answer []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.name = string(answer)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.name, string(answer))
}

// open starts a mail server; implicit: TLS from the first byte.
func (p *post) open(t *testing.T, cert *tls.Certificate, implicit bool) (port int) {
	t.Helper()
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &one{p: p, hello: c.Hostname()}, nil }))
	s.ErrorLog = quiet{}
	if cert != nil {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}}
	} else {
		s.AllowInsecureAuth = true
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = ln.Addr().(*net.TCPAddr).Port
	if implicit {
		ln = tls.NewListener(ln, s.TLSConfig)
	}
	go func() { _ = s.Serve(ln) }()
	t.Cleanup(func() { _ = s.Close() })
	return port
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func settings(port int, how string) Settings {
	return Settings{
		Host: "127.0.0.1", Port: port, TLS: how, User: user, Password: password, From: "bell@mail.example", Fallback: []string{"keeper@mail.example"},
		Subject: "یادآوری", Text: "Bring the blue folder.",
	}
}

// TestMailArrives sends through a real server, by each way that is allowed, and reads what came.
func TestMailArrives(t *testing.T) {
	roots, cert := authority(t)
	for name, c := range map[string]struct {
		how        string
		implicit   bool
		cert       *tls.Certificate
		mechanisms []string
		to         []string
	}{
		"implicit TLS":            {TLSImplicit, true, &cert, []string{"PLAIN"}, []string{"a@mail.example", "b@mail.example"}},
		"STARTTLS":                {TLSStart, false, &cert, []string{"PLAIN", "LOGIN"}, []string{"a@mail.example"}},
		"LOGIN alone":             {TLSStart, false, &cert, []string{"LOGIN"}, []string{"a@mail.example"}},
		"on this very computer":   {TLSNone, false, nil, []string{"PLAIN"}, []string{"a@mail.example"}},
		"nobody has an address":   {TLSImplicit, true, &cert, []string{"PLAIN"}, nil},
		"the server asks no name": {TLSImplicit, true, &cert, nil, []string{"a@mail.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &post{mechanisms: c.mechanisms}
			s := settings(p.open(t, c.cert, c.implicit), c.how)
			if c.mechanisms == nil {
				s.User, s.Password = "", ""
			}
			if err := (Caller{Roots: roots}).Call(t.Context(), s, c.to); err != nil {
				t.Fatal(err)
			}
			want := c.to
			if want == nil {
				want = s.Fallback
			}
			var to []string
			for _, g := range p.got {
				to = append(to, g.To)
				m, err := mail.ReadMessage(strings.NewReader(g.Text))
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(m.Body)
				if err != nil || strings.TrimSpace(string(body)) != s.Text || m.Header.Get("To") != g.To || g.From != s.From || g.Hello != "localhost" {
					t.Errorf("%q, %q, %+v, %v", body, m.Header, g, err)
				}
				if m.Header.Get("Subject") != "=?utf-8?q?=DB=8C=D8=A7=D8=AF=D8=A2=D9=88=D8=B1=DB=8C?=" || strings.Contains(g.Text, "Panah") || strings.Contains(g.Text, "http") {
					t.Errorf("%q", g.Text)
				}
			}
			if diff := cmp.Diff(want, to); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestMailIsNotSent goes to servers that must get nothing: no user name, no password, no message.
func TestMailIsNotSent(t *testing.T) {
	roots, cert := authority(t)
	stranger, _ := authority(t)
	for name, c := range map[string]struct {
		how      string
		implicit bool
		cert     *tls.Certificate
		roots    *x509.CertPool
		change   func(*Settings)
		want     error
	}{
		"a certificate of somebody else, implicit": {TLSImplicit, true, &cert, stranger, nil, ErrTLS},
		"a certificate of somebody else, STARTTLS": {TLSStart, false, &cert, stranger, nil, ErrTLS},
		"another name": {TLSImplicit, true, &cert, roots, func(s *Settings) { s.Host = "localhost" }, ErrTLS},
		"no STARTTLS":  {TLSStart, false, nil, roots, nil, ErrTLS},
		"no TLS":       {TLSImplicit, false, nil, roots, nil, ErrTLS},
		"a wrong password": {TLSImplicit, true, &cert, roots, func(s *Settings) {
			s.Password = "wrong"
		}, ErrAuth},
		"no password, where one is asked": {TLSImplicit, true, &cert, roots, func(s *Settings) { s.User = "" }, ErrRefused},
		"nobody to call":                  {TLSImplicit, true, &cert, roots, func(s *Settings) { s.Fallback = nil }, ErrSettings},
		"nobody listens":                  {TLSImplicit, true, &cert, roots, func(s *Settings) { s.Port = 1 }, ErrReach},
	} {
		t.Run(name, func(t *testing.T) {
			p := &post{mechanisms: []string{"PLAIN"}}
			s := settings(p.open(t, c.cert, c.implicit), c.how)
			if c.change != nil {
				c.change(&s)
			}
			err := (Caller{Roots: c.roots}).Call(t.Context(), s, nil)
			if !errors.Is(err, c.want) || len(p.got) > 0 {
				t.Errorf("%v, %d mails", err, len(p.got))
			}
			if printed := fmt.Sprintf("%v %+v %#v %v", s, s, s, err); strings.Contains(printed, password) || strings.Contains(printed, "keeper@") {
				t.Errorf("printed: %s", printed)
			}
		})
	}
}

// TestOneRefusedAddress checks that the others are called all the same, and that the server's words about it go nowhere.
func TestOneRefusedAddress(t *testing.T) {
	roots, cert := authority(t)
	p := &post{mechanisms: []string{"PLAIN"}, refuse: "gone@mail.example"}
	s := settings(p.open(t, &cert, true), TLSImplicit)
	err := (Caller{Roots: roots}).Call(t.Context(), s, []string{"gone@mail.example", "here@mail.example"})
	if !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "gone@") || len(p.got) != 1 || p.got[0].To != "here@mail.example" {
		t.Errorf("%v, %+v", err, p.got)
	}
}

// TestSilentServer is given up with the context.
func TestSilentServer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		c, err := ln.Accept()
		cancel()
		if err == nil {
			_, _ = io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	if err := (Caller{}).Call(ctx, settings(ln.Addr().(*net.TCPAddr).Port, TLSStart), nil); !errors.Is(err, ErrReach) {
		t.Error(err)
	}
}

func script(t *testing.T, mode os.FileMode, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bell")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+strings.Join(lines, "\n")+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCommand runs a real one and looks at all that it was given.
func TestCommand(t *testing.T) {
	t.Setenv("PANAH_PASSPHRASE_FILE", "/secret")
	out := filepath.Join(t.TempDir(), "out")
	if err := (Caller{}).Call(t.Context(), Settings{Command: script(t, 0o700, `echo "$# $(pwd)" > '`+out+`'`, `env >> '`+out+`'`, `cat >> '`+out+`'`)}, nil); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), "="); name != "PATH" && name != "PWD" && name != "_" && name != "SHLVL" && name != "OLDPWD" && name != "0 /" {
			t.Errorf("it was given %q", line)
		}
	}
	if !strings.HasPrefix(string(b), "0 /\n") {
		t.Errorf("arguments or folder: %q", b)
	}
	for name, path := range map[string]string{
		"fails": script(t, 0o700, "exit 3"), "is no program": script(t, 0o600), "others may write": script(t, 0o722), "is not there": "/no/such/bell", "is a folder": t.TempDir(),
	} {
		if err := (Caller{}).Call(t.Context(), Settings{Command: path}, nil); !errors.Is(err, ErrCommand) {
			t.Errorf("one that %s: %v", name, err)
		}
	}
}

// TestCommandEndsWithTheDesk ends a command, and what it started, when the desk locks.
func TestCommandEndsWithTheDesk(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "pid")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	path := script(t, 0o700, "sleep 600 &", "echo $! > '"+fifo+".new'", "mv '"+fifo+".new' '"+fifo+"'", "wait")
	go func() { done <- run(ctx, path) }()
	var child string
	for deadline := time.Now().Add(10 * time.Second); child == ""; {
		if b, err := os.ReadFile(fifo); err == nil {
			child = strings.TrimSpace(string(b))
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, ErrCommand) {
		t.Error(err)
	}
	if _, err := strconv.Atoi(child); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		b, err := os.ReadFile("/proc/" + child + "/stat")
		if err != nil || strings.Contains(string(b), ") Z") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("what it started goes on")
		}
	}
}

func TestCheck(t *testing.T) {
	good := settings(465, TLSImplicit)
	good.Command = "/usr/local/bin/bell"
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*Settings){
		"host":     func(s *Settings) { s.Host = "mail.example\r\nX" },
		"port":     func(s *Settings) { s.Port = 0 },
		"tls":      func(s *Settings) { s.TLS = "maybe" },
		"user":     func(s *Settings) { s.User = "a\nb" },
		"from":     func(s *Settings) { s.From = "Legal Aid <bell@mail.example>" },
		"command":  func(s *Settings) { s.Command = "bell --now" },
		"subject":  func(s *Settings) { s.Subject = "x\r\nBcc: all@mail.example" },
		"text":     func(s *Settings) { s.Text = strings.Repeat("x", 201) },
		"fallback": func(s *Settings) { s.Fallback = []string{"a@mail.example, b@mail.example"} },
		"every":    func(s *Settings) { s.Every = -1 },
	} {
		bad := good
		change(&bad)
		if err := bad.Check(); !errors.Is(err, ErrSettings) || !strings.HasSuffix(err.Error(), ": "+field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if Problem(fmt.Errorf("x: %w", ErrTLS)) != "tls" || Problem(nil) != "" || Problem(io.EOF) != "reach" {
		t.Error("the words for problems")
	}
}

// TestCallsAreFew lets a desk want calls all the time and counts those that go out, and the tries while the server is away.
func TestCallsAreFew(t *testing.T) {
	start := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	for _, away := range []bool{false, true} {
		var s State
		var tries []time.Duration
		for now := start; now.Before(start.Add(time.Hour)); now = now.Add(10 * time.Second) {
			s = s.Want(now)
			if at, ok := s.Next(DefaultEvery); ok && !at.After(now) {
				tries = append(tries, now.Sub(start))
				var err error
				if away {
					err = ErrReach
				}
				s = s.Done(now, err)
			}
		}
		if !away && len(tries) != 12 || away && (len(tries) < 6 || len(tries) > 10) || s.Problem != map[bool]string{false: "", true: "reach"}[away] {
			t.Errorf("away %v: %v, %q", away, tries, s.Problem)
		}
	}
	s := State{}.Want(start)
	for i := range 2 * maxTries {
		if at, ok := s.Next(DefaultEvery); ok {
			s = s.Done(at, ErrAuth)
		} else if i != maxTries {
			t.Fatalf("given up after %d tries", i)
		} else {
			break
		}
	}
	if at, ok := s.Want(start.Add(time.Hour)).Next(DefaultEvery); !ok || !at.Equal(start.Add(time.Hour)) || s.Problem != "auth" {
		t.Errorf("a new reason to call: %v, %v, %q", at, ok, s.Problem)
	}
}
