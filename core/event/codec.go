package event

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

const intro = "panah.event/v1\n"

// Sign writes e as a signed note. It refuses what Open would refuse.
func Sign(e Event, device ed25519.PrivateKey) (Signed, error) {
	pub, ok := device.Public().(ed25519.PublicKey)
	if !ok {
		return Signed{}, errors.New("signing an event: no Ed25519 key")
	}
	text, err := e.text(pub)
	if err != nil {
		return Signed{}, err
	}
	signed, err := note.Sign(&note.Note{Text: text}, deviceKey{pub, device})
	if err != nil {
		return Signed{}, fmt.Errorf("signing an event: %w", err)
	}
	if len(signed) > MaxText {
		return Signed{}, fmt.Errorf("signing an event: %w: longer than %d bytes", ErrMalformed, MaxText)
	}
	return Signed{e, sha256.Sum256([]byte(text)), pub, signed}, nil
}

// Open reads a signed note and checks its signature by the key that it names: whether that desk belongs to the organisation, the caller asks. The error is
// ErrMalformed.
func Open(signed []byte) (Signed, error) {
	s, sig, err := read(signed)
	if err != nil || sig == "" {
		return Signed{}, ErrMalformed
	}
	if _, err := note.Open(signed, note.VerifierList(deviceKey{pub: s.Device})); err != nil {
		return Signed{}, ErrMalformed
	}
	return s, nil
}

// Read is Open without checking the signature: for events that this desk checked when they came, also those whose signature it has dropped since (Unsigned).
func Read(stored []byte) (Signed, error) {
	s, _, err := read(stored)
	return s, err
}

// Unsigned is an event without its signature: what is kept when nobody may prove any more who said something.
func Unsigned(signed []byte) []byte {
	text, _, _ := strings.Cut(string(signed), "\n\n")
	return []byte(text + "\n")
}

func (e Event) text(device ed25519.PublicKey) (string, error) {
	var name string
	var body []byte
	var err error
	switch b := e.Body.(type) {
	case nil:
		err = ErrMalformed
	case Unknown:
		name, body = b.Name, b.Raw
	default:
		if err = b.check(); err == nil {
			name = b.Kind()
			body, err = encode(b)
		}
	}
	if err != nil {
		return "", fmt.Errorf("writing an event: %w", err)
	}
	b64 := base64.StdEncoding.EncodeToString
	var w strings.Builder
	w.WriteString(intro)
	fmt.Fprintf(&w, "org %s\nepoch %d\ncase %s\nauthor %s\ndevice %s\nat %s\n", e.Org, e.Epoch, e.Case.Reveal(), e.Author, b64(device), e.At.UTC().Format(time.RFC3339))
	for _, p := range e.Parents {
		fmt.Fprintf(&w, "parent %s\n", b64(p[:]))
	}
	if e.Tree != "" {
		fmt.Fprintf(&w, "tree %s\n", e.Tree)
	}
	fmt.Fprintf(&w, "kind %s\n%s\n", name, body)
	if _, _, err := read([]byte(w.String())); err != nil {
		return "", fmt.Errorf("writing an event: %w", err)
	}
	return w.String(), nil
}

// encode writes a body as one line, without the HTML escapes that encoding/json likes.
func encode(b Body) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// read parses a note, or its text alone. sig is what follows the text.
func read(stored []byte) (s Signed, sig string, err error) {
	if len(stored) > MaxText {
		return s, "", ErrMalformed
	}
	text, sig, found := strings.Cut(string(stored), "\n\n")
	if found {
		text += "\n"
	}
	rest, ok := strings.CutPrefix(text, intro)
	if !ok || !strings.HasSuffix(rest, "\n") || !plain(text) {
		return s, "", ErrMalformed
	}
	l := lines{rest: rest}
	s.Org = l.value("org")
	s.Epoch = l.number("epoch")
	s.Case = Case(l.hex("case", len(s.Case)))
	s.Author = Staff(l.value("author"))
	s.Device = l.base64("device", ed25519.PublicKeySize)
	s.At = l.time("at")
	for l.has("parent") && len(s.Parents) <= MaxParents {
		s.Parents = append(s.Parents, Hash(l.base64("parent", len(Hash{}))))
	}
	if l.has("tree") {
		s.Tree = l.value("tree")
		l.bad = l.bad || s.Tree == "" || len(s.Tree) > 120
	}
	kind := l.value("kind")
	raw := strings.TrimSuffix(l.rest, "\n")
	ascending := slices.IsSortedFunc(s.Parents, func(a, b Hash) int { return bytes.Compare(a[:], b[:]) }) && !slices.ContainsFunc(pairs(s.Parents), func(p [2]Hash) bool { return p[0] == p[1] })
	if l.bad || s.Org == "" || len(s.Org) > 64 || s.Epoch < 0 || !ascending || len(s.Parents) > MaxParents || !validStaff(s.Author, true) || !validName(kind) || strings.Contains(raw, "\n") {
		return Signed{}, "", ErrMalformed
	}
	if s.Body, err = decode(kind, []byte(raw)); err != nil {
		return Signed{}, "", ErrMalformed
	}
	s.Hash, s.Note = sha256.Sum256([]byte(text)), slices.Clone(stored)
	return s, sig, nil
}

// plain is what a note may hold (sumdb/note): UTF-8 and no control characters but the ends of lines.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' })
}

func pairs(h []Hash) (out [][2]Hash) {
	for i := 1; i < len(h); i++ {
		out = append(out, [2]Hash{h[i-1], h[i]})
	}
	return out
}

// lines reads "key value" lines in a fixed order.
type lines struct {
	rest string
	bad  bool
}

func (l *lines) has(key string) bool { return strings.HasPrefix(l.rest, key+" ") }

func (l *lines) value(key string) string {
	line, rest, ok := strings.Cut(l.rest, "\n")
	v, named := strings.CutPrefix(line, key+" ")
	if !ok || !named {
		l.bad = true
		return ""
	}
	l.rest = rest
	return v
}

func (l *lines) number(key string) int {
	v := l.value(key)
	n, err := strconv.Atoi(v)
	l.bad = l.bad || err != nil || strconv.Itoa(n) != v
	return n
}

func (l *lines) hex(key string, size int) []byte {
	v := l.value(key)
	b, err := hex.DecodeString(v)
	if err != nil || len(b) != size || hex.EncodeToString(b) != v {
		l.bad = true
		return make([]byte, size)
	}
	return b
}

func (l *lines) base64(key string, size int) []byte {
	b, err := base64.StdEncoding.Strict().DecodeString(l.value(key))
	if err != nil || len(b) != size {
		l.bad = true
		return make([]byte, size)
	}
	return b
}

func (l *lines) time(key string) time.Time {
	v := l.value(key)
	t, err := time.Parse(time.RFC3339, v)
	l.bad = l.bad || err != nil || t.UTC().Format(time.RFC3339) != v
	return t.UTC()
}

// deviceKey is a desk's key as a note's signer and verifier. Its name says nothing about the desk.
type deviceKey struct {
	pub ed25519.PublicKey
	key ed25519.PrivateKey
}

const (
	signerName  = "panah.desk"
	algEd25519  = 1 // golang.org/x/mod/sumdb/note
	keyHashSize = 4
)

func (deviceKey) Name() string { return signerName }

func (d deviceKey) KeyHash() uint32 {
	h := sha256.New()
	h.Write([]byte(signerName + "\n"))
	h.Write([]byte{algEd25519})
	h.Write(d.pub)
	return binary.BigEndian.Uint32(h.Sum(nil)[:keyHashSize])
}

func (d deviceKey) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(d.key, msg), nil }

func (d deviceKey) Verify(msg, sig []byte) bool { return ed25519.Verify(d.pub, msg, sig) }
