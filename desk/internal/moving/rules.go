// Package moving turns a list that an organisation brings along into cases that can be opened: what its columns are, what may not come in, what each row becomes, and what
// a person should look at first. It decides by words in data (rules/import.yaml), stores nothing and opens nothing.
package moving

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"panah/core/script"
)

// Fields that a column can be brought to.
const (
	Reference = "reference"
	Name      = "name"
	Also      = "also"
	District  = "district"
	Lang      = "lang"
	Urgency   = "urgency"
	Pathway   = "pathway"
	Summary   = "summary"
	Note      = "note"
	Opened    = "opened"
	Outcome   = "outcome"
)

// Fields lists them in the order in which pages offer them.
func Fields() []string {
	return []string{Reference, Name, Also, District, Lang, Urgency, Pathway, Summary, Note, Opened, Outcome}
}

// An entry is words that name one thing, folded, split into words.
type entry struct {
	id    string
	words [][]string
}

// Rules are what rules/import.yaml says.
type Rules struct {
	never, fields []entry
	urgency, lang []entry
	open, closed  [][]string
}

type rawEntry struct {
	ID    string              `yaml:"id"`
	Words map[string][]string `yaml:"words"`
}

// maxRules bounds the file.
const maxRules = 128 << 10

// ParseRules reads rules/import.yaml. An unknown key or field is an error: a misspelt entry of the never list must not vanish silently.
func ParseRules(data []byte) (*Rules, error) {
	var f struct {
		Version      int        `yaml:"version"`
		Status       string     `yaml:"status"`
		ReviewNeeded []string   `yaml:"review_needed"`
		Never        []rawEntry `yaml:"never"`
		Fields       []rawEntry `yaml:"fields"`
		Values       struct {
			Urgency map[string][]string `yaml:"urgency"`
			Lang    map[string][]string `yaml:"lang"`
			Open    []string            `yaml:"open"`
			Closed  []string            `yaml:"closed"`
		} `yaml:"values"`
	}
	if len(data) > maxRules {
		return nil, errors.New("the rules of the import are too long")
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("reading the rules of the import: %w", err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("reading the rules of the import: more than one document")
	}
	r := &Rules{urgency: choices(f.Values.Urgency, "minutes", "hours", "days"), lang: choices(f.Values.Lang, "en", "fa-AF", "fa", "ps", "ur"), open: folded(f.Values.Open), closed: folded(f.Values.Closed)}
	var err error
	if r.never, err = entries(f.Never, nil); err == nil {
		r.fields, err = entries(f.Fields, Fields())
	}
	if err != nil {
		return nil, fmt.Errorf("reading the rules of the import: %w", err)
	}
	if len(r.never) == 0 || len(r.fields) != len(Fields()) {
		return nil, errors.New("reading the rules of the import: lists are missing")
	}
	return r, nil
}

func entries(raw []rawEntry, known []string) (all []entry, err error) {
	for _, e := range raw {
		if e.ID == "" || known != nil && !slices.Contains(known, e.ID) || len(e.Words["en"]) == 0 {
			return nil, fmt.Errorf("entry %.40q", e.ID)
		}
		one := entry{id: e.ID}
		for _, lang := range []string{"en", "fa", "fa-AF", "ps", "ur"} {
			one.words = append(one.words, folded(e.Words[lang])...)
		}
		all = append(all, one)
	}
	return all, nil
}

func choices(raw map[string][]string, ids ...string) (all []entry) {
	for _, id := range ids {
		all = append(all, entry{id, folded(raw[id])})
	}
	return all
}

func folded(list []string) (all [][]string) {
	for _, s := range list {
		if words := strings.Fields(script.Fold(s)); len(words) > 0 {
			all = append(all, words)
		}
	}
	return all
}

// within finds the first entry all of whose words stand in a text.
func within(list []entry, text []string) string {
	for _, e := range list {
		for _, words := range e.words {
			if !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(text, w) && !slices.Contains(text, w+"s") }) {
				return e.id
			}
		}
	}
	return ""
}

// exactly finds the first entry that a text is.
func exactly(list []entry, text []string) string {
	for _, e := range list {
		if is(e.words, text) {
			return e.id
		}
	}
	return ""
}

func is(list [][]string, text []string) bool {
	return slices.ContainsFunc(list, func(words []string) bool { return slices.Equal(words, text) })
}
