package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"panah/core/calendar"
	"panah/core/l10n"
	"panah/core/rulebook"
)

// checkForm is what the plain form of the check holds, as it was typed. It has no field for a name or a number, and is kept nowhere.
type checkForm struct{ Kind, Round, Day, Month, Year string }

// Bounds of the plain form.
const (
	maxCheckForm  = 2 << 10 // bytes
	maxCheckField = 60      // bytes
	maxCheckRound = 999
)

// checkZone is the clock by which today is told to a browser that does not tell its own: between those of Tehran and Islamabad.
var checkZone = time.FixedZone("", 4*3600+1800)

// errCheckForm says that a form is not ours.
var errCheckForm = errors.New("not the form of the check")

// readCheck reads the form into memory. Nothing of it reaches a log: the error says nothing of what was typed.
func readCheck(r *http.Request) (f checkForm, err error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxCheckForm+1))
	if err != nil || len(body) > maxCheckForm || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.URL.RawQuery != "" {
		return checkForm{}, errCheckForm
	}
	values, err := url.ParseQuery(string(body))
	clear(body)
	if err != nil {
		return checkForm{}, errCheckForm
	}
	fields := map[string]*string{"kind": &f.Kind, "round": &f.Round, "day": &f.Day, "month": &f.Month, "year": &f.Year}
	for name, list := range values {
		into := fields[name]
		if into == nil || len(list) != 1 || len(list[0]) > maxCheckField {
			return checkForm{}, errCheckForm
		}
		*into = strings.TrimSpace(list[0])
	}
	return f, nil
}

// question reads what was typed; a problem says what is wrong with it.
func (f checkForm) question(b *rulebook.Book, today time.Time) (q rulebook.Question, p *problem) {
	if _, ok := b.Paper(f.Kind); !ok || f.Kind == rulebook.None {
		return q, &problem{ID: "check_err_kind"}
	}
	q = rulebook.Question{Paper: f.Kind, On: today, Known: today}
	if f.Round != "" {
		n, err := number(f.Round)
		if err != nil || n < 1 || n > maxCheckRound {
			return q, &problem{ID: "check_err_round"}
		}
		q.Round = n
	}
	in, month, chosen := strings.Cut(f.Month, "-")
	switch {
	case !chosen && f.Day == "" && f.Year == "":
		return q, nil
	case !chosen || f.Day == "" || f.Year == "":
		return q, &problem{ID: "check_err_half"}
	}
	day, errDay := number(f.Day)
	m, errMonth := number(month)
	year, errYear := number(f.Year)
	var err error
	if q.Printed, err = calendar.On(calendar.Name(in), year, m, day); errors.Join(errDay, errMonth, errYear, err, q.Printed.AsEnd()) != nil {
		return q, &problem{ID: "check_err_date"}
	}
	return q, nil
}

// number reads a number in the digits of any of the languages.
func number(s string) (int, error) { return strconv.Atoi(l10n.FoldDigits(s)) }

// answerCheck answers the plain form. Nothing of it is kept, and the answer is for this browser only.
func (h *Handler) answerCheck(w http.ResponseWriter, r *http.Request) {
	l, ok := l10n.Find(r.PathValue("lang"))
	now, err := h.current()
	if !ok || err != nil || now.org.ID == "" {
		h.static(w, r)
		return
	}
	c, err := now.checks()
	if err != nil {
		h.notice(w, http.StatusInternalServerError, l, now.org, "err_unknown")
		return
	}
	y, m, d := h.c.Now().In(checkZone).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	status, page := h.checked(r, l, now.org, c.rules, today)
	html, err := h.build.write(page.view, page)
	if err != nil {
		h.notice(w, http.StatusInternalServerError, l, now.org, "err_unknown")
		return
	}
	serveUnder(closedPolicy, w, status, html)
}

// checked is the page that answers a form.
func (h *Handler) checked(r *http.Request, l l10n.Language, org Organisation, rules *rulebook.Table, today time.Time) (status int, page *checkPage) {
	f, err := readCheck(r)
	page = h.build.check(l, org, rules, f)
	if err != nil {
		page.Problem = &problem{ID: "err_form"}
		return http.StatusBadRequest, page
	}
	q, wrong := f.question(rules.Rulebook(), today)
	if wrong != nil {
		page.Problem = wrong
		return http.StatusUnprocessableEntity, page
	}
	a, err := rules.Rulebook().Check(q)
	if err != nil { // the question has been looked at above
		page.Problem = &problem{ID: "err_unknown"}
		return http.StatusInternalServerError, page
	}
	page.Told = page.tell(a, q.Printed, today, rules.Rulebook())
	return http.StatusOK, page
}
