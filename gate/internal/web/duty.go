package web

import (
	"time"
	_ "time/tzdata" // pages must come out the same on every machine

	"panah/core/calendar"
	"panah/core/pathway"
	"panah/core/wire"
)

// Duty is what pages say of whether somebody reads now. The zero Duty: no desk says anything, and neither do the pages.
type Duty struct {
	Known bool
	On    bool
	Next  int64  // while nobody is on duty: when somebody is again, unix seconds
	Zone  string // whose local time that is shown in
}

// DutyAt is what pages say at now. Times of duty that are over say nothing of what comes.
func DutyAt(d wire.Duty, now time.Time) Duty {
	on, until, known := d.Roster().At(now)
	switch {
	case !known:
		return Duty{}
	case on:
		return Duty{Known: true, On: true}
	}
	return Duty{Known: true, Next: until.Unix(), Zone: d.Zone}
}

// Nobody is the next time that somebody is on duty, while nobody is; "" while somebody is, and when nothing is known. It says which clock it
// means, so that no script has to put it right.
func (v *view) Nobody() string {
	d := v.Org.Duty
	switch {
	case !d.Known:
		return v.Site.Nobody
	case d.On:
		return ""
	}
	zone, err := time.LoadLocation(d.Zone)
	if err != nil { // the interface for desks refuses such a zone
		zone = time.UTC
	}
	at := time.Unix(d.Next, 0).In(zone)
	text := at.Format("2006-01-02 15:04 (UTC-07:00)")
	switch v.Lang.Code {
	case "fa", "fa-AF", "ps": // whose readers count days by the sun
		if solar, err := calendar.FromGregorian(at); err == nil {
			text += " · " + solar.String()
		}
	}
	return text
}

// Within is in how many minutes urgent letters are answered: told only while somebody is on duty, and when the operator stands for it. 0: nothing is promised.
func (v *view) Within() int {
	if !v.Site.PromiseTimes || !v.Org.Duty.On {
		return 0
	}
	return int(v.b.book.Common.Clocks[pathway.Minutes].Reply / time.Minute)
}
