package fold

import (
	"maps"
	"slices"
	"time"

	"panah/core/event"
)

// builder makes a case: once over the history for who was kept out, once for closings, once for what each event says.
type builder struct {
	h        history
	refused  []string // why not, of each event
	c        Case
	barred   flags[event.Staff]
	barWhy   map[event.Staff]string
	closed   []at // closings that count
	reopened []at
	opened   register[event.Opened]
	fields   fields
	answers  fields
	owner    words
	linked   words
	hold     register[event.Held]
	paths    flags[string]
	begun    []string
	team     people
	tasks    tasks
	consents consents
	proxy    register[event.Proxy]
	confirms []at
	bases    map[string]register[event.Basis]
	checked  register[bool]
	looks    map[look]bool
	retired  register[event.Retired]
	letters  letters
}

// look is a person's day.
type look struct {
	who event.Staff
	day string
}

func of(id event.Case, events []Entry) Case {
	b := &builder{
		h: arrange(id, events), c: Case{ID: id}, barred: flags[event.Staff]{}, barWhy: map[event.Staff]string{}, fields: fields{}, answers: fields{}, paths: flags[string]{},
		team: people{on: flags[event.Staff]{}}, tasks: tasks{by: map[string]*task{}}, consents: consents{by: map[string]*consent{}, vitals: map[string]*vital{}},
		bases: map[string]register[event.Basis]{}, looks: map[look]bool{},
	}
	b.refused = make([]string, len(b.h.events))
	b.bars()
	b.closings()
	for i := range b.h.events {
		if b.refused[i] == "" {
			b.refused[i] = b.apply(i)
		}
	}
	b.finish()
	return b.c
}

// apply lets event i take effect, and returns why it has none.
func (b *builder) apply(i at) (refused string) {
	e := &b.h.events[i]
	switch body := e.Body.(type) {
	case event.Opened:
		return b.open(i, body)
	case event.Set:
		b.fields.set(b.h, i, body.Field, body.Value)
	case event.Answered:
		b.answers.set(b.h, i, body.Pathway+"/"+body.Question, body.Value)
	case event.Followed:
		b.follow(i, body)
	case event.Noted:
		b.c.Notes = append(b.c.Notes, Note{b.h.value(i, body.Text)})
	case event.TaskAdded:
		b.tasks.add(b.h, i, body)
	case event.TaskMoved:
		b.tasks.move(b.h, i, body)
	case event.TaskState:
		b.tasks.say(b.h, i, body)
	case event.Claimed:
		return b.claim(i)
	case event.Assigned:
		b.owner = b.owner.set(b.h, i, string(body.Staff))
	case event.Team:
		b.team.set(b.h, i, body.Staff, body.On)
	case event.Linked:
		b.linked = b.linked.set(b.h, i, body.To)
	case event.Closed, event.Reopened: // closings
	case event.Unknown:
		b.c.Unknown++
	default:
		return b.applyRest(i)
	}
	return ""
}

// applyRest is apply for what is about consent, proxies and keeping.
func (b *builder) applyRest(i at) (refused string) {
	e := &b.h.events[i]
	switch body := e.Body.(type) {
	case event.Proxy:
		b.proxy = b.proxy.set(b.h, i, body)
	case event.ProxyConfirmed:
		b.confirms = append(b.confirms, i)
	case event.Consented:
		b.consents.record(b.h, i, body)
	case event.Withdrawn:
		b.consents.withdraw(b.h, i, body.ID)
	case event.Vital:
		return b.consents.state(i, body)
	case event.VitalAgreed:
		return b.consents.agree(b.h, i, body.ID)
	case event.Disclosed:
		b.consents.told = append(b.consents.told, i)
	case event.Basis:
		b.bases[body.Processing] = b.bases[body.Processing].set(b.h, i, body)
	case event.Checked:
		b.checked = b.checked.set(b.h, i, body.Found)
	case event.Held:
		b.hold = b.hold.set(b.h, i, body)
	case event.Retired:
		b.retired = b.retired.set(b.h, i, body)
	case event.PaperChecked:
		b.c.Papers = append(b.c.Papers, PaperCheck{body, e.Author, e.At, e.Hash})
	case event.Reviewed:
		b.c.Reviews = append(b.c.Reviews, Note{b.h.value(i, body.Note)})
	case event.LetterMade:
		return b.letters.make(b.h, i, body)
	case event.RiskTalked:
		b.letters.talk(b.h, i, body)
	case event.Looked:
		b.look(e)
	default:
		if ofOffice(body) {
			return refusedState
		}
	}
	return ""
}

// open begins the case. What somebody else opened at the same time counts too; opening a case that one knew to be open says nothing.
func (b *builder) open(i at, body event.Opened) (refused string) {
	for _, o := range b.opened {
		if b.h.knew(i, o.at) {
			return refusedState
		}
	}
	b.opened = append(b.opened, said[event.Opened]{i, body})
	return ""
}

// claim gives the case to the first who asks while nobody has it.
func (b *builder) claim(i at) (refused string) {
	who := string(b.h.events[i].Author)
	if who == "" {
		return refusedState
	}
	if b.owner.any(func(o string) bool { return o != "" && o != who }) {
		return refusedLate
	}
	b.owner = b.owner.set(b.h, i, who)
	return ""
}

// follow puts a pathway on or off; put on and off at once it stays on, and keeps the place where it was begun.
func (b *builder) follow(i at, body event.Followed) {
	was := b.paths.somebody(body.Pathway)
	b.paths.set(b.h, i, body.Pathway, body.On)
	if is := b.paths.somebody(body.Pathway); is == was {
		return
	}
	b.begun = slices.DeleteFunc(b.begun, func(p string) bool { return p == body.Pathway })
	if !was {
		b.begun = append(b.begun, body.Pathway)
	}
}

func (b *builder) look(e *Entry) {
	day := look{e.Author, e.At.UTC().Format(time.DateOnly)}
	if !b.looks[day] {
		b.looks[day] = true
		b.c.Looks = append(b.c.Looks, Look{e.Author, e.At})
	}
}

// finish writes what the registers hold.
func (b *builder) finish() {
	c, h := &b.c, b.h
	b.finishOpened()
	c.Fields, c.Answers, c.Owner, c.LinkedTo = b.fields.all(h), b.answers.all(h), h.field(b.owner), h.field(b.linked)
	c.Pathways, c.Tasks = b.begun, b.tasks.list(h)
	c.Barred = map[event.Staff]string{}
	for who := range b.barred {
		if b.barred.somebody(who) {
			c.Barred[who] = b.barWhy[who]
		}
	}
	// Taking somebody off a team while another puts them on takes them off: what is closed to a person by mistake is asked for, what was open by mistake was read.
	for _, who := range b.team.order {
		if _, out := c.Barred[who]; !out && b.team.on.everybody(who) {
			c.Team = append(c.Team, who)
		}
	}
	b.finishRetired()
	b.finishProxy()
	for _, processing := range slices.Sorted(maps.Keys(b.bases)) {
		for _, v := range b.bases[processing] {
			c.Bases = append(c.Bases, v.value)
		}
	}
	if len(b.checked) > 0 {
		found := b.checked.any(func(f bool) bool { return f })
		c.Checked = &found
	}
	for _, v := range b.hold {
		c.Hold, c.HoldReason = append(c.Hold, h.value(v.at, v.value.Until)), v.value.Reason
	}
	c.Closure = b.closure()
	c.Consents, c.Vitals, c.Disclosures = b.consents.list(h), b.consents.vitalList(h), b.consents.disclosures(h, b.refused)
	c.Letters, c.Talks = b.letters.made, b.letters.talks
	c.Heads = h.heads()
	for i := range h.events {
		c.Timeline = append(c.Timeline, Line{h.events[i].Signed, h.events[i].Place, b.refused[i]})
	}
}

// finishOpened takes the earliest moment that a desk knows of: clocks count from it.
func (b *builder) finishOpened() {
	for n, o := range b.opened {
		e := &b.h.events[o.at]
		if n == 0 {
			b.c.Opened, b.c.OpenedAt, b.c.OpenedBy, b.c.Source = true, e.At, e.Author, o.value.Source
		}
		if since, err := time.Parse(time.RFC3339, o.value.Since); err == nil && (b.c.Since.IsZero() || since.Before(b.c.Since)) {
			b.c.Since = since
		}
	}
}

// finishProxy is the last proxy, with what the person said to it: to it, not to one before. Of a yes and a no at once the no counts.
func (b *builder) finishProxy() {
	if len(b.proxy) == 0 {
		return
	}
	p := b.proxy[len(b.proxy)-1]
	e := &b.h.events[p.at]
	b.c.Proxy = &Proxy{Proxy: p.value, By: e.Author, At: e.At}
	var said register[event.ProxyConfirmed]
	for _, i := range b.confirms {
		if body, ok := b.h.events[i].Body.(event.ProxyConfirmed); ok && b.h.knew(i, p.at) {
			said = said.set(b.h, i, body)
		}
	}
	for _, s := range said {
		if b.c.Proxy.Confirmed == "no" && s.value.Confirmed {
			continue
		}
		b.c.Proxy.Confirmed, b.c.Proxy.How = "no", s.value.How
		if s.value.Confirmed {
			b.c.Proxy.Confirmed = "yes"
		}
	}
}

// closure is the last closing that counts and that nobody undid; nil for none.
func (b *builder) closure() *Closure {
	for _, i := range slices.Backward(b.closed) {
		e := &b.h.events[i]
		if b.anyReopened(func(r at) bool { return b.h.knew(r, i) }) {
			continue
		}
		switch body := e.Body.(type) {
		case event.Closed:
			return &Closure{body, e.Author, e.At}
		case event.Retired:
			return &Closure{event.Closed{Outcome: body.Outcome, Reason: body.Reason}, body.ClosedBy, timeOf(body.Closed)}
		}
	}
	return nil
}

// conflicts: see Case.Conflicts.
func conflicts(c Case) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		if c.Fields[name].Conflict() {
			out = append(out, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Answers)) {
		if c.Answers[name].Conflict() {
			out = append(out, "answer:"+name)
		}
	}
	for _, t := range c.Tasks {
		if t.Clash {
			out = append(out, "task:"+t.Task)
		}
	}
	if c.Owner.Conflict() {
		out = append(out, "owner")
	}
	if c.LinkedTo.Conflict() {
		out = append(out, "linked")
	}
	if c.Hold.Conflict() {
		out = append(out, "hold")
	}
	return out
}
