package fold_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
)

// office is a desk's entries as those of the office's stream.
func office(d *desk) fold.Office {
	var es []fold.Entry
	for _, e := range d.events {
		e.Case = event.Office
		es = append(es, e)
	}
	return fold.OfficeOf(es)
}

func TestOfficeKnowsItsPeopleAndShifts(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(event.StaffIs{Staff: ana, Name: "Ana", Role: "keeper", Active: true})
	a.say(event.StaffIs{Staff: bilal, Name: "Bilal", Role: "caseworker", Active: true})
	meet(a, b)
	a.say(event.StaffIs{Staff: bilal, Name: "Bilal", Role: "reader", Active: true})
	b.say(event.StaffIs{Staff: ana, Name: "Ana K.", Role: "keeper", Active: false})
	late := event.Shift{ID: oneID, From: "2026-11-24T08:00:00Z", To: "2026-11-24T16:00:00Z", Staff: []event.Staff{ana}}
	early := event.Shift{ID: twoID, From: "2026-11-23T08:00:00Z", To: "2026-11-23T16:00:00Z", Staff: []event.Staff{bilal}}
	off := event.Shift{ID: id(3), From: "2026-11-22T08:00:00Z", To: "2026-11-22T16:00:00Z", Staff: []event.Staff{bilal}}
	a.say(late)
	b.say(early)
	b.say(off)
	off.Staff = nil
	b.say(off)
	b.say(event.Destroyed{Month: "2026-11"})
	a.say(event.Destroyed{Month: "2026-11"})
	a.say(event.SearchedAll{Reason: "missing child"})
	meet(a, b)
	o := office(a)
	var people []event.StaffIs
	for _, p := range o.People {
		people = append(people, p.StaffIs)
	}
	want := []event.StaffIs{{Staff: ana, Name: "Ana K.", Role: "keeper"}, {Staff: bilal, Name: "Bilal", Role: "reader", Active: true}}
	if diff := cmp.Diff(want, people); diff != "" {
		t.Error(diff)
	}
	if len(o.Shifts) != 2 || o.Shifts[0].ID != twoID || o.Shifts[1].ID != oneID || o.Destroyed["2026-11"] != 2 || len(o.Searches) != 1 || len(o.Heads) != 2 {
		t.Errorf("%d shifts, %d destroyed, %d searches, %d heads", len(o.Shifts), o.Destroyed["2026-11"], len(o.Searches), len(o.Heads))
	}
	if diff := cmp.Diff(o, office(b)); diff != "" {
		t.Error(diff)
	}
}
