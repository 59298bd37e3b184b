package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"panah/core/l10n"
	prints "panah/core/poster"
	"panah/core/typeset"
	"panah/i18n"
	webfonts "panah/web/fonts"
)

// A printingPage makes posters and rights cards as PDF files. What was typed stays on it when something has to be put right.
type printingPage struct {
	*page
	Paper   string // chosen, one of the keys of printables
	Papers  []string
	Spoken  []spokenLanguage
	Order   prints.Order
	Wrong   string // id of the sentence that says what to put right
	Missing string // characters that the typeface does not have
	Known   bool   // this desk can say by which words people know the public page
	Words   bool   // they are to be printed
}

// A spokenLanguage is a language that can be printed.
type spokenLanguage struct {
	l10n.Language
	Chosen bool
	Draft  bool // its words are checked by no native speaker
}

// printable is what can be chosen: a kind and its size.
type printable struct {
	kind prints.Kind
	size typeset.Size
}

// printables are the choices by their value in the form.
func printables() map[string]printable {
	return map[string]printable{
		"poster-a4": {prints.Poster, typeset.A4}, "poster-a3": {prints.Poster, typeset.A3}, "poster-card": {prints.Poster, typeset.Card},
		"rights-a4": {prints.RightsCard, typeset.A4}, "rights-card": {prints.RightsCard, typeset.Card},
	}
}

func (s *server) printingAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	data, err := s.printingPage(r, v)
	if err != nil {
		return err
	}
	data.Paper = "poster-a4"
	data.Order = prints.Order{Address: data.Status.GateURL, Name: data.Status.Name, Officials: l10n.English}
	for i := range data.Spoken {
		data.Spoken[i].Chosen = true
	}
	return s.show(w, http.StatusOK, "printing", data)
}

func (s *server) printingPage(r *http.Request, v visit) (*printingPage, error) {
	p, err := s.titled(r, v, "printing.title")
	if err != nil {
		return nil, err
	}
	p.Path, p.Nav = "/printing", "about"
	words, err := i18n.Poster()
	if err != nil {
		return nil, err
	}
	data := &printingPage{page: p, Known: s.can.council != nil, Papers: []string{"poster-a4", "poster-a3", "poster-card", "rights-a4", "rights-card"}}
	for _, l := range l10n.Languages() {
		draft := len(prints.Drafts(words, prints.Order{Kind: prints.Poster, Langs: []string{l.Code}})) > 0
		data.Spoken = append(data.Spoken, spokenLanguage{Language: l, Draft: draft})
	}
	return data, nil
}

// printing answers with the file, or with the page and what to put right.
func (s *server) printing(w http.ResponseWriter, r *http.Request, v visit) error {
	data, err := s.printingPage(r, v)
	if err != nil {
		return err
	}
	f := r.PostForm
	data.Paper = f.Get("paper")
	chosen, ok := printables()[data.Paper]
	if !ok {
		return errFormKind
	}
	data.Order = prints.Order{
		Kind: chosen.kind, Page: chosen.size, Langs: f["lang"], Officials: f.Get("officials"), Address: strings.TrimSpace(f.Get("address")),
		SMS: strings.TrimSpace(f.Get("sms")), Name: strings.TrimSpace(f.Get("name")), Version: i18n.PosterVersion,
	}
	for i, l := range data.Spoken {
		data.Spoken[i].Chosen = slices.Contains(f["lang"], l.Code)
	}
	if data.Words = f.Get("words") == "yes" && data.Known; data.Words {
		keys, err := s.can.council.Keys(r.Context())
		if err != nil {
			data.Wrong = "printing.wrong_words"
			return s.show(w, http.StatusUnprocessableEntity, "printing", data)
		}
		data.Order.Words = shownWords(keys.Words[:])
	}
	file, err := printOrder(data.Order)
	var wrong *prints.Mistake
	var missing *typeset.MissingError
	switch {
	case errors.As(err, &wrong):
		data.Wrong = "printing.wrong_" + wrong.Field
		return s.show(w, http.StatusUnprocessableEntity, "printing", data)
	case errors.As(err, &missing):
		data.Wrong, data.Missing = "printing.missing", string(missing.Characters)
		return s.show(w, http.StatusUnprocessableEntity, "printing", data)
	case err != nil:
		return fmt.Errorf("printing: %w", err)
	}
	return hand(w, string(chosen.kind)+".pdf", "application/pdf", file)
}

// shownWords are the words as the public page shows them: English ones where nobody has checked a language's list.
func shownWords(numbers []byte) map[string][]string {
	all := map[string][]string{}
	for _, p := range posters(numbers) {
		all[p.Code] = p.Words
		if p.Draft {
			all[p.Code] = i18n.WordsOf(l10n.English, numbers)
		}
	}
	return all
}

func printOrder(o prints.Order) ([]byte, error) {
	regular, err1 := webfonts.Regular()
	bold, err2 := webfonts.Bold()
	words, err3 := i18n.Poster()
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	fonts, err := typeset.LoadFonts(regular, bold)
	if err != nil {
		return nil, err
	}
	return prints.PDF(fonts, words, o)
}
