package fold_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
)

var talked = event.RiskTalked{Topic: event.TopicCarrying, Lang: "fa", Script: "fa/1", Understood: "said it back", By: "person"}

func statusNote(to string) event.LetterMade {
	return event.LetterMade{ID: oneID, Letter: "status-note", Lang: "fa", To: to, Version: 1, Title: "note", Blocks: []event.LetterBlock{{Is: "text", Text: "words of " + to}}}
}

// What May refuses at one desk has no effect at any: a status note that somebody may carry needs a talk that its author knew of, also when another desk recorded one at the same time.
func TestAStatusNoteWithoutTheTalkHasNoEffectAnywhere(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(opened())
	meet(a, b)
	a.say(statusNote("person"))
	b.say(talked)
	meet(a, b)
	for _, d := range all {
		c := d.fold()
		if len(c.Letters) != 0 || len(c.Talks) != 1 {
			t.Fatalf("%d letters, %d talks", len(c.Letters), len(c.Talks))
		}
		refused := 0
		for _, l := range c.Timeline {
			if l.Refused == "talk" {
				refused++
			}
		}
		if refused != 1 {
			t.Errorf("%d lines say why", refused)
		}
	}
	b.say(statusNote("person"))
	meet(a, b)
	if c := a.fold(); len(c.Letters) != 1 || c.Letters[0].By != bilal {
		t.Errorf("after the talk: %d letters", len(c.Letters))
	}
}

func TestALetterToCounselOrCourtNeedsNoTalk(t *testing.T) {
	for _, to := range []string{"counsel", "court"} {
		d := desks(t, ana)[0]
		d.say(opened())
		d.say(statusNote(to))
		if len(d.fold().Letters) != 1 {
			t.Errorf("to %s: refused", to)
		}
	}
}

func TestALetterMadeAgainIsOneLetterWithItsLastWords(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(opened())
	d.say(statusNote("counsel"))
	again := statusNote("counsel")
	again.Blocks = []event.LetterBlock{{Is: "text", Text: "other words"}}
	d.say(again)
	c := d.fold()
	if len(c.Letters) != 1 || c.Letters[0].Times != 2 {
		t.Fatalf("%d letters", len(c.Letters))
	}
	if diff := cmp.Diff(again, c.Letters[0].LetterMade); diff != "" {
		t.Error(diff)
	}
}

// What was written goes with the other texts of a case: what a desk keeps of it stands for all events, and holds no letter.
func TestLettersGoWithTheTextsOfTheCase(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(retired())
	if c := d.fold(); len(c.Letters) != 0 || len(c.Talks) != 0 || c.Talked(event.TopicCarrying) {
		t.Error("something of a letter is left")
	}
}
