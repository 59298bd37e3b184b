package event

import (
	"slices"
	"strings"
	"time"
)

// taskName is an id of our own (16 hex digits) or "pathway/task".
func taskName(s string) bool {
	pathway, task, found := strings.Cut(s, "/")
	return found && validName(pathway) && validName(task) || hexOf(s, 8)
}

func monthOf(s string) bool {
	t, err := time.Parse("2006-01", s)
	return err == nil && t.Format("2006-01") == s
}

// Kind is "opened".
func (Opened) Kind() string { return "opened" }

func (b Opened) check() error { return ok(validName(b.Source), moment(b.Since, false), word(b.Ref)) }

// Kind is "set".
func (Set) Kind() string   { return "set" }
func (b Set) check() error { return ok(validName(b.Field), text(b.Value)) }

// Kind is "answered".
func (Answered) Kind() string { return "answered" }

func (b Answered) check() error {
	return ok(validName(b.Pathway), validName(b.Question), text(b.Value))
}

// Kind is "followed".
func (Followed) Kind() string   { return "followed" }
func (b Followed) check() error { return ok(validName(b.Pathway), b.Version >= 0) }

// Kind is "noted".
func (Noted) Kind() string   { return "noted" }
func (b Noted) check() error { return ok(b.Text != "", text(b.Text)) }

// Kind is "task-added".
func (TaskAdded) Kind() string { return "task-added" }

func (b TaskAdded) check() error {
	return ok(taskName(b.Task), b.Do != "", text(b.Do), moment(b.Due, true), word(b.From), word(b.By), word(b.Repeat), b.Times >= 0, word(b.Who), word(b.Basis), word(b.Source), word(b.Letter), len(b.Needs) <= 32, !slices.ContainsFunc(b.Needs, func(s string) bool { return !validName(s) }), text(b.Note), text(b.Steps))
}

// Kind is "task-moved".
func (TaskMoved) Kind() string   { return "task-moved" }
func (b TaskMoved) check() error { return ok(taskName(b.Task), moment(b.Due, true), text(b.Why)) }

// Kind is "task-state".
func (TaskState) Kind() string { return "task-state" }

func (b TaskState) check() error {
	return ok(taskName(b.Task), slices.Contains([]string{"done", "dropped", "open"}, b.State), text(b.Note))
}

// Kind is "claimed".
func (Claimed) Kind() string { return "claimed" }
func (Claimed) check() error { return ok(true) }

// Kind is "assigned".
func (Assigned) Kind() string   { return "assigned" }
func (b Assigned) check() error { return ok(validStaff(b.Staff, true), text(b.Note)) }

// Kind is "team".
func (Team) Kind() string   { return "team" }
func (b Team) check() error { return ok(validStaff(b.Staff, false)) }

// Kind is "barred".
func (Barred) Kind() string   { return "barred" }
func (b Barred) check() error { return ok(validStaff(b.Staff, false), text(b.Why)) }

// Kind is "linked".
func (Linked) Kind() string   { return "linked" }
func (b Linked) check() error { return ok(b.To == "" || hexOf(b.To, len(Case{}))) }

// Kind is "proxy".
func (Proxy) Kind() string   { return "proxy" }
func (b Proxy) check() error { return ok(word(b.Relation), text(b.Why), word(b.Name)) }

// Kind is "proxy-confirmed".
func (ProxyConfirmed) Kind() string   { return "proxy-confirmed" }
func (b ProxyConfirmed) check() error { return ok(text(b.How)) }

// Kind is "consented".
func (Consented) Kind() string { return "consented" }

func (b Consented) check() error {
	return ok(hexOf(b.ID, 8), validName(b.What), word(b.Receiver), word(b.RunBy), text(b.Purpose), text(b.Facts), word(b.Script), word(b.Lang), text(b.Understood), word(b.By), b.State == "given" || b.State == "refused", day(b.Ends, b.State == "refused"), word(b.Basis))
}

// Kind is "withdrawn".
func (Withdrawn) Kind() string   { return "withdrawn" }
func (b Withdrawn) check() error { return ok(hexOf(b.ID, 8)) }

// Kind is "vital".
func (Vital) Kind() string { return "vital" }

func (b Vital) check() error {
	return ok(hexOf(b.ID, 8), validName(b.What), word(b.Receiver), b.Reason != "", text(b.Reason))
}

// Kind is "vital-agreed".
func (VitalAgreed) Kind() string   { return "vital-agreed" }
func (b VitalAgreed) check() error { return ok(hexOf(b.ID, 8)) }

// Kind is "disclosed".
func (Disclosed) Kind() string { return "disclosed" }

func (b Disclosed) check() error {
	return ok(validName(b.What), b.Receiver != "", word(b.Receiver), text(b.Facts), hexOf(b.Ground, 8), word(b.Service))
}

// Kind is "basis".
func (Basis) Kind() string   { return "basis" }
func (b Basis) check() error { return ok(validName(b.Processing), validName(b.Basis), text(b.Why)) }

// Kind is "checked".
func (Checked) Kind() string { return "checked" }
func (Checked) check() error { return ok(true) }

// Kind is "closed".
func (Closed) Kind() string { return "closed" }

func (b Closed) check() error {
	return ok(validName(b.Outcome), validName(b.Reason), text(b.Note), text(b.Remains))
}

// Kind is "reopened".
func (Reopened) Kind() string   { return "reopened" }
func (b Reopened) check() error { return ok(text(b.Why)) }

// Kind is "held".
func (Held) Kind() string   { return "held" }
func (b Held) check() error { return ok(text(b.Reason), day(b.Until, true)) }

// Kind is "retired".
func (Retired) Kind() string { return "retired" }

func (b Retired) check() error {
	good := validName(b.Source) && moment(b.Since, false) && moment(b.Opened, false) && moment(b.Closed, false) && validName(b.Outcome) && validName(b.Reason) &&
		validStaff(b.OpenedBy, true) && validStaff(b.Owner, true) && validStaff(b.ClosedBy, true) && len(b.Team) <= 64 && len(b.Barred) <= 64 && len(b.Pathways) <= 32 && len(b.Fields) <= 32
	for _, s := range append(slices.Clone(b.Team), b.Barred...) {
		good = good && validStaff(s, false)
	}
	for _, p := range b.Pathways {
		good = good && validName(p)
	}
	for name, value := range b.Fields {
		good = good && validName(name) && word(value)
	}
	return ok(good)
}

// Kind is "retention".
func (Retention) Kind() string { return "retention" }

func (b Retention) check() error {
	days := func(n int) bool { return n >= 0 && n <= 36_500 }
	return ok(days(b.Text), days(b.Identity), days(b.Locked), days(b.Lost), days(b.List), b.Why != "", text(b.Why))
}

// Kind is "reviewed".
func (Reviewed) Kind() string   { return "reviewed" }
func (b Reviewed) check() error { return ok(text(b.Note)) }

// Kind is "looked".
func (Looked) Kind() string { return "looked" }
func (Looked) check() error { return ok(true) }

// Kind is "staff".
func (StaffIs) Kind() string { return "staff" }

func (b StaffIs) check() error {
	return ok(validStaff(b.Staff, false), b.Name != "", word(b.Name), validName(b.Role), word(b.Device))
}

// Kind is "shift".
func (Shift) Kind() string { return "shift" }

func (b Shift) check() error {
	return ok(hexOf(b.ID, 8), moment(b.From, false), moment(b.To, false), b.From < b.To, len(b.Staff) <= 64, !slices.ContainsFunc(b.Staff, func(s Staff) bool { return !validStaff(s, false) }))
}

// Kind is "destroyed".
func (Destroyed) Kind() string   { return "destroyed" }
func (b Destroyed) check() error { return ok(monthOf(b.Month)) }

// Kind is "searched-all".
func (SearchedAll) Kind() string   { return "searched-all" }
func (b SearchedAll) check() error { return ok(text(b.Reason)) }
