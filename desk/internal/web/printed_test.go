package web

import (
	"strings"
	"testing"
	"time"

	"panah/core/l10n"
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
		"1403/12/30": "1403/12/30 = 2025-03-20 · 1403-12-30", "10 Muharram 1447": "10 Muharram 1447 = 2025-07-05 · 1404-04-14 (± a day: lunar)", "end of the month": "end of the month",
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
