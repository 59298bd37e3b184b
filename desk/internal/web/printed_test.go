package web

import (
	"strings"
	"testing"
	"time"

	"panah/core/l10n"
	"panah/core/rulebook"
	"panah/i18n"
)

// The date that a paper shows stands in the case with the day it is: a lunar one says that it may be a day off, the others do not.
func TestThePrintedDateShowsItsDay(t *testing.T) {
	catalogue, err := i18n.Desk()
	if err != nil {
		t.Fatal(err)
	}
	w := words{desk: catalogue, now: time.Now()}
	w.lang, _ = l10n.Find(l10n.English)
	for text, want := range map[string]string{
		"1403/12/30": "\u20681403/12/30\u2069 = 2025-03-20 · 1403-12-30", "10 Muharram 1447": "\u206810 Muharram 1447\u2069 = 2025-07-05 · 1404-04-14 (± a day: lunar)", "end of the month": "end of the month",
	} {
		got, err := readPrinted(&w, text)
		if err != nil || got != want {
			t.Errorf("%q is read as %q (%v)", text, got, err)
		}
	}
	w.lang, _ = l10n.Find("fa")
	if got, err := readPrinted(&w, "۲۹ حوت ۱۴۰۳"); err != nil || !strings.HasSuffix(got, "= ۱۴۰۳-۱۲-۲۹ · ۲۰۲۵-۰۳-۱۹") {
		t.Error(got, err)
	}
}

// A year of another calendar is asked about before a verdict: 1447 in the solar calendar is 2068. Where nobody chose, the calendar that it looks like is taken.
func TestAnEndThatLooksLikeAnotherCalendarIsAskedAbout(t *testing.T) {
	for _, v := range []struct{ calendar, printed, try, taken string }{
		{"solar", "1447/01/10", "papers.calendar_lunar", "solar"},
		{"lunar", "1404/01/10", "papers.calendar_solar", "lunar"},
		{"solar", "1404/01/10", "", "solar"},
		{"", "1447/01/10", "", "lunar"},
		{"", "1404/01/10", "", "solar"},
	} {
		f, q, wrong := paperForm{Printed: v.printed, Calendar: v.calendar}, rulebook.Question{}, wrongs{}
		f.readPrinted(&q, rulebook.Paper{Calendar: "solar gregorian"}, wrong)
		if wrong["printed"].Try != v.try || f.Calendar != v.taken || q.Printed.IsZero() != (v.try != "") {
			t.Errorf("%+v: %+v, %q, %v", v, wrong, f.Calendar, q.Printed)
		}
	}
}
