package web

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/desk/internal/office"
)

// confirmTask is the task to ask the person whether somebody may speak for them: one for each case, so that two desks make one.
const confirmTask = "proxy/confirm"

// consentsDo takes one of the page's forms. What was typed stays when it is not taken.
func (s *server) consentsDo(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	f := r.PostForm
	form := f.Get("form")
	if form == "consent" && f.Get("show") != "" {
		return s.showConsents(w, r, v, http.StatusOK, form, "", f)
	}
	file, err := s.can.consents.Consents(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a case: %w", err)
	}
	bodies, said, wrong := s.consentBodies(form, f, file)
	if wrong != "" {
		return s.showConsents(w, r, v, http.StatusUnprocessableEntity, form, wrong, f)
	}
	err = s.can.consents.Do(r.Context(), n, bodies...)
	if words := consentProblem(err, form); words != "" {
		return s.showConsents(w, r, v, http.StatusConflict, form, words, f)
	}
	if err != nil {
		return fmt.Errorf("recording a consent: %w", err)
	}
	s.say(v, said)
	http.Redirect(w, r, threadPath(n)+"/consents", http.StatusSeeOther)
	return nil
}

// consentProblem is the sentence for why a form was not taken: what is missing for telling somebody is said by the page, not by a general sentence.
func consentProblem(err error, form string) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, fold.ErrConsent):
		return "consents.no_ground"
	case errors.Is(err, fold.ErrSecond):
		return "consents.same_person"
	case form == "vital" && errors.Is(err, fold.ErrWrong):
		return "consents.vital_nobody"
	}
	return caseProblem(err)
}

// consentBodies makes events of a form, or says what is missing.
func (s *server) consentBodies(form string, f url.Values, file office.ConsentFile) (bodies []event.Body, said, wrong string) {
	get := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	switch form {
	case "consent":
		c, wrong := s.readConsent(f, file)
		return []event.Body{c}, "consents.said_" + c.State, wrong
	case "withdraw":
		return []event.Body{event.Withdrawn{ID: get("id")}}, "consents.said_withdrawn", ""
	case "vital":
		if _, known := s.book.Common.Consents[get("what")]; !known || get("receiver") == "" || get("reason") == "" {
			return nil, "", "consents.vital_missing"
		}
		return []event.Body{event.Vital{ID: newRecord(), What: get("what"), Receiver: get("receiver"), Reason: get("reason")}}, "consents.said_vital", ""
	case "agree":
		return []event.Body{event.VitalAgreed{ID: get("id")}}, "consents.said_agreed", ""
	case "tell":
		return readTold(f, file)
	case "basis":
		if !slices.Contains(processings[:], get("processing")) || !slices.Contains(s.book.Common.LegalBases, get("basis")) || get("why") == "" {
			return nil, "", "consents.basis_missing"
		}
		return []event.Body{event.Basis{Processing: get("processing"), Basis: get("basis"), Why: get("why")}}, "consents.said_basis", ""
	case "proxy":
		if get("relation") == "" || get("why") == "" {
			return nil, "", "consents.proxy_missing"
		}
		due := file.Now.Add(72 * time.Hour).UTC().Format(time.RFC3339)
		return []event.Body{
			event.Proxy{Relation: get("relation"), Why: get("why"), Name: get("name")},
			event.TaskAdded{Task: confirmTask, Do: "Ask the person whether they want this relative to speak for them", Due: due, By: "P3D", Who: "caseworker", Basis: "proposal", Needs: []string{}},
		}, "consents.said_proxy", ""
	case "confirm":
		return readConfirmed(f, file)
	}
	return nil, "", "consents.unknown"
}

// readConsent reads a consent or its refusal.
func (s *server) readConsent(f url.Values, file office.ConsentFile) (c event.Consented, wrong string) {
	get := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	texts := s.consentTexts.For(file.Case.Fields[event.FieldLang].Text())
	c = event.Consented{
		ID: newRecord(), What: get("what"), Receiver: get("receiver"), RunBy: get("run_by"), Purpose: get("purpose"), Facts: get("facts"), Script: texts.Name(get("what")), Lang: get("said_in"),
		Spoken: get("how") == "spoken", Interpreter: get("interpreter") == "yes", Understood: get("understood"), By: get("by"), State: get("state"), Basis: "consent",
	}
	ends, err := parseMoment(get("ends"))
	last := file.Now.AddDate(0, 0, consentDays)
	discloses := strings.HasPrefix(c.What, "tell-") || slices.Contains(disclosing[:], c.What)
	switch _, known := s.book.Common.Consents[c.What]; {
	case !known:
		return c, "consents.choose_kind"
	case c.State != "given" && c.State != "refused":
		return c, "consents.choose_state"
	case !slices.Contains([]string{"person", "carer", "proxy"}, c.By):
		return c, "consents.choose_by"
	case discloses && (c.Receiver == "" || c.Purpose == "" || c.Facts == ""):
		return c, "consents.one_receiver"
	case discloses && !slices.Contains(runBy[:], c.RunBy):
		return c, "consents.choose_run_by"
	case c.State == "given" && c.RunBy == "authority" && get("warned") != "yes":
		return c, "consents.warn_authority"
	case c.State == "given" && c.Understood == "":
		return c, "consents.no_check"
	case get("how") != "spoken" && get("how") != "written":
		return c, "consents.choose_how"
	case get("ends") == "":
		ends, err = last, nil
	}
	if err != nil || ends.Before(file.Now.Add(-24*time.Hour)) || ends.After(last.Add(24*time.Hour)) && c.What != "keep-longer" {
		return c, "consents.bad_end"
	}
	c.Ends = ends.Format(time.DateOnly)
	return c, ""
}

// readTold reads what was told to somebody. Receiver and kind are those of the ground: nobody else can be named.
func readTold(f url.Values, file office.ConsentFile) (bodies []event.Body, said, wrong string) {
	get := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	d := event.Disclosed{Ground: get("ground"), Facts: get("facts"), Service: get("service")}
	for _, c := range file.Case.Consents {
		if c.ID == d.Ground {
			d.What, d.Receiver = c.What, c.Receiver
		}
	}
	for _, v := range file.Case.Vitals {
		if v.ID == d.Ground {
			d.What, d.Receiver = v.What, v.Receiver
		}
	}
	switch {
	case d.What == "":
		return nil, "", "consents.no_ground"
	case d.Facts == "":
		return nil, "", "consents.tell_what"
	}
	return []event.Body{d}, "consents.said_told", ""
}

// readConfirmed reads what the person said of their proxy, and settles the task to ask.
func readConfirmed(f url.Values, file office.ConsentFile) (bodies []event.Body, said, wrong string) {
	answer, how := f.Get("confirmed"), strings.TrimSpace(f.Get("how"))
	if answer != "yes" && answer != "no" || how == "" {
		return nil, "", "consents.confirm_missing"
	}
	bodies = append(bodies, event.ProxyConfirmed{Confirmed: answer == "yes", How: how})
	if slices.ContainsFunc(file.Case.Tasks, func(t fold.Task) bool { return t.TaskAdded.Task == confirmTask && t.State == "open" }) {
		bodies = append(bodies, event.TaskState{Task: confirmTask, State: "done"})
	}
	return bodies, "consents.said_confirmed_" + answer, ""
}

// newRecord makes the id of a consent or a vital interest.
func newRecord() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
