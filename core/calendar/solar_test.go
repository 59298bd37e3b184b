package calendar_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"panah/core/calendar"
)

// everyDay prints each day of 1300 to 1450 (55,152), and the first after them, as Node's ICU has it.
const everyDay = `const f = new Intl.DateTimeFormat("en-u-ca-persian-nu-latn", {year: "numeric", month: "numeric", day: "numeric", timeZone: "UTC"})
const out = []
for (let t = Date.UTC(1921, 2, 21); t <= Date.UTC(2072, 2, 20); t += 864e5) {
  const p = Object.fromEntries(f.formatToParts(new Date(t)).map(x => [x.type, x.value]))
  out.push(new Date(t).toISOString().slice(0, 10) + " " + [p.year, p.month, p.day].join(" "))
}
process.stdout.write(out.join("\n") + "\n")`

// Every day of 150 years is the one that ICU gives, there and back. Node has to be there.
func TestEveryDayIsThatOfICU(t *testing.T) {
	out, err := exec.Command("node", "-e", everyDay).Output()
	if err != nil {
		t.Fatalf("running node, which this test needs: %v", err)
	}
	n := 0
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); n++ {
		var day string
		var want calendar.Date
		if _, err := fmt.Sscan(lines.Text(), &day, &want.Y, &want.M, &want.D); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		g, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		got, err := calendar.FromGregorian(g)
		if err != nil || got != want {
			t.Fatalf("%s is %v (%v), want %v", day, got, err, want)
		}
		back, err := want.ToGregorian()
		if err != nil || !back.Equal(g) {
			t.Fatalf("%v is %v (%v), want %s", want, back, err, day)
		}
	}
	if n != 55_153 {
		t.Errorf("%d days were compared, 55,153 are expected", n)
	}
}

func TestDaysThatAreNotThere(t *testing.T) {
	for _, d := range []calendar.Date{{}, {1404, 12, 30}, {1405, 7, 31}, {1405, 13, 1}, {1405, 1, 0}, {1199, 1, 1}, {1601, 1, 1}, {1405, 0, 1}} {
		if _, err := d.ToGregorian(); d.Valid() || !errors.Is(err, calendar.ErrDay) {
			t.Errorf("%v: %v", d, err)
		}
	}
	if _, err := (calendar.Date{Y: 1403, M: 12, D: 30}).ToGregorian(); err != nil {
		t.Error("1403 is a leap year")
	}
	for _, g := range []string{"1821-03-19", "2222-06-01"} {
		day, err := time.Parse(time.DateOnly, g)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := calendar.FromGregorian(day); !errors.Is(err, calendar.ErrDay) {
			t.Errorf("%s: %v", g, err)
		}
	}
}

func TestADayIsThatOfItsOwnZone(t *testing.T) {
	late := time.Date(2026, 3, 20, 22, 0, 0, 0, time.UTC)
	there, err := calendar.FromGregorian(late.In(time.FixedZone("", 12600)))
	if err != nil || there.String() != "1405-01-01" {
		t.Error(there, err)
	}
	here, err := calendar.FromGregorian(late)
	if err != nil || here.String() != "1404-12-29" {
		t.Error(here, err)
	}
}

func TestBothCalendarsInEveryLanguage(t *testing.T) {
	day := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for lang, want := range map[string][2]string{
		"en": {"24 November 2026", "3 Azar 1405"}, "fa": {"۲۴ نوامبر ۲۰۲۶", "۳ آذر ۱۴۰۵"}, "fa-AF": {"۲۴ نومبر ۲۰۲۶", "۳ قوس ۱۴۰۵"},
		"ps": {"۲۴ نومبر ۲۰۲۶", "۳ لیندۍ ۱۴۰۵"}, "xx": {"24 November 2026", "3 Azar 1405"},
	} {
		if g, s := calendar.Both(day, lang); g != want[0] || s != want[1] {
			t.Errorf("%s: %s, %s", lang, g, s)
		}
	}
	if _, s := calendar.Both(day, "ur"); !strings.Contains(s, "آذر") {
		t.Error(s)
	}
	if calendar.Month(1, "fa-AF") != "حمل" || calendar.Month(1, "ps") != "وری" || calendar.Month(13, "en") != "" {
		t.Error("names of months")
	}
}
