package web

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/l10n"
	"panah/core/letters"
	"panah/desk/internal/office"
)

// Steps of writing a letter. Each is a form that carries everything before it, so that nothing is kept half-written in the case.
const (
	stepList  = "list"  // what was written, and which letter is wanted
	stepTo    = "to"    // for whom, in which language
	stepTalk  = "talk"  // a status note that somebody may carry asks for the talk first
	stepFill  = "fill"  // the facts
	stepEdit  = "edit"  // the text, as it will be printed
	stepPrint = "print" // for the browser to print
)

// A writingPage is a letter on its way.
type writingPage struct {
	*page
	Row     row
	File    office.LetterFile
	May     bool
	Step    string
	Wrong   string
	Detail  string // after Wrong: characters that cannot be printed
	Kinds   []kindGroup
	Written []letterWritten
	Talks   []talkDone
	Kept    bool // something begun is kept in this session
	// of the letter that is written
	Kind    letters.Template
	About   string // what such a letter is, English: rules/pathways
	To      letters.Addressee
	Tongue  l10n.Language // of the letter; the page has its own
	Readers []choice
	Tongues []choice
	Task    string
	TaskDo  string // what the task says; empty: none, or it is done
	ID      string
	Need    string // consent that telling this reader needs; "" none
	Has     bool   // it is given
	Draft   bool   // nobody has reviewed the template in this language
	Talk    letters.Talk
	Must    bool // the talk has to come first
	Fields  []letterField
	Heading string
	Blocks  []letterBlock
	Missing []string // labels
	Numbers bool     // something in it is printed and not kept
	Ticked  bool     // somebody who knows the language read it
	Done    bool     // the task is done with it
	typed   url.Values
}

// A kindGroup is a list of letters to choose from: those that a pathway of the case names, and the others.
type kindGroup struct {
	Words string // id
	Kinds []choice
}

// A letterWritten is a letter that was made.
type letterWritten struct {
	fold.Letter
	Who, Kind, Reader string
	Language          l10n.Language
}

// A talkDone is a talk that was recorded.
type talkDone struct {
	fold.Talk
	Who, Language string
}

// A letterField is one fact, as it is asked for.
type letterField struct {
	letters.Field
	Name, Value, Label, Hint, Input string // Input: line, long, date
}

// A letterBlock is a piece of the text: as it will look, and to be changed.
type letterBlock struct {
	N          int
	Is, Text   string
	Pieces     []letters.Piece
	Items      [][]letters.Piece
	Rows       [][][]letters.Piece
	Head       [][]letters.Piece
	RowsOnEdit int
}

func (s *server) writingShow(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.writingPage(r, v)
	if err != nil {
		return err
	}
	return s.showWriting(w, r, v, http.StatusOK, p)
}

// writingPage reads the case.
func (s *server) writingPage(r *http.Request, v visit) (*writingPage, error) {
	n, err := id(r)
	if err != nil {
		return nil, err
	}
	file, err := s.can.writer.Letters(r.Context(), n)
	if err != nil {
		return nil, fmt.Errorf("reading a case: %w", err)
	}
	p, err := s.titled(r, v, "writing.title")
	if err != nil {
		return nil, err
	}
	p.Nav, p.Path = "queue", threadPath(n)+"/letters"
	data := &writingPage{page: p, Row: s.named(file.Row), File: file, May: file.May(), Step: stepList, typed: r.PostForm}
	return data, nil
}

// showWriting fills in what the step shows, and shows it.
func (s *server) showWriting(w http.ResponseWriter, r *http.Request, v visit, status int, p *writingPage) error {
	book, err := office.LetterBook()
	if err != nil {
		return fmt.Errorf("reading the letters: %w", err)
	}
	switch p.Step {
	case stepList:
		s.listLetters(p, book)
		p.Kept = s.sessions.draft(v.key, letterDraft(p.Row.ID)) != ""
	case stepTo:
		s.offerReaders(p)
	case stepFill:
		p.offerFields()
	}
	if p.Kind.Letter != "" {
		p.About = s.book.Common.Letters[p.Kind.Letter]
		p.Draft = p.Kind.IsDraft(p.Tongue.Code)
		p.Need = p.Kind.Needs[p.To]
		p.Has = hasConsent(p.File, p.Need)
		p.TaskDo = openTask(p.File.Case, p.Task)
		p.Title = p.Kind.Title.In(p.words.Lang())
	}
	return s.show(w, status, "writing", p)
}

// listLetters is what was written, and what could be.
func (s *server) listLetters(p *writingPage, book *letters.Book) {
	lang := p.words.Lang()
	for _, l := range slices.Backward(p.File.Case.Letters) {
		one := letterWritten{Letter: l, Who: p.File.People[l.By], Kind: l.LetterMade.Letter, Reader: string(l.To)}
		one.Language, _ = l10n.Find(l.Lang)
		if t, ok := book.Template(l.LetterMade.Letter); ok {
			one.Kind, one.Reader = t.Title.In(lang), t.Names[letters.Addressee(l.To)].In(lang)
		}
		p.Written = append(p.Written, one)
	}
	for _, t := range p.File.Case.Talks {
		named, _ := languageName(t.Lang)
		p.Talks = append(p.Talks, talkDone{t, p.File.People[t.By], cmp.Or(named, t.Lang)})
	}
	var near, far []choice
	for _, t := range book.Kinds() {
		c := choice{Value: t.Letter, Words: t.Title.In(lang)}
		if s.near(p.File.Case, t.Letter) {
			near = append(near, c)
		} else {
			far = append(far, c)
		}
	}
	for _, g := range [...]kindGroup{{"writing.near", near}, {"writing.all", far}} {
		if len(g.Kinds) > 0 {
			p.Kinds = append(p.Kinds, g)
		}
	}
}

// near reports whether a pathway of the case names a letter.
func (s *server) near(c fold.Case, letter string) bool {
	return slices.ContainsFunc(c.Pathways, func(id string) bool {
		k, ok := s.book.Pathway(id)
		return ok && slices.Contains(k.Letters, letter)
	})
}

// offerReaders lists who the letter may be for, and the languages; each reader's own language is chosen when the form comes.
func (s *server) offerReaders(p *writingPage) {
	for _, a := range p.Kind.To {
		p.Readers = append(p.Readers, choice{Value: string(a), Words: p.Kind.Names[a].In(p.words.Lang()), Chosen: a == p.To})
	}
	p.offerTongues(p.typed.Get("lang"))
}

func (p *writingPage) offerTongues(chosen string) {
	for _, l := range p.Langs {
		p.Tongues = append(p.Tongues, choice{Value: l.Code, Words: l.Name, Lang: l.Code, Chosen: l.Code == chosen})
	}
}

// hasConsent reports whether a consent of a kind is given now, whoever its receiver is: the caseworker compares the name.
func hasConsent(f office.LetterFile, what string) bool {
	today := f.Now.UTC().Format("2006-01-02")
	return slices.ContainsFunc(f.Case.Consents, func(k fold.Consent) bool {
		return k.What == what && k.State == "given" && k.Withdrawn.IsZero() && k.Ends >= today
	})
}

// openTask is what an open task says; "" when there is none.
func openTask(c fold.Case, task string) string {
	for _, t := range c.Tasks {
		if task != "" && t.TaskAdded.Task == task && t.State == fold.TaskOpen {
			return t.Do
		}
	}
	return ""
}

// letterDraft is the name under which a session keeps a letter that was begun.
func letterDraft(thread int64) string { return "letter:" + strconv.FormatInt(thread, 10) }

func newLetterID() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// letterReader is who a letter was for, in the words of its template.
func (p *casePage) letterReader(l event.LetterMade) string { return letterReader(l, p.words.Lang()) }

// LetterReader is letterReader for templates.
func (p *casePage) LetterReader(l event.LetterMade) string { return p.letterReader(l) }

func letterReader(l event.LetterMade, lang string) string {
	book, err := office.LetterBook()
	if err != nil {
		return l.To
	}
	t, ok := book.Template(l.Letter)
	if !ok {
		return l.To
	}
	if words := t.Names[letters.Addressee(l.To)].In(lang); words != "" {
		return words
	}
	return l.To
}
