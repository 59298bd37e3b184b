package web

import (
	"fmt"
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"time"

	"panah/core/l10n"
)

// words are the texts of one page in one language. They note what was used, so that the page can say at its end that
// a translation is a draft.
type words struct {
	desk, intake *l10n.Catalogue
	lang         l10n.Language
	now          time.Time
	drafted      bool // a translation that nobody has checked was shown
	missing      bool // English was shown for want of a translation
}

// text finds an id in the desk's words, then in those of the public pages. An id that is in neither is a mistake
// of ours, which the tests find: every page would fail.
func (w *words) text(id string) (l10n.Text, error) {
	t, ok := w.desk.Text(w.lang.Code, id)
	if !ok {
		t, ok = w.intake.Text(w.lang.Code, id)
	}
	if !ok {
		return t, fmt.Errorf("there are no words for %q", id)
	}
	w.drafted = w.drafted || t.State == l10n.Draft
	w.missing = w.missing || t.State == l10n.Fallback
	return t, nil
}

// filled finds the words for id and puts the values of pairs (name, value, name, value …) into them.
func (w *words) filled(id string, pairs []any) (l10n.Text, []l10n.Piece, error) {
	t, err := w.text(id)
	if err != nil {
		return t, nil, err
	}
	values, err := w.values(pairs)
	if err != nil {
		return t, nil, fmt.Errorf("%s: %w", id, err)
	}
	return t, l10n.Fill(t.Text, values), nil
}

// moment is a day, with or without an hour, as sentences give examples of: it is read from left to right in every script.
var moment = regexp.MustCompile(`[0-9۰-۹٠-٩]{4}-[0-9۰-۹٠-٩]{2}-[0-9۰-۹٠-٩]{2}(?: [0-9۰-۹٠-٩]{2}:[0-9۰-۹٠-٩]{2})?`)

// T returns a sentence as HTML, with the values of its placeholders (name, value, name, value …) isolated. A sentence that
// has no translation comes in English and says so to the browser.
func (w *words) T(id string, pairs ...any) (template.HTML, error) {
	t, pieces, err := w.filled(id, pairs)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if t.Lang != w.lang.Code {
		b.WriteString(`<span lang="en" dir="ltr">`)
	}
	for _, p := range pieces {
		s := template.HTMLEscapeString(p.Text)
		if !p.Value {
			s = moment.ReplaceAllString(s, `<bdi dir="ltr">$0</bdi>`)
		} else {
			s = "<bdi>" + s + "</bdi>"
		}
		b.WriteString(s)
	}
	if t.Lang != w.lang.Code {
		b.WriteString("</span>")
	}
	return template.HTML(b.String()), nil // every piece above was escaped
}

// Term returns the words for a term of the rules; a term that has none stands as the rules write it.
func (w *words) Term(prefix, term string) (template.HTML, error) {
	if _, err := w.text(prefix + term); err == nil {
		return w.T(prefix + term)
	}
	return template.HTML(`<span lang="en" dir="ltr">` + template.HTMLEscapeString(term) + `</span>`), nil // escaped
}

// term is Term as plain text.
func (w *words) term(prefix, term string) string {
	if name, err := w.P(prefix + term); err == nil {
		return name
	}
	return w.Plain(term)
}

// Plain is an id of the rules as it is read: words, not an id.
func (*words) Plain(id string) string { return strings.NewReplacer("-", " ", "_", " ").Replace(id) }

// P returns a sentence as plain text, for attributes and titles.
func (w *words) P(id string, pairs ...any) (string, error) {
	_, pieces, err := w.filled(id, pairs)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String(), nil
}

func (w *words) values(pairs []any) (map[string]string, error) {
	if len(pairs) == 1 {
		if list, ok := pairs[0].([]any); ok { // a template hands a list on whole
			pairs = list
		}
	}
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("a name without a value")
	}
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("placeholder %d has no name", i/2)
		}
		switch v := pairs[i+1].(type) {
		case string:
			values[name] = v
		case int, int64, uint32:
			values[name] = w.lang.Digits.Shape(fmt.Sprint(v))
		default:
			return nil, fmt.Errorf("a value of type %T", v)
		}
	}
	return values, nil
}

// Num writes a number in the language's digits.
func (w *words) Num(n any) string { return w.lang.Digits.Shape(fmt.Sprint(n)) }

// Lang and Dir are the attributes of the html element.
func (w *words) Lang() string { return w.lang.Code }

// Dir is "ltr" or "rtl".
func (w *words) Dir() string { return string(w.lang.Dir) }

// Drafted reports, at the end of a page, whether an unchecked translation was shown on it.
func (w *words) Drafted() bool { return w.drafted }

// Missing reports, at the end of a page, whether English stands for a missing translation.
func (w *words) Missing() bool { return w.missing }

// When writes a time of this laptop's clock in both calendars.
func (w *words) When(t time.Time) string { return w.Both(t) }

// Day writes the day of a time of this laptop's clock in both calendars.
func (w *words) Day(t time.Time) string { return w.BothDay(t) }

// Hour writes the time of day by this laptop's clock, "14:05".
func (w *words) Hour(t time.Time) string { return t.Local().Format("15:04") }

// Stamp is the datetime attribute of a time element.
func (w *words) Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Ago says how long ago something happened, roughly: "5 h ago". hour says that t is known to the hour only, which
// is all that a gate tells.
func (w *words) Ago(t time.Time, hour bool) (template.HTML, error) {
	d := w.now.Sub(t)
	switch {
	case t.IsZero():
		return w.T("age.never")
	case d < time.Hour && hour:
		return w.T("age.this_hour")
	case d < time.Minute:
		return w.T("age.now")
	case d < time.Hour:
		return w.T("age.minutes", "n", int(d/time.Minute))
	case d < 48*time.Hour:
		return w.T("age.hours", "n", int(d/time.Hour))
	}
	return w.T("age.days", "n", int(d/(24*time.Hour)))
}

// Length writes the length of a recording, "1:07".
func (w *words) Length(d time.Duration) string {
	s := int((d + time.Second/2) / time.Second)
	return w.lang.Digits.Shape(strconv.Itoa(s/60) + ":" + fmt.Sprintf("%02d", s%60))
}

// Size writes a number of bytes, "312 KiB".
func (w *words) Size(n int) string {
	return w.lang.Digits.Shape(strconv.Itoa((n+1023)/1024)) + " KiB"
}

// chooseLanguage takes the first language of an Accept-Language header that the desk speaks. Browsers list the best
// first; the weights are not worth reading. Dari and Persian are told apart by their region.
func chooseLanguage(accept string) string {
	for tag := range strings.SplitSeq(accept[:min(len(accept), 200)], ",") {
		tag, _, _ = strings.Cut(strings.TrimSpace(tag), ";")
		base, _, _ := strings.Cut(tag, "-")
		for _, code := range []string{tag, map[string]string{"prs": "fa-AF"}[base], base} {
			if l, ok := l10n.Find(code); ok {
				return l.Code
			}
		}
	}
	return l10n.English
}
