package fold_test

import (
	"errors"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/fold"
)

func actor(who event.Staff, role string) fold.Actor { return fold.Actor{Staff: who, Role: role} }

func TestMay(t *testing.T) {
	closing := event.Closed{Outcome: "advised", Reason: "goal-reached"}
	owned := []event.Body{opened(), event.Claimed{}}
	vital := event.Vital{ID: oneID, What: "tell-lawyer", Receiver: "Hospital", Reason: "unconscious"}
	for _, test := range []struct {
		name  string
		story []event.Body // by ana
		who   fold.Actor
		body  event.Body
		want  error
	}{
		{"a reader looks", owned, actor(bilal, "reader"), event.Looked{}, nil},
		{"a reader writes", owned, actor(bilal, "reader"), event.Noted{Text: "x"}, fold.ErrRole},
		{"a role of a newer version writes", owned, actor(bilal, "volunteer"), event.Noted{Text: "x"}, fold.ErrRole},
		{"a caseworker writes", owned, actor(bilal, "caseworker"), event.Noted{Text: "x"}, nil},
		{"the desk itself writes", owned, fold.Actor{}, event.Noted{Text: "x"}, nil},
		{"malformed", owned, actor(ana, "keeper"), event.Noted{}, event.ErrMalformed},
		{"nothing", owned, actor(ana, "keeper"), nil, event.ErrMalformed},
		{"of a newer version", owned, actor(ana, "keeper"), event.Unknown{Name: "x", Raw: []byte("{}")}, event.ErrMalformed},
		{"a status note to the person, nobody talked", owned, actor(ana, "keeper"), statusNote("person"), fold.ErrTalk},
		{"a status note to an employer, which the person carries", owned, actor(ana, "keeper"), statusNote("employer"), fold.ErrTalk},
		{"a status note to counsel", owned, actor(ana, "keeper"), statusNote("counsel"), nil},
		{"a status note to a court", owned, actor(ana, "keeper"), statusNote("court"), nil},
		{"a status note after the talk", append(owned, talked), actor(ana, "keeper"), statusNote("person"), nil},
		{"of the office", owned, actor(ana, "keeper"), event.Destroyed{Month: "2026-11"}, fold.ErrWrong},
		{"not opened", nil, actor(ana, "keeper"), event.Noted{Text: "x"}, fold.ErrUnopened},
		{"assigned before it is opened", nil, actor(ana, "keeper"), event.Assigned{Staff: bilal}, nil},
		{"opened twice", owned, actor(ana, "keeper"), opened(), fold.ErrOpen},
		{"open again while open", owned, actor(ana, "keeper"), event.Reopened{}, fold.ErrOpen},
		{"taken", owned, actor(bilal, "keeper"), event.Claimed{}, fold.ErrTaken},
		{"claimed by nobody", []event.Body{opened()}, fold.Actor{}, event.Claimed{}, fold.ErrWrong},
		{"closed", append(owned, closing), actor(ana, "keeper"), event.Noted{Text: "x"}, fold.ErrClosed},
		{"closed twice", append(owned, closing), actor(ana, "keeper"), closing, fold.ErrClosed},
		{"closed and kept", append(owned, closing), actor(ana, "keeper"), event.Held{Reason: "court", Until: "2027-01-01"}, nil},
		{"closed and opened", append(owned, closing), actor(ana, "keeper"), event.Reopened{}, nil},
		{"no such task", owned, actor(ana, "keeper"), event.TaskState{Task: task, State: "done"}, fold.ErrWrong},
		{"no such task to move", owned, actor(ana, "keeper"), event.TaskMoved{Task: task}, fold.ErrWrong},
		{"a task", append(owned, added("")), actor(ana, "keeper"), event.TaskState{Task: task, State: "done"}, nil},
		{"no such proxy", owned, actor(ana, "keeper"), event.ProxyConfirmed{Confirmed: true}, fold.ErrWrong},
		{"no such consent", owned, actor(ana, "keeper"), event.Withdrawn{ID: oneID}, fold.ErrWrong},
		{"withdrawn", append(owned, given(oneID, "L")), actor(ana, "keeper"), event.Withdrawn{ID: oneID}, nil},
		{"told without consent", owned, actor(ana, "keeper"), told(oneID, "L"), fold.ErrConsent},
		{"told with consent", append(owned, given(oneID, "L")), actor(ana, "keeper"), told(oneID, "L"), nil},
		{"told with a consent for another", append(owned, given(oneID, "M")), actor(ana, "keeper"), told(oneID, "L"), fold.ErrConsent},
		{"told with a vital interest of one", append(owned, vital), actor(ana, "keeper"), told(oneID, "Hospital"), fold.ErrConsent},
		{"the same second person", append(owned, vital), actor(ana, "keeper"), event.VitalAgreed{ID: oneID}, fold.ErrSecond},
		{"a second person", append(owned, vital), actor(bilal, "caseworker"), event.VitalAgreed{ID: oneID}, nil},
		{"agreed to nothing", owned, actor(bilal, "caseworker"), event.VitalAgreed{ID: oneID}, fold.ErrWrong},
		{"the same id twice", append(owned, vital), actor(bilal, "caseworker"), vital, fold.ErrWrong},
		{"linked to itself", owned, actor(ana, "keeper"), event.Linked{To: theCase.Reveal()}, fold.ErrWrong},
		{"given to one who is kept out", append(owned, event.Barred{Staff: chen, On: true}), actor(ana, "keeper"), event.Assigned{Staff: chen}, fold.ErrBarred},
		{"one who is kept out on the team", append(owned, event.Barred{Staff: chen, On: true}), actor(ana, "keeper"), event.Team{Staff: chen, On: true}, fold.ErrBarred},
		{"one who is kept out writes", append(owned, event.Barred{Staff: chen, On: true}), actor(chen, "keeper"), event.Noted{Text: "x"}, fold.ErrBarred},
		{"a stranger puts the owner out", owned, actor(bilal, "caseworker"), event.Barred{Staff: ana, On: true}, fold.ErrTeam},
		{"somebody steps back", owned, actor(bilal, "caseworker"), event.Barred{Staff: bilal, On: true}, nil},
		{"a keeper puts somebody out", owned, actor(bilal, "keeper"), event.Barred{Staff: chen, On: true}, nil},
		{"a stranger lets somebody in", append(owned, event.Barred{Staff: chen, On: true}), actor(bilal, "caseworker"), event.Barred{Staff: chen}, fold.ErrTeam},
	} {
		d := desks(t, ana)[0]
		for _, body := range test.story {
			d.say(body)
		}
		if got := d.fold().May(test.who, test.body, d.now.Add(time.Minute)); !errors.Is(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestMayNotTellAfterTheEnd(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(opened())
	d.say(given(oneID, "L"))
	if err := d.fold().May(actor(ana, "keeper"), told(oneID, "L"), at("2026-12-01T00:00:00Z")); !errors.Is(err, fold.ErrConsent) {
		t.Error(err)
	}
}

func TestMayOpen(t *testing.T) {
	for _, test := range []struct {
		name        string
		sensitivity string
		owner       event.Staff
		who         fold.Actor
		want        error
	}{
		{"ordinary", "ordinary", ana, actor(chen, "caseworker"), nil},
		{"sensitive, nobody's", "sensitive", "", actor(chen, "caseworker"), nil},
		{"sensitive, a stranger", "sensitive", ana, actor(chen, "caseworker"), fold.ErrTeam},
		{"sensitive, a reader", "sensitive", ana, actor(chen, "reader"), fold.ErrTeam},
		{"sensitive, the owner", "sensitive", ana, actor(ana, "caseworker"), nil},
		{"sensitive, the team", "sensitive", ana, actor(bilal, "caseworker"), nil},
		{"sensitive, a keeper", "sensitive", ana, actor(chen, "keeper"), nil},
		{"sensitive, the desk", "sensitive", ana, fold.Actor{}, nil},
		{"locked, a keeper", "locked", ana, actor(chen, "keeper"), fold.ErrTeam},
		{"locked, the owner", "locked", ana, actor(ana, "specialist"), nil},
		{"locked, the team", "locked", ana, actor(bilal, "caseworker"), nil},
	} {
		d := desks(t, ana)[0]
		d.say(opened())
		d.say(set(event.FieldSensitivity, test.sensitivity))
		d.say(event.Team{Staff: bilal, On: true})
		d.say(event.Assigned{Staff: test.owner})
		if got := d.fold().MayOpen(test.who); !errors.Is(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestOfTwoSensitivitiesTheStricterCounts(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(event.Claimed{})
	meet(a, b)
	a.say(set(event.FieldSensitivity, "sensitive"))
	b.say(set(event.FieldSensitivity, "ordinary"))
	meet(a, b)
	if err := a.fold().MayOpen(actor(chen, "caseworker")); !errors.Is(err, fold.ErrTeam) {
		t.Error(err)
	}
}

func TestBarredPersonMayNotOpen(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(opened())
	d.say(event.Team{Staff: bilal, On: true})
	d.say(event.Barred{Staff: bilal, On: true})
	if err := d.fold().MayOpen(actor(bilal, "keeper")); !errors.Is(err, fold.ErrBarred) {
		t.Error(err)
	}
}

// What May allows has its effect, and what it refuses has none: the fold of a desk that asks nobody is the same as that of one that asks.
func TestFoldRefusesWhatMayRefuses(t *testing.T) {
	for _, body := range []event.Body{
		event.Claimed{},
		opened(),
		event.Reopened{},
		event.Noted{Text: "x"},
		told(oneID, "L"),
		event.VitalAgreed{ID: oneID},
		event.Assigned{Staff: chen},
		event.Team{Staff: chen, On: true},
		event.Destroyed{Month: "2026-11"},
		set("lang", "ps"),
		event.Closed{Outcome: "none", Reason: "duplicate"},
		event.Held{Reason: "x"},
	} {
		for _, closed := range []bool{false, true} {
			d := desks(t, ana)[0]
			d.say(opened())
			d.say(event.Claimed{})
			d.say(event.Barred{Staff: chen, On: true})
			if closed {
				d.say(event.Closed{Outcome: "advised", Reason: "goal-reached"})
			}
			may := d.fold().May(actor(bilal, "caseworker"), body, d.now.Add(time.Minute))
			e := d.sayAs(bilal, body, d.fold().Heads)
			if refused := refusedOf(t, d.fold(), e); (may == nil) != (refused == "") {
				t.Errorf("%s, closed %v: May says %v, the fold %q", body.Kind(), closed, may, refused)
			}
		}
	}
}
