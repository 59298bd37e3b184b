package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/pathway"
	"panah/desk/internal/office"
)

// An opening is the form that opens a case: from a letter, or for somebody who came by.
type opening struct {
	Action    string
	Letter    bool // there is one: clocks count from it
	Suggested []pathwayChoice
	Rest      []pathwayChoice
	Name      string
	District  string
	Languages []choice
	Urgencies []choice
	Raises    []raise // what makes a case more urgent, whatever the situation
	Other     string  // the other side, as it was typed
	Note      string
	Found     bool // the conflict check found something: asks what to do
	Wrong     string
	Checks    bool // there is a conflict check
}

// A pathwayChoice is one situation to tick.
type pathwayChoice struct {
	pathway.Pathway
	Chosen bool
}

// A raise is one rule that makes a case more urgent, to tick where it is so.
type raise struct {
	pathway.RaiseRule
	Chosen bool
}

// newCasePage begins a case without a letter.
type newCasePage struct {
	*page
	Opening opening
}

// checker answers whether the other side of a dispute is already helped here, or the person is the other side of somebody who is, without saying in which case.
type checker interface {
	Conflict(ctx context.Context, names []string, otherSide string) (office.Answer, error)
}

// fillOpening makes the form of a letter that no case was opened from.
func (s *server) fillOpening(p *casePage) error {
	in := p.File.Thread.Intake
	chosen := []string{}
	for _, k := range p.File.Suggested {
		chosen = append(chosen, k.ID)
	}
	p.Opening = s.opening(chosen, in.Lang, urgencyWord(p.File.Thread.Urgency))
	p.Opening.Action, p.Opening.Letter, p.Opening.District = threadPath(p.Row.ID)+"/open", true, line(p.File.Thread.District)
	return p.Opening.words(p.words)
}

func (s *server) opening(chosen []string, lang, urgency string) (o opening) {
	o.Languages = languageChoices(lang)
	for _, k := range s.book.Pathways() {
		if slices.Contains(chosen, k.ID) {
			o.Suggested = append(o.Suggested, pathwayChoice{k, true})
		} else {
			o.Rest = append(o.Rest, pathwayChoice{k, false})
		}
	}
	for _, u := range []string{"minutes", "hours", "days"} {
		o.Urgencies = append(o.Urgencies, choice{Value: u, Chosen: u == urgency})
	}
	for _, rule := range s.book.Common.RaiseRules {
		o.Raises = append(o.Raises, raise{RaiseRule: rule})
	}
	_, o.Checks = s.office.(checker)
	return o
}

func (o *opening) words(w *words) (err error) {
	for i, u := range o.Urgencies {
		if o.Urgencies[i].Words, err = w.P("urgency." + u.Value); err != nil {
			return err
		}
	}
	return nil
}

// read takes what was typed into the form.
func (s *server) readOpening(r *http.Request) (o opening, made office.Opening) {
	f := r.PostForm
	get := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	chosen, urgency := s.raised(f["raise"], f["pathway"], get("urgency"))
	o = s.opening(chosen, get("lang"), urgency)
	for i := range o.Raises {
		o.Raises[i].Chosen = slices.Contains(f["raise"], strconv.Itoa(i))
	}
	o.Name, o.District, o.Other, o.Note = get("name"), get("district"), get("other"), get("text")
	made = office.Opening{Fields: map[string]string{}, OtherSide: o.Other, Note: o.Note, Claim: get("claim") == "yes"}
	for _, k := range append(o.Suggested, o.Rest...) {
		if k.Chosen {
			made.Pathways = append(made.Pathways, k.ID)
		}
	}
	for field, value := range map[string]string{event.FieldName: o.Name, event.FieldDistrict: o.District, event.FieldLang: get("lang"), event.FieldUrgency: urgency} {
		if value != "" {
			made.Fields[field] = value
		}
	}
	return o, made
}

// raised is what the ticked rules make of a case: at least as urgent as they say, with the situations that they lead to.
func (s *server) raised(ticked, pathways []string, urgency string) ([]string, string) {
	order := []string{"minutes", "hours", "days"}
	for i, rule := range s.book.Common.RaiseRules {
		if !slices.Contains(ticked, strconv.Itoa(i)) {
			continue
		}
		if was := slices.Index(order, urgency); was < 0 || slices.Index(order, string(rule.To)) < was {
			urgency = string(rule.To)
		}
		if rule.Also != "" && !slices.Contains(pathways, rule.Also) {
			pathways = append(slices.Clone(pathways), rule.Also)
		}
	}
	return pathways, urgency
}

// check asks whether the other side is already helped here. What was found is said once; going on after that is recorded in the case. An answer that could not look at every case is
// none: it is not recorded, and said.
func (s *server) check(r *http.Request, o *opening, made *office.Opening) (goOn bool, said string, err error) {
	c, ok := s.office.(checker)
	if !ok || o.Other == "" && o.Name == "" {
		return true, "cases.said_opened", nil
	}
	var names []string
	if o.Name != "" {
		names = []string{o.Name}
	}
	a, err := c.Conflict(r.Context(), names, o.Other)
	if err != nil {
		return false, "", fmt.Errorf("checking for a conflict: %w", err)
	}
	o.Found = a.Possible
	if a.Possible || a.Whole {
		made.Checked = &a.Possible
		return !a.Possible || r.PostForm.Get("sure") == "yes", "cases.said_opened", nil
	}
	return true, "cases.said_unchecked", nil
}

// openCase opens a case from a letter, in one step.
func (s *server) openCase(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	o, made := s.readOpening(r)
	o.Action, o.Letter = threadPath(n)+"/open", true
	made.Source = "letter"
	goOn, said, err := s.check(r, &o, &made)
	if err != nil {
		return err
	}
	if !goOn {
		return s.showNew(w, r, v, http.StatusConflict, o)
	}
	if err := s.can.cases.OpenCase(r.Context(), n, made); err != nil {
		return fmt.Errorf("opening a case: %w", err)
	}
	return s.caseDone(w, r, v, n, "", said, nil)
}

func (s *server) newCaseAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showNew(w, r, v, http.StatusOK, s.opening(nil, v.Lang, "days"))
}

func (s *server) showNew(w http.ResponseWriter, r *http.Request, v visit, status int, o opening) error {
	p, err := s.titled(r, v, "cases.new_title")
	if err != nil {
		return err
	}
	p.Nav, p.Path = "queue", "/new"
	if o.Action == "" {
		o.Action = "/new"
	}
	if err := o.words(p.words); err != nil {
		return err
	}
	return s.show(w, status, "new", &newCasePage{page: p, Opening: o})
}

// newCase begins a case without a letter: somebody came by, or called.
func (s *server) newCase(w http.ResponseWriter, r *http.Request, v visit) error {
	o, made := s.readOpening(r)
	made.Source, made.Since = "person", time.Now().UTC()
	if len(made.Pathways) == 0 {
		o.Wrong = "cases.choose_pathway"
		return s.showNew(w, r, v, http.StatusUnprocessableEntity, o)
	}
	goOn, said, err := s.check(r, &o, &made)
	if err != nil {
		return err
	}
	if !goOn {
		return s.showNew(w, r, v, http.StatusConflict, o)
	}
	n, err := s.can.cases.BeginCase(r.Context(), made)
	if errors.Is(err, event.ErrMalformed) {
		o.Wrong = "cases.problem_malformed"
		return s.showNew(w, r, v, http.StatusUnprocessableEntity, o)
	}
	if err != nil {
		return fmt.Errorf("beginning a case: %w", err)
	}
	return s.caseDone(w, r, v, n, "", said, nil)
}
