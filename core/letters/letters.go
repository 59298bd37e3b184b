// Package letters makes a letter of a template and of the few facts that the template names: in Persian, Dari, Pashto, Urdu or English, for a person to read, change and print.
//
// It takes nothing from a case that a template does not name, sends nothing, decides nothing, and has no place for the number of a paper: where one belongs there is a line to write
// it on by hand. Templates are data (rules/letters, docs/letters.md); one that nobody has reviewed says so.
package letters

import (
	"slices"

	"panah/core/l10n"
)

// Words are a text in every language of core/l10n, by its code.
type Words map[string]string

// In is the text in a language; English where there is none.
func (w Words) In(lang string) string {
	if s := w[lang]; s != "" {
		return s
	}
	return w[l10n.English]
}

// An Addressee is a kind of reader of a letter.
type Addressee string

// The kinds of addressee.
const (
	Person    Addressee = "person" // the one whose case it is, or who speaks for them
	Counsel   Addressee = "counsel"
	Court     Addressee = "court"
	Authority Addressee = "authority"
	Partner   Addressee = "partner"
	Doctor    Addressee = "doctor"
	Employer  Addressee = "employer"
	Landlord  Addressee = "landlord"
	School    Addressee = "school"
	Registry  Addressee = "registry"
	Tracing   Addressee = "tracing" // a family-links service
	Body      Addressee = "body"    // that takes complaints, chosen by the person
)

// Addressees lists them all.
func Addressees() []Addressee {
	return []Addressee{Person, Counsel, Court, Authority, Partner, Doctor, Employer, Landlord, School, Registry, Tracing, Body}
}

// A Kind of value that a field takes.
type Kind string

// The kinds of value.
const (
	Line   Kind = "text"   // one line
	Long   Kind = "long"   // sentences
	Date   Kind = "date"   // a day, "2006-01-02"; printed in both calendars. What is written otherwise is printed as it is
	Number Kind = "number" // digits of the language
	Lines  Kind = "lines"  // each line an item of a list
	Rows   Kind = "rows"   // each line a row of a table, cells parted by |
)

// A Field is what a letter is told, and nothing beside.
type Field struct {
	ID       string
	Kind     Kind
	From     string // what of the case it begins with: see Take. "": typed
	Label    Words
	Hint     Words // for who fills it in
	Required bool
}

// Kinds of a block.
const (
	IsHeading = "heading"
	IsText    = "text"
	IsList    = "list"  // a line is an item
	IsSteps   = "steps" // a numbered list
	IsTable   = "table" // a line is a row, cells parted by " | "; the first is the head
	IsBlank   = "blank" // a label with a line beside it to write on by hand
	IsSign    = "sign"  // a line to sign on for each line of text
)

// blockKinds lists them.
var blockKinds = [...]string{IsHeading, IsText, IsList, IsSteps, IsTable, IsBlank, IsSign}

// A Part is a block of a template, with places in braces: {name}.
type Part struct {
	Is   string
	If   string      // only when this field has a value
	To   []Addressee // only for these; nil: all
	Text Words
}

// A Template is one kind of letter.
type Template struct {
	Letter  string // id of rules/pathways/_common.yaml
	Version int
	Title   Words
	To      []Addressee
	Needs   map[Addressee]string // the consent that telling them needs
	Fields  []Field
	Parts   []Part
	MustNot []string          // what is never in it, for who edits it; English
	Sources []string          // ids of rules/sources.yaml
	Review  []string          // who has to look before it is relied on; English
	Status  map[string]string // by language: Draft or Reviewed
	Verdict Verdicts
	Names   map[Addressee]Words
}

// States of a template in a language.
const (
	Draft    = "draft"
	Reviewed = "reviewed"
)

// Verdicts are the words for what the papers check said.
type Verdicts map[string]Words

// Field is a field by its id.
func (t Template) Field(id string) (Field, bool) {
	for _, f := range t.Fields {
		if f.ID == id {
			return f, true
		}
	}
	return Field{}, false
}

// For reports whether a letter of this kind may be addressed to such a reader.
func (t Template) For(to Addressee) bool { return slices.Contains(t.To, to) }

// IsDraft reports whether nobody has reviewed it in a language.
func (t Template) IsDraft(lang string) bool { return t.Status[lang] != Reviewed }

// A Book is every template there is.
type Book struct {
	kinds []Template
	card  map[string]string // letters that are made otherwise: kind to how, in English
	talks map[string]Talk   // by language
}

// Kinds lists the templates by their ids.
func (b *Book) Kinds() []Template { return slices.Clone(b.kinds) }

// Template finds one.
func (b *Book) Template(letter string) (Template, bool) {
	for _, t := range b.kinds {
		if t.Letter == letter {
			return t, true
		}
	}
	return Template{}, false
}

// Elsewhere says how a letter is made that has no template here, in English; "" for one that there is not.
func (b *Book) Elsewhere(letter string) string { return b.card[letter] }

// Talk is what is read aloud before somebody carries a note about their papers; in English when there is none in a language.
func (b *Book) Talk(lang string) Talk {
	if t, ok := b.talks[lang]; ok {
		return t
	}
	return b.talks[l10n.English]
}
