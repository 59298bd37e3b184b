package office

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/l10n"
	"panah/core/letters"
	"panah/core/rulebook"
	"panah/core/typeset"
	"panah/desk/internal/casedb"
	"panah/rules"
	webfonts "panah/web/fonts"
)

// ErrLetterLong says that a letter is longer than what an event keeps.
var ErrLetterLong = errors.New("the letter is longer than a case file keeps")

// LetterBook reads the templates that the program was built with, once.
var LetterBook = sync.OnceValues(func() (*letters.Book, error) {
	book, err := readBook()
	if err != nil {
		return nil, err
	}
	return rules.Letters(book)
})

// letterFonts reads the typeface once: it takes longer than a letter.
var letterFonts = sync.OnceValues(func() (*typeset.Fonts, error) {
	regular, err := webfonts.Regular()
	if err != nil {
		return nil, err
	}
	bold, err := webfonts.Bold()
	if err != nil {
		return nil, err
	}
	return typeset.LoadFonts(regular, bold)
})

// A LetterFile is what the pages of letters show of a case. It prints as "[case]".
type LetterFile struct {
	Row    casedb.CaseRow
	Case   fold.Case
	People map[event.Staff]string
	Role   string // the viewer's
	Org    string
	Now    time.Time
}

// String hides the content.
func (LetterFile) String() string { return "[case]" }

// GoString hides the content.
func (LetterFile) GoString() string { return "[case]" }

// May reports whether the viewer writes letters in this case.
func (f LetterFile) May() bool {
	return f.Role != fold.RoleReader && f.Case.Opened && f.Case.Closure == nil && f.Row.State == casedb.StateOpen
}

// Letters reads a case for the pages of letters. The error wraps ErrWall or ErrNotFound.
func (o *Office) Letters(ctx context.Context, thread int64) (f LetterFile, err error) {
	err = o.reads(ctx, thread, func(r *room) error {
		if f.Row, err = r.db.Row(ctx, thread); err != nil {
			return err
		}
		if f.Row.State == casedb.StateOpen {
			if f.Case, err = r.folded(ctx, thread); err != nil {
				return err
			}
		}
		if f.Role = ActorOf(ctx).Role; f.Role == "" {
			f.Role = string(r.keys.Role())
		}
		f.Org, f.Now = r.keys.Name(), o.c.Now()
		f.People, err = r.names(ctx)
		return err
	})
	return f, err
}

// LetterValues are what a letter begins with: of the case only what its template names, of the rulebook the rules that the papers check quoted. The error wraps ErrWall or ErrNotFound.
func (o *Office) LetterValues(ctx context.Context, thread int64, t letters.Template, lang string) (values map[string]string, err error) {
	err = o.reads(ctx, thread, func(r *room) error {
		c, err := r.folded(ctx, thread)
		if err != nil {
			return err
		}
		book, _, _, err := r.rulebook(ctx)
		if err != nil {
			return err
		}
		values = letters.Take(t, lang, c, deskOf(book, r.keys.Name()))
		return nil
	})
	return values, err
}

// deskOf is what a letter asks the rulebook.
func deskOf(book *rulebook.Book, org string) letters.Desk {
	return letters.Desk{
		Org: org,
		Paper: func(id, lang string) string {
			p, ok := book.Paper(id)
			if !ok {
				return id
			}
			return letters.Words(p.Names).In(lang)
		},
		Rule: func(id string) string {
			r, ok := book.Rule(id)
			if !ok {
				return ""
			}
			return ruleWords(r)
		},
		Source: func(id string) (title, address string) {
			s, _ := book.Source(id)
			return s.Title, s.URL
		},
	}
}

// ruleWords is a rule in one line: what it does, from when to when, how its instrument writes the last day. English, as the rulebook is.
func ruleWords(r rulebook.Rule) string {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	parts := []string{string(r.Effect)}
	if from := day(r.From); from != "" {
		parts = append(parts, "from "+from)
	}
	if to := day(r.To); to != "" {
		if r.ToWritten != "" {
			to += " (" + r.ToWritten + ")"
		}
		parts = append(parts, "to "+to)
	}
	if r.KnownGiven {
		parts = append(parts, "known on "+day(r.KnownOn))
	}
	words := strings.Join(parts, " ")
	if r.Who != "" {
		words += "; " + r.Who
	}
	return words
}

// A Making is a letter to be kept in a case and printed.
type Making struct {
	ID   string // 16 hex digits; the same again: the same letter with other words
	Task string // that asked for it; ""
	Done bool   // and is done with it
	Read bool   // somebody who knows the language read it
	letters.Letter
}

// body is the letter as an event, without numbers.
func (m Making) body() (b event.LetterMade, blanked bool) {
	title, some := letters.WithoutNumbers(m.Title)
	blocks, more := letters.Keep(m.Blocks)
	return event.LetterMade{
		ID: m.ID, Letter: m.Letter.Letter, Lang: m.Lang, To: string(m.To), Version: m.Version, Draft: m.Draft, Read: m.Read, Task: m.Task, Title: title, Blocks: blocks,
	}, some || more
}

// MakeLetter sets a letter as PDF and keeps its words in the case, without what may be a number: blanked says that there was some, which is printed and not kept. A letter that cannot be
// printed is not kept, and one that cannot be kept is not printed. The same words under the same id are kept once. Errors wrap *typeset.MissingError, ErrLetterLong, or those of fold.Case.May.
func (o *Office) MakeLetter(ctx context.Context, thread int64, m Making) (pdf []byte, blanked bool, err error) {
	fonts, err := letterFonts()
	if err != nil {
		return nil, false, fmt.Errorf("reading the typeface: %w", err)
	}
	if pdf, err = fonts.PDF(m.Document()); err != nil {
		return nil, false, fmt.Errorf("setting a letter: %w", err)
	}
	blanked, err = o.KeepLetter(ctx, thread, m)
	return pdf, blanked, err
}

// KeepLetter is MakeLetter without a PDF: for what the browser prints.
func (o *Office) KeepLetter(ctx context.Context, thread int64, m Making) (blanked bool, err error) {
	body, blanked := m.body()
	if event.Check(body) != nil {
		return blanked, ErrLetterLong
	}
	err = o.doing(ctx, thread, func(c fold.Case) ([]event.Body, error) {
		var all []event.Body
		if !keptAlready(c, body) {
			all = append(all, body)
		}
		if m.Done && slices.ContainsFunc(c.Tasks, func(t fold.Task) bool { return t.TaskAdded.Task == m.Task && t.State == fold.TaskOpen }) {
			all = append(all, event.TaskState{Task: m.Task, State: fold.TaskDone})
		}
		return all, nil
	})
	if errors.Is(err, event.ErrMalformed) {
		err = ErrLetterLong
	}
	return blanked, err
}

// keptAlready reports whether a letter is kept with these very words.
func keptAlready(c fold.Case, body event.LetterMade) bool {
	return slices.ContainsFunc(c.Letters, func(l fold.Letter) bool {
		return l.ID == body.ID && l.Title == body.Title && l.Lang == body.Lang && l.To == body.To && slices.Equal(l.Blocks, body.Blocks)
	})
}

// LetterLang is the language that a letter begins in: the person's own for what is addressed to the person, else that of the authorities where the case's paper is used, else the reader's of
// this page.
func LetterLang(c fold.Case, person, page string, to letters.Addressee) string {
	if l := c.Fields[event.FieldLang].Text(); l != "" {
		person = l
	}
	if _, ok := l10n.Find(person); ok && to == letters.Person {
		return person
	}
	if to != letters.Person {
		paper := c.Fields[event.FieldPaper].Text()
		if n := len(c.Papers); n > 0 {
			paper = c.Papers[n-1].Paper
		}
		switch {
		case strings.HasPrefix(paper, "ir-"):
			return "fa"
		case strings.HasPrefix(paper, "pk-"):
			return "ur"
		}
	}
	return page
}
