package web

import "strings"

// An input is one line of a form, with its label, hint, and what is wrong with it.
type input struct {
	W           *page
	Name, Words string // of the field; of its sentences, "field." + Words
	Value       string
	Wrong       string // id; empty: nothing
	Secret, LTR bool
	Optional    bool
}

// Field is one line of the form. A passphrase never comes back.
func (p *setupPage) Field(name, words string) input {
	f := input{W: p.page, Name: name, Words: words, Value: p.Form[name]}
	f.Secret = name == "passphrase" || name == "again"
	f.LTR = f.Secret || name == "gate" || name == "code" || name == "org"
	f.Optional = words == "invite_code" && p.Begun
	if p.At == name {
		f.Wrong = p.Wrong
	}
	return f
}

// Chosen is the division of the key that is ticked.
func (p *setupPage) Chosen() string { return p.Form["split"] }

// Ordinal is the number of the sheet at an index, from 1.
func (*setupPage) Ordinal(i int) int { return i + 1 }

// A toPrint is a set of sheets on the page that asks to print them.
type toPrint struct {
	Sheets []sheetLink
	Done   string // where the form goes
	Next   string // id of its button
	Wrong  string
}

// A sheetLink leads to one sheet.
type sheetLink struct{ Letter, Name, Path string }

func links(base string, sheets []Sheet) (all []sheetLink) {
	for _, s := range sheets {
		all = append(all, sheetLink{s.Letter, strings.ToUpper(s.Letter), base + "/" + s.Letter})
	}
	return all
}

// Printing is the list of sheets of a new organisation.
func (p *setupPage) Printing(base string, sheets []Sheet) toPrint {
	return toPrint{Sheets: links(base, sheets), Done: base, Next: "sheets.next", Wrong: p.Wrong}
}

// Printing is the list of sheets that were made anew.
func (p *newSheetsPage) Printing() toPrint {
	return toPrint{Sheets: links("/desks/sheets", p.Sheets), Done: "/desks/sheets/done", Next: "newsheets.done", Wrong: p.Wrong}
}

// Chosen is the division of the key that is ticked at first.
func (*newSheetsPage) Chosen() string { return splits()[0] }

// A sixWords is the shape of the piece that shows words to compare.
type sixWords struct{ Own, English []string }

// SixWords are the words to compare.
func (p *invitePage) SixWords() sixWords { return sixWords{p.Six, p.English} }
