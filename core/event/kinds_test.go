package event_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
)

const (
	staff = event.Staff("00000000000000a1")
	id    = "1111111111111111"
)

// kindVector is a kind with bodies that are written and bodies that are not.
type kindVector struct {
	good, bad []event.Body
}

func kindVectors() []kindVector {
	long, line := strings.Repeat("پ", 20_001), strings.Repeat("x", 301)
	consent := event.Consented{
		ID: id, What: "tell-lawyer", Receiver: "Lawyer A", RunBy: "ngo", Purpose: "find him", Facts: "held since Monday", Script: "tell-lawyer/1", Lang: "fa", Spoken: true,
		Understood: "said it back", By: "person", State: "given", Ends: "2026-11-30", Basis: "consent",
	}
	with := func(change func(*event.Consented)) event.Body { c := consent; change(&c); return c }
	task := event.TaskAdded{
		Task: "medical/call", Do: "call the clinic", Due: "2026-11-24T10:00:00Z", From: "detention", By: "PT6H", Repeat: "P1D", Times: 3, Who: "caseworker", Basis: "law", Source: "pk-const-10",
		Letter: "medical-letter", Needs: []string{"medical"}, Note: "note", Steps: "done when seen",
	}
	withTask := func(change func(*event.TaskAdded)) event.Body { k := task; change(&k); return k }
	shift := event.Shift{ID: id, From: "2026-11-24T08:00:00Z", To: "2026-11-24T16:00:00Z", Staff: []event.Staff{staff}}
	paper := event.PaperChecked{
		Paper: "ir-headcount-slip", Round: 2, Printed: "1403-12-30", Calendar: "solar", On: "2026-11-24", Known: "2026-11-23", Verdict: "stale", Would: "revoked", Rule: "ir-slip-cancel", Since: "2025-05-29",
		Until: "2026-01-01", Sources: []string{"ir-cancel-menafn"}, Book: "00112233445566aa", Facts: map[string]string{"group": "spouse", "booked": "2025-06-07"},
	}
	withPaper := func(change func(*event.PaperChecked)) event.Body { p := paper; change(&p); return p }
	letter := event.LetterMade{
		ID: id, Letter: "status-note", Lang: "fa", To: "person", Version: 1, Draft: true, Read: true, Task: "detained/show", Title: "یادداشت",
		Blocks: []event.LetterBlock{{Is: "text", Text: "کارت \u2068آمایش\u2069"}, {Is: "list", Text: "a\nb"}},
	}
	withLetter := func(change func(*event.LetterMade)) event.Body { l := letter; change(&l); return l }
	talk := event.RiskTalked{Topic: event.TopicCarrying, Lang: "fa", Script: "fa/1", Understood: "said it back", By: "person"}
	return []kindVector{
		{bodies(event.Opened{Source: "letter", Since: "2026-11-24T08:00:00Z", Ref: "A-7"}), bodies(event.Opened{Since: "2026-11-24T08:00:00Z"}, event.Opened{Source: "letter"}, event.Opened{Source: "letter", Since: "2026-11-24T08:00:00+01:00"}, event.Opened{Source: "letter", Since: "2026-11-24T08:00:00Z", Ref: line})},
		{bodies(event.Set{Field: "name", Value: "Gulalai <K.> & ۱"}, event.Set{Field: "name"}), bodies(event.Set{Value: "x"}, event.Set{Field: "Name"}, event.Set{Field: "name", Value: long}, event.Set{Field: "name", Value: "\xff"})},
		{bodies(event.Answered{Pathway: "medical", Question: "now", Value: "yes"}), bodies(event.Answered{Question: "now"}, event.Answered{Pathway: "medical"}, event.Answered{Pathway: "medical", Question: "now", Value: long})},
		{bodies(event.Followed{Pathway: "medical", On: true, Version: 1}, event.Followed{Pathway: "medical"}), bodies(event.Followed{}, event.Followed{Pathway: "medical", Version: -1})},
		{bodies(event.Noted{Text: "two\nlines"}), bodies(event.Noted{}, event.Noted{Text: long})},
		{bodies(task, event.TaskAdded{Task: id, Do: "own task"}), bodies(withTask(func(k *event.TaskAdded) { k.Task = "call" }), withTask(func(k *event.TaskAdded) { k.Do = "" }), withTask(func(k *event.TaskAdded) { k.Due = "tomorrow" }), withTask(func(k *event.TaskAdded) { k.Times = -1 }), withTask(func(k *event.TaskAdded) { k.Needs = []string{""} }), withTask(func(k *event.TaskAdded) { k.Needs = make([]string, 33) }), withTask(func(k *event.TaskAdded) { k.Repeat = line }))},
		{bodies(event.TaskMoved{Task: "medical/call", Due: "2026-11-24T10:00:00Z", Why: "closed"}, event.TaskMoved{Task: "medical/call"}), bodies(event.TaskMoved{}, event.TaskMoved{Task: "a/b/c"}, event.TaskMoved{Task: "a/b", Due: "2026-11-24"})},
		{bodies(event.TaskState{Task: "medical/call", State: "done", Note: "n"}, event.TaskState{Task: id, State: "dropped"}, event.TaskState{Task: id, State: "open"}), bodies(event.TaskState{Task: id}, event.TaskState{Task: id, State: "started"}, event.TaskState{State: "done"})},
		{bodies(event.Claimed{}), nil},
		{bodies(event.Assigned{Staff: staff, Note: "n"}, event.Assigned{}), bodies(event.Assigned{Staff: "ana"})},
		{bodies(event.Team{Staff: staff, On: true}), bodies(event.Team{}, event.Team{Staff: "A100000000000000"})},
		{bodies(event.Barred{Staff: staff, On: true, Why: "cousin"}), bodies(event.Barred{}, event.Barred{Staff: staff, Why: long})},
		{bodies(event.Linked{To: event.Case{7}.Reveal()}, event.Linked{}), bodies(event.Linked{To: "07"})},
		{bodies(event.Proxy{Relation: "brother", Why: "held", Name: "A."}), bodies(event.Proxy{Relation: line}, event.Proxy{Name: "two\nlines"})},
		{bodies(event.ProxyConfirmed{Confirmed: true, How: "by phone"}), bodies(event.ProxyConfirmed{How: long})},
		{bodies(consent, with(func(c *event.Consented) { c.State, c.Ends = "refused", "" })), bodies(with(func(c *event.Consented) { c.ID = "1" }), with(func(c *event.Consented) { c.Ends = "" }), with(func(c *event.Consented) { c.Ends = "2026-11-31" }), with(func(c *event.Consented) { c.State = "" }), with(func(c *event.Consented) { c.What = "" }), with(func(c *event.Consented) { c.Receiver = line }))},
		{bodies(event.Withdrawn{ID: id}), bodies(event.Withdrawn{})},
		{bodies(event.Vital{ID: id, What: "tell-lawyer", Receiver: "Hospital", Reason: "unconscious"}), bodies(event.Vital{ID: id, What: "tell-lawyer"}, event.Vital{What: "tell-lawyer", Reason: "x"}, event.Vital{ID: id, Reason: "x"})},
		{bodies(event.VitalAgreed{ID: id}), bodies(event.VitalAgreed{ID: "x"})},
		{bodies(event.Disclosed{What: "tell-lawyer", Receiver: "Lawyer A", Facts: "held", Ground: id, Service: "legal-aid"}), bodies(event.Disclosed{What: "tell-lawyer", Ground: id}, event.Disclosed{What: "tell-lawyer", Receiver: "L"}, event.Disclosed{Receiver: "L", Ground: id})},
		{bodies(event.Basis{Processing: "keep", Basis: "consent", Why: "asked"}), bodies(event.Basis{Basis: "consent"}, event.Basis{Processing: "keep"})},
		{bodies(event.Checked{Found: true}), nil},
		{bodies(event.Closed{Outcome: "advised", Reason: "goal-reached", Note: "n", Remains: "write again"}), bodies(event.Closed{Outcome: "advised"}, event.Closed{Reason: "x"}, event.Closed{Outcome: "advised", Reason: "x", Note: long})},
		{bodies(event.Reopened{Why: "wrote"}, event.Reopened{}), bodies(event.Reopened{Why: long})},
		{bodies(event.Held{Reason: "court", Until: "2027-01-01"}, event.Held{}), bodies(event.Held{Until: "soon"})},
		{bodies(event.Reviewed{Note: "seen"}), bodies(event.Reviewed{Note: long})},
		{bodies(event.Looked{}), nil},
		{bodies(letter, withLetter(func(l *event.LetterMade) { l.Task = "" })), bodies(withLetter(func(l *event.LetterMade) { l.ID = "1" }), withLetter(func(l *event.LetterMade) { l.Letter = "Wage claim" }), withLetter(func(l *event.LetterMade) { l.Lang = "" }), withLetter(func(l *event.LetterMade) { l.To = "" }), withLetter(func(l *event.LetterMade) { l.Version = -1 }), withLetter(func(l *event.LetterMade) { l.Blocks = nil }), withLetter(func(l *event.LetterMade) { l.Blocks = make([]event.LetterBlock, 81) }), withLetter(func(l *event.LetterMade) {
			l.Blocks = []event.LetterBlock{{Is: "text", Text: strings.Repeat("x", 14_001)}}
		}), withLetter(func(l *event.LetterMade) { l.Blocks = []event.LetterBlock{{Text: "x"}} }), withLetter(func(l *event.LetterMade) { l.Title = line }))},
		{bodies(talk), bodies(event.RiskTalked{Lang: "fa", Script: "en/1", Understood: "x", By: "person"}, event.RiskTalked{Topic: event.TopicCarrying, Lang: "fa", Script: "en/1", By: "person"}, event.RiskTalked{Topic: event.TopicCarrying, Lang: "fa", Understood: "x", By: "person"}, event.RiskTalked{Topic: event.TopicCarrying, Lang: "fa", Script: "en/1", Understood: "x"}, event.RiskTalked{Topic: event.TopicCarrying, Script: "en/1", Understood: "x", By: "person"})},
		{bodies(event.StaffIs{Staff: staff, Name: "Ana", Role: "keeper", Device: "x", Active: true}), bodies(event.StaffIs{Name: "Ana", Role: "keeper"}, event.StaffIs{Staff: staff, Role: "keeper"}, event.StaffIs{Staff: staff, Name: "Ana"})},
		{bodies(shift, event.Shift{ID: id, From: shift.From, To: shift.To}), bodies(event.Shift{From: shift.From, To: shift.To}, event.Shift{ID: id, From: shift.From}, event.Shift{ID: id, From: shift.From, To: shift.To, Staff: []event.Staff{"x"}}, event.Shift{ID: id, From: shift.To, To: shift.From}, event.Shift{ID: id, From: shift.From, To: shift.To, Staff: make([]event.Staff, 65)})},
		{bodies(event.Destroyed{Month: "2026-11"}), bodies(event.Destroyed{}, event.Destroyed{Month: "2026-13"}, event.Destroyed{Month: "2026-11-24"})},
		{bodies(event.SearchedAll{Reason: "missing child"}), bodies(event.SearchedAll{Reason: long})},
		{bodies(paper, event.PaperChecked{Paper: "pk-por", On: "2026-11-24", Known: "2026-11-24", Verdict: "unknown", Book: paper.Book}), bodies(
			withPaper(func(p *event.PaperChecked) { p.Paper = "AFG-P01234567" }), withPaper(func(p *event.PaperChecked) { p.Round = -1 }), withPaper(func(p *event.PaperChecked) { p.Round = 123456789012 }),
			withPaper(func(p *event.PaperChecked) { p.Printed = "1403-13-01" }), withPaper(func(p *event.PaperChecked) { p.Printed = "1403-12-30 no. 1" }), withPaper(func(p *event.PaperChecked) { p.Printed = "1403-+2-30" }),
			withPaper(func(p *event.PaperChecked) { p.Calendar = "" }), withPaper(func(p *event.PaperChecked) { p.Printed = "" }), withPaper(func(p *event.PaperChecked) { p.Calendar = "jalali" }),
			withPaper(func(p *event.PaperChecked) { p.On = "" }), withPaper(func(p *event.PaperChecked) { p.Known = "2026-11-31" }), withPaper(func(p *event.PaperChecked) { p.Verdict = "valid" }),
			withPaper(func(p *event.PaperChecked) { p.Verdict = "ended" }), withPaper(func(p *event.PaperChecked) { p.Would = "" }), withPaper(func(p *event.PaperChecked) { p.Would = "stale" }),
			withPaper(func(p *event.PaperChecked) { p.Rule = "said by the officer" }), withPaper(func(p *event.PaperChecked) { p.Book = "1" }), withPaper(func(p *event.PaperChecked) { p.Sources = []string{""} }),
			withPaper(func(p *event.PaperChecked) { p.Facts = map[string]string{"card": "123456789012"} }), withPaper(func(p *event.PaperChecked) { p.Facts = map[string]string{"card": "1401-0923-1"} }),
			withPaper(func(p *event.PaperChecked) { p.Facts = map[string]string{"who": "my brother"} }))},
		{bodies(event.BookSet{Version: paper.Book, Read: "2026-11-23", Files: "H4sI", Why: "circular of 1 Azar"}, event.BookSet{}), bodies(event.BookSet{Version: "1", Files: "H4sI"}, event.BookSet{Version: paper.Book}, event.BookSet{Version: paper.Book, Files: "not base64"}, event.BookSet{Files: "H4sI"}, event.BookSet{Version: paper.Book, Files: strings.Repeat("AAAA", 15<<10+1)}, event.BookSet{Version: paper.Book, Files: "H4sI", Read: "soon"}, event.BookSet{Why: line})},
		{bodies(event.Unknown{Name: "newer", Raw: []byte(`{"a":1}`)}), bodies(event.Unknown{Name: "Newer", Raw: []byte(`{}`)}, event.Unknown{Name: "newer", Raw: []byte(`[]`)}, event.Unknown{Name: "newer", Raw: []byte("{\n}")}, event.Unknown{Name: "newer"})},
	}
}

func bodies(b ...event.Body) []event.Body { return b }

func TestEveryKindIsWrittenAndReadBack(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range kindVectors() {
		kind := v.good[0].Kind()
		if seen[kind] {
			t.Errorf("%s is there twice", kind)
		}
		seen[kind] = true
		for _, body := range v.good {
			e := sample()
			e.Body = body
			s, err := event.Sign(e, key(1))
			if err != nil {
				t.Errorf("%s is refused: %v", kind, err)
				continue
			}
			got, err := event.Open(s.Note)
			if err != nil {
				t.Errorf("%s is not believed: %v", kind, err)
				continue
			}
			if diff := cmp.Diff(body, got.Body); diff != "" {
				t.Errorf("%s: %s", kind, diff)
			}
		}
		for _, body := range v.bad {
			e := sample()
			e.Body = body
			if _, err := event.Sign(e, key(1)); !errors.Is(err, event.ErrMalformed) {
				t.Errorf("%s: a bad one is written: %v: %+v", kind, err, body)
			}
		}
	}
	if len(seen) != 36 {
		t.Errorf("%d kinds are tried", len(seen))
	}
}

// A field that this version does not know makes the whole event one of a newer version: shown, with its words, and nothing of it believed half.
func TestUnknownFieldIsKeptWhole(t *testing.T) {
	e := sample()
	e.Body = event.Unknown{Name: "set", Raw: []byte(`{"field":"name","value":"x","script":"latin"}`)}
	s, err := event.Sign(e, key(1))
	if err != nil {
		t.Fatal(err)
	}
	got, err := event.Open(s.Note)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e.Body, got.Body); diff != "" {
		t.Error(diff)
	}
}

func TestMalformedEventsAreRefused(t *testing.T) {
	s, err := event.Sign(sample(), key(1))
	if err != nil {
		t.Fatal(err)
	}
	bare := string(event.Unsigned(s.Note))
	for name, change := range map[string][2]string{
		"another format":       {"panah.event/v1", "panah.event/v2"},
		"no organisation":      {"org abcdefghjkmnpqrstvwx", "org "},
		"an epoch with a zero": {"epoch 3", "epoch 03"},
		"an epoch below zero":  {"epoch 3", "epoch -3"},
		"a case in capitals":   {"case 0102", "case 01020"},
		"a time with a zone":   {"09:00:01Z", "09:00:01+00:00"},
		"an author by name":    {"author 0000000000000007", "author Ana"},
		"no kind":              {"kind noted", "kind "},
		"no body":              {`{"text":`, `["text":`},
		"an empty note":        {`"He is at the <station>.\nپدر"`, `""`},
		"half a tree":          {"tree 12 AAAA", "tree "},
	} {
		broken := strings.Replace(bare, change[0], change[1], 1)
		if broken == bare && name != "an author by name" {
			t.Errorf("%s: nothing was changed in\n%s", name, bare)
		}
		if _, err := event.Read([]byte(broken)); broken != bare && !errors.Is(err, event.ErrMalformed) {
			t.Errorf("%s is read", name)
		}
	}
	for name, parents := range map[string][]event.Hash{"two in disorder": {{2}, {1}}, "one twice": {{1}, {1}}, "too many": many()} {
		e := sample()
		e.Parents = parents
		if _, err := event.Sign(e, key(1)); !errors.Is(err, event.ErrMalformed) {
			t.Errorf("parents, %s: %v", name, err)
		}
	}
	e := sample()
	e.Body = event.Noted{Text: strings.Repeat("پدر\"", 5000)}
	if _, err := event.Sign(e, key(1)); err != nil {
		t.Errorf("the longest note does not fit: %v", err)
	}
}

func many() (out []event.Hash) {
	for i := range event.MaxParents + 1 {
		out = append(out, event.Hash{byte(i)})
	}
	return out
}
