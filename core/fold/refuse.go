package fold

import (
	"slices"

	"panah/core/event"
)

// Why a line has no effect: Line.Refused.
const (
	refusedRole   = "role"
	refusedBarred = "barred"
	refusedLate   = "late"
	refusedGround = "ground"
	refusedState  = "state"
	refusedTalk   = "talk"
)

// bars goes through the history once and finds who was kept out when: what a person says after they were barred, knowing it or not, has no effect; nor has handing the case to
// them. That they looked stays: who saw what must not lose anybody. Of a bar put up and taken down at once, the bar stands.
func (b *builder) bars() {
	for i := range b.h.events {
		e := &b.h.events[i]
		if _, look := e.Body.(event.Looked); !look && b.barred.somebody(e.Author) {
			b.refused[i] = refusedBarred
			continue
		}
		switch body := e.Body.(type) {
		case event.Retired:
			for _, who := range body.Barred {
				b.barred.set(b.h, i, who, true)
			}
		case event.Barred:
			b.barred.set(b.h, i, body.Staff, body.On)
			if body.On {
				b.barWhy[body.Staff] = body.Why
			}
		case event.Assigned:
			if b.barred.somebody(body.Staff) {
				b.refused[i] = refusedBarred
			}
		case event.Team:
			if body.On && b.barred.somebody(body.Staff) {
				b.refused[i] = refusedBarred
			}
		}
	}
}

// closings finds which closings count. A closing counts for those who knew of it. Work that went on at the same time at another desk wins: whoever closed did not know of that
// work, and a case that stays open loses nobody's word and is closed again by a click, while one that closed over a fresh note would start the clocks of erasure.
func (b *builder) closings() {
	for i := range b.h.events {
		switch b.h.events[i].Body.(type) {
		case event.Retired: // stands for the closing, which may be gone
			if b.refused[i] == "" {
				b.closed = append(b.closed, i)
			}
		case event.Closed:
			if b.refused[i] == "" && b.closedFor(i) {
				b.refused[i] = refusedState
			} else if b.refused[i] == "" && !b.workBeside(i) {
				b.closed = append(b.closed, i)
			}
		case event.Reopened:
			if b.refused[i] == "" && !b.closedBeside(i) {
				b.refused[i] = refusedState
			} else if b.refused[i] == "" {
				b.reopened = append(b.reopened, i)
			}
		default:
			if b.refused[i] == "" && !evenClosed(b.h.events[i].Body) && b.closedFor(i) {
				b.refused[i] = refusedState
			}
		}
	}
}

// closedFor reports whether the author of event i knew of a closing that counts, and of no reopening since.
func (b *builder) closedFor(i at) bool {
	for _, c := range slices.Backward(b.closed) {
		if b.h.knew(i, c) && !b.anyReopened(func(r at) bool { return b.h.knew(r, c) && b.h.knew(i, r) }) {
			return true
		}
	}
	return false
}

func (b *builder) anyReopened(is func(at) bool) bool {
	for _, r := range slices.Backward(b.reopened) { // most ask of the last closings: a case that was closed a thousand times is read as soon as another
		if is(r) {
			return true
		}
	}
	return false
}

// workBeside reports whether something was done in the case while it was closed elsewhere.
func (b *builder) workBeside(closing at) bool {
	for i := range b.h.events {
		if b.refused[i] != refusedBarred && work(b.h.events[i].Body) && b.h.apart(i, closing) {
			return true
		}
	}
	return false
}

// closedBeside reports whether there is something that a reopening can undo: a closing that it knew of, or one at the same time.
func (b *builder) closedBeside(reopening at) bool {
	for i := range b.h.events {
		if closing(b.h.events[i].Body) && b.refused[i] != refusedBarred && !b.h.knew(i, reopening) {
			return true
		}
	}
	return false
}

func closing(body event.Body) bool {
	switch body.(type) {
	case event.Closed, event.Retired:
		return true
	}
	return false
}

// work is what shows that somebody still had something to do in the case. Kinds that this version does not know may be work.
func work(body event.Body) bool {
	switch body.(type) {
	case event.Closed, event.Looked, event.Held, event.Reviewed, event.Barred, event.Withdrawn, event.Retired:
		return false
	}
	return true
}

// evenClosed is what may be said of a closed case: looking, keeping, opening again, and what only takes away from others: keeping somebody out, and a person who takes a consent
// back.
func evenClosed(body event.Body) bool {
	switch body := body.(type) {
	case event.Consented: // asked at the end: may we keep it longer
		return body.What == "keep-longer"
	case event.Basis:
		return body.Processing == "keep"
	case event.Looked, event.Held, event.Reviewed, event.Reopened, event.Barred, event.Withdrawn, event.Retired, event.Unknown:
		return true
	}
	return false
}

// ofOffice are the kinds of the office's stream: in a case they say nothing.
func ofOffice(body event.Body) bool {
	switch body.(type) {
	case event.StaffIs, event.Shift, event.Destroyed, event.SearchedAll, event.Retention, event.BookSet:
		return true
	}
	return false
}
