package office

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/letters"
	"panah/core/rulebook"
)

// A letter from a case: it begins with what its template names, is printed and kept without numbers, kept once when a form comes twice, and its task is done with it.
func TestALetterFromACase(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	me := d.as(d.team("caseworker")[0])
	thread := d.letter(w)
	if err := d.OpenCase(me, thread, Opening{Source: "letter", Pathways: []string{"detained-valid-papers"}, Fields: map[string]string{event.FieldName: "Mahmud", event.FieldLang: "fa"}, Claim: true}); err != nil {
		t.Fatal(err)
	}
	if err := d.SavePaperCheck(me, thread, rulebook.Question{Paper: "ir-temp-card", On: time.Now().UTC().Truncate(24 * time.Hour), Known: time.Now().UTC().Truncate(24 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	book, err := LetterBook()
	if err != nil {
		t.Fatal(err)
	}
	tpl, _ := book.Template("status-note")
	values, err := d.LetterValues(me, thread, tpl, "fa")
	if err != nil {
		t.Fatal(err)
	}
	if values["name"] != "Mahmud" || !strings.Contains(values["checks"], "کارت موقت") || len(values["book"]) != 16 || values["known"] == "" {
		t.Errorf("the letter begins with %v", values)
	}
	l, err := letters.Fill(tpl, letters.Person, "fa", values, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l.Blocks = append(l.Blocks, letters.Block{Is: letters.IsText, Text: "card ۱۲۳۴۵۶۷۸۹۰۱۲"})
	m := Making{ID: "1111111111111111", Task: "detained-valid-papers/show", Done: true, Read: true, Letter: l}

	if _, _, err := d.MakeLetter(me, thread, m); !errors.Is(err, fold.ErrTalk) {
		t.Fatalf("before the talk: %v", err)
	}
	if err := d.Do(me, thread, event.RiskTalked{Topic: event.TopicCarrying, Lang: "fa", Script: "fa/1", Understood: "said it back", By: "person"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		pdf, blanked, err := d.MakeLetter(me, thread, m)
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) || !blanked {
			t.Fatalf("%v, %d bytes, blanked %v", err, len(pdf), blanked)
		}
	}
	f, err := d.Letters(me, thread)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Case.Letters) != 1 || f.Case.Letters[0].Times != 1 || !f.Case.Letters[0].Read || !f.Case.Letters[0].Draft {
		t.Fatalf("%d letters", len(f.Case.Letters))
	}
	last := f.Case.Letters[0].Blocks[len(f.Case.Letters[0].Blocks)-1].Text
	if last != "card "+letters.Room {
		t.Errorf("kept as %q", last)
	}
	for _, k := range f.Case.Tasks {
		if k.TaskAdded.Task == m.Task && k.State != fold.TaskDone {
			t.Errorf("the task is %s", k.State)
		}
	}
	long := m
	long.Blocks = []letters.Block{{Is: letters.IsText, Text: strings.Repeat("x ", event.MaxLetterWords)}}
	if _, _, err := d.MakeLetter(me, thread, long); !errors.Is(err, ErrLetterLong) {
		t.Errorf("too long: %v", err)
	}
	chinese := m
	chinese.Blocks = []letters.Block{{Is: letters.IsText, Text: "王"}}
	if _, _, err := d.MakeLetter(me, thread, chinese); err == nil {
		t.Error("a character that the typeface lacks was printed")
	}
	if f, err = d.Letters(me, thread); err != nil || f.Case.Letters[0].Times != 1 {
		t.Errorf("what was not printed is kept: %v", err)
	}
	d.Lock()
	grep(t, d.dir, "Mahmud", "۱۲۳۴۵۶۷۸۹۰۱۲")
}

func TestWhoMayNotOpenACaseWritesNoLetterOfIt(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker", "caseworker", "reader")
	thread := d.letter(w)
	if err := d.OpenCase(d.as(staff[0]), thread, Opening{Source: "letter", Pathways: []string{"detained-valid-papers"}, Claim: true}); err != nil {
		t.Fatal(err)
	}
	book, err := LetterBook()
	if err != nil {
		t.Fatal(err)
	}
	tpl, _ := book.Template("presence-note")
	l, err := letters.Fill(tpl, letters.Authority, "en", nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	m := Making{ID: "1111111111111111", Letter: l}
	stranger := d.as(staff[1])
	if _, err := d.Letters(stranger, thread); !errors.Is(err, ErrWall) {
		t.Errorf("a stranger sees the letters: %v", err)
	}
	if _, err := d.LetterValues(stranger, thread, tpl, "en"); !errors.Is(err, ErrWall) {
		t.Errorf("a stranger fills in a letter: %v", err)
	}
	if _, err := d.KeepLetter(stranger, thread, m); !errors.Is(err, ErrWall) {
		t.Errorf("a stranger writes: %v", err)
	}
	if _, err := d.KeepLetter(d.as(staff[3]), thread, m); err == nil {
		t.Error("a reader writes")
	}
}

func TestTheLanguageThatALetterBeginsIn(t *testing.T) {
	with := func(field, value string) fold.Case {
		return fold.Case{Fields: map[string]fold.Field{field: {{Text: value}}}}
	}
	for _, test := range []struct {
		c            fold.Case
		person, page string
		to           letters.Addressee
		want         string
	}{
		{with(event.FieldLang, "ps"), "fa", "en", letters.Person, "ps"},
		{fold.Case{}, "fa-AF", "en", letters.Person, "fa-AF"},
		{fold.Case{}, "", "en", letters.Person, "en"},
		{with(event.FieldPaper, "ir-amayesh"), "ps", "en", letters.Court, "fa"},
		{with(event.FieldPaper, "pk-por"), "ps", "en", letters.Authority, "ur"},
		{with(event.FieldPaper, "none"), "ps", "en", letters.Authority, "en"},
	} {
		if got := LetterLang(test.c, test.person, test.page, test.to); got != test.want {
			t.Errorf("to %s: %s, want %s", test.to, got, test.want)
		}
	}
}
