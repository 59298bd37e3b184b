package office

import (
	"testing"

	"panah/desk/internal/casedb"
)

// However many cases each has, the figures name minutes before hours before days.
func TestFiguresGoByUrgency(t *testing.T) {
	now := Month(202611)
	f := tally(casedb.Figures{Cases: []casedb.Figure{
		{Opened: int(now), Urgency: casedb.UrgencyDays, N: 9}, {Opened: int(now), Urgency: casedb.UrgencyHours, N: 5}, {Opened: int(now), Urgency: casedb.UrgencyMinutes, N: 1},
	}}, now, now, now)
	var got []string
	for _, l := range f.Urgencies {
		got = append(got, l.ID)
	}
	if len(got) != 3 || got[0] != "minutes" || got[1] != "hours" || got[2] != "days" {
		t.Error(got)
	}
}
