package office

import (
	"errors"
	"time"

	"panah/core/roster"
)

// What can go wrong with an organisation's keys that a page has words for.
var (
	ErrKeeper   = errors.New("only a keeper's desk can do this; ask a keeper")
	ErrConflict = errors.New("somebody else changed the list of desks at the same moment; look again, then decide anew")
	ErrRole     = errors.New("this desk may read and not write; ask a keeper")
)

// A Desk is one desk of the organisation.
type Desk struct {
	ID         string // 16 hex digits of its device hash, for addresses of pages
	Name       string // what its keeper calls it
	Role       roster.Role
	Keeper     bool // holds a keeper's key
	This       bool // the one that answers
	Since      time.Time
	Generation int  // of its card
	Behind     bool // has not renewed its key since the last grant
}

// Keys is how an organisation's keys stand.
type Keys struct {
	Org                               string
	Words                             [8]byte // numbers of the eight words for Org
	Serial, Epoch, Threshold, Keepers int
	Began, Due                        time.Time // of this epoch; when the next is to begin
	Overdue                           bool
	Role                              roster.Role // of this desk
	Desks                             []Desk
	Proposals                         []Proposal
	Intake                            bool // letters from the public are taken
	Custodians                        roster.Custodians
	Waiting                           string // "", "proposal": a change of ours waits for other keepers
}

// A Proposal is a change of the roster that too few keepers have signed yet.
type Proposal struct {
	ID             string
	Added, Removed []Desk
	NewEpoch       bool
	Threshold      bool // it changes how many keepers must sign
	Signed, Needed int
	Ours           bool // this desk has signed it
}

// An Exposure is what a thief of a desk may have.
type Exposure struct {
	Desk    Desk
	Epochs  []int // whose keys it holds
	Since   time.Time
	Letters int // in those epochs
	Threads int // readable on the desk
	Locked  int // locked cases that it was named for
	Keeper  bool
	GoneBy  time.Time // when those keys are of no use any more, at the latest; zero: not known
}
