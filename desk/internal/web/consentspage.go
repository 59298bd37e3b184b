package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"panah/core/consent"
	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/desk/internal/office"
)

// consentDays is how long a consent holds when nobody says less; it never holds longer.
const consentDays = 90

// A consentsPage shows what a person agreed to, on what ground their case is kept, what was told to whom, and the forms to write it down.
type consentsPage struct {
	*page
	Row      row
	File     office.ConsentFile
	May      bool // write
	Need     string
	Form     string // whose answer this is: consent, vital, tell, basis, proxy, confirm; "" for none
	Wrong    string
	typed    url.Values
	Kinds    []choice // of consents
	Held     []held
	Vitals   []vital
	Told     []told
	Bases    []event.Basis
	Legal    []string
	Script   aloud
	Rules    []string
	Safe     []string
	Note     string
	NoteFrom []source
	Ends     string // default
	Proxy    *fold.Proxy
	ByName   map[event.Staff]string
}

// A held is a consent with its state now.
type held struct {
	fold.Consent
	Is  string // given, refused, withdrawn, ended
	Who string
}

// A vital is a vital interest that was stated.
type vital struct {
	fold.Vital
	FirstName, SecondName string
	MayAgree              bool
}

// A told is a disclosure.
type told struct {
	fold.Disclosure
	Who string
}

// An aloud is what is read aloud, with the blanks filled in.
type aloud struct {
	Pieces []consent.Piece
	Lang   string
	Draft  bool
	Status string
	Name   string
	Limits []consent.Piece
	Wanted string // language of the person, when there is no reviewed text in it
}

// Val is what was typed into a field of the form that was not taken.
func (p *consentsPage) Val(form, name string) string {
	if form != p.Form {
		return ""
	}
	return p.typed.Get(name)
}

// Is reports whether a field of a form held a value.
func (p *consentsPage) Is(form, name, value string) bool {
	return p.Val(form, name) == value
}

// At reports whether a form is the one to be shown open.
func (p *consentsPage) At(form string) bool { return p.Form == form }

// runBy lists who runs a receiver, as the directory does.
var runBy = [...]string{"ngo", "private", "un", "authority"}

// RunBy lists who may run a receiver.
func (*consentsPage) RunBy() []string { return runBy[:] }

// processings are what a legal basis is recorded for.
var processings = [...]string{"keep", "contact", "count", "disclose"}

// Processings lists what a legal basis is recorded for.
func (*consentsPage) Processings() []string { return processings[:] }

// BasisOf is what stands for a processing.
func (p *consentsPage) BasisOf(processing string) (list []event.Basis) {
	for _, b := range p.Bases {
		if b.Processing == processing {
			list = append(list, b)
		}
	}
	return list
}

// Grounds are what a disclosure can rest on now.
func (p *consentsPage) Grounds() (list []choice) {
	for _, h := range p.Held {
		if h.Is == "given" && strings.HasPrefix(h.What, "tell-") || h.Is == "given" && slices.Contains(disclosing[:], h.What) {
			list = append(list, choice{Value: h.ID, Words: h.What + ": " + h.Receiver, Chosen: p.Val("tell", "ground") == h.ID})
		}
	}
	for _, v := range p.Vitals {
		if v.Second != "" {
			list = append(list, choice{Value: v.ID, Words: v.What + ": " + v.Receiver, Chosen: p.Val("tell", "ground") == v.ID})
		}
	}
	return list
}

// disclosing are consents to tell something besides those named tell-….
var disclosing = [...]string{"tracing", "medical", "complaint"}

// Missing says in words what a task's need lacks: "none", "ended", "refused", "second"; "" when it is met.
func (p *consentsPage) Missing() string {
	if p.Need == "" {
		return ""
	}
	missing := "none"
	for _, h := range p.Held {
		if h.What != p.Need {
			continue
		}
		if h.Is == "given" {
			return ""
		}
		missing = h.Is
	}
	for _, v := range p.Vitals {
		if v.What == p.Need && v.Second != "" {
			return ""
		}
		if v.What == p.Need {
			missing = "second"
		}
	}
	return missing
}

func (s *server) consentsShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showConsents(w, r, v, http.StatusOK, r.URL.Query().Get("form"), "", r.URL.Query())
}

// showConsents shows the page, with a form as it was typed when form is set.
func (s *server) showConsents(w http.ResponseWriter, r *http.Request, v visit, status int, form, wrong string, typed url.Values) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	f, err := s.can.consents.Consents(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a case: %w", err)
	}
	if !f.Case.Opened {
		return fold.ErrUnopened
	}
	p, err := s.titled(r, v, "consents.title")
	if err != nil {
		return err
	}
	p.Nav, p.Path = "queue", threadPath(n)+"/consents"
	data := &consentsPage{
		page: p, Row: s.named(f.Row), File: f, May: f.Case.Closure == nil && office.ActorOf(r.Context()).Role != "reader", Form: form, Wrong: wrong, typed: typed,
		Legal: s.book.Common.LegalBases, Note: s.book.Common.ConsentNote, Bases: f.Case.Bases, Ends: f.Now.AddDate(0, 0, consentDays).Format(time.DateOnly), Proxy: f.Case.Proxy, ByName: f.People,
	}
	if need := typed.Get("need"); s.book.Common.Consents[need].What != "" {
		data.Need = need
		if form == "" {
			data.Form = "consent"
			data.typed = url.Values{"what": {need}, "need": {need}}
		}
	}
	data.Note, data.NoteFrom = s.cited(data.Note)
	data.fill(s, office.ActorOf(r.Context()))
	return s.show(w, status, "consents", data)
}

func (p *consentsPage) fill(s *server, me fold.Actor) {
	kinds := s.book.Common.Consents
	for _, what := range sortedKeys(kinds) {
		p.Kinds = append(p.Kinds, choice{Value: what, Words: p.consentName(what, kinds[what]), Chosen: p.Val("consent", "what") == what || p.Val("vital", "what") == what})
	}
	today := p.File.Now.UTC().Format(time.DateOnly)
	for _, c := range slices.Backward(p.File.Case.Consents) {
		h := held{Consent: c, Is: c.State, Who: line(p.ByName[c.Author])}
		switch {
		case !c.Withdrawn.IsZero():
			h.Is = "withdrawn"
		case c.State == "given" && c.Ends < today:
			h.Is = "ended"
		}
		p.Held = append(p.Held, h)
	}
	for _, v := range slices.Backward(p.File.Case.Vitals) {
		p.Vitals = append(p.Vitals, vital{v, line(p.ByName[v.First]), line(p.ByName[v.Second]), p.May && v.Second == "" && me.Staff != "" && me.Staff != v.First})
	}
	for _, d := range slices.Backward(p.File.Case.Disclosures) {
		p.Told = append(p.Told, told{d, line(p.ByName[d.By])})
	}
	p.fillScript(s)
}

// fillScript puts the text of the chosen consent in, in the person's language when there is a reviewed one.
func (p *consentsPage) fillScript(s *server) {
	lang := cmp.Or(p.File.Case.Fields[event.FieldLang].Text(), p.Row.LangCode)
	texts := s.consentTexts.For(lang)
	p.Rules, p.Safe = texts.Rules, texts.SafeIdentity
	p.Script = aloud{Lang: texts.Lang, Draft: texts.Draft(), Status: texts.Status}
	if name, code := languageName(lang); code != "" && code != texts.Lang {
		p.Script.Wanted = name
	}
	what := p.Val("consent", "what")
	values := map[string]string{}
	for _, blank := range [...]string{"facts", "benefit", "risk", "reason", "task", "local_duty", "cover_sentence"} {
		values[blank] = line(p.Val("consent", blank))
	}
	receiver := line(p.Val("consent", "receiver"))
	values["partner"], values["authority"], values["task"] = receiver, receiver, line(p.Val("consent", "purpose"))
	values["date"], values["date2"] = cmp.Or(line(p.Val("consent", "ends")), p.Ends), cmp.Or(line(p.Val("consent", "ends")), p.Ends)
	if what == "keep-longer" && !p.File.Due.AllOn.IsZero() {
		values["date"] = p.File.Due.AllOn.Format(time.DateOnly)
	}
	values["reason"] = cmp.Or(values["reason"], line(p.Val("consent", "purpose")))
	if p.Val("consent", "run_by") == "authority" && receiver != "" {
		values["run_by_sentence"] = receiver + " is run by an authority."
	} else if by := p.Val("consent", "run_by"); by != "" && receiver != "" {
		values["run_by_sentence"] = receiver + " is not run by an authority."
	}
	p.Script.Pieces, _ = texts.Fill(what, values)
	p.Script.Limits, _ = texts.Fill("limits", values)
	p.Script.Name = texts.Name(what)
}

// consentName is what a kind of consent is called; what the rules say of it, in English, where it has no words.
func (p *consentsPage) consentName(what string, k pathway.Consent) string {
	if name, err := p.P("consents.kind_" + what); err == nil {
		return name
	}
	return k.What
}

func sortedKeys[T any](m map[string]T) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// BasisWord is the id of the words for a legal basis of the rules.
func (*words) BasisWord(basis string) string {
	return "consents.basis_" + strings.ReplaceAll(basis, "_", "-")
}
