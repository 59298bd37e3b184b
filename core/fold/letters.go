package fold

import (
	"slices"
	"time"

	"panah/core/event"
)

// A Letter that was made for printing, with the words it has now.
type Letter struct {
	event.LetterMade
	By    event.Staff
	At    time.Time // of these words
	Hash  event.Hash
	Times int // how often it was made
}

// A Talk about the danger of carrying something.
type Talk struct {
	event.RiskTalked
	By event.Staff
	At time.Time
}

// Talked reports whether the talk that a letter needs was recorded; true when it needs none.
func (c Case) Talked(topic string) bool {
	return topic == "" || slices.ContainsFunc(c.Talks, func(t Talk) bool { return t.Topic == topic })
}

// letters keeps what was written and what was talked about before.
type letters struct {
	made   []Letter
	talks  []Talk
	talked []at // of talks
}

// make takes a letter. One that needs a talk has no effect when its author knew of none: a talk that somebody else recorded at the same time was not known when the letter was handed over.
func (l *letters) make(h history, i at, body event.LetterMade) (refused string) {
	if topic := body.NeedsTalk(); topic != "" && !l.knewTalk(h, i, topic) {
		return refusedTalk
	}
	e := &h.events[i]
	made := Letter{body, e.Author, e.At, e.Hash, 1}
	for n := range l.made {
		if l.made[n].ID == body.ID {
			made.Times += l.made[n].Times
			l.made[n] = made
			return ""
		}
	}
	l.made = append(l.made, made)
	return ""
}

func (l *letters) talk(h history, i at, body event.RiskTalked) {
	e := &h.events[i]
	l.talks, l.talked = append(l.talks, Talk{body, e.Author, e.At}), append(l.talked, i)
}

func (l *letters) knewTalk(h history, i at, topic string) bool {
	for n, t := range l.talked {
		if l.talks[n].Topic == topic && h.knew(i, t) {
			return true
		}
	}
	return false
}
