package fold_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
)

func TestSameFieldAtOnceShowsBothAndALaterSetSettlesIt(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(opened())
	a.say(set("district", "Kerman"))
	meet(a, b)
	a.say(set("district", "Zahedan"))
	b.say(set("district", "Zabol"))
	b.say(set("lang", "ps"))
	meet(a, b)
	c := a.fold()
	if diff := cmp.Diff([]string{"Zabol", "Zahedan"}, texts(c.Fields["district"])); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"district"}, c.Conflicts()); diff != "" {
		t.Error(diff)
	}
	a.say(set("district", "Zabol"))
	meet(a, b)
	if c := b.fold(); c.Conflicts() != nil || c.Fields["district"].Text() != "Zabol" || len(c.Fields["district"]) != 1 {
		t.Errorf("still open after somebody decided: %v", texts(c.Fields["district"]))
	}
}

func TestTwoEqualValuesAtOnceAreNoConflict(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(set("district", "Zabol"))
	b.say(set("district", "Zabol"))
	a.say(event.Answered{Pathway: "medical", Question: "now", Value: "yes"})
	b.say(event.Answered{Pathway: "medical", Question: "now", Value: "no"})
	meet(a, b)
	c := a.fold()
	if diff := cmp.Diff([]string{"answer:medical/now"}, c.Conflicts()); diff != "" {
		t.Error(diff)
	}
	if len(c.Fields["district"]) != 2 {
		t.Error("who said it first is forgotten")
	}
}

func TestMissingParentsArePassedOver(t *testing.T) {
	a := desks(t, ana)[0]
	first := a.say(set("name", "Gul"))
	middle := a.say(set("name", "Gulalai"))
	last := a.say(set("name", "Gulalai K."))
	c := fold.Of(theCase, []fold.Entry{last, first})
	if diff := cmp.Diff([]string{"Gul", "Gulalai K."}, texts(c.Fields["name"])); diff != "" {
		t.Errorf("without the event between them: %s", diff)
	}
	c = fold.Of(theCase, []fold.Entry{last, first, middle})
	if diff := cmp.Diff([]string{"Gulalai K."}, texts(c.Fields["name"])); diff != "" {
		t.Errorf("with it: %s", diff)
	}
}

func TestEventsOfOtherCasesArePassedOver(t *testing.T) {
	a := desks(t, ana)[0]
	a.say(opened())
	if c := fold.Of(event.Case{9}, a.events); c.Opened || len(c.Timeline) != 0 {
		t.Error("an event of another case counts")
	}
}

func TestPlaceDecidesTiesBeforeHash(t *testing.T) {
	all := desks(t, ana, bilal, chen)
	for _, d := range all {
		d.say(event.Noted{Text: string(d.who)})
	}
	meet(all...)
	order := func(places ...int64) (out []event.Staff) {
		var es []fold.Entry
		for i, p := range places {
			e := all[i].events[slices.IndexFunc(all[i].events, func(e fold.Entry) bool { return e.Author == all[i].who })]
			e.Place = p
			es = append(es, e)
		}
		for _, l := range fold.Of(theCase, es).Timeline {
			out = append(out, l.Author)
		}
		return out
	}
	if diff := cmp.Diff([]event.Staff{chen, ana, bilal}, order(5, 7, 2)); diff != "" {
		t.Error(diff)
	}
	if got := order(-1, -1, 9); got[0] != chen {
		t.Error("an event that has no place comes before one in the log")
	}
	byHash := order(-1, -1, -1)
	if !slices.Equal(byHash, order(4, 4, 4)) || !slices.Equal(byHash, order(-1, -9, -1)) {
		t.Error("without places, or with the same one, the hash does not decide")
	}
}

func TestTheSameEventTwiceIsOneWithItsEarliestPlace(t *testing.T) {
	a := desks(t, ana)[0]
	a.say(event.Noted{Text: "once"})
	twice := append(slices.Clone(a.events), a.events[0], a.events[0])
	twice[1].Place, twice[2].Place = 9, 4
	twice[0].Note = twice[0].Note[:2] // its signature was dropped here
	slices.Reverse(twice)
	c := fold.Of(theCase, twice)
	if len(c.Notes) != 1 || c.Timeline[0].Place != 4 || len(c.Timeline[0].Note) != 8 {
		t.Errorf("%d notes, place %d, note of %d bytes", len(c.Notes), c.Timeline[0].Place, len(c.Timeline[0].Note))
	}
}

func TestFirstClaimWins(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(opened())
	meet(a, b)
	first, second := a.say(event.Claimed{}), b.say(event.Claimed{})
	if less(second.Hash, first.Hash) {
		first, second = second, first
	}
	meet(a, b)
	c := a.fold()
	if c.Owner.Text() != string(first.Author) || c.Owner.Conflict() || refusedOf(t, c, first) != "" || refusedOf(t, c, second) != "late" {
		t.Errorf("owner %q, first %q, second %q", c.Owner.Text(), refusedOf(t, c, first), refusedOf(t, c, second))
	}
	late := b.say(event.Claimed{})
	if c = b.fold(); first.Author == ana && refusedOf(t, c, late) != "late" {
		t.Error("a case that somebody has is claimed")
	}
	a.say(event.Assigned{Staff: ""})
	meet(a, b)
	if b.say(event.Claimed{}); b.fold().Owner.Text() != string(bilal) {
		t.Error("a case that was let go cannot be claimed")
	}
	if nobody := a.sayAs("", event.Claimed{}, a.fold().Heads); refusedOf(t, a.fold(), nobody) != "state" {
		t.Error("nobody claims a case")
	}
}

func TestTwoHandOversAtOnceAreBothShown(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(opened())
	meet(a, b)
	a.say(event.Assigned{Staff: bilal})
	b.say(event.Assigned{Staff: chen})
	meet(a, b)
	c := a.fold()
	if diff := cmp.Diff([]string{string(bilal), string(chen)}, texts(c.Owner)); diff != "" || !slices.Contains(c.Conflicts(), "owner") {
		t.Error(diff, c.Conflicts())
	}
}

func TestPathwayOnAndOffAtOnceStaysOn(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(event.Followed{Pathway: "medical", On: true})
	a.say(event.Followed{Pathway: "child", On: true})
	meet(a, b)
	a.say(event.Followed{Pathway: "medical", On: false})
	b.say(event.Followed{Pathway: "medical", On: true, Version: 2})
	meet(a, b)
	if diff := cmp.Diff([]string{"child", "medical"}, slices.Sorted(slices.Values(a.fold().Pathways))); diff != "" {
		t.Error(diff)
	}
	a.say(event.Followed{Pathway: "medical", On: false})
	if diff := cmp.Diff([]string{"child"}, a.fold().Pathways); diff != "" {
		t.Error(diff)
	}
}

func TestOffTheTeamAndOnAtOnceIsOff(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(event.Team{Staff: chen, On: true})
	meet(a, b)
	a.say(event.Team{Staff: chen, On: false})
	b.say(event.Team{Staff: chen, On: true})
	b.say(event.Team{Staff: ana, On: true})
	meet(a, b)
	if diff := cmp.Diff([]event.Staff{ana}, a.fold().Team); diff != "" {
		t.Error(diff)
	}
}

func TestSecondOpeningAtOnceAddsTheEarlierMoment(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	early, late := opened(), opened()
	late.Since = "2026-11-23T07:45:00Z"
	a.say(late)
	b.say(early)
	meet(a, b)
	c := a.fold()
	if !c.Opened || !c.Since.Equal(at(early.Since)) {
		t.Errorf("since %v", c.Since)
	}
	again := a.say(opened())
	if refusedOf(t, a.fold(), again) != "state" {
		t.Error("an open case is opened again")
	}
}

func TestWhatABarredPersonSaysHasNoEffect(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(opened())
	meet(a, b)
	before := b.say(set("name", "before"))
	meet(a, b)
	a.say(event.Barred{Staff: bilal, On: true, Why: "cousin of the landlord"})
	meet(a, b)
	after, look := b.say(set("name", "after")), b.say(event.Looked{})
	hand := b.sayAs(ana, event.Assigned{Staff: bilal}, b.fold().Heads)
	join := b.sayAs(ana, event.Team{Staff: bilal, On: true}, b.fold().Heads)
	c := b.fold()
	for want, e := range map[string][]fold.Entry{"": {before, look}, "barred": {after, hand, join}} {
		for _, e := range e {
			if got := refusedOf(t, c, e); got != want {
				t.Errorf("%s by %s: %q, want %q", e.Body.Kind(), e.Author, got, want)
			}
		}
	}
	if c.Fields["name"].Text() != "before" || len(c.Looks) != 1 || c.Barred[bilal] != "cousin of the landlord" || len(c.Team) != 0 {
		t.Error("who is kept out has a say, or their look is forgotten")
	}
	b.sayAs(ana, event.Barred{Staff: bilal, On: false}, c.Heads)
	b.say(set("name", "again"))
	if c := b.fold(); len(c.Barred) != 0 || c.Fields["name"].Text() != "again" {
		t.Error("who may come back has no say")
	}
}

func TestBarAtOnceCountsForWhatIsOrderedAfterIt(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	bar, note := a.say(event.Barred{Staff: bilal, On: true}), b.say(event.Noted{Text: "I did not know"})
	for _, first := range []bool{true, false} {
		bar.Place, note.Place = 1, 2
		want := "barred"
		if !first {
			bar.Place, want = 3, ""
		}
		if got := refusedOf(t, fold.Of(theCase, []fold.Entry{note, bar}), note); got != want {
			t.Errorf("bar first %v: %q", first, got)
		}
	}
}

func TestWorkAtOnceWithClosingKeepsTheCaseOpen(t *testing.T) {
	closing := event.Closed{Outcome: "advised", Reason: "goal-reached"}
	for _, beside := range []event.Body{event.Noted{Text: "he called"}, event.Reopened{}, set("lang", "ps"), event.Claimed{}} {
		all := desks(t, ana, bilal)
		a, b := all[0], all[1]
		a.say(opened())
		meet(a, b)
		a.say(closing)
		if a.fold().Closure == nil {
			t.Fatal("a closed case is open")
		}
		b.say(beside)
		meet(a, b)
		c := a.fold()
		if c.Closure != nil {
			t.Errorf("%s at another desk was closed over", beside.Kind())
		}
		if after := a.say(event.Noted{Text: "so we go on"}); refusedOf(t, a.fold(), after) != "" {
			t.Errorf("after %s: the case is open and takes no note", beside.Kind())
		}
	}
	for _, beside := range []event.Body{event.Looked{}, event.Held{Reason: "court", Until: "2027-01-01"}, event.Reviewed{Note: "right"}, closing} {
		all := desks(t, ana, bilal)
		a, b := all[0], all[1]
		a.say(opened())
		meet(a, b)
		a.say(closing)
		b.say(beside)
		meet(a, b)
		if a.fold().Closure == nil {
			t.Errorf("%s opens a case", beside.Kind())
		}
	}
}

func TestClosedCaseTakesNoWorkUntilItIsOpenedAgain(t *testing.T) {
	a := desks(t, ana)[0]
	a.say(opened())
	a.say(event.Consented{ID: oneID, What: "tell-lawyer", State: "given", By: "person", Ends: "2027-01-01"})
	a.say(event.Closed{Outcome: "advised", Reason: "goal-reached"})
	late := []fold.Entry{a.say(event.Noted{Text: "late"}), a.say(set("lang", "ps")), a.say(event.Closed{Outcome: "none", Reason: "duplicate"})}
	fine := []fold.Entry{a.say(event.Held{Reason: "court", Until: "2027-06-01"}), a.say(event.Reviewed{Note: "seen"}), a.say(event.Looked{}), a.say(event.Withdrawn{ID: oneID}), a.say(event.Barred{Staff: chen, On: true})}
	c := a.fold()
	for _, e := range late {
		if refusedOf(t, c, e) != "state" {
			t.Errorf("%s counts in a closed case", e.Body.Kind())
		}
	}
	for _, e := range fine {
		if refusedOf(t, c, e) != "" {
			t.Errorf("%s does not count in a closed case", e.Body.Kind())
		}
	}
	if c.Closure == nil || c.Closure.Outcome != "advised" || c.Hold.Text() != "2027-06-01" || c.HoldReason != "court" || len(c.Reviews) != 1 || c.Consents[0].Withdrawn.IsZero() {
		t.Error("the closed case is another one")
	}
	a.say(event.Reopened{Why: "wrote again"})
	note := a.say(event.Noted{Text: "on"})
	if c := a.fold(); c.Closure != nil || refusedOf(t, c, note) != "" {
		t.Error("the case does not go on")
	}
	if again := a.say(event.Reopened{}); refusedOf(t, a.fold(), again) != "" {
		// The first closing is still an ancestor: opening twice is harmless and not told as a fault.
		t.Error("opening it twice is a fault")
	}
	a.say(event.Closed{Outcome: "none", Reason: "contact-lost"})
	if c := a.fold(); c.Closure == nil || c.Closure.Outcome != "none" {
		t.Error("it cannot be closed a second time")
	}
	fresh := desks(t, ana)[0]
	if r := fresh.say(event.Reopened{}); refusedOf(t, fresh.fold(), r) != "state" {
		t.Error("a case that was never closed is opened again")
	}
}

func TestKindsOfTheOfficeSayNothingInACase(t *testing.T) {
	a := desks(t, ana)[0]
	e := a.say(event.Destroyed{Month: "2026-11"})
	u := a.say(event.Unknown{Name: "newer", Raw: []byte(`{}`)})
	if c := a.fold(); refusedOf(t, c, e) != "state" || refusedOf(t, c, u) != "" || c.Unknown != 1 {
		t.Error("office kinds, or unknown ones")
	}
}

func TestHeadsAreBoundedAndMergeInTheEnd(t *testing.T) {
	d := desks(t, ana)[0]
	for range 3 * event.MaxParents {
		d.sayAs(ana, event.Noted{Text: "at once"}, nil)
	}
	for n := 0; ; n++ {
		heads := d.fold().Heads
		if len(heads) > event.MaxParents || !slices.IsSortedFunc(heads, func(a, b event.Hash) int {
			if less(a, b) {
				return -1
			}
			return 1
		}) {
			t.Fatalf("%d heads", len(heads))
		}
		if len(heads) == 1 {
			return
		}
		if n > 10 {
			t.Fatal("they never meet")
		}
		d.say(event.Noted{Text: "joined"})
	}
}

func TestLookIsOnceADay(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(event.Looked{})
	d.say(event.Looked{})
	d.wait(24 * time.Hour)
	d.say(event.Looked{})
	if c := d.fold(); len(c.Looks) != 2 || len(c.Timeline) != 3 {
		t.Errorf("%d looks", len(c.Looks))
	}
}
