package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/letters"
	"panah/core/typeset"
	"panah/desk/internal/office"
)

// makeLetter keeps the letter in the case and hands it over: as a file, or as a page for the browser to print. A problem leaves everything as it was typed.
func (s *server) makeLetter(w http.ResponseWriter, r *http.Request, v visit, p *writingPage, do string) error {
	p.Step = stepEdit
	p.readBlocks()
	refuse := func(wrong string) error {
		p.Wrong = wrong
		s.keepLetterDraft(v, p)
		return s.showWriting(w, r, v, http.StatusUnprocessableEntity, p)
	}
	if len(p.Blocks) == 0 || p.Heading == "" {
		return refuse("writing.wrong_empty")
	}
	if p.Kind.IsDraft(p.Tongue.Code) && !p.Ticked {
		return refuse("writing.wrong_unread")
	}
	m := p.making()
	var pdf []byte
	var err error
	if do == "pdf" {
		pdf, _, err = s.can.writer.MakeLetter(r.Context(), p.Row.ID, m)
	} else {
		_, err = s.can.writer.KeepLetter(r.Context(), p.Row.ID, m)
	}
	var missing *typeset.MissingError
	switch {
	case errors.As(err, &missing):
		p.Detail = string(missing.Characters)
		return refuse("writing.wrong_characters")
	case errors.Is(err, office.ErrLetterLong):
		return refuse("writing.wrong_long")
	case errors.Is(err, fold.ErrTalk):
		return s.askTalk(w, r, v, http.StatusConflict, p, "")
	case caseProblem(err) != "":
		return refuse(caseProblem(err))
	case err != nil:
		return fmt.Errorf("making a letter: %w", err)
	}
	s.sessions.keepDraft(v.key, letterDraft(p.Row.ID), "")
	if do == "print" {
		p.Step = stepPrint
		return s.showWriting(w, r, v, http.StatusOK, p)
	}
	return hand(w, "letter.pdf", "application/pdf", pdf) // a name that says nothing: it stays in the list of downloads
}

// making is the letter as the office takes it.
func (p *writingPage) making() office.Making {
	l := letters.Letter{Letter: p.Kind.Letter, Lang: p.Tongue.Code, To: p.To, Version: p.Kind.Version, Draft: p.Kind.IsDraft(p.Tongue.Code), Title: p.Heading}
	for _, b := range p.Blocks {
		l.Blocks = append(l.Blocks, letters.Block{Is: b.Is, Text: b.Text})
	}
	return office.Making{ID: p.ID, Task: p.Task, Done: p.Done && p.Task != "", Read: p.Ticked, Letter: l}
}

// writeAgain opens a letter that was made, with its words as they are kept.
func (s *server) writeAgain(w http.ResponseWriter, r *http.Request, v visit, p *writingPage) error {
	for _, l := range p.File.Case.Letters {
		if l.ID != p.typed.Get("id") {
			continue
		}
		for k, value := range map[string]string{"kind": l.LetterMade.Letter, "to": l.To, "lang": l.Lang, "task": l.Task} {
			p.typed.Set(k, value)
		}
		if wrong := s.readLetter(p); wrong != "" {
			p.Step, p.Wrong = stepList, wrong
			return s.showWriting(w, r, v, http.StatusUnprocessableEntity, p)
		}
		p.Step, p.Heading, p.Ticked = stepEdit, l.Title, l.Read
		p.setBlocks(letters.Kept(l.Blocks))
		return s.showWriting(w, r, v, http.StatusOK, p)
	}
	return office.ErrNotFound
}

// askTalk shows what is read aloud before somebody carries a note about their papers, in the language of the person.
func (s *server) askTalk(w http.ResponseWriter, r *http.Request, v visit, status int, p *writingPage, wrong string) error {
	book, err := office.LetterBook()
	if err != nil {
		return fmt.Errorf("reading the letters: %w", err)
	}
	p.Step, p.Wrong = stepTalk, wrong
	lang := cmp.Or(p.typed.Get("talk_lang"), office.LetterLang(p.File.Case, p.Row.LangCode, p.words.Lang(), letters.Person))
	p.Talk = book.Talk(lang)
	p.offerTongues(p.Talk.Lang)
	return s.showWriting(w, r, v, status, p)
}

// writingTalk records the talk and goes on with the letter.
func (s *server) writingTalk(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.writingPage(r, v)
	if err != nil {
		return err
	}
	if !p.May {
		return cannotWrite(p.File)
	}
	if wrong := s.readLetter(p); wrong != "" {
		p.Step, p.Wrong = stepList, wrong
		return s.showWriting(w, r, v, http.StatusUnprocessableEntity, p)
	}
	f := r.PostForm
	if f.Get("show") != "" {
		return s.askTalk(w, r, v, http.StatusOK, p, "")
	}
	if f.Get("refused") != "" {
		s.say(v, "writing.said_no_note")
		http.Redirect(w, r, threadPath(p.Row.ID)+"/letters", http.StatusSeeOther)
		return nil
	}
	book, err := office.LetterBook()
	if err != nil {
		return fmt.Errorf("reading the letters: %w", err)
	}
	talk := book.Talk(f.Get("talk_lang"))
	understood := strings.TrimSpace(f.Get("understood"))
	if understood == "" || f.Get("by") == "" {
		return s.askTalk(w, r, v, http.StatusUnprocessableEntity, p, "writing.wrong_talk")
	}
	body := event.RiskTalked{Topic: talk.Topic, Lang: talk.Lang, Script: talk.Script(), Understood: understood, By: f.Get("by")}
	if err := s.can.writer.Do(r.Context(), p.Row.ID, body); err != nil {
		if words := caseProblem(err); words != "" {
			return s.askTalk(w, r, v, http.StatusConflict, p, words)
		}
		return fmt.Errorf("recording a talk: %w", err)
	}
	if p, err = s.writingPage(r, v); err != nil {
		return err
	}
	if wrong := s.readLetter(p); wrong != "" {
		return office.ErrState
	}
	return s.writingStep(w, r, v, p)
}

// TalkVal is what was typed into the form of the talk.
func (p *writingPage) TalkVal(name string) string { return p.typed.Get(name) }
