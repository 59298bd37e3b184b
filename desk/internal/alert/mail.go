package alert

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/smtp"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// mailTime bounds one conversation with a mail server.
const mailTime = 30 * time.Second

// A Caller calls. The zero Caller trusts the system's certificates.
type Caller struct {
	Roots *x509.CertPool   // whom to trust; nil: the system's
	Now   func() time.Time // nil: time.Now
}

func (c Caller) mail(ctx context.Context, s Settings, to []string) error {
	if len(to) == 0 {
		to = s.Fallback
	}
	if len(to) == 0 {
		return fmt.Errorf("%w: nobody has an address", ErrSettings)
	}
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	client, err := c.connect(ctx, s)
	if err != nil {
		return err
	}
	defer client.Close()
	var errs []error
	for _, address := range to {
		errs = append(errs, c.message(client, s, address))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return reach("ending the mail", client.Quit())
}

// connect opens a conversation that is private, or with a server on this very computer, and says who we are.
func (c Caller) connect(ctx context.Context, s Settings) (*smtp.Client, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return nil, reach("reaching the mail server", err)
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, errors.Join(reach("reaching the mail server", err), conn.Close())
		}
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() }) // mail cancels ctx when it is done
	config := &tls.Config{ServerName: s.Host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}
	switch s.TLS {
	case TLSImplicit:
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("%w: %w", ErrTLS, err), conn.Close())
		}
		conn = secure
	case TLSNone:
		if a, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
			return nil, errors.Join(fmt.Errorf("%w: without TLS it must be on this computer", ErrTLS), conn.Close())
		}
	}
	client, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		return nil, errors.Join(reach("greeting the mail server", err), conn.Close())
	}
	if err := c.introduce(client, s, config); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}

func (c Caller) introduce(client *smtp.Client, s Settings, config *tls.Config) error {
	// The name of this computer is nobody's business.
	if err := client.Hello("localhost"); err != nil {
		return reach("greeting the mail server", err)
	}
	if s.TLS == TLSStart {
		if ok, _ := client.Extension("STARTTLS"); !ok {
			return fmt.Errorf("%w: it offers no STARTTLS", ErrTLS)
		}
		if err := client.StartTLS(config); err != nil {
			return fmt.Errorf("%w: %w", ErrTLS, err)
		}
	}
	if s.User == "" {
		return nil
	}
	_, offered := client.Extension("AUTH")
	auth := smtp.PlainAuth("", s.User, s.Password.Reveal(), s.Host)
	if list := strings.Fields(strings.ToUpper(offered)); !contains(list, "PLAIN") && contains(list, "LOGIN") {
		auth = &login{s.User, s.Password}
	}
	if err := client.Auth(auth); err != nil {
		return fmt.Errorf("%w: %w", ErrAuth, plain(err))
	}
	return nil
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// login is the LOGIN mechanism, which some servers offer alone. connect lets it only be used over TLS or on this computer.
type login struct {
	user     string
	password Secret
}

// Start implements smtp.Auth.
func (l *login) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

// Next implements smtp.Auth.
func (l *login) Next(asked []byte, more bool) ([]byte, error) {
	switch q := strings.ToLower(string(asked)); {
	case !more:
		return nil, nil
	case strings.HasPrefix(q, "user"):
		return []byte(l.user), nil
	case strings.HasPrefix(q, "pass"):
		return []byte(l.password.Reveal()), nil
	}
	return nil, errors.New("the server asks for something else than user name and password")
}

// message sends one mail.
func (c Caller) message(client *smtp.Client, s Settings, to string) error {
	text, err := c.compose(s, to)
	if err != nil {
		return err
	}
	if err := client.Mail(s.From); err != nil {
		return refused(err)
	}
	if err := client.Rcpt(to); err != nil {
		return errors.Join(refused(err), client.Reset())
	}
	w, err := client.Data()
	if err != nil {
		return refused(err)
	}
	if _, err := w.Write(text); err != nil {
		return reach("sending the mail", err)
	}
	return refused(w.Close())
}

// compose writes the mail: cover words, and what mail cannot do without.
func (c Caller) compose(s Settings, to string) ([]byte, error) {
	subject, text, now := s.Subject, s.Text, time.Now
	if subject == "" {
		subject = DefaultSubject
	}
	if text == "" {
		text = DefaultText
	}
	if c.Now != nil {
		now = c.Now
	}
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails since Go 1.24
	_, domain, _ := strings.Cut(s.From, "@")
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", s.From},
		{"To", to},
		{"Subject", mime.QEncoding.Encode("utf-8", subject)},
		{"Date", now().UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		{"Message-ID", "<" + hex.EncodeToString(id[:]) + "@" + domain + ">"},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(text + "\r\n")); err != nil {
		return nil, fmt.Errorf("writing the mail: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("writing the mail: %w", err)
	}
	return b.Bytes(), nil
}

func reach(attempt string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %s: %w", ErrReach, attempt, err)
}

// refused is the server's no; what is no answer of the server at all is ErrReach.
func refused(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*textproto.Error](err); !ok {
		return reach("sending the mail", err)
	}
	return fmt.Errorf("%w: %w", ErrRefused, plain(err))
}

// plain keeps of a server's answer its number only: servers repeat addresses in their words.
func plain(err error) error {
	if e, ok := errors.AsType[*textproto.Error](err); ok {
		return fmt.Errorf("it answered %d", e.Code)
	}
	return err
}
