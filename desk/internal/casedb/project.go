package casedb

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/fold"
)

// Walls: who may see a case.
const (
	wallNone = 0 // everybody
	wallTeam = 1 // its owner, its team, keepers
	wallLock = 2 // its owner and team: a locked case that somebody is named for at this desk
	wallRole = 3 // specialists: a locked case that nobody is named for at this desk
)

// project makes a thread's row, its tasks and its walls say what the fold of its events says. A thread without events stays what its letters made it.
func project(tx *sql.Tx, thread int64) error {
	if office, err := isOffice(tx, thread); err != nil || office {
		return err
	}
	entries, err := eventsOf(tx, thread)
	if err != nil || len(entries) == 0 {
		return err
	}
	id, err := caseID(tx, thread)
	if err != nil {
		return err
	}
	var locked bool
	if err := tx.QueryRow("SELECT locked > 0 FROM thread WHERE id = ?", thread).Scan(&locked); err != nil {
		return fmt.Errorf("bringing a case up to date: %w", err)
	}
	p := newProjection(fold.Of(id, entries), locked)
	if err := p.write(tx, thread); err != nil {
		return err
	}
	if err := p.writeBeside(tx, thread); err != nil {
		return err
	}
	if err := p.count(tx, thread); err != nil {
		return err
	}
	return settleLinks(tx, thread)
}

// A projection is what a row holds of a case.
type projection struct {
	fold.Case
	stage    Stage
	owner    event.Staff
	owners   []event.Staff // more than one after two hand-overs at once
	walled   int
	taskDue  time.Time
	dueTask  string
	open     int
	linkedTo any // case id; nil for none
}

// stranger is somebody in a role who has nothing to do with any case: what they may not see has walls.
func stranger(role string) fold.Actor { return fold.Actor{Staff: "0000000000000000", Role: role} }

func newProjection(c fold.Case, locked bool) projection {
	p := projection{Case: c, stage: StageNew, owner: event.Staff(c.Owner.Text())}
	switch {
	case c.Opened && c.Closure != nil:
		p.stage = StageClosed
	case c.Opened:
		p.stage = StageOpen
	}
	for _, v := range c.Owner {
		if v.Text != "" && !slices.Contains(p.owners, event.Staff(v.Text)) {
			p.owners = append(p.owners, event.Staff(v.Text))
		}
	}
	switch {
	case locked && len(p.owners)+len(c.Team) == 0:
		p.walled = wallRole
	case locked || c.MayOpen(stranger(fold.RoleKeeper)) != nil:
		p.walled = wallLock
	case c.MayOpen(stranger(fold.RoleCaseworker)) != nil:
		p.walled = wallTeam
	}
	for _, t := range c.Tasks {
		if t.State != "open" || p.stage == StageClosed {
			continue
		}
		p.open++
		if !t.Due.IsZero() && (p.taskDue.IsZero() || t.Due.Before(p.taskDue)) {
			p.taskDue, p.dueTask = t.Due, t.Do
		}
	}
	if to, ok := caseHex(c.LinkedTo.Text()); ok && to != c.ID {
		p.linkedTo = to[:]
	}
	return p
}

// urgencies are the words of the field.
var urgencies = map[string]Urgency{"minutes": UrgencyMinutes, "hours": UrgencyHours, "days": UrgencyDays}

// write writes the thread's columns. What nobody has set stays as the letters said.
func (p projection) write(tx *sql.Tx, thread int64) error {
	path := ""
	if len(p.Pathways) > 0 {
		path = " " + strings.Join(p.Pathways, " ") + " "
	}
	closed := time.Time{}
	if p.stage == StageClosed {
		closed = p.Closure.At
	}
	// Opened again, or closed anew: what it stood on the list of what goes for another closing, it has not stood there for this one.
	_, err := tx.Exec("UPDATE retire SET listed = 0 WHERE thread = ?1 AND listed <> 0 AND NOT EXISTS (SELECT 1 FROM thread WHERE id = ?1 AND closed_at = ?2)", thread, toUnix(closed))
	if err != nil {
		return fmt.Errorf("bringing a case up to date: %w", err)
	}
	field := func(name string) string { return p.Fields[name].Text() }
	_, err = tx.Exec(`UPDATE thread SET stage = ?2, name = ?3, line = ?4, owner = ?5, pathways = ?6, sensitivity = ?7, walled = ?8, task_due = ?9, due_task = ?10,
		conflict = ?11, open_tasks = ?12, opened = ?13, closed_at = ?14, linked_to = ?15 WHERE id = ?1`,
		thread, string(p.stage), field(event.FieldName), firstLine([]byte(field(event.FieldSummary))), string(p.owner), path, field(event.FieldSensitivity), p.walled,
		toUnix(p.taskDue), p.dueTask, len(p.Conflicts()) > 0, p.open, toUnix(p.OpenedAt), toUnix(closed), p.linkedTo)
	if err != nil {
		return fmt.Errorf("bringing a case up to date: %w", err)
	}
	for _, f := range []struct{ column, field string }{{"district", event.FieldDistrict}, {"lang", event.FieldLang}, {"who", event.FieldWho}} {
		if v := field(f.field); v != "" {
			if _, err := tx.Exec("UPDATE thread SET "+f.column+" = ?2 WHERE id = ?1 AND "+f.column+" <> ?2", thread, v); err != nil {
				return fmt.Errorf("bringing a case up to date: %w", err)
			}
		}
	}
	if u, ok := urgencies[field(event.FieldUrgency)]; ok {
		if _, err := tx.Exec("UPDATE thread SET urgency = ?2 WHERE id = ?1 AND urgency <> ?2", thread, int64(u)); err != nil {
			return fmt.Errorf("bringing a case up to date: %w", err)
		}
	}
	return p.writeTimes(tx, thread)
}

// writeTimes dates a case that began without a letter, and says of a closed one whether its person has written since. What counts is the log that the desk which closed it
// had seen: a letter that it did not know of is one written since.
func (p projection) writeTimes(tx *sql.Tx, thread int64) error {
	since := p.Since
	if since.IsZero() {
		since = p.OpenedAt
	}
	if _, err := tx.Exec("UPDATE thread SET first = ?2, last = ?3 WHERE id = ?1 AND letters = 0", thread, toUnix(since), toUnix(p.OpenedAt)); err != nil {
		return fmt.Errorf("bringing a case up to date: %w", err)
	}
	if p.stage != StageClosed {
		return nil
	}
	_, err := tx.Exec(`UPDATE thread SET waiting = 0 WHERE (id = ?1 OR home = ?1) AND waiting AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.thread = thread.id AND l.tag <> 'forged' AND (l.idx < 0 OR l.idx >= ?2))`,
		thread, p.closedAtPlace())
	if err != nil {
		return fmt.Errorf("bringing a case up to date: %w", err)
	}
	return nil
}

// closedAtPlace is the size of the log that the desk had seen which closed the case.
func (p projection) closedAtPlace() int64 {
	for _, l := range slices.Backward(p.Timeline) {
		if _, ok := l.Body.(event.Closed); !ok || l.Refused != "" {
			continue
		}
		if size := treeSize(l.Tree); size > 0 {
			return size
		}
		return max(l.Place, 0)
	}
	return 0
}

// treeSize is the size of the log in an event's tree: "size root", or the whole of what the desk had seen, where two fields on the roster stand before it. 0 for none.
func treeSize(tree string) int64 {
	fields := strings.Fields(tree)
	if len(fields) < 2 {
		return 0
	}
	size, err := strconv.ParseInt(fields[len(fields)-2], 10, 64)
	if err != nil {
		return 0
	}
	return size
}

// writeBeside writes tasks, team, and who is kept out.
func (p projection) writeBeside(tx *sql.Tx, thread int64) error {
	if err := forgetBeside(tx, thread); err != nil {
		return err
	}
	if p.stage != StageClosed {
		for _, t := range p.Tasks {
			_, err := tx.Exec("INSERT INTO task (thread, task, do, due, state, owner, walled, basis, source, who) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
				thread, t.Task, t.Do, toUnix(t.Due), t.State, string(p.owner), p.walled, t.Basis, t.Source, t.Who)
			if err != nil {
				return fmt.Errorf("writing a case's tasks: %w", err)
			}
		}
	}
	for _, s := range append(slices.Clone(p.owners), p.Team...) {
		if _, err := tx.Exec("INSERT INTO team (staff, thread) VALUES (?,?) ON CONFLICT DO NOTHING", string(s), thread); err != nil {
			return fmt.Errorf("writing a case's team: %w", err)
		}
	}
	for s := range p.Barred {
		if _, err := tx.Exec("INSERT INTO barred (staff, thread) VALUES (?,?) ON CONFLICT DO NOTHING", string(s), thread); err != nil {
			return fmt.Errorf("writing who is kept out of a case: %w", err)
		}
	}
	for _, name := range p.Pathways {
		_, err := tx.Exec(`INSERT INTO follow (pathway, thread, listed, stage, asks, walled, urgency, due, latest)
			SELECT ?2, id, listed, stage, asks, walled, urgency, due, latest FROM thread WHERE id = ?1 ON CONFLICT DO NOTHING`, thread, name)
		if err != nil {
			return fmt.Errorf("writing a case's pathways: %w", err)
		}
	}
	return nil
}

// forgetBeside deletes what writeBeside writes.
func forgetBeside(tx *sql.Tx, thread int64) error {
	for _, table := range []string{"task", "team", "barred", "follow"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE thread = ?", thread); err != nil {
			return fmt.Errorf("bringing a case up to date: %w", err)
		}
	}
	return nil
}

// forgetEvents destroys everything of a case that is not of its letters: the events themselves, what was made of them, and who looked.
func forgetEvents(tx *sql.Tx, thread int64) error {
	if err := forgetBeside(tx, thread); err != nil {
		return err
	}
	if err := forgetCounted(tx, thread); err != nil {
		return err
	}
	for _, q := range []string{
		"DELETE FROM event WHERE thread = ?1", "DELETE FROM look WHERE thread = ?1",
		"UPDATE thread SET home = 0, listed = 1 WHERE home = ?1",
		`UPDATE thread SET stage = 'new', home = 0, linked_to = NULL, name = '', line = '', owner = '', pathways = '', sensitivity = '', walled = 0, task_due = 0, due_task = '',
			reply_by = 0, escalated = 0, conflict = 0, open_tasks = 0, opened = 0, closed_at = 0, linked_waiting = 0, linked_unread = 0, linked_last = 0 WHERE id = ?1`,
	} {
		if _, err := tx.Exec(q, thread); err != nil {
			return fmt.Errorf("destroying a case: %w", err)
		}
	}
	return nil
}
