package web

import (
	"fmt"
	"slices"
	"sync"

	"panah/core/l10n"
	"panah/core/pathway"
	"panah/core/rulebook"
	"panah/gate/internal/door"
)

// render renders every static page for one organisation; rules as for Pages.
func (b *build) render(org Organisation, rules *rulebook.Table) (*rendered, error) {
	closed, err := b.renderClosed(org)
	if err != nil {
		return nil, err
	}
	r := &rendered{org: org, rules: rules, pages: map[string]page{}, closed: closed}
	if org.ID == "" {
		return r, nil
	}
	put := func(path string, v *view, data any) error {
		v.Static = true
		html, err := b.write(v, data)
		if err != nil {
			return err
		}
		p, err := packed(html)
		r.pages[path] = p
		return err
	}
	home := b.home(org)
	if err := put("/", home.view, home); err != nil {
		return nil, err
	}
	r.checks = sync.OnceValues(func() (*checks, error) { return b.renderChecks(org, rules) })
	for _, l := range l10n.Languages() {
		intake, mailbox, help := b.intake(l, org, nil), b.mailbox(l, org), b.help(l, org)
		if err := put("/"+l.Code+"/", intake.view, intake); err != nil {
			return nil, err
		}
		if err := put("/"+l.Code+"/mailbox", mailbox.view, mailbox); err != nil {
			return nil, err
		}
		if err := put("/"+l.Code+"/help", help.view, help); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// homePage lets a person choose a language.
type homePage struct {
	*view
	Languages []languageChoice
}

// languageChoice is one language, with the sentence about Panah in that language.
type languageChoice struct {
	l10n.Language
	In *view // the texts of that language
}

func (b *build) home(org Organisation) *homePage {
	p := &homePage{view: b.view(b.site.language(), "home", "language", org)}
	for _, l := range l10n.Languages() {
		v := b.view(l, "home", "language", org)
		v.seen = p.seen // what is unchecked in any language is unchecked on this page
		p.Languages = append(p.Languages, languageChoice{l, v})
	}
	return p
}

// intakePage is the form, whole on one page.
type intakePage struct {
	*view
	Situations []situationChoice
	Papers     []paperChoice
	Sent       *sentParts  // always nil: the script fills the skeleton
	Draft      *door.Draft // what was typed, when a letter has to be shown again; never nil
	Problem    *problem    // nil when all is well
}

type situationChoice struct {
	ID, Icon string
	Risky    bool
	Chosen   bool
}

type paperChoice struct {
	ID, Name, Lang, Dir string
	Chosen              bool
}

// problem is a sentence on what did not work and what to do next.
type problem struct {
	ID     string
	Number int  // {n} in the sentence
	Files  bool // files have to be chosen again
}

func (b *build) intake(l l10n.Language, org Organisation, draft *door.Draft) *intakePage {
	p := &intakePage{view: b.view(l, "intake", "write_letter", org), Draft: draft}
	if draft == nil {
		p.Draft = &door.Draft{}
	}
	for _, s := range b.book.Situations() {
		p.Situations = append(p.Situations, situationChoice{s.ID, s.Icon, s.Risky, slices.Contains(p.Draft.Situations, s.ID)})
	}
	for _, paper := range b.papers {
		name, lang := paper.Name(l.Code)
		in, _ := l10n.Find(lang)
		p.Papers = append(p.Papers, paperChoice{paper.ID, name, lang, string(in.Dir), paper.ID == p.Draft.Paper})
	}
	return p
}

// risky reports whether one of the situations is so dangerous that no story should be readable on a server even for a moment.
func (b *build) risky(chosen []string) bool {
	return slices.ContainsFunc(b.book.Situations(), func(s pathway.Situation) bool { return s.Risky && slices.Contains(chosen, s.ID) })
}

// mailboxPage opens a mailbox; with Thread it shows one.
type mailboxPage struct {
	*view
	Thread  *thread
	Code    string // of the mailbox that is open, for its forms; grouped
	Draft   *door.Draft
	Problem *problem // about the letter or the mailbox
	Typo    *problem // about the typed code
	Sent    *sentParts
	Erased  bool
	Kept    bool // the mailbox could not be opened, and a letter was typed for it: it stays on the page
}

func (b *build) mailbox(l l10n.Language, org Organisation) *mailboxPage {
	return &mailboxPage{view: b.view(l, "mailbox", "mailbox_title", org), Draft: &door.Draft{}}
}

// receiptPage says that a letter arrived, and how to come back to it.
type receiptPage struct {
	*view
	Sent *sentParts
}

// helpPage says what the phone keeps and what sealing means.
type helpPage struct{ *view }

func (b *build) help(l l10n.Language, org Organisation) *helpPage {
	return &helpPage{b.view(l, "help", "help_title", org)}
}

// noticePage says one sentence.
type noticePage struct {
	*view
	Notice string
}

func (b *build) notice(l l10n.Language, org Organisation, id string) ([]byte, error) {
	p := &noticePage{view: b.view(l, "notice", "err_title", org), Notice: id}
	html, err := b.write(p.view, p)
	if err != nil {
		return nil, fmt.Errorf("rendering a notice: %w", err)
	}
	return html, nil
}
