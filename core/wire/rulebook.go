package wire

import (
	"bytes"
	"crypto/sha256"
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

	"panah/core/roster"
)

// RulebookTarget is where a keeper's desk gives the gate a Rulebook.
const RulebookTarget = "/v1/desk/rulebook"

// Bounds of a Rulebook, bytes.
const (
	MaxRulebookFile = 128 << 10 // of one of the three files
	MaxRulebook     = 1 << 20   // of the whole, as JSON
	maxRulebookNote = 4 << 10
)

// A Rulebook is the three files of a rulebook with the note by which a keeper says that they are the organisation's. It is the same to desks and to the gate, and
// anybody can check it with the roster. Whether the files are a rulebook at all, ask core/rulebook.
type Rulebook struct {
	Note    string `json:"note"`    // signed note: docs/formats.md, section 4
	Papers  string `json:"papers"`  // papers.yaml
	Rules   string `json:"rules"`   // rules.yaml
	Sources string `json:"sources"` // sources.yaml
}

// A RulebookSigning is what the note of a Rulebook says.
type RulebookSigning struct {
	Org string    // fingerprint of the organisation
	At  time.Time // when the keeper signed, to the second, UTC: of two rulebooks the later one holds
	By  string    // verifier key of the keeper
}

var (
	// ErrRulebook says that bytes are no Rulebook in the one form that there is.
	ErrRulebook = errors.New("malformed rulebook: see docs/formats.md, section 4")
	// ErrRulebookUnsigned says that no keeper of the organisation signed these files.
	ErrRulebookUnsigned = errors.New("no keeper of this organisation signed this rulebook")
)

// SignRulebook makes the three files the rulebook of the organisation org, in the name of one keeper. The error wraps ErrRulebook when a file is too long or not UTF-8.
func SignRulebook(keeper note.Signer, org string, at time.Time, papers, rules, sources []byte) (Rulebook, error) {
	b := Rulebook{Papers: string(papers), Rules: string(rules), Sources: string(sources)}
	signed, err := note.Sign(&note.Note{Text: b.text(org, at)}, keeper)
	if err != nil {
		return Rulebook{}, fmt.Errorf("signing a rulebook: %w", err)
	}
	b.Note = string(signed)
	if _, err := ParseRulebook(b.Bytes()); err != nil {
		return Rulebook{}, fmt.Errorf("signing a rulebook: %w", err)
	}
	return b, nil
}

// rulebookWords begin the lines of a note, in their order.
var rulebookWords = [...]string{"org ", "at ", "papers ", "rules ", "sources "}

// text is what a keeper signs.
func (b Rulebook) text(org string, at time.Time) string {
	hash := func(file string) string {
		sum := sha256.Sum256([]byte(file))
		return hex.EncodeToString(sum[:])
	}
	values := [len(rulebookWords)]string{org, strconv.FormatInt(at.Unix(), 10), hash(b.Papers), hash(b.Rules), hash(b.Sources)}
	text := "panah.rulebook/v1\n"
	for i, word := range rulebookWords {
		text += word + values[i] + "\n"
	}
	return text
}

// Bytes is the one form of a Rulebook: JSON without spaces, keys in the order of the fields, nothing escaped for HTML.
func (b Rulebook) Bytes() []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(b) // strings: never fails
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// ParseRulebook reads a Rulebook and refuses any other form of it than Bytes. Nobody's signature is checked. The error is ErrRulebook.
func ParseRulebook(data []byte) (Rulebook, error) {
	var b Rulebook
	if len(data) > MaxRulebook || !utf8.Valid(data) || json.Unmarshal(data, &b) != nil || !bytes.Equal(b.Bytes(), data) {
		return Rulebook{}, ErrRulebook
	}
	for _, file := range []string{b.Papers, b.Rules, b.Sources} {
		if file == "" || len(file) > MaxRulebookFile {
			return Rulebook{}, ErrRulebook
		}
	}
	if _, err := b.signing(); err != nil {
		return Rulebook{}, err
	}
	return b, nil
}

// SignedAt is when the note says that it was signed, whoever did: of two rulebooks the later one holds. The error is ErrRulebook.
func (b Rulebook) SignedAt() (time.Time, error) {
	s, err := b.signing()
	return s.At, err
}

// signing reads the note, whoever signed it.
func (b Rulebook) signing() (RulebookSigning, error) {
	if len(b.Note) > maxRulebookNote {
		return RulebookSigning{}, ErrRulebook
	}
	text, _, ok := strings.Cut(b.Note, "\n\n")
	lines := strings.Split(text, "\n")
	if !ok || len(lines) != 1+len(rulebookWords) {
		return RulebookSigning{}, ErrRulebook
	}
	org, _ := strings.CutPrefix(lines[1], rulebookWords[0])
	at, _ := strings.CutPrefix(lines[2], rulebookWords[1])
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<40 {
		return RulebookSigning{}, ErrRulebook
	}
	s := RulebookSigning{Org: org, At: time.Unix(seconds, 0).UTC()}
	if text+"\n" != b.text(s.Org, s.At) { // also: the files are those that were signed
		return RulebookSigning{}, ErrRulebook
	}
	return s, nil
}

// Open checks that a keeper of the roster r signed these very files for r's organisation, and returns what was signed. The error wraps ErrRulebook or ErrRulebookUnsigned.
func (b Rulebook) Open(r roster.Roster) (RulebookSigning, error) {
	s, err := b.signing()
	if err != nil {
		return RulebookSigning{}, err
	}
	if s.Org != r.Org {
		return RulebookSigning{}, fmt.Errorf("%w: it is signed for another one", ErrRulebookUnsigned)
	}
	i := slices.IndexFunc(r.Keepers, func(key string) bool {
		v, err := note.NewVerifier(key)
		if err != nil {
			return false
		}
		_, err = note.Open([]byte(b.Note), note.VerifierList(v))
		return err == nil
	})
	if i < 0 {
		return RulebookSigning{}, ErrRulebookUnsigned
	}
	s.By = r.Keepers[i]
	return s, nil
}
