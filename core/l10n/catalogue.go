package l10n

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// State says how far a text may be trusted.
type State string

// The states of a text.
const (
	Reviewed State = "reviewed" // checked by a native speaker, or the English source itself
	Draft    State = "draft"    // a translation that nobody has checked
	Fallback State = "fallback" // English, shown in place of a missing or unchecked translation
)

// Text is one looked-up text.
type Text struct {
	Text  string
	Lang  string // the language that Text is in: English when State is Fallback
	State State
}

// Catalogue holds the texts of all languages. It does not change after New and may be shared.
type Catalogue struct {
	drafts bool
	texts  map[string]map[string]Entry // by language code, then by id
	order  []string                    // ids as the English file has them
}

// New builds a catalogue from the bytes of the PO files, by language code. English is required and decides which
// ids exist; an id that English lacks, a translation of another source sentence, or one with other placeholders than its source is an error
// (a stale translation must not go out under a changed sentence). With drafts, unchecked translations are
// returned as Draft; without, English is returned in their place as Fallback.
func New(files map[string][]byte, drafts bool) (*Catalogue, error) {
	c := &Catalogue{drafts: drafts, texts: map[string]map[string]Entry{}}
	english, err := ParsePO(files[English])
	if err != nil {
		return nil, fmt.Errorf("reading the English catalogue: %w", err)
	}
	if len(english) == 0 {
		return nil, fmt.Errorf("the English catalogue is empty")
	}
	for _, e := range english {
		c.order = append(c.order, e.ID)
	}
	c.texts[English] = byID(english)
	for _, lang := range slices.Sorted(maps.Keys(files)) {
		if lang == English {
			continue
		}
		entries, err := ParsePO(files[lang])
		if err != nil {
			return nil, fmt.Errorf("reading the %s catalogue: %w", lang, err)
		}
		c.texts[lang] = byID(entries)
		if err := c.check(lang); err != nil {
			return nil, fmt.Errorf("checking the %s catalogue: %w", lang, err)
		}
	}
	return c, nil
}

func byID(entries []Entry) map[string]Entry {
	m := make(map[string]Entry, len(entries))
	for _, e := range entries {
		m[e.ID] = e
	}
	return m
}

func (c *Catalogue) check(lang string) error {
	for id, e := range c.texts[lang] {
		source, ok := c.texts[English][id]
		switch {
		case !ok:
			return fmt.Errorf("%q is not in the English catalogue", id)
		case e.Source != source.Source:
			return fmt.Errorf("%q translates another sentence than the English one", id)
		case e.Text != "" && !slices.Equal(placeholders(e.Text), placeholders(source.Text)):
			return fmt.Errorf("%q has placeholders %v, English has %v", id, placeholders(e.Text), placeholders(source.Text))
		}
	}
	return nil
}

// WithDrafts returns the same catalogue that shows, or hides, unchecked translations.
func (c *Catalogue) WithDrafts(drafts bool) *Catalogue {
	return &Catalogue{drafts: drafts, texts: c.texts, order: c.order}
}

// Text looks up an id ("intake.send") in a language. ok is false when no such id exists in any language.
func (c *Catalogue) Text(lang, id string) (t Text, ok bool) {
	source, ok := c.texts[English][id]
	if !ok {
		return Text{}, false
	}
	if lang == English {
		return Text{Text: source.Text, Lang: English, State: Reviewed}, true
	}
	e := c.texts[lang][id]
	switch {
	case e.Text != "" && !e.Fuzzy:
		return Text{Text: e.Text, Lang: lang, State: Reviewed}, true
	case e.Text != "" && c.drafts:
		return Text{Text: e.Text, Lang: lang, State: Draft}, true
	}
	return Text{Text: source.Text, Lang: English, State: Fallback}, true
}

// IDs lists the ids in the order of the English file.
func (c *Catalogue) IDs() []string { return slices.Clone(c.order) }

// Has reports whether a language's file has the id at all, checked or not.
func (c *Catalogue) Has(lang, id string) bool { return c.texts[lang][id].Text != "" }

// Note returns the note for translators of an id, from the English file: icon, use, letters of the pathways.
func (c *Catalogue) Note(id string) string { return c.texts[English][id].Note }

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return found
}

// Piece is a stretch of a text: words of the sentence, or a value put into it.
type Piece struct {
	Text  string
	Value bool // put in from outside: isolate its direction from the sentence around it
}

// Fill cuts a text at its placeholders {name} and puts the values in. The caller shows values isolated (<bdi>), since a
// Latin name or a date would otherwise reorder a right-to-left sentence. A placeholder without a value stays as it is.
func Fill(text string, values map[string]string) []Piece {
	var pieces []Piece
	at := 0
	for _, m := range placeholder.FindAllStringIndex(text, -1) {
		value, ok := values[strings.Trim(text[m[0]:m[1]], "{}")]
		if !ok {
			continue
		}
		if m[0] > at {
			pieces = append(pieces, Piece{Text: text[at:m[0]]})
		}
		pieces = append(pieces, Piece{Text: value, Value: true})
		at = m[1]
	}
	if at < len(text) {
		pieces = append(pieces, Piece{Text: text[at:]})
	}
	return pieces
}
