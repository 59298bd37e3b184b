package duty

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func at(hours ...float64) time.Time {
	return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours[0] * float64(time.Hour)))
}

func TestReplyBy(t *testing.T) {
	roster := Of([]Span{{at(8), at(17)}, {at(32), at(41)}, {at(12), at(17)}})
	for name, c := range map[string]struct {
		roster   Roster
		received time.Time
		d        time.Duration
		want     time.Time
	}{
		"by night, before the first shift":  {roster, at(2), 15 * time.Minute, at(8.25)},
		"in a shift":                        {roster, at(9), 15 * time.Minute, at(9.25)},
		"as it begins":                      {roster, at(8), 15 * time.Minute, at(8.25)},
		"as it ends":                        {roster, at(17), 15 * time.Minute, at(32.25)},
		"over a night":                      {roster, at(16), 2 * time.Hour, at(33)},
		"exactly to the end":                {roster, at(16), time.Hour, at(17)},
		"after the last one clocks go on":   {roster, at(41), 15 * time.Minute, at(41.25)},
		"over the end of what is planned":   {roster, at(40), 2 * time.Hour, at(42)},
		"without a roster they always run":  {nil, at(2), 15 * time.Minute, at(2.25)},
		"a shift that ends before it began": {Of([]Span{{at(8), at(7)}}), at(2), time.Hour, at(3)},
	} {
		if got := c.roster.ReplyBy(c.received, c.d); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAt(t *testing.T) {
	roster := Of([]Span{{at(8), at(12)}, {at(12), at(17)}, {at(32), at(41)}})
	for name, c := range map[string]struct {
		at, until time.Time
		on, known bool
	}{
		"before":   {at(2), at(8), false, true},
		"in":       {at(8), at(17), true, true},
		"handover": {at(12), at(17), true, true},
		"between":  {at(17), at(32), false, true},
		"after":    {at(41), time.Time{}, false, false},
	} {
		on, until, known := roster.At(c.at)
		if on != c.on || !until.Equal(c.until) || known != c.known {
			t.Errorf("%s: %v until %v, %v", name, on, until, known)
		}
	}
	if _, _, known := Roster(nil).At(at(1)); known {
		t.Error("no roster knows who is there")
	}
}

func TestWithin(t *testing.T) {
	roster := Of([]Span{{at(8), at(17)}, {at(32), at(41)}, {at(56), at(60)}})
	want := Roster{{at(10), at(17)}, {at(32), at(33)}}
	if diff := cmp.Diff(want, roster.Within(at(10), at(33))); diff != "" {
		t.Error(diff)
	}
}

// random makes shifts in a few days, also overlapping, touching and backward ones.
func random(r *rand.Rand) []Span {
	spans := make([]Span, r.IntN(9))
	for i := range spans {
		from := at(float64(r.IntN(96)))
		spans[i] = Span{from, from.Add(time.Duration(r.IntN(11)-1) * time.Hour)}
	}
	return spans
}

// TestClocksRunOnDuty checks every clock against counting minutes.
func TestClocksRunOnDuty(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 7))
	for range 3000 {
		spans := random(r)
		roster := Of(spans)
		for i := 1; i < len(roster); i++ {
			if !roster[i].From.After(roster[i-1].To) {
				t.Fatalf("spans that touch: %v", roster)
			}
		}
		received, d := at(float64(r.IntN(110))), time.Duration(r.IntN(20*60))*time.Minute
		by := roster.ReplyBy(received, d)
		counted := time.Duration(0)
		for m := received; m.Before(by); m = m.Add(15 * time.Minute) {
			step := min(15*time.Minute, by.Sub(m))
			if on(spans, m) || !later(spans, m) {
				counted += step
			}
		}
		if counted != d {
			t.Fatalf("%v of duty between %v and %v instead of %v in %v", counted, received, by, d, roster)
		}
		// One who writes later is never answered sooner; more time to answer never ends earlier.
		if next := roster.ReplyBy(received.Add(time.Hour), d); next.Before(by) {
			t.Fatalf("written later, due earlier: %v", roster)
		}
		if longer := roster.ReplyBy(received, d+time.Minute); !longer.After(by) {
			t.Fatalf("a longer clock ends earlier: %v", roster)
		}
	}
}

// on reports whether one of the shifts, as they were entered, holds t.
func on(spans []Span, t time.Time) bool {
	for _, s := range spans {
		if !t.Before(s.From) && t.Before(s.To) {
			return true
		}
	}
	return false
}

// later reports whether a shift ends after t.
func later(spans []Span, t time.Time) bool {
	for _, s := range spans {
		if s.To.After(t) && s.To.After(s.From) {
			return true
		}
	}
	return false
}
