package calendar_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"panah/core/calendar"
	"panah/core/l10n"
)

// vectors/calendar.json, which web/gate/src/calendar.test.ts reads too.
type vectors struct {
	Days []struct {
		Day    string `json:"day"`
		Number int    `json:"number"`
		Solar  string `json:"solar"`
		Lunar  string `json:"lunar"`
	} `json:"days"`
	Written []struct {
		Text    string        `json:"text"`
		In      calendar.Name `json:"in"`
		Written string        `json:"written"`
		Day     string        `json:"day"`
		Reason  string        `json:"reason"`
		Detail  string        `json:"detail"`
		Try     calendar.Name `json:"try"`
	} `json:"written"`
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	data, err := os.ReadFile("../../vectors/calendar.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Days) < 100 || len(v.Written) < 120 {
		t.Fatalf("%d days and %d texts: the file was cut", len(v.Days), len(v.Written))
	}
	return v
}

func TestDaysOfTheVectors(t *testing.T) {
	for _, v := range readVectors(t).Days {
		day, err := time.Parse(time.DateOnly, v.Day)
		if err != nil {
			t.Fatal(err)
		}
		for in, want := range map[calendar.Name]string{calendar.Solar: v.Solar, calendar.Lunar: v.Lunar, calendar.Gregorian: v.Day} {
			if got, err := calendar.In(day, in); err != nil || got.String() != want {
				t.Errorf("%s in %s: %v (%v), want %s", v.Day, in, got, err, want)
			}
		}
	}
}

func TestTextsOfTheVectors(t *testing.T) {
	for _, v := range readVectors(t).Written {
		got, err := calendar.ParseWritten(v.Text, v.In)
		if v.Reason == "" {
			if err != nil || got.String() != v.Written || got.Day.Format(time.DateOnly) != v.Day || got.In != v.In {
				t.Errorf("%q in %s: %v, %s (%v), want %s, %s", v.Text, v.In, got, got.Day, err, v.Written, v.Day)
			}
			continue
		}
		var e *calendar.DateError
		if !errors.As(err, &e) || e.Reason != v.Reason || e.Detail != v.Detail || e.Try != v.Try || !got.IsZero() {
			t.Errorf("%q in %s: %v, %#v, want %s %s %s", v.Text, v.In, got, err, v.Reason, v.Detail, v.Try)
			continue
		}
		if !strings.HasSuffix(e.Text, ".") && !strings.HasSuffix(e.Text, "?") || e.Next == "" {
			t.Errorf("%q: %q, %q is no sentence with what to do next", v.Text, e.Text, e.Next)
		}
	}
}

// What this package writes, in every language of every calendar, it reads again as the same day, with the names alone and with its own digits.
func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	langs := []string{"en-AF"}
	for _, l := range l10n.Languages() {
		langs = append(langs, l.Code)
	}
	n := 0
	for day := time.Date(1925, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2090; day = day.AddDate(0, 0, 29) {
		for _, in := range calendar.Names() {
			w, err := calendar.In(day, in)
			if err != nil {
				t.Fatal(err)
			}
			texts := []string{w.String(), l10n.ExtendedArabic.Shape(w.String()), l10n.Arabic.Shape(strings.ReplaceAll(w.String(), "-", "/"))}
			for _, lang := range langs {
				texts = append(texts, w.Words(lang))
			}
			for _, text := range texts {
				if again, err := calendar.ParseWritten(text, in); err != nil || again != w {
					t.Fatalf("%q in %s: %v (%v), want %v", text, in, again, err, w)
				}
				n++
			}
		}
	}
	t.Logf("%d texts", n)
}

// A name of a month means one calendar, so that a wrong choice is told and does not become another day.
func TestNoNameOfAMonthIsOfTwoCalendars(t *testing.T) {
	for _, in := range calendar.Names() {
		for _, other := range calendar.Names() {
			for m := 1; m <= 12; m++ {
				for _, lang := range []string{"en", "en-AF", "fa", "fa-AF", "ps", "ur"} {
					name := calendar.MonthOf(in, m, lang)
					_, err := calendar.ParseWritten("5 "+name+" 1440", other)
					var e *calendar.DateError
					if other != in && (!errors.As(err, &e) || e.Reason != calendar.ReasonMonth || e.Try != in) {
						t.Errorf("%s (%s) in %s: %v", name, in, other, err)
					}
				}
			}
		}
	}
}

func TestAYearThatLooksLikeAnotherCalendar(t *testing.T) {
	for text, want := range map[string]calendar.Name{"solar 1447/01/10": calendar.Lunar, "solar 1404/01/10": "", "lunar 1404/01/10": calendar.Solar, "lunar 1447/01/10": "", "gregorian 2025/01/10": ""} {
		in, date, _ := strings.Cut(text, " ")
		w, err := calendar.ParseWritten(date, calendar.Name(in))
		if err != nil || w.Rather() != want {
			t.Errorf("%s: %v, %q (%v)", text, w, w.Rather(), err)
		}
		var e *calendar.DateError
		if err := w.AsEnd(); (err == nil) != (want == "") || err != nil && (!errors.As(err, &e) || e.Try != want || e.Reason != calendar.ReasonYear) {
			t.Errorf("%s as an end: %v", text, err)
		}
	}
	if w := (calendar.Written{}); w.Rather() != "" || w.String() != "" || w.Words("fa") != "" || !w.IsZero() {
		t.Error("no day looks like something")
	}
}

func TestOutsideOfTheInterface(t *testing.T) {
	if _, err := calendar.ParseWritten(strings.Repeat("1", 300), calendar.Solar); err == nil {
		t.Error("300 digits are a date")
	}
	for _, in := range []calendar.Name{"", "maya"} {
		if _, err := calendar.ParseWritten("1403/12/29", in); err == nil {
			t.Errorf("calendar %q", in)
		}
		if _, err := calendar.In(time.Now(), in); err == nil {
			t.Errorf("calendar %q", in)
		}
		if _, err := calendar.On(in, 1403, 1, 1); err == nil {
			t.Errorf("calendar %q", in)
		}
	}
	if calendar.MonthOf("maya", 1, "en") != "" || calendar.MonthOf(calendar.Lunar, 0, "en") != "" {
		t.Error("names of months that are not there")
	}
}

// Whatever is typed gives a day of that calendar, or an error with a reason and a next step; the day written in numbers is the same day again.
func FuzzParseWritten(f *testing.F) {
	for _, v := range readVectors(f).Written {
		f.Add(v.Text, string(v.In))
	}
	f.Fuzz(func(t *testing.T, text, in string) {
		w, err := calendar.ParseWritten(text, calendar.Name(in))
		if err != nil {
			var e *calendar.DateError
			if !errors.As(err, &e) || e.Reason == "" || e.Text == "" || e.Next == "" || !w.IsZero() || len(e.Error()) > 400 {
				t.Fatalf("%q in %q: %v, %#v", text, in, w, err)
			}
			return
		}
		again, err := calendar.ParseWritten(w.String(), w.In)
		if err != nil || again != w {
			t.Fatalf("%q is %v, and that is %v (%v)", text, w, again, err)
		}
		_ = w.Words("ps")
	})
}

func BenchmarkParseWritten(b *testing.B) {
	for b.Loop() {
		if _, err := calendar.ParseWritten("۲۹ حوت ۱۴۰۳", calendar.Solar); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIn(b *testing.B) {
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		if _, err := calendar.In(day, calendar.Lunar); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTheCalendarOfADateIsGuessed(t *testing.T) {
	for text, want := range map[string]string{
		"1404/01/10": "solar 1404-01-10", "2025/01/10": "gregorian 2025-01-10", "1447/01/10": "lunar 1447-01-10", "۱۰ محرم ۱۴۴۷": "lunar 1447-01-10", "۵ حوت ۱۴۰۳": "solar 1403-12-05",
		"3 March 2025": "gregorian 2025-03-03", "soon": "", "03/04/2025": "", "1404/13/01": "",
	} {
		w, ok := calendar.Guess(text)
		got := ""
		if ok {
			got = string(w.In) + " " + w.String()
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if w, ok := calendar.Guess("1447/01/10", calendar.Solar, calendar.Gregorian); ok {
		t.Error(w)
	}
}
