package casedb

import (
	"time"

	"panah/core/event"
)

// Stage says how far the work on a thread has come.
type Stage string

// The stages.
const (
	StageNew    Stage = "new"    // a letter that nobody opened a case from
	StageOpen   Stage = "open"   // a case is worked on
	StageClosed Stage = "closed" // its work has ended; retention runs
)

// A CaseFilter chooses lines of the queue. The zero filter is everything that is not closed, for a desk without walls, most urgent first.
type CaseFilter struct {
	Viewer   event.Staff // whose queue: cases that they may not see are left out; "" for the desk itself
	All      bool        // Viewer is a keeper: sensitive cases of others too
	Locked   bool        // Viewer is a specialist: locked cases too that nobody at this desk is named for
	Mine     bool        // only cases that Viewer owns or is on the team of
	Stage    Stage       // "": new and open
	Urgency  Urgency     // 0: any
	Pathway  string      // "": any
	District string
	Lang     string
	Late     time.Time // only what was due before; zero: all
	Waiting  bool      // only those whose last word is the person's
	Newest   bool      // order by the last letter instead of urgency and due
	Limit    int       // at most 200; 0: 50
	Offset   int
}

// A CaseRow is a line of the queue. It prints as "[thread]".
type CaseRow struct {
	Summary
	Stage       Stage
	Name        string
	Line        string // summary, or the beginning of the last letter
	Owner       event.Staff
	Pathways    []string
	Sensitivity string
	Due         time.Time // the earlier of ReplyBy and the next task's deadline; zero: none
	DueTask     string    // what is due: a task's Do; "" for the answer to the person
	ReplyBy     time.Time // zero: nobody waits for an answer, or nobody is on duty
	Escalated   time.Time // when nobody had answered within the clock; zero: not
	Conflict    bool      // two desks said different things at once
	Linked      int       // further conversations
	OpenTasks   int
}

// String hides the content.
func (CaseRow) String() string { return "[thread]" }

// GoString hides the content.
func (CaseRow) GoString() string { return "[thread]" }

// A TaskRow is a task of any case.
type TaskRow struct {
	Thread int64
	Name   string // of the case's person; may be empty
	Owner  event.Staff
	Task   string
	Do     string
	Due    time.Time
	Basis  string
	Source string
	Who    string
}

// String hides the content.
func (TaskRow) String() string { return "[task]" }

// GoString hides the content.
func (TaskRow) GoString() string { return "[task]" }
