package rules_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/workday"
	"panah/rules"
)

func tables(t *testing.T) map[string]workday.Country {
	t.Helper()
	all, err := rules.Holidays()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every statement of the tables has a source that is in sources.yaml, and every country a name in the five languages.
func TestTablesOfHolidays(t *testing.T) {
	all := tables(t)
	if diff := cmp.Diff([]string{"af", "ir", "pk"}, slices.Sorted(maps.Keys(all))); diff != "" {
		t.Fatal(diff)
	}
	sources, err := rules.Sources()
	if err != nil {
		t.Fatal(err)
	}
	for id, c := range all {
		for _, s := range c.Sources() {
			if _, known := sources[s]; !known {
				t.Errorf("%s: source %s is not in sources.yaml", id, s)
			}
		}
		for _, lang := range []string{"en", "fa", "fa-AF", "ps", "ur"} {
			if c.Names[lang] == "" {
				t.Errorf("%s has no name in %s", id, lang)
			}
		}
		if len(c.Holidays()) < 10 || c.Status != "draft" {
			t.Errorf("%s has %d holidays and is %s", id, len(c.Holidays()), c.Status)
		}
	}
}

// The days that governments published, as far as their lists were read (sources ir-holidays-1405, pk-holidays-2026), are off in the tables, or may be: lunar ones ± a day.
func TestPublishedHolidaysAreInTheTables(t *testing.T) {
	published := map[string][]string{
		"ir": {"2026-03-21", "2026-03-22", "2026-03-23", "2026-03-24", "2026-04-01", "2026-04-02", "2026-05-27", "2026-06-04", "2026-06-05", "2026-06-24", "2026-06-25"},
		"pk": {
			"2026-02-05", "2026-03-23", "2026-03-21", "2026-03-22", "2026-05-01", "2026-05-28", "2026-05-27", "2026-05-29", "2026-06-24", "2026-06-25",
			"2026-08-14", "2026-08-25", "2026-11-09", "2026-12-25",
		},
	}
	all := tables(t)
	for id, days := range published {
		for _, text := range days {
			d, err := time.Parse(time.DateOnly, text)
			if err != nil {
				t.Fatal(err)
			}
			r, err := all[id].Add(d.AddDate(0, 0, -1), 1)
			if err != nil {
				t.Fatal(err)
			}
			if !r.Late.After(d) { // the next working day, when nothing uncertain is worked, lies behind the holiday
				t.Errorf("%s: %s may not be off: %+v", id, text, r)
			}
			if r.Beyond {
				t.Errorf("%s: %s is not covered", id, text)
			}
		}
	}
}

func TestAnOrdinaryWeekIsCounted(t *testing.T) {
	all := tables(t)
	for id, want := range map[string][2]string{ // from Wednesday, 9 September 2026: the third working day
		"ir": {"2026-09-13", "2026-09-14"}, // Thursday perhaps, Saturday, Sunday
		"af": {"2026-09-13", "2026-09-14"},
		"pk": {"2026-09-12", "2026-09-14"}, // Thursday, Friday, perhaps Saturday
	} {
		r, err := all[id].Add(time.Date(2026, 9, 9, 15, 0, 0, 0, time.UTC), 3)
		if err != nil || r.Day.Format(time.DateOnly) != want[0] || r.Late.Format(time.DateOnly) != want[1] {
			t.Errorf("%s: %+v (%v), want %v", id, r, err, want)
		}
	}
}
