package web

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"sort"

	"panah/core/event"
	"panah/core/pathway"
	"panah/desk/internal/office"
	"panah/desk/internal/primero"
)

// A primeroPage refers one case: with whose ground, and which facts.
type primeroPage struct {
	*page
	Row      casesRow
	Grounds  []primero.Ground
	Ground   primero.Ground // chosen; zero: none yet
	Facts    []primeroFact
	Services []string
	Service  string
	Preview  string // the file as it would be
	Wrong    string
}

// casesRow names the case on its sub-pages.
type casesRow struct{ ID int64 }

// A primeroFact is one thing that may be told. Covered: the ground lists it.
type primeroFact struct {
	ID      primero.Fact
	Value   string
	Covered bool
	Ticked  bool
}

// A primeroForm is what was chosen.
type primeroForm struct {
	ground, service string
	ticked          []primero.Fact
}

func primeroFormOf(get func(string) string, all []string) primeroForm {
	f := primeroForm{ground: get("ground"), service: get("service")}
	for _, t := range all {
		f.ticked = append(f.ticked, primero.Fact(t))
	}
	return f
}

func (s *server) primeroShow(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	return s.primeroPage(w, r, v, http.StatusOK, "", primeroFormOf(q.Get, q["fact"]))
}

func (s *server) primeroPage(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string, form primeroForm) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	file, err := s.can.cases.Case(r.Context(), n)
	if err != nil {
		return err
	}
	p, err := s.titled(r, v, "moving.primero_title")
	if err != nil {
		return err
	}
	p.Nav = "queue"
	data := &primeroPage{page: p, Row: casesRow{n}, Grounds: primero.Grounds(file.Case, p.now), Service: form.service, Wrong: wrong}
	for id := range s.book.Common.Services {
		data.Services = append(data.Services, id)
	}
	sort.Strings(data.Services)
	for _, g := range data.Grounds {
		if g.ID == form.ground {
			data.Ground = g
		}
	}
	ref, err := s.referral(file, data.Ground, form, p)
	if err != nil {
		return err
	}
	for _, f := range primero.Facts() {
		fact := primeroFact{ID: f, Value: ref.Value(file.Case, f), Covered: slices.Contains(data.Ground.Facts, f), Ticked: slices.Contains(form.ticked, f)}
		data.Facts = append(data.Facts, fact)
	}
	if len(form.ticked) > 0 && data.Ground.ID != "" {
		preview, _, err := primero.Write(file.Case, ref)
		if what := primeroProblem(err); what != "" {
			data.Wrong = what
		} else if err != nil {
			return err
		}
		data.Preview = string(preview)
	}
	return s.show(w, status, "primero", data)
}

// referral is what would be written. Its ids are made anew each time: they say nothing of the case here.
func (s *server) referral(file office.CaseFile, g primero.Ground, form primeroForm, p *page) (primero.Referral, error) {
	r := primero.Referral{Ground: g, Ticked: form.ticked, ID: newUUID(), ServiceID: newUUID(), Now: p.now}
	if _, ok := s.book.Common.Services[form.service]; ok {
		r.Service = form.service
	}
	for _, f := range file.Followed {
		r.Situations = append(r.Situations, f.Title)
	}
	if i := slices.IndexFunc(s.papers, func(k pathway.Paper) bool { return k.ID == file.Case.Fields[event.FieldPaper].Text() }); i >= 0 {
		r.Paper = s.papers[i].Names["en"]
	}
	return r, nil
}

// newUUID is a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func primeroProblem(err error) string {
	switch {
	case errors.Is(err, primero.ErrGround):
		return "moving.primero_no_ground"
	case errors.Is(err, primero.ErrFact):
		return "moving.primero_not_covered"
	case errors.Is(err, primero.ErrNone):
		return "moving.primero_nothing"
	}
	return ""
}

// primeroDo records the disclosure, and then hands the file out: what was told is written down even when the browser never saves it.
func (s *server) primeroDo(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	form := primeroFormOf(r.PostForm.Get, r.PostForm["fact"])
	file, err := s.can.cases.Case(r.Context(), n)
	if err != nil {
		return err
	}
	p := s.newPage(r, v)
	var ground primero.Ground
	for _, g := range primero.Grounds(file.Case, p.now) {
		if g.ID == form.ground {
			ground = g
		}
	}
	ref, err := s.referral(file, ground, form, p)
	if err != nil {
		return err
	}
	data, told, err := primero.Write(file.Case, ref)
	if what := primeroProblem(err); what != "" {
		return s.primeroPage(w, r, v, http.StatusUnprocessableEntity, what, form)
	}
	if err != nil {
		return err
	}
	err = s.can.cases.Do(r.Context(), n, event.Disclosed{What: ground.What, Receiver: ground.Receiver, Facts: told, Ground: ground.ID, Service: ref.Service})
	if err != nil {
		return err
	}
	return hand(w, "case.json", "application/json", data)
}
