package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// A casePage is one case: its head, what is due, its safeguards, and one of its parts.
type casePage struct {
	*threadPage
	File     office.CaseFile
	Line     caseLine
	Tab      string
	May      bool // the viewer writes into cases
	Open     bool // the work goes on
	Claimed  bool // somebody has it
	Mine     bool
	Next     []task
	Guards   []caution
	Clashes  []clash
	Others   []talk // conversations that belong to the same case
	Opening  opening
	Followed []pathwayPart
	Offered  []pathway.Pathway // suggested, not followed
	Rest     []choice          // pathways that could be followed besides
	Tasks    []task
	Finished []task
	Notes    []said
	Timeline []happening
	Earlier  int // happenings before those
	Fields   []fieldPart
	Links    caseLinks
	ToLock   bool    // a situation of the case is for named specialists only, and the case is not locked
	Raises   []raise // what would make it more urgent
	Papers   []checkedPaper
}

// caseLinks says which pages other rooms have for this case.
type caseLinks struct {
	Consents, People, Same, Export, Letters, Papers bool
}

// tabs are the parts of a case, in order. The first is shown unasked.
var tabs = [...]string{"talk", "situation", "tasks", "notes", "timeline", "details"}

// Tabs lists the parts.
func (*casePage) Tabs() []string { return tabs[:] }

// At is the address of a part of this case.
func (p *casePage) At(tab string) string { return caseTab(p.Row.ID, tab) }

// caseTab is the address of a part of a case.
func caseTab(thread int64, tab string) string {
	if tab == tabs[0] || tab == "" {
		return threadPath(thread)
	}
	return threadPath(thread) + "?tab=" + tab
}

// A caution is what must never happen, with the pathway that says so.
type caution struct {
	Title   string
	Draft   bool
	Lines   []string
	Sources []source
}

// citation is how a sentence of the rules names its sources.
var citation = regexp.MustCompile(`\s*\(sources? ([a-z0-9, -]+)\)`)

// cited takes the ids of sources out of a sentence of the rules, and finds what they stand for.
func (s *server) cited(sentence string) (string, []source) {
	var from []source
	for _, m := range citation.FindAllStringSubmatch(sentence, -1) {
		for id := range strings.SplitSeq(m[1], ",") {
			k := s.source(strings.TrimSpace(id))
			k.Title = cmp.Or(k.Title, k.ID)
			from = append(from, k)
		}
	}
	return citation.ReplaceAllString(sentence, ""), from
}

// A said is a value with who gave it and when.
type said struct {
	fold.Value
	Who   string // name; empty: the desk by itself
	Shown string // the value as it is read
}

// showCase shows a case, or a conversation that is none: erased, joined to another, sealed to other keys.
func (s *server) showCase(w http.ResponseWriter, r *http.Request, v visit, status int, wrong, typed string) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	file, err := s.can.cases.Case(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a case: %w", err)
	}
	if home := file.Row.ID; home != 0 && home != n && r.Method == http.MethodGet {
		http.Redirect(w, r, threadPath(home), http.StatusSeeOther)
		return nil
	}
	p, err := s.titled(r, v, "thread.title", "n", n)
	if err != nil {
		return err
	}
	p.Nav, p.Path = "queue", threadPath(n)
	shared, err := s.threadPage(r, v, p, file.Thread, wrong, typed)
	if err != nil {
		return err
	}
	if file.Thread.State != casedb.StateOpen {
		return s.show(w, status, "thread", shared)
	}
	data := &casePage{threadPage: shared, File: file, Tab: tabs[0]}
	if t := r.URL.Query().Get("tab"); slices.Contains(tabs[:], t) && file.Case.Opened {
		data.Tab = t
	}
	p.Path = data.At(data.Tab)
	if err := s.fillCase(r, v, data); err != nil {
		return err
	}
	return s.show(w, status, "case", data)
}

// fillCase makes what every part shows, and the part that was asked for.
func (s *server) fillCase(r *http.Request, v visit, p *casePage) error {
	c := p.File.Case
	p.Line = s.caseLine(p.File.Row, p.File.People, p.now)
	p.May = p.File.Role != "reader" && !p.Reader
	p.Open = c.Opened && c.Closure == nil
	p.Talk.Open = p.May && p.Talk.Open
	owner := event.Staff(c.Owner.Text())
	p.Claimed, p.Mine = owner != "", owner != "" && owner == office.ActorOf(r.Context()).Staff
	p.Links = caseLinks{Consents: s.can.consents != nil, People: s.can.people != nil, Same: s.can.searcher != nil, Export: s.can.mover != nil, Papers: s.can.papers != nil, Letters: s.can.writer != nil}
	for _, followed := range p.File.Followed {
		guard := caution{Title: followed.Title, Draft: followed.Status == "draft"}
		for _, l := range followed.Safeguards {
			said, from := s.cited(l)
			guard.Lines, guard.Sources = append(guard.Lines, said), append(guard.Sources, from...)
		}
		p.Guards = append(p.Guards, guard)
	}
	for _, t := range p.File.Linked {
		k, err := s.talk(r, v, t, p.Talk.Open && t.State == casedb.StateOpen)
		if err != nil {
			return err
		}
		k.Nth, k.LogSize = fmt.Sprint("-", t.ID), p.Talk.LogSize
		p.Others = append(p.Others, k)
	}
	is := func(k pathway.Pathway) bool { return k.Sensitivity == pathway.Locked }
	p.ToLock = c.Closure == nil && !p.Row.Summary.Locked && (slices.ContainsFunc(p.File.Followed, is) || slices.ContainsFunc(p.File.Suggested, is))
	for _, rule := range s.book.Common.RaiseRules {
		p.Raises = append(p.Raises, raise{RaiseRule: rule})
	}
	if !c.Opened {
		return s.fillOpening(p)
	}
	s.fillTasks(p)
	var err error
	if p.Clashes, err = s.clashes(p); err != nil {
		return err
	}
	switch p.Tab {
	case "situation":
		s.fillSituation(p)
		return s.fillPapers(r, p)
	case "notes":
		for _, n := range slices.Backward(c.Notes) {
			p.Notes = append(p.Notes, s.said(p, n.Value))
		}
	case "timeline":
		return s.fillTimeline(r, p)
	case "details":
		return s.fillDetails(p)
	}
	return nil
}

// Count is what a part's tab says beside its name: how much waits there. 0 says nothing.
func (p *casePage) Count(tab string) int {
	switch tab {
	case "tasks":
		return p.File.Row.OpenTasks
	case "notes":
		return len(p.File.Case.Notes)
	case "situation":
		return len(p.File.Suggested)
	}
	return 0
}

// Owners names who has the case: several when two desks handed it over at once.
func (p *casePage) Owners() (names []string) {
	for _, o := range p.File.Case.Owner {
		if o.Text != "" {
			names = append(names, p.name(event.Staff(o.Text)))
		}
	}
	return names
}

// name is the name of somebody who works here; the beginning of their id when nobody said it yet, and empty for the desk by itself.
func (p *casePage) name(who event.Staff) string {
	if n := line(p.File.People[who]); n != "" || who == "" {
		return n
	}
	return string(who[:min(4, len(who))])
}

func (s *server) said(p *casePage, v fold.Value) said {
	v.Text = strings.TrimSpace(v.Text)
	return said{Value: v, Who: p.name(v.By), Shown: v.Text}
}

// caseDone answers a form of a case: back to the part it stands in, with what was done.
func (s *server) caseDone(w http.ResponseWriter, r *http.Request, v visit, thread int64, tab, words string, err error) error {
	if err != nil {
		return fmt.Errorf("writing into a case: %w", err)
	}
	s.say(v, words)
	http.Redirect(w, r, caseTab(thread, tab), http.StatusSeeOther)
	return nil
}

// errEmpty says that a form of a case lacks what it is for.
var errEmpty = errors.New("nothing was typed")
