package fold_test

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
)

// histories is how many random histories each property is tried on.
const histories = 10_000

// word is a text that no other event of the history says.
func (d *desk) word() string { return "w" + strconv.Itoa(*d.serial) }

// anything is a random body; those that tie on the order of the log (bars and claims) are left out when calm.
func (d *desk) anything(r *rand.Rand, calm bool) event.Body {
	who := []event.Staff{ana, bilal, chen}[r.IntN(3)]
	some := []string{oneID, string(ana)}[r.IntN(2)] // of tasks, of consents, and of the vital interest that Ana states: of two with one id the first counts, a tie
	on := r.IntN(2) == 0
	if !calm && r.IntN(10) == 0 {
		if on {
			return event.Claimed{}
		}
		return event.Barred{Staff: who, On: r.IntN(3) > 0, Why: d.word()}
	}
	switch r.IntN(20) {
	case 0:
		return opened()
	case 1, 2, 3:
		return event.Set{Field: []string{"name", "district"}[r.IntN(2)], Value: d.word()}
	case 4, 5:
		return event.Noted{Text: d.word()}
	case 6:
		return event.Answered{Pathway: "medical", Question: "now", Value: d.word()}
	case 7:
		return event.Followed{Pathway: []string{"medical", "child"}[r.IntN(2)], On: on}
	case 8:
		return event.TaskAdded{Task: some, Do: d.word(), Due: "2026-11-24T10:00:00Z", Repeat: []string{"", "PT6H"}[r.IntN(2)], Times: r.IntN(3)}
	case 9:
		return event.TaskMoved{Task: some, Due: "2026-11-2" + strconv.Itoa(r.IntN(10)) + "T10:00:00Z"}
	case 10:
		return event.TaskState{Task: some, State: []string{"done", "dropped", "open"}[r.IntN(3)]}
	case 11:
		return event.Assigned{Staff: who}
	case 12:
		return event.Team{Staff: who, On: on}
	case 13:
		return event.Consented{ID: some, What: "tell-lawyer", Receiver: "L", State: []string{"given", "refused"}[r.IntN(2)], By: "person", Ends: "2027-01-01"}
	case 14:
		return event.Withdrawn{ID: some}
	case 15:
		return told(some, "L")
	case 16:
		return event.Closed{Outcome: "advised", Reason: "goal-reached", Note: d.word()}
	case 17:
		return event.Reopened{Why: d.word()}
	default:
		return d.rare(r, some)
	}
}

func (d *desk) rare(r *rand.Rand, some string) event.Body {
	switch r.IntN(12) {
	case 10:
		return statusNote([]string{"person", "counsel"}[r.IntN(2)])
	case 11:
		return talked
	case 0:
		return event.Looked{}
	case 1:
		return event.Proxy{Relation: "brother", Why: d.word()}
	case 2:
		return event.ProxyConfirmed{Confirmed: r.IntN(2) == 0, How: d.word()}
	case 3:
		return event.Vital{ID: string(d.who), What: "tell-lawyer", Receiver: "L", Reason: d.word()}
	case 4:
		return event.VitalAgreed{ID: []string{string(ana), string(bilal), string(chen)}[r.IntN(3)]}
	case 5:
		return event.Basis{Processing: "keep", Basis: "consent", Why: d.word()}
	case 6:
		return event.Held{Reason: d.word(), Until: "2027-01-0" + strconv.Itoa(1+r.IntN(9))}
	case 7:
		return event.Reviewed{Note: d.word()}
	case 8:
		return event.Linked{To: []string{"", event.Case{1}.Reveal(), event.Case{2}.Reveal()}[r.IntN(3)]}
	default:
		return event.Unknown{Name: "newer", Raw: []byte(`{}`)}
	}
}

// random is a history: three or four desks write, and now and then hear a random part of what another knows, some of it twice, in any order. In the end some events have places
// of the log and some have none.
func random(t *testing.T, r *rand.Rand, calm bool) []fold.Entry {
	who := []event.Staff{ana, bilal, chen, "00000000000000d4"}[:3+r.IntN(2)]
	all := desks(t, who...)
	for range 8 + r.IntN(22) {
		d := all[r.IntN(len(all))]
		switch r.IntN(3) {
		case 0:
			if from := all[r.IntN(len(all))]; from != d {
				for range r.IntN(1 + 2*len(from.events)) {
					d.events = append(d.events, from.events[r.IntN(len(from.events))])
				}
			}
		default:
			d.say(d.anything(r, calm))
		}
	}
	meet(all...)
	events := all[0].events
	places(r, events)
	return events
}

// places gives some events places in a log: in any order, as a gate could that lies.
func places(r *rand.Rand, events []fold.Entry) {
	for i, p := range r.Perm(len(events)) {
		events[i].Place = -1
		if r.IntN(3) > 0 {
			events[i].Place = int64(p)
		}
	}
}

// arrival is the same events in another order, some of them twice, some also without their place (from a stick).
func arrival(r *rand.Rand, events []fold.Entry) []fold.Entry {
	out := slices.Clone(events)
	for range r.IntN(5) {
		if len(events) > 0 {
			again := events[r.IntN(len(events))]
			if r.IntN(2) == 0 {
				again.Place = -1
			}
			out = append(out, again)
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func TestAnyArrivalGivesTheSameCase(t *testing.T) {
	for seed := range uint64(histories) {
		r := rand.New(rand.NewPCG(4, seed)) // #nosec G404 -- repeatable histories, no secret
		events := random(t, r, false)
		want := fold.Of(theCase, arrival(r, events))
		for range 3 {
			if got := fold.Of(theCase, arrival(r, events)); !reflect.DeepEqual(want, got) {
				t.Fatalf("history %d: %s", seed, cmp.Diff(want, got))
			}
		}
		if len(want.Timeline) != len(events) {
			t.Fatalf("history %d: %d of %d events", seed, len(want.Timeline), len(events))
		}
		parentsFirst(t, seed, want)
		noWordIsLost(t, seed, want, events)
	}
}

func parentsFirst(t *testing.T, seed uint64, c fold.Case) {
	t.Helper()
	in := map[event.Hash]int{}
	for i, l := range c.Timeline {
		in[l.Hash] = i
	}
	for i, l := range c.Timeline {
		for _, p := range l.Parents {
			if j, here := in[p]; here && j >= i {
				t.Fatalf("history %d: a parent stands after its child", seed)
			}
		}
	}
}

// noWordIsLost: every event stands in the timeline with its words; a note that is not refused is among the notes; and a value that is not refused is in its field, unless an event
// that knew of it says otherwise, found here by walking parents, not by what the fold remembers.
func noWordIsLost(t *testing.T, seed uint64, c fold.Case, events []fold.Entry) {
	t.Helper()
	parents := map[event.Hash][]event.Hash{}
	for _, e := range events {
		parents[e.Hash] = e.Parents
	}
	var knew func(of, what event.Hash) bool
	knew = func(of, what event.Hash) bool {
		return slices.ContainsFunc(parents[of], func(p event.Hash) bool { return p == what || knew(p, what) })
	}
	lines := map[event.Hash]fold.Line{}
	for _, l := range c.Timeline {
		lines[l.Hash] = l
	}
	for _, e := range events {
		l, here := lines[e.Hash]
		if !here || !reflect.DeepEqual(l.Body, e.Body) {
			t.Fatalf("history %d: a %s is lost", seed, e.Body.Kind())
		}
		if l.Refused != "" {
			continue
		}
		switch body := e.Body.(type) {
		case event.Noted:
			if !slices.ContainsFunc(c.Notes, func(n fold.Note) bool { return n.Hash == e.Hash && n.Text == body.Text }) {
				t.Fatalf("history %d: a note is lost", seed)
			}
		case event.Set:
			settled := slices.ContainsFunc(events, func(o fold.Entry) bool {
				later, ok := o.Body.(event.Set)
				return ok && later.Field == body.Field && lines[o.Hash].Refused == "" && knew(o.Hash, e.Hash)
			})
			shown := slices.ContainsFunc(c.Fields[body.Field], func(v fold.Value) bool { return v.Hash == e.Hash && v.Text == body.Value })
			if shown == settled {
				t.Fatalf("history %d: a value of %s: shown %v, settled %v", seed, body.Field, shown, settled)
			}
		}
	}
}

// A gate that gives places as it likes changes the order of what was said at once, and nothing else: the values that stand, what is refused, who may see the case.
func TestLyingGateChangesTiesOnly(t *testing.T) {
	for seed := range uint64(histories / 5) {
		r := rand.New(rand.NewPCG(5, seed)) // #nosec G404 -- repeatable histories, no secret
		events := random(t, r, true)
		honest := untied(fold.Of(theCase, events))
		places(r, events)
		if diff := cmp.Diff(honest, untied(fold.Of(theCase, events))); diff != "" {
			t.Fatalf("history %d: %s", seed, diff)
		}
	}
}

// unordered is what must not hang on ties.
type unordered struct {
	Opened, Closed bool
	Fields         map[string][]string
	Owner, Linked  []string
	Notes          []string
	Team           []event.Staff
	Pathways       []string
	Conflicts      []string
	Tasks          map[string]string
	Consents       map[string]string
	Told           int
	Refused        map[event.Hash]string
	Heads          []event.Hash
}

func untied(c fold.Case) unordered {
	u := unordered{
		Opened: c.Opened, Closed: c.Closure != nil, Fields: map[string][]string{}, Owner: texts(c.Owner), Linked: texts(c.LinkedTo), Team: slices.Sorted(slices.Values(c.Team)),
		Pathways: slices.Sorted(slices.Values(c.Pathways)), Conflicts: slices.Sorted(slices.Values(c.Conflicts())), Tasks: map[string]string{}, Consents: map[string]string{},
		Told: len(c.Disclosures), Refused: map[event.Hash]string{}, Heads: c.Heads,
	}
	for _, all := range []map[string]fold.Field{c.Fields, c.Answers} {
		for name := range maps.Keys(all) {
			u.Fields[name] = texts(all[name])
		}
	}
	for _, n := range c.Notes {
		u.Notes = append(u.Notes, n.Text)
	}
	slices.Sort(u.Notes)
	for _, k := range c.Tasks {
		u.Tasks[k.Task] = strconv.Itoa(k.Done)
	}
	for _, k := range c.Consents {
		u.Consents[k.ID] = k.State + k.Withdrawn.String()
	}
	for _, l := range c.Timeline {
		if l.Refused != "" {
			u.Refused[l.Hash] = l.Refused
		}
	}
	return u
}
