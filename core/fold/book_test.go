package fold_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
)

const (
	bookA = "aaaaaaaaaaaaaaaa"
	bookB = "bbbbbbbbbbbbbbbb"
	bookC = "cccccccccccccccc"
)

func adopted(version, read string) event.BookSet {
	return event.BookSet{Version: version, Read: read, Files: "H4sI"}
}

// current is the version of the book that counts; "" for none.
func current(o fold.Office) string {
	b, ok := o.Book()
	if !ok {
		return ""
	}
	return b.Version
}

func TestOnlyAKeepersBookCounts(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	b.say(adopted(bookC, "2026-12-31")) // before anybody said who Bilal is
	a.say(event.StaffIs{Staff: ana, Name: "Ana", Role: "keeper", Active: true})
	a.say(event.StaffIs{Staff: bilal, Name: "Bilal", Role: "caseworker", Active: true})
	meet(a, b)
	a.say(adopted(bookA, "2026-11-24"))
	meet(a, b)
	b.say(adopted(bookB, "2026-11-25"))
	meet(a, b)
	for _, d := range all {
		o := office(d)
		if got := current(o); got != bookA {
			t.Errorf("%s counts", got)
		}
		refused := map[string]string{}
		for _, k := range o.Books {
			refused[k.Version] = k.Refused
		}
		if diff := cmp.Diff(map[string]string{bookA: "", bookB: "role", bookC: "role"}, refused); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTheLastWordOfABookCountsAlsoWhenItIsOlder(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(event.StaffIs{Staff: ana, Name: "Ana", Role: "keeper", Active: true})
	heads := func() []event.Hash { return office(d).Heads }
	d.sayAs(ana, adopted(bookA, "2026-11-24"), heads())
	d.sayAs(ana, adopted(bookB, "2026-11-20"), heads())
	if got := current(office(d)); got != bookB {
		t.Errorf("%s counts", got)
	}
	d.sayAs(ana, event.BookSet{Why: "a mistake"}, heads())
	if got := current(office(d)); got != "" {
		t.Errorf("%s counts after going back", got)
	}
}

func TestOfBooksAdoptedAtOnceTheOneReadLastCounts(t *testing.T) {
	all := desks(t, ana, ana)
	a, b := all[0], all[1]
	a.say(event.StaffIs{Staff: ana, Name: "Ana", Role: "keeper", Active: true})
	meet(a, b)
	knew := office(a).Heads
	a.sayAs(ana, adopted(bookA, "2026-11-25"), knew)
	b.sayAs(ana, adopted(bookB, "2026-11-24"), knew)
	b.sayAs(ana, event.BookSet{}, knew) // going back, at the same time
	meet(a, b)
	for _, d := range all {
		if got := current(office(d)); got != bookA {
			t.Errorf("%s counts", got)
		}
	}
}

func TestAPaperCheckIsACasesAndGoesWithItsTexts(t *testing.T) {
	check := event.PaperChecked{Paper: "pk-por", Printed: "2025-06-30", Calendar: "gregorian", On: "2026-11-24", Known: "2026-11-24", Verdict: "ended", Rule: "pk-por-end", Book: bookA}
	d := desks(t, ana)[0]
	if err := d.fold().May(fold.Actor{Staff: ana, Role: fold.RoleCaseworker}, check, monday); err == nil {
		t.Error("a check was kept where no case was opened")
	}
	d.say(opened())
	if err := d.fold().May(fold.Actor{Staff: ana, Role: fold.RoleReader}, check, monday); err == nil {
		t.Error("a reader kept a check")
	}
	if err := d.fold().May(fold.Actor{Staff: ana, Role: fold.RoleCaseworker}, check, monday); err != nil {
		t.Error(err)
	}
	d.say(check)
	c := d.fold()
	if len(c.Papers) != 1 || c.Papers[0].By != ana || c.Papers[0].Rule != "pk-por-end" {
		t.Fatalf("%+v", c.Papers)
	}
	after := desks(t, ana)[0] // what is left is one event that stands for all others
	after.say(retired())
	if left := after.fold(); len(left.Papers) != 0 || left.Fields[event.FieldPrinted].Text() != "" {
		t.Errorf("%+v", left.Papers)
	}
}

// A book in a case's stream, and a check in the office's, say nothing.
func TestABookIsNoCasesAndACheckIsNoOffices(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(opened())
	d.say(adopted(bookA, ""))
	if got := d.fold().Timeline[1].Refused; got == "" {
		t.Error("a book counts in a case")
	}
	if err := d.fold().May(fold.Actor{Staff: ana, Role: fold.RoleKeeper}, adopted(bookA, ""), monday); err == nil {
		t.Error("a book may be said in a case")
	}
}
