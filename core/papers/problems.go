package papers

import (
	"fmt"
	"strconv"
)

// at names a place for a person.
func at(line, column int) string {
	return "line " + strconv.Itoa(line) + ", character " + strconv.Itoa(column)
}

var fieldWords = map[string]string{
	fCode: "the kind of paper", fState: "the issuing state", fSurname: "the names", fGiven: "the given names",
	fNumber: "the number of the paper", fNation: "the nationality", fBirth: "the date of birth", fSex: "the sex",
	fExpiry: "the date of expiry", fOptional: "the optional data", fIssue: "the date of issue", fComposite: "the whole",
	fLine: "the line",
}

func (r *reader) badCharacter(field string, p place, i int, look string) {
	found := p.of(r.lines)[i : i+1]
	line, column := int(p.line)+1, int(p.from)+i+1
	if found == string(rune(unread)) {
		look = "it could not be read; look at the paper"
	}
	r.tell(Problem{
		ID: "name-characters", Field: field, Line: line, Column: column, Found: found,
		Text: fmt.Sprintf("%s has %q in the names: %s", at(line, column), found, look),
	})
}

func (r *reader) checkProblem(i int, c Check) {
	p := Problem{ID: "check-digit", Field: c.Field, Line: c.Line, Column: c.Column, Found: string(rune(c.Found))}
	if c.Field == fComposite {
		p.ID = "composite"
	}
	words := fieldWords[c.Field]
	switch {
	case c.Wanted == 0:
		p.ID = "check-unread"
		p.Text = fmt.Sprintf("the check digit of %s cannot be computed: a character could not be read; look at the paper", words)
	case c.Field == fComposite:
		p.Wanted = string(rune(c.Wanted))
		p.Text = fmt.Sprintf("%s has %q, and the digit over the whole comes to %q: one character or more differs from the paper; compare the lines character by character", at(c.Line, c.Column), p.Found, p.Wanted)
	case i == 0 && c.Found == '<' && r.layout.long:
		p.ID, p.Wanted = "number-continued", string(rune(c.Wanted))
		p.Text = fmt.Sprintf("%s has < for the check digit of the number, which means that the number goes on in the optional data; nothing readable goes on there", at(c.Line, c.Column))
	default:
		p.Wanted = string(rune(c.Wanted))
		p.Text = fmt.Sprintf("%s has %q, and the check digit of %s comes to %q: a character of it, or the digit, differs from the paper; look for O and 0, I and 1, B and 8, S and 5, Z and 2", at(c.Line, c.Column), p.Found, words, p.Wanted)
	}
	r.tell(p)
}

func shapeless() Problem {
	return Problem{ID: "shape", Text: "these lines have the size of a machine-readable zone, but nothing in them fits one: type the two or three lines at the foot of the page or on the back of the card, the ones with many <"}
}

func emptyProblem() Problem {
	return Problem{ID: "empty", Text: "nothing is written: type the two or three lines at the foot of the page or on the back of the card, the ones with many <"}
}

func countProblem(n int) Problem {
	return Problem{
		ID: "line-count", Found: strconv.Itoa(n), Wanted: "2, 3",
		Text: fmt.Sprintf("there are %d lines; a zone has two lines (of 44 or 36 characters) or three (of 30): type every line of it, each on its own", n),
	}
}

func farProblem(line, n int) Problem {
	return Problem{
		ID: "line-far", Line: line, Found: strconv.Itoa(n),
		Text: fmt.Sprintf("line %d has %d characters; two lines have 44 or 36 characters each, three lines 30: look whether all of the line is there, with every <", line, n),
	}
}

func lengthProblem(line, n, width int, names bool) Problem {
	p := Problem{ID: "length", Field: fLine, Line: line, Found: strconv.Itoa(n), Wanted: strconv.Itoa(width)}
	had := fmt.Sprintf("line %d has %d characters, %d are needed; ", line, n, width)
	switch {
	case n < width && names:
		p.Text = had + fmt.Sprintf("look for %d < too few at its end, or for a letter left out", width-n)
	case n < width:
		p.Text = had + "look for a character left out, most often a < in a row of them"
	case names:
		p.Text = had + fmt.Sprintf("look for %d < too many at its end, or for a letter typed twice", n-width)
	default:
		p.Text = had + "look for a character typed twice, most often a < in a row of them"
	}
	return p
}
