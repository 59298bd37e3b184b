// Package alert calls somebody to the desk: by e-mail, by a command of the organisation's own, or both.
//
// A call carries nothing but cover words. It names no case, no person, no organisation unless somebody typed its name, and no address of anything: whoever reads the mail, or
// sees the telephone ring, learns that somebody was called. Nothing of a case reaches this package.
package alert

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Why a call did not go out. Errors wrap one of them.
var (
	ErrSettings = errors.New("the settings for calling somebody are not complete")
	ErrReach    = errors.New("the mail server does not answer")
	ErrTLS      = errors.New("the mail server does not prove who it is; nothing was sent")
	ErrAuth     = errors.New("the mail server does not take this user name and password")
	ErrRefused  = errors.New("the mail server refuses the message")
	ErrCommand  = errors.New("the command failed")
)

// Problem is one word for why a call did not go out, for pages and settings: "settings", "reach", "tls", "auth", "refused", "command"; "" for nil.
func Problem(err error) string {
	for _, p := range [...]struct {
		err  error
		word string
	}{{ErrSettings, "settings"}, {ErrTLS, "tls"}, {ErrAuth, "auth"}, {ErrRefused, "refused"}, {ErrCommand, "command"}} {
		if errors.Is(err, p.err) {
			return p.word
		}
	}
	if err == nil {
		return ""
	}
	return "reach"
}

// A Secret is a password. It prints as "[password]".
type Secret string

// String hides the secret.
func (Secret) String() string { return "[password]" }

// GoString hides the secret.
func (Secret) GoString() string { return "[password]" }

// Reveal is the secret.
func (s Secret) Reveal() string { return string(s) }

// How a mail server is spoken to.
const (
	TLSImplicit = "tls"      // from the first byte, usually port 465
	TLSStart    = "starttls" // usually port 587
	TLSNone     = "none"     // a server on this very computer only
)

// Defaults of what a call says, and how often there may be one.
const (
	DefaultSubject = "Reminder"
	DefaultText    = "Please have a look at your list."
	DefaultEvery   = 5 * time.Minute
)

// Bounds of settings.
const (
	maxAddress   = 254
	maxAddresses = 20
	maxWords     = 200 // characters
	maxHost      = 253
	maxSecret    = 256
	maxPath      = 400
)

// Settings are how somebody is called. The zero Settings call nobody. They are kept in the desk's encrypted database, and nowhere else.
type Settings struct {
	Host     string `json:"host"` // of the mail server; "": no mail
	Port     int    `json:"port"`
	TLS      string `json:"tls"`  // TLSImplicit …
	User     string `json:"user"` // "": the server asks for none
	Password Secret `json:"password"`
	From     string `json:"from"` // address

	Command string `json:"command"` // absolute path of a program; "": none

	Subject  string        `json:"subject"`  // "": DefaultSubject
	Text     string        `json:"text"`     // "": DefaultText
	Fallback []string      `json:"fallback"` // addresses that are called while nobody on duty has one
	Every    time.Duration `json:"every"`    // at most one call in this time; 0: DefaultEvery
}

// String says nothing of the settings: addresses are people's.
func (Settings) String() string { return "[how somebody is called]" }

// GoString hides the settings.
func (Settings) GoString() string { return "[how somebody is called]" }

// On reports whether anybody is called at all.
func (s Settings) On() bool { return s.Host != "" || s.Command != "" }

// Pace is at most one call in this time.
func (s Settings) Pace() time.Duration {
	if s.Every <= 0 {
		return DefaultEvery
	}
	return s.Every
}

// Check refuses settings that could not work, or that would send a password in the clear. The error wraps ErrSettings and names the field by its name in JSON.
func (s Settings) Check() error {
	bad := func(field string) error { return fmt.Errorf("%w: %s", ErrSettings, field) }
	switch {
	case s.Host == "":
	case len(s.Host) > maxHost || strings.ContainsFunc(s.Host, notInHost):
		return bad("host")
	case s.Port < 1 || s.Port > 65535:
		return bad("port")
	case s.TLS != TLSImplicit && s.TLS != TLSStart && s.TLS != TLSNone:
		return bad("tls")
	case !line(s.User, maxSecret) || !line(s.Password.Reveal(), maxSecret):
		return bad("user")
	case !IsAddress(s.From):
		return bad("from")
	}
	switch {
	case s.Command != "" && (!filepath.IsAbs(s.Command) || filepath.Clean(s.Command) != s.Command || !line(s.Command, maxPath)):
		return bad("command")
	case !line(s.Subject, maxWords):
		return bad("subject")
	case !line(s.Text, maxWords):
		return bad("text")
	case len(s.Fallback) > maxAddresses || slices.ContainsFunc(s.Fallback, func(a string) bool { return !IsAddress(a) }):
		return bad("fallback")
	case s.Every < 0 || s.Every > 24*time.Hour:
		return bad("every")
	}
	return nil
}

func notInHost(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == ':')
}

// line reports whether s is one line of at most n characters.
func line(s string, n int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= n && !strings.ContainsFunc(s, unicode.IsControl)
}

// IsAddress reports whether s is one plain address, without a name: such a name would travel with the mail.
func IsAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && len(s) <= maxAddress && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// Call calls once: mails to each of the addresses, one by one, so that none sees the other, and runs the command. Without an address in to, mail goes to the fallback. Both
// ways are tried whatever becomes of the other. Errors are joined.
func (c Caller) Call(ctx context.Context, s Settings, to []string) error {
	if err := s.Check(); err != nil {
		return err
	}
	if !s.On() {
		return fmt.Errorf("%w: nobody would be called", ErrSettings)
	}
	var errs []error
	if s.Host != "" {
		errs = append(errs, c.mail(ctx, s, to))
	}
	if s.Command != "" {
		errs = append(errs, run(ctx, s.Command))
	}
	return errors.Join(errs...)
}
