// Package consent reads what is said aloud when somebody is asked for a consent: short texts with blanks, in a file for each language.
//
// It decides nothing: whether a consent holds is core/fold's. A text that nobody has reviewed says so, and one in another language than English is not given out before
// it was reviewed: a wrong word here makes a yes worthless.
package consent

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds of a file.
const (
	maxFile    = 64 << 10
	maxScripts = 60
)

// Reviewed is the status of a text that a lawyer and a native speaker have agreed to.
const Reviewed = "reviewed"

// Scripts are the texts of one language.
type Scripts struct {
	Version      int               `yaml:"version"`
	Lang         string            `yaml:"lang"`
	Status       string            `yaml:"status"` // Reviewed, or a sentence that says what is missing
	ReviewNeeded []string          `yaml:"review_needed"`
	Rules        []string          `yaml:"rules"`         // how to ask
	Texts        map[string]string `yaml:"scripts"`       // by the id of the consent, and "limits"
	SafeIdentity []string          `yaml:"safe_identity"` // how to know whom one speaks with
}

// Book is the scripts of every language that there are. English is always there.
type Book struct{ by map[string]Scripts }

var (
	blank    = regexp.MustCompile(`\{([a-z0-9_]{1,30})\}`)
	idForm   = regexp.MustCompile(`^[a-z][a-z0-9-]{1,40}$`)
	langForm = regexp.MustCompile(`^[a-z]{2}(-[A-Z]{2})?$`)
)

// New reads the files. It refuses unknown keys, a language that is there twice, a translation with other texts or other blanks than the English, and a set without English.
func New(files ...[]byte) (*Book, error) {
	b := &Book{map[string]Scripts{}}
	for i, data := range files {
		s, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("reading consent texts %d: %w", i+1, err)
		}
		if _, twice := b.by[s.Lang]; twice {
			return nil, fmt.Errorf("consent texts in %s are there twice", s.Lang)
		}
		b.by[s.Lang] = s
	}
	english, ok := b.by["en"]
	if !ok {
		return nil, errors.New("there are no consent texts in English")
	}
	for lang, s := range b.by {
		if !slices.Equal(slices.Sorted(maps.Keys(s.Texts)), slices.Sorted(maps.Keys(english.Texts))) {
			return nil, fmt.Errorf("the consent texts in %s are not those of the English file", lang)
		}
		for id := range s.Texts {
			if !slices.Equal(blanks(s.Texts[id]), blanks(english.Texts[id])) {
				return nil, fmt.Errorf("%s in %s has other blanks than in English", id, lang)
			}
		}
	}
	return b, nil
}

func parse(data []byte) (Scripts, error) {
	var s Scripts
	if len(data) > maxFile {
		return s, fmt.Errorf("a file of %d bytes is larger than %d", len(data), maxFile)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil {
		return s, fmt.Errorf("reading YAML: %w", err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return s, errors.New("more than one YAML document in the file")
	}
	if s.Version < 1 || !langForm.MatchString(s.Lang) || s.Status == "" || len(s.Rules) == 0 || len(s.Texts) == 0 || len(s.Texts) > maxScripts {
		return s, errors.New("version, lang, status, rules and scripts may not be empty")
	}
	for id, text := range s.Texts {
		if !idForm.MatchString(id) || strings.TrimSpace(text) == "" {
			return s, fmt.Errorf("the text %.60q is malformed or empty", id)
		}
		if rest := blank.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
			return s, fmt.Errorf("%s has a blank that is no name in braces", id)
		}
	}
	return s, nil
}

func blanks(text string) (names []string) {
	for _, m := range blank.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// For returns the texts in a language when they were reviewed, else the English ones, whatever their status: the caller shows Lang and Status.
func (b *Book) For(lang string) Scripts {
	if s, ok := b.by[lang]; ok && s.Status == Reviewed {
		return s
	}
	return b.by["en"]
}

// Draft reports whether the texts still need a review.
func (s Scripts) Draft() bool { return s.Status != Reviewed }

// Name is what a record of a consent keeps of what was said: the language and version of the text.
func (s Scripts) Name(id string) string {
	name := fmt.Sprintf("%s.%s v%d", id, s.Lang, s.Version)
	if s.Draft() {
		name += " draft"
	}
	return name
}

// A Piece of a text: words, a blank that was filled in, or one that was not (Blank is its name and Text empty).
type Piece struct {
	Text  string
	Blank string
}

// Fill cuts a text at its blanks and puts values in. ok is false when there is no such text.
func (s Scripts) Fill(id string, values map[string]string) (pieces []Piece, ok bool) {
	text, ok := s.Texts[id]
	at := 0
	for _, m := range blank.FindAllStringSubmatchIndex(text, -1) {
		if m[0] > at {
			pieces = append(pieces, Piece{Text: text[at:m[0]]})
		}
		name := text[m[2]:m[3]]
		pieces = append(pieces, Piece{Text: values[name], Blank: name})
		at = m[1]
	}
	if at < len(text) {
		pieces = append(pieces, Piece{Text: text[at:]})
	}
	return pieces, ok
}
