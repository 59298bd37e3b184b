package workday_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"panah/core/workday"
)

const table = `
version: 1
status: draft
country: xx
names: {en: Testland, fa: آزمون}
covers: {from: 2025-03-21, to: 2027-03-20}
week:
  - {day: friday, off: whole, source: s}
  - {day: thursday, off: maybe, source: s, note: "some offices"}
holidays:
  - {id: nowruz, names: {en: Nowruz}, calendar: solar, month: 1, day: 1, days: 4, off: whole, source: s}
  - {id: fitr, names: {en: Eid al-Fitr}, calendar: lunar, month: 10, day: 1, days: 2, off: whole, source: s}
  - {id: labour, names: {en: Labour Day}, calendar: gregorian, month: 5, day: 1, off: whole, source: s}
  - {id: new, names: {en: New Day}, calendar: gregorian, month: 6, day: 9, off: whole, since: 2026-01-01, source: s}
review_needed: ["everything"]
`

func day(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parse(t testing.TB, text string) workday.Country {
	t.Helper()
	c, err := workday.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCounting(t *testing.T) {
	all := parse(t, table)
	sure := parse(t, strings.Replace(table, `  - {day: thursday, off: maybe, source: s, note: "some offices"}`+"\n", "", 1))
	for _, v := range []struct {
		c         workday.Country
		from      string
		n         int
		day, late string
		sure      bool
		why       string
	}{
		{sure, "2026-09-05", 1, "2026-09-06", "2026-09-06", true, "Saturday to Sunday"},
		{sure, "2026-09-10", 1, "2026-09-12", "2026-09-12", true, "over a Friday"},
		{sure, "2026-09-10", 0, "2026-09-10", "2026-09-10", true, "no day at all"},
		{sure, "2026-09-12", -1, "2026-09-10", "2026-09-10", true, "back over a Friday"},
		{all, "2026-09-09", 1, "2026-09-10", "2026-09-12", false, "a Thursday that is perhaps off, and then Friday"},
		{all, "2026-09-12", -1, "2026-09-09", "2026-09-10", false, "back: the earlier day is the one that is safe"},
		{sure, "2025-04-30", 1, "2025-05-03", "2025-05-03", true, "1 May is a Thursday, then Friday"},
		{sure, "2026-06-08", 1, "2026-06-10", "2026-06-10", true, "a holiday that there is since 2026"},
		{sure, "2025-06-08", 1, "2025-06-09", "2025-06-09", true, "and was not in 2025"},
		{sure, "2027-03-19", 1, "2027-03-20", "2027-03-20", true, "the last day of the table"},
		{sure, "2027-03-20", 1, "2027-03-21", "2027-03-25", false, "after the table even Nowruz is a guess"},
		// 1 Shawwal 1447 is 20 March 2026 in the table: the Eid lies between the 19th and the 22nd, its days the 20th and 21st for sure; Nowruz from the 21st.
		{sure, "2026-03-18", 1, "2026-03-19", "2026-03-25", false, "the day before an Eid that may come a day early"},
		{sure, "2026-03-25", -1, "2026-03-18", "2026-03-19", false, "and back"},
	} {
		r, err := v.c.Add(day(t, v.from), v.n)
		if err != nil {
			t.Errorf("%s: %v", v.why, err)
			continue
		}
		if got := r.Day.Format(time.DateOnly); got != v.day || r.Late.Format(time.DateOnly) != v.late || r.Sure != v.sure {
			t.Errorf("%s: %d from %s is %s to %s, sure %v; want %s to %s, %v", v.why, v.n, v.from, got, r.Late.Format(time.DateOnly), r.Sure, v.day, v.late, v.sure)
		}
		if !r.Sure && len(r.Notes) == 0 || r.Sure && len(r.Notes) > 0 {
			t.Errorf("%s: notes %q", v.why, r.Notes)
		}
	}
}

func TestWhatIsUncertainIsTold(t *testing.T) {
	r, err := parse(t, table).Add(day(t, "2026-03-17"), 2)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(r.Notes, " ")
	for _, want := range []string{"Eid al-Fitr: ± a day", "Thursday: some offices", "the earlier day is the safe one"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
	r, err = parse(t, table).Add(day(t, "2027-03-18"), 3)
	if err != nil || !r.Beyond || !strings.Contains(strings.Join(r.Notes, " "), "covers 2025-03-21 to 2027-03-20 only") {
		t.Errorf("%+v (%v)", r, err)
	}
}

// Counting on and back again never goes past the beginning, the earlier day is never after the later one, and one more working day is never earlier.
func TestCountsAreInOrder(t *testing.T) {
	c := parse(t, table)
	for from := day(t, "2025-02-01"); from.Before(day(t, "2027-06-01")); from = from.AddDate(0, 0, 3) {
		last := from
		for n := 1; n <= 15; n++ {
			r, err := c.Add(from, n)
			if err != nil || r.Day.After(r.Late) || r.Day.Before(last) || !r.Day.After(from) {
				t.Fatalf("%d from %s: %+v (%v)", n, from, r, err)
			}
			last = r.Day
			back, err := c.Add(r.Late, -n)
			if err != nil || back.Day.After(from) {
				t.Fatalf("%d from %s and back is %+v (%v)", n, from, back, err)
			}
		}
	}
}

func TestTablesThatAreWrong(t *testing.T) {
	for _, change := range [][2]string{
		{"country: xx", "country: xxx"},
		{"names: {en: Testland, fa: آزمون}", "names: {fa: آزمون}"},
		{"to: 2027-03-20", "to: 2024-03-20"},
		{"from: 2025-03-21", "from: 2025-03-41"},
		{"day: friday", "day: freitag"},
		{"day: thursday", "day: friday"},
		{"off: whole, source: s}", "off: whole}"},
		{"off: maybe", "off: perhaps"},
		{"month: 10, day: 1", "month: 10, day: 31"},
		{"month: 5, day: 1", "month: 13, day: 1"},
		{"month: 5, day: 1", "month: 5, day: 0"},
		{"id: fitr", "id: nowruz"},
		{"calendar: lunar", "calendar: moon"},
		{"days: 4", "days: 40"},
		{"since: 2026-01-01", "since: soon"},
		{`review_needed: ["everything"]`, ""},
		{"version: 1", "version: 1\nholyday: []"},
		{`review_needed: ["everything"]`, "review_needed: [x]\n---\na: b"},
	} {
		text := strings.Replace(table, change[0], change[1], 1)
		if text == table {
			t.Fatalf("%q is not in the table", change[0])
		}
		if _, err := workday.Parse([]byte(text)); err == nil {
			t.Errorf("%q in place of %q is accepted", change[1], change[0])
		}
	}
	if _, err := workday.Parse([]byte(table + strings.Repeat("#", 70_000))); err == nil {
		t.Error("a file of 70 KB is accepted")
	}
}

func TestCountsThatAreTooLong(t *testing.T) {
	c := parse(t, table)
	if _, err := c.Add(day(t, "2026-01-01"), 1001); !errors.Is(err, workday.ErrCount) {
		t.Error(err)
	}
	if _, err := c.Add(day(t, "2222-03-01"), 30); !errors.Is(err, workday.ErrCount) {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(table))
	f.Add([]byte("country: [}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := workday.Parse(data)
		if err != nil {
			return
		}
		if r, err := c.Add(time.Date(2026, 3, 18, 0, 0, 0, 0, time.UTC), 3); err == nil && r.Day.After(r.Late) {
			t.Fatalf("%+v", r)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	c := parse(b, table)
	from := day(b, "2026-03-01")
	for b.Loop() {
		if _, err := c.Add(from, 20); err != nil {
			b.Fatal(err)
		}
	}
}
