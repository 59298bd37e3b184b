package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/l10n"
	"panah/core/letters"
	"panah/desk/internal/office"
)

// maxLetterDraft bounds what a session keeps of a letter that was begun, bytes.
const maxLetterDraft = 256 << 10

// writingDo takes one step. What was typed comes back with the next one, and is kept for this session should it lock meanwhile.
func (s *server) writingDo(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.writingPage(r, v)
	if err != nil {
		return err
	}
	if !p.May {
		return cannotWrite(p.File)
	}
	f := r.PostForm
	switch f.Get("do") {
	case "restore":
		if f, err = url.ParseQuery(s.sessions.draft(v.key, letterDraft(p.Row.ID))); err != nil || len(f) == 0 {
			return s.showWriting(w, r, v, http.StatusOK, p)
		}
		p.typed = f
	case "forget":
		s.sessions.keepDraft(v.key, letterDraft(p.Row.ID), "")
		http.Redirect(w, r, threadPath(p.Row.ID)+"/letters", http.StatusSeeOther)
		return nil
	case "again":
		return s.writeAgain(w, r, v, p)
	}
	if wrong := s.readLetter(p); wrong != "" {
		p.Step, p.Wrong = stepList, wrong
		return s.showWriting(w, r, v, http.StatusUnprocessableEntity, p)
	}
	if p.To == "" {
		p.Step = stepTo
		return s.showWriting(w, r, v, http.StatusOK, p)
	}
	if p.Must = !p.File.Case.Talked(p.needsTalk()); p.Must {
		return s.askTalk(w, r, v, http.StatusOK, p, "")
	}
	return s.writingStep(w, r, v, p)
}

// cannotWrite says why.
func cannotWrite(f office.LetterFile) error {
	switch {
	case f.Role == fold.RoleReader:
		return fold.ErrRole
	case !f.Case.Opened:
		return fold.ErrUnopened
	case f.Case.Closure != nil:
		return fold.ErrClosed
	}
	return office.ErrState
}

// readLetter reads which letter it is: its kind, reader, language and task. The sentence says what is wrong.
func (s *server) readLetter(p *writingPage) (wrong string) {
	book, err := office.LetterBook()
	if err != nil {
		return "problem.failed"
	}
	t, ok := book.Template(p.typed.Get("kind"))
	if !ok {
		if book.Elsewhere(p.typed.Get("kind")) != "" {
			return "writing.wrong_card"
		}
		return "writing.wrong_kind"
	}
	p.Kind, p.Task, p.ID = t, p.typed.Get("task"), p.typed.Get("id")
	if p.ID == "" {
		p.ID = newLetterID()
	}
	to := letters.Addressee(p.typed.Get("to"))
	if to == "" && len(t.To) == 1 {
		to = t.To[0]
	}
	if to != "" && !t.For(to) {
		return "writing.wrong_reader"
	}
	p.To = to
	lang := p.typed.Get("lang")
	if lang == "" {
		lang = office.LetterLang(p.File.Case, p.Row.LangCode, p.words.Lang(), to)
	}
	if p.Tongue, ok = l10n.Find(lang); !ok {
		p.Tongue, _ = l10n.Find(l10n.English)
	}
	return ""
}

func (p *writingPage) needsTalk() string {
	return event.LetterMade{Letter: p.Kind.Letter, To: string(p.To)}.NeedsTalk()
}

// writingStep goes on from the reader and the language to the facts, to the text, and to the print.
func (s *server) writingStep(w http.ResponseWriter, r *http.Request, v visit, p *writingPage) error {
	do := p.typed.Get("do")
	if do != "pdf" && do != "print" {
		s.keepLetterDraft(v, p)
	}
	switch {
	case do == "pdf", do == "print":
		return s.makeLetter(w, r, v, p, do)
	case p.typed.Has("b.0.is") && do != "facts":
		p.Step = stepEdit
		p.readBlocks()
	case p.typed.Has("filled") && do != "facts":
		return s.writeText(w, r, v, p)
	default:
		p.Step = stepFill
		if !p.typed.Has("filled") {
			values, err := s.can.writer.LetterValues(r.Context(), p.Row.ID, p.Kind, p.Tongue.Code)
			if err != nil {
				return fmt.Errorf("reading what a letter begins with: %w", err)
			}
			p.begin(values)
		}
	}
	return s.showWriting(w, r, v, http.StatusOK, p)
}

// begin puts what the case knows into the form.
func (p *writingPage) begin(values map[string]string) {
	typed := url.Values{}
	for k, v := range p.typed {
		typed[k] = v
	}
	for k, v := range values {
		typed.Set("f."+k, v)
	}
	p.typed = typed
}

// keepLetterDraft keeps the form for this session: a desk that locks must not lose half a letter.
func (s *server) keepLetterDraft(v visit, p *writingPage) {
	if f := letterForm(p.typed); len(f) <= maxLetterDraft {
		s.sessions.keepDraft(v.key, letterDraft(p.Row.ID), f)
	}
}

// letterForm is a form without what belongs to the session, and without the button: it comes back where it was.
func letterForm(f url.Values) string {
	kept := url.Values{}
	for k, v := range f {
		if k != "csrf" && k != "do" {
			kept[k] = v
		}
	}
	return kept.Encode()
}

// offerFields lists the facts that the letter asks for.
func (p *writingPage) offerFields() {
	for _, f := range p.Kind.FieldsFor(p.To) {
		one := letterField{Field: f, Name: "f." + f.ID, Value: p.typed.Get("f." + f.ID), Label: f.Label.In(p.words.Lang()), Input: "line"}
		if f.Hint != nil {
			one.Hint = f.Hint.In(p.words.Lang())
		}
		switch f.Kind {
		case letters.Long, letters.Lines, letters.Rows:
			one.Input = "long"
		case letters.Date:
			one.Input = "date"
		}
		p.Fields = append(p.Fields, one)
	}
}

// writeText fills the template in with the facts of the form.
func (s *server) writeText(w http.ResponseWriter, r *http.Request, v visit, p *writingPage) error {
	values := map[string]string{}
	for _, f := range p.Kind.FieldsFor(p.To) {
		text := p.typed.Get("f." + f.ID)
		if f.Kind == letters.Date {
			text = isoDay(text)
		}
		values[f.ID] = text
	}
	l, err := letters.Fill(p.Kind, p.To, p.Tongue.Code, values, p.File.Now)
	if errors.Is(err, letters.ErrLong) {
		p.Step, p.Wrong = stepFill, "writing.wrong_long"
		return s.showWriting(w, r, v, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return fmt.Errorf("filling in a letter: %w", err)
	}
	p.Step, p.Heading = stepEdit, l.Title
	p.setBlocks(l.Blocks)
	for _, id := range l.Missing {
		if f, ok := p.Kind.Field(id); ok {
			p.Missing = append(p.Missing, f.Label.In(p.words.Lang()))
		}
	}
	return s.showWriting(w, r, v, http.StatusOK, p)
}

// isoDay reads a day of either calendar; what is none stays as it was typed, and is printed so.
func isoDay(text string) string {
	t, err := parseDay(strings.ReplaceAll(l10n.FoldDigits(strings.TrimSpace(text)), "/", "-"))
	if err != nil {
		return text
	}
	return t.Format(time.DateOnly)
}

// readBlocks reads the text as it was changed.
func (p *writingPage) readBlocks() {
	var blocks []letters.Block
	for n := range event.MaxLetterBlocks {
		name := "b." + strconv.Itoa(n)
		if !p.typed.Has(name + ".is") {
			break
		}
		blocks = append(blocks, letters.Block{Is: p.typed.Get(name + ".is"), Text: strings.ReplaceAll(p.typed.Get(name+".text"), "\r\n", "\n")})
	}
	p.Heading = strings.TrimSpace(p.typed.Get("heading"))
	p.Ticked, p.Done = p.typed.Get("read") != "", p.typed.Get("done") != ""
	p.setBlocks(blocks)
}

// setBlocks makes what is shown of the text.
func (p *writingPage) setBlocks(blocks []letters.Block) {
	p.Blocks, p.Numbers = nil, false
	for n, b := range blocks {
		one := letterBlock{N: n, Is: b.Is, Text: b.Text, RowsOnEdit: min(12, 1+strings.Count(b.Text, "\n")+len([]rune(b.Text))/60)}
		switch lines := letters.TextLines(b.Text); b.Is {
		case letters.IsList, letters.IsSteps, letters.IsSign:
			for _, l := range lines {
				one.Items = append(one.Items, letters.Pieces(l))
			}
		case letters.IsTable:
			for i, l := range lines {
				var row [][]letters.Piece
				for _, c := range letters.Cells(l) {
					row = append(row, letters.Pieces(c))
				}
				if i == 0 {
					one.Head = row
				} else {
					one.Rows = append(one.Rows, row)
				}
			}
		default:
			one.Pieces = letters.Pieces(b.Text)
		}
		_, numbers := letters.WithoutNumbers(b.Text)
		p.Numbers = p.Numbers || numbers
		p.Blocks = append(p.Blocks, one)
	}
	if _, numbers := letters.WithoutNumbers(p.Heading); numbers {
		p.Numbers = true
	}
}

// Carried is what a form of this page carries along: which letter it is, and what was typed on the steps before.
func (p *writingPage) Carried() (list []choice) {
	add := func(name, value string) { list = append(list, choice{Value: name, Words: value}) }
	add("kind", p.Kind.Letter)
	add("id", p.ID)
	if p.Task != "" {
		add("task", p.Task)
	}
	if p.To != "" && p.Step != stepTo {
		add("to", string(p.To))
		if p.Step != stepTalk || p.typed.Get("lang") != "" {
			add("lang", p.Tongue.Code)
		}
	}
	if p.Step == stepEdit || p.Step == stepTalk {
		for _, k := range slices.Sorted(keysOf(p.typed)) {
			if k == "filled" || strings.HasPrefix(k, "f.") {
				add(k, p.typed.Get(k))
			}
		}
	}
	return list
}

func keysOf(f url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range f {
			if !yield(k) {
				return
			}
		}
	}
}
