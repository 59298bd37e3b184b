package ical

import (
	"bytes"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.FixedZone("", 270*60))

// TestAnotherReaderReadsIt reads a calendar with a library that this package does not use.
func TestAnotherReaderReadsIt(t *testing.T) {
	key := []byte("a key of the desk")
	entries := []Entry{
		{UID(key, "case", "task"), Task, start, time.Time{}},
		{UID(key, "case", ""), Answer, start.Add(time.Hour), time.Time{}},
		{UID(key, "shift"), Duty, start, start.Add(9 * time.Hour)},
	}
	b := Write(entries, start)
	cal, err := ics.ParseCalendar(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var got []Entry
	for _, e := range cal.Events() {
		one := Entry{UID: e.Id(), Title: Title(e.GetProperty(ics.ComponentPropertySummary).Value)}
		if one.Start, err = e.GetStartAt(); err != nil {
			t.Fatal(err)
		}
		if e.GetProperty(ics.ComponentPropertyDtEnd) != nil {
			if one.End, err = e.GetEndAt(); err != nil {
				t.Fatal(err)
			}
		}
		got = append(got, one)
	}
	if diff := cmp.Diff(entries, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Error(diff)
	}
	for property, want := range map[string]int{"UID": 3, "DTSTAMP": 3, "SUMMARY": 3, "DESCRIPTION": 0, "LOCATION": 0, "ORGANIZER": 0, "ATTENDEE": 0, "URL": 0} {
		if n := strings.Count(string(b), "\n"+property+":"); n != want {
			t.Errorf("%s stands there %d times", property, n)
		}
	}
}

// TestLongLinesAreFolded writes what no title of ours is, so that the folding is seen to keep characters whole.
func TestLongLinesAreFolded(t *testing.T) {
	long := strings.Repeat("سلام, دنیا; ", 30) + "\\end\nnew"
	b := Write([]Entry{{UID: strings.Repeat("u", 200), Title: Title(long), Start: start}}, start)
	for l := range strings.SplitSeq(string(b), "\r\n") {
		if len(l) > maxLine || strings.Contains(l, "\n") || !strings.HasPrefix(l, " ") && l != "" && !strings.Contains(l, ":") || strings.ToValidUTF8(l, "?") != l {
			t.Errorf("%q", l)
		}
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if got := cal.Events()[0]; ics.FromText(got.GetProperty(ics.ComponentPropertySummary).Value) != long || got.Id() != strings.Repeat("u", 200) {
		t.Errorf("%q", got.GetProperty(ics.ComponentPropertySummary).Value)
	}
}

// TestNamesTellNothing checks that names are the same again with the same key, and others with another key or other borders.
func TestNamesTellNothing(t *testing.T) {
	a, b := []byte("one key"), []byte("another key")
	if again := UID([]byte("one key"), "x", "y"); UID(a, "x", "y") != again || UID(a, "x", "y") == UID(b, "x", "y") || UID(a, "xy") == UID(a, "x", "y") || UID(a, "x", "") == UID(a, "x") || len(UID(a)) != 32 {
		t.Error("names of entries")
	}
}
