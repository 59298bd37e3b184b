package office

import (
	"errors"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/desk/internal/casedb"
)

// ErrWall says that the case is there and not for this person: its team, its owner, or who is barred from it. Pages show a stub.
var ErrWall = errors.New("this case is not open to you; ask its owner or a keeper")

// A Queue is a page of the triage list.
type Queue struct {
	Rows   []casedb.CaseRow
	More   bool // a further page
	Counts QueueCounts
	Duty   DutyNow
	People map[event.Staff]string
}

// QueueCounts are of what the viewer may see, whatever the filter.
type QueueCounts struct {
	New, Open, Mine      int
	Minutes, Hours, Days int
	Late, Escalated      int
}

// DutyNow says who is on duty.
type DutyNow struct {
	Set   bool // there is a roster at all
	On    []event.Staff
	Until time.Time // end of this shift, or when the next begins when On is empty; zero: unknown
}

// An Opening is what opens a case, from a letter or without one.
type Opening struct {
	Source    string // letter, person, import, referral; see event.Opened
	Since     time.Time
	Pathways  []string
	Fields    map[string]string // event.Field… to value
	OtherSide string            // for the conflict check; kept in a field of its own
	Note      string
	Claim     bool
	Checked   *bool // the conflict check's answer, when it was made
}

// A CaseFile is everything of a case that its page shows. It prints as "[case]".
type CaseFile struct {
	Row       casedb.CaseRow
	Thread    casedb.Thread   // its conversation
	Linked    []casedb.Thread // conversations that were found to be the same matter
	Case      fold.Case
	People    map[event.Staff]string
	Followed  []pathway.Pathway
	Suggested []pathway.Pathway // what the person's choices lead to, not followed yet
	Role      string            // the viewer's
	Retention Retention
}

// Retention says when what goes. Zero days: not closed.
type Retention struct {
	TextOn  time.Time // free text and files
	AllOn   time.Time // the case
	Held    time.Time // a legal hold puts both off until then
	Waiting bool      // the person wrote again: nothing goes
}

// String hides the content.
func (CaseFile) String() string { return "[case]" }

// GoString hides the content.
func (CaseFile) GoString() string { return "[case]" }

// A Suggestion is a case that may be the same matter.
type Suggestion struct {
	Thread int64
	Name   string
	Why    []string // "name", "phrase", "district", "paper"
}
