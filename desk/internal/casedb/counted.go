package casedb

import (
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// monthOf numbers a month: 202611.
func monthOf(t time.Time) int {
	if t.IsZero() {
		return 0
	}
	t = t.UTC()
	return t.Year()*100 + int(t.Month())
}

// States of a deadline in counted_task.
const (
	deadlineMet    = 1
	deadlineMissed = 2
	deadlineOpen   = 3
)

// count writes what figures need to know of a case. A case that nobody opened is not counted.
func (p projection) count(tx *sql.Tx, thread int64) error {
	if !p.Opened {
		return forgetCounted(tx, thread)
	}
	closed, outcome := time.Time{}, ""
	if p.stage == StageClosed {
		closed, outcome = p.Closure.At, p.Closure.Outcome
	}
	// Retention destroys letters before the case: what was known of their time stays.
	_, err := tx.Exec(`INSERT INTO counted (thread, opened, closed, urgency, walled, outcome, pathways, district, since, answered, linked)
		SELECT t.id, ?2, ?3, t.urgency, ?4, ?5, ?6, t.district,
			coalesce((SELECT iif(l.at BETWEEN l.hour AND l.hour + 3600, l.at, l.hour) FROM letter l WHERE l.thread = t.id AND l.tag <> 'forged' AND l.hour > 0 ORDER BY l.hour, l.id LIMIT 1), 0),
			coalesce((SELECT min(r.at) FROM reply r WHERE r.thread = t.id AND r.tag = 'ok'), 0), t.home <> 0
		FROM thread t WHERE t.id = ?1
		ON CONFLICT (thread) DO UPDATE SET opened = excluded.opened, closed = excluded.closed, urgency = excluded.urgency, walled = excluded.walled, outcome = excluded.outcome,
			pathways = excluded.pathways, district = excluded.district, since = iif(excluded.since > 0, excluded.since, since),
			answered = iif(excluded.answered > 0, excluded.answered, answered), linked = excluded.linked`,
		thread, monthOf(p.OpenedAt), monthOf(closed), p.walled, outcome, strings.Join(p.Pathways, " "))
	if err != nil {
		return fmt.Errorf("counting a case: %w", err)
	}
	return p.countTasks(tx, thread)
}

// countTasks writes the deadlines of a case.
func (p projection) countTasks(tx *sql.Tx, thread int64) error {
	if _, err := tx.Exec("DELETE FROM counted_task WHERE thread = ?", thread); err != nil {
		return fmt.Errorf("counting a case's deadlines: %w", err)
	}
	for _, t := range p.Tasks {
		state := deadlineOpen
		switch {
		case t.Due.IsZero() || t.State == "dropped" || t.State == "open" && p.stage == StageClosed:
			continue
		case t.State == "done" && t.At.After(t.Due):
			state = deadlineMissed
		case t.State == "done":
			state = deadlineMet
		}
		_, err := tx.Exec("INSERT INTO counted_task (thread, task, month, due, basis, state, walled) VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
			thread, t.Task, monthOf(t.Due), t.Due.Unix(), basisOf(t.Basis), state, p.walled)
		if err != nil {
			return fmt.Errorf("counting a case's deadlines: %w", err)
		}
	}
	return nil
}

// basisOf is law, standard or proposal; what a caseworker added by hand is a proposal too.
func basisOf(basis string) string {
	if basis == "law" || basis == "standard" {
		return basis
	}
	return "proposal"
}

// keepCount adds a case that is about to be erased to the sums of those that were. Nothing of a case that only named people may open stays.
func keepCount(tx *sql.Tx, thread int64) error {
	_, err := tx.Exec(`INSERT INTO erased_figure (opened, closed, urgency, outcome, pathways, late, n)
		SELECT opened, closed, urgency, outcome, pathways, late, 1 FROM counted WHERE thread = ? AND NOT linked AND walled < 2 ON CONFLICT DO UPDATE SET n = n + 1`, thread)
	if err != nil {
		return fmt.Errorf("counting an erased case: %w", err)
	}
	return nil
}

// forgetCounted takes a case out of the figures.
func forgetCounted(tx *sql.Tx, thread int64) error {
	for _, table := range []string{"counted", "counted_task"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE thread = ?", thread); err != nil {
			return fmt.Errorf("taking a case out of the figures: %w", err)
		}
	}
	return nil
}
