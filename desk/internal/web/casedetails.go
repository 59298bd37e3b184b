package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"panah/core/calendar"
	"panah/core/event"
	"panah/core/l10n"
	"panah/core/pathway"
	"panah/desk/internal/office"
)

// A fieldPart is one field of a case in the form of its details.
type fieldPart struct {
	Field    string
	Name     string // plain
	Hint     string // id of the words; empty: none
	Input    string // text, select, moment
	Choices  []choice
	Value    string
	Values   []said
	Conflict bool
	Hidden   bool // its value is not shown: only whether there is one
}

// caseFields are the fields that a caseworker fills, in the order of the form. There is none for what must never be collected.
var caseFields = [...]string{
	event.FieldName, event.FieldAlso, event.FieldSummary, event.FieldUrgency, event.FieldSensitivity, event.FieldDistrict, event.FieldLang, event.FieldWho, event.FieldPaper, event.FieldPrinted,
	event.FieldSafeTime, event.FieldSafeSay, event.FieldDetained, event.FieldOrder, event.FieldRelease,
	event.FieldDeadline, event.FieldSummons, event.FieldLeaving, event.FieldCountry, event.FieldOtherSide,
}

// fieldName is what a field is called, plain.
func fieldName(w *words, field string) (string, error) {
	if slices.Contains(caseFields[:], field) {
		return w.P("cases.field_" + strings.ReplaceAll(field, "_", ""))
	}
	return field, nil
}

// fillDetails makes the form of the fields.
func (s *server) fillDetails(p *casePage) error {
	for _, name := range caseFields {
		f := fieldPart{Field: name, Input: "text", Value: p.File.Case.Fields[name].Text(), Conflict: p.File.Case.Fields[name].Conflict()}
		var err error
		if f.Name, err = fieldName(p.words, name); err != nil {
			return err
		}
		for _, v := range p.File.Case.Fields[name] {
			shown := s.said(p, v)
			if shown.Shown, err = s.read(p, name, v.Text); err != nil {
				return err
			}
			if v.Text != "" {
				f.Values = append(f.Values, shown)
			}
		}
		if err := s.fieldInput(p, &f); err != nil {
			return err
		}
		p.Fields = append(p.Fields, f)
	}
	return nil
}

func (s *server) fieldInput(p *casePage, f *fieldPart) error {
	var ids []string
	switch f.Field {
	case event.FieldUrgency:
		ids = []string{string(pathway.Minutes), string(pathway.Hours), string(pathway.Days)}
	case event.FieldSensitivity:
		ids = []string{string(pathway.Ordinary), string(pathway.Sensitive)}
	case event.FieldWho:
		ids = []string{"me", "family"}
	case event.FieldLang:
		f.Input, f.Choices = "select", languageChoices(f.Value)
	case event.FieldPaper:
		f.Input = "select"
		for _, k := range s.papers {
			name, in := k.Name(p.lang.Code)
			f.Choices = append(f.Choices, choice{Value: k.ID, Words: name, Lang: in, Chosen: k.ID == f.Value})
		}
	case event.FieldCountry:
		f.Input, f.Hint = "select", "cases.country_hint"
		countries, err := office.Countries()
		if err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(countries)) {
			f.Choices = append(f.Choices, choice{Value: id, Words: countries[id].Name(p.lang.Code), Chosen: id == f.Value})
		}
	case event.FieldDetained, event.FieldOrder, event.FieldRelease, event.FieldDeadline, event.FieldSummons, event.FieldLeaving:
		f.Input, f.Value, f.Hint = "moment", typedMoment(f.Value), "cases.moment_hint"
	case event.FieldOtherSide:
		f.Hidden, f.Hint = true, "cases.other_side_hint"
	case event.FieldSafeSay:
		f.Hint = "cases.safe_say_hint"
	case event.FieldDistrict:
		f.Hint = "cases.district_hint"
	}
	for _, id := range ids {
		words, err := s.read(p, f.Field, id)
		if err != nil {
			return err
		}
		f.Input = "select"
		f.Choices = append(f.Choices, choice{Value: id, Words: words, Chosen: id == f.Value})
	}
	return nil
}

// read is a value as it is read: a word for an id, a name for somebody who works here, both calendars for a moment. what is a field, "owner", "answer:…" or "task:…".
func (s *server) read(p *casePage, what, value string) (string, error) {
	switch {
	case what == "linked" && value == "":
		return p.P("cases.linked_none")
	case what == "linked":
		return p.P("cases.linked_other", "case", short(value, 8))
	case what == "hold" && value == "":
		return p.P("cases.hold_none")
	case value == "":
		return p.P("cases.nothing")
	}
	known := func(ids ...string) bool { return slices.Contains(ids, value) }
	switch {
	case what == event.FieldUrgency && known("minutes", "hours", "days"):
		return p.P("urgency." + value)
	case what == event.FieldSensitivity && known("ordinary", "sensitive", "locked"):
		return p.P("cases.sensitivity_" + value)
	case what == event.FieldWho && known("me", "family"):
		return p.P("intake.who_" + value)
	case what == event.FieldLang:
		if l, ok := l10n.Find(value); ok {
			return l.Name, nil
		}
	case what == event.FieldPaper:
		return s.paperName(p.words, value), nil
	case what == event.FieldPrinted:
		return readPrinted(p.words, line(value))
	case what == event.FieldCountry:
		if countries, err := office.Countries(); err == nil {
			if c, ok := countries[value]; ok {
				return c.Name(p.lang.Code), nil
			}
		}
	case what == event.FieldOtherSide:
		return p.P("cases.recorded")
	case what == "owner":
		return p.name(event.Staff(value)), nil
	case strings.HasPrefix(what, "task:") && known("open", "done", "dropped"):
		return p.P("cases.task_" + value)
	case strings.HasPrefix(what, "answer:"):
		of, question, _ := strings.Cut(strings.TrimPrefix(what, "answer:"), "/")
		if k, ok := s.book.Pathway(of); ok {
			for _, q := range k.Triage {
				if q.ID == question {
					return readAnswer(p.words, s, q, value), nil
				}
			}
		}
	}
	return readTime(p.words, line(value)), nil
}

// details records what was changed in the form of the fields. What did not change is not said again.
func (s *server) details(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	file, err := s.can.cases.Case(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a case: %w", err)
	}
	var changed []event.Body
	var unread error // a day that cannot be read costs no other field
	for _, name := range caseFields {
		if !r.PostForm.Has(name) {
			continue
		}
		value := strings.TrimSpace(r.PostForm.Get(name))
		switch {
		case office.IsMoment(name):
			if value != "" {
				t, err := parseMoment(value)
				if err != nil {
					unread = err
					continue
				}
				value = t.UTC().Format(time.RFC3339)
			}
		case name == event.FieldOtherSide:
			if value == "" {
				continue // its value is never in the form: an empty field is no wish to forget it
			}
		}
		if was := file.Case.Fields[name].Text(); value != was && !sameMinute(value, was) {
			changed = append(changed, event.Set{Field: name, Value: value})
		}
	}
	if len(changed) > 0 {
		err = s.can.cases.Do(r.Context(), n, changed...)
	}
	if err == nil && unread != nil {
		return unread
	}
	return s.caseDone(w, r, v, n, "details", "cases.said_details", err)
}

// sameMinute reports whether two stored moments are the same as far as a form shows them.
func sameMinute(a, b string) bool {
	x, errX := time.Parse(time.RFC3339, a)
	y, errY := time.Parse(time.RFC3339, b)
	return errX == nil && errY == nil && x.Truncate(time.Minute).Equal(y.Truncate(time.Minute))
}

// readPrinted is a date as it is printed on a paper, and the day that it is in the calendars that everybody reads. A lunar date may be a day off, and is the only one that shows so.
func readPrinted(w *words, text string) (string, error) {
	day, ok := calendar.Guess(text)
	if !ok {
		return text, nil
	}
	shown := "\u2068" + text + "\u2069 = " + w.CountDay(day.Day)
	if day.Within == 0 {
		return shown, nil
	}
	within, err := w.P("cases.within_day")
	return shown + " (" + within + ")", err
}
