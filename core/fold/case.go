// Package fold makes a case of its events: the same events give the same case on every desk, whatever way they came (docs/formats-events.md).
//
// What two desks said at once without knowing of each other is kept side by side, and a human decides. Nothing is dropped: events that this version does not know, or that
// ask for what their author may not do, stand in the timeline.
package fold

import (
	"time"

	"panah/core/event"
)

// An Entry is an event with its place in the gate's log; Place is negative while it has none (not sent yet, or brought on a stick).
type Entry struct {
	event.Signed
	Place int64
}

// A Value is one value of a field, and who gave it. Hash is the event's.
type Value struct {
	Text string
	By   event.Staff
	At   time.Time
	Hash event.Hash
}

// A Field is what desks set: one value, or several that were set at once by desks that did not know of each other, in the order of events.
type Field []Value

// Text is the value that counts until somebody decides: the last in the order of events. "" for none.
func (f Field) Text() string {
	if len(f) == 0 {
		return ""
	}
	return f[len(f)-1].Text
}

// Conflict reports whether a human has to decide.
func (f Field) Conflict() bool {
	for _, v := range f {
		if v.Text != f[0].Text {
			return true
		}
	}
	return false
}

// A Note is a caseworker's note.
type Note struct {
	Value
}

// A Task is something to do. Due is zero when it is not known yet.
type Task struct {
	event.TaskAdded
	Due     time.Time
	State   string // open, done, dropped
	Done    int    // how often a repeated one was done
	By      event.Staff
	At      time.Time // of the last change
	Note    string
	Clash   bool    // two desks moved it, or said different things of it, at once: States and Dues hold them
	States  []Value // Clash
	Dues    []Value // Clash
	AddedAt time.Time
}

// A Consent with its state now.
type Consent struct {
	event.Consented
	Author    event.Staff
	At        time.Time
	Withdrawn time.Time // zero: not
}

// Vital is a vital interest; it counts when Second is not empty.
type Vital struct {
	event.Vital
	First, Second event.Staff
	At            time.Time
}

// A Disclosure is what was told to somebody.
type Disclosure struct {
	event.Disclosed
	By event.Staff
	At time.Time
}

// A Proxy speaks for the person. Confirmed is "", "yes" or "no".
type Proxy struct {
	event.Proxy
	By        event.Staff
	At        time.Time
	Confirmed string
	How       string
}

// A PaperCheck is what the papers check said for this case.
type PaperCheck struct {
	event.PaperChecked
	By   event.Staff
	At   time.Time
	Hash event.Hash
}

// A Closure is how the work ended.
type Closure struct {
	event.Closed
	By event.Staff
	At time.Time
}

// A Line of the timeline: one event. Refused says that it has no effect: its author may not, or the case was not in a state for it.
type Line struct {
	event.Signed
	Place   int64
	Refused string // "", "role", "barred", "late" (a claim that came second), "ground" (no consent for it), "talk" (a letter that needs a talk about its danger first), "state"
}

// A Look is a day on which a person opened the case.
type Look struct {
	Staff event.Staff
	At    time.Time
}

// A Case is the fold of its events. The zero Case has none.
type Case struct {
	ID          event.Case
	Opened      bool
	Since       time.Time // when the person reached us
	OpenedAt    time.Time
	OpenedBy    event.Staff
	Source      string
	Fields      map[string]Field
	Answers     map[string]Field // "pathway/question"
	Pathways    []string         // followed, in the order they were begun; concurrent on and off leaves it on
	Notes       []Note
	Tasks       []Task // in the order of events
	Owner       Field  // staff ids; Conflict: two hand-overs at once. Empty text: nobody
	Team        []event.Staff
	Barred      map[event.Staff]string // why
	LinkedTo    Field                  // case in hex
	Proxy       *Proxy
	Consents    []Consent
	Vitals      []Vital
	Disclosures []Disclosure
	Bases       []event.Basis
	Papers      []PaperCheck // in the order of events
	Checked     *bool        // the conflict check's answer
	Closure     *Closure
	Hold        Field // Text: until, a day
	HoldReason  string
	Retired     time.Time // when letters, notes and tasks were destroyed; zero: they are here
	Reviews     []Note
	Letters     []Letter // newest words of each, in the order they were first made
	Talks       []Talk
	Looks       []Look
	Timeline    []Line
	Heads       []event.Hash // events that no other names as parent: the parents of the next, at most event.MaxParents
	Unknown     int          // events of a newer version
}

// Conflicts lists what holds values that were set at once: names of fields, "answer:pathway/question", "task:id", "owner", "linked", "hold"; in this order.
func (c Case) Conflicts() []string { return conflicts(c) }

// Of is the case of a set of events; each may be there more than once, in any order. Parents that are missing are passed over.
func Of(id event.Case, events []Entry) Case { return of(id, events) }
