package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"panah/core/event"
)

// The queue is read from indices that begin with what a filter fixes and go on in the order of the list, so that a page of it costs as much with a million cases as with
// fifty. A list that takes several beginnings (new and open; waiting or not) is made of an arm for each, no longer than the page, put in order together.

// maxRows bounds a page of the queue.
const maxRows = 200

// caseColumns are those of a CaseRow beyond summaryColumns.
const caseColumns = summaryColumns + `, t.stage, t.name, t.line, t.owner, t.pathways, t.sensitivity, t.task_due, t.due_task, t.reply_by, t.escalated, t.conflict,
	t.asks, t.latest, t.unread + t.linked_unread, (SELECT count(*) FROM thread o WHERE o.home = t.id AND o.home <> 0), t.open_tasks`

func scanCase(row scanner) (CaseRow, error) {
	var c CaseRow
	var stage, owner, pathways string
	var taskDue, replyBy, escalated, latest int64
	var asks bool
	var unread int
	s, err := scanSummary(row, &stage, &c.Name, &c.Line, &owner, &pathways, &c.Sensitivity, &taskDue, &c.DueTask, &replyBy, &escalated, &c.Conflict,
		&asks, &latest, &unread, &c.Linked, &c.OpenTasks)
	if err != nil {
		return CaseRow{}, err
	}
	s.Waiting, s.Last, s.Unread = asks, fromUnix(latest), unread
	c.Summary, c.Stage, c.Owner, c.Pathways = s, Stage(stage), event.Staff(owner), strings.Fields(pathways)
	c.ReplyBy, c.Escalated, c.Due = fromUnix(replyBy), fromUnix(escalated), fromUnix(taskDue)
	if replyBy > 0 && (taskDue == 0 || replyBy <= taskDue) {
		c.Due, c.DueTask = c.ReplyBy, ""
	}
	if c.Line == "" {
		c.Line = c.Beginning
	}
	return c, nil
}

// Queue lists cases as f says: most urgent first and then what is due first, or newest first. What is closed is there when its person has written since.
func (d *DB) Queue(ctx context.Context, f CaseFilter) ([]CaseRow, error) {
	var out []CaseRow
	err := d.inTx(ctx, func(tx *sql.Tx) error {
		q, err := newQueueQuery(tx, f)
		if err != nil {
			return err
		}
		query, args := q.page()
		rows, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			c, err := scanCase(rows)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("reading the queue: %w", err)
	}
	return out, nil
}

// Row is a case's line, whoever looks. The error wraps ErrNotFound.
func (d *DB) Row(ctx context.Context, thread int64) (CaseRow, error) {
	c, err := scanCase(d.sql.QueryRowContext(ctx, "SELECT "+caseColumns+" FROM thread t WHERE t.id = ?", thread))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return CaseRow{}, fmt.Errorf("reading a case's line: %w", err)
	}
	return c, nil
}

// A shelf is a beginning of the queue's indices.
type shelf struct {
	stage  Stage
	asks   bool
	walled int
}

// A queueQuery is a filter on its way to SQL.
type queueQuery struct {
	f      CaseFilter
	newest bool           // the order
	few    map[shelf]bool // newest: shelves with so few rows of the filter that these are read whole and put in order, where the others are walked by date
}

// fewRows is how many rows may be read whole to put them in order: some milliseconds.
const fewRows = 3000

func newQueueQuery(tx *sql.Tx, f CaseFilter) (queueQuery, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit, f.Offset = min(f.Limit, maxRows), max(f.Offset, 0)
	q := queueQuery{f: f, newest: f.Newest || f.Stage == StageClosed, few: map[shelf]bool{}}
	if !q.newest || f.Mine || f.Pathway == "" && f.District == "" && f.Lang == "" && f.Urgency == 0 && f.Late.IsZero() {
		return q, nil
	}
	byFilter := queueQuery{f: f}
	for _, s := range q.shelves() {
		var arms []arm
		for _, u := range byFilter.urgencies(s) {
			arms = append(arms, byFilter.arm(s, u))
		}
		query, args := count(arms, fewRows)
		var n int
		if err := tx.QueryRow(query, args...).Scan(&n); err != nil {
			return q, err
		}
		q.few[s] = n < fewRows
	}
	return q, nil
}

// shelves lists where the filter's cases stand, except those behind walls.
func (q queueQuery) shelves() (out []shelf) {
	walls := wallsOf(q.f.Viewer, q.f.All, q.f.Locked)
	for _, stage := range []Stage{StageNew, StageOpen, StageClosed} {
		if q.f.Stage != "" && q.f.Stage != stage {
			continue
		}
		for _, asks := range []bool{true, false} {
			if !asks && (q.f.Waiting || stage == StageClosed && q.f.Stage == "") {
				continue
			}
			for _, w := range walls {
				out = append(out, shelf{stage, asks, w})
			}
		}
	}
	return out
}

// wallsOf lists the walls behind which a viewer sees everything.
func wallsOf(viewer event.Staff, all, locked bool) []int {
	walls := []int{wallNone}
	if viewer == "" {
		return []int{wallNone, wallTeam, wallLock, wallRole}
	}
	if all {
		walls = append(walls, wallTeam)
	}
	if locked {
		walls = append(walls, wallRole)
	}
	return walls
}

// inside is the condition that column is one of walls.
func inside(column string, walls []int) string {
	return column + " IN (" + strings.Trim(strings.ReplaceAll(fmt.Sprint(walls), " ", ", "), "[]") + ")"
}

// An arm is a part of the list, with its own index.
type arm struct {
	from  string
	args  []any
	whole bool // to be put in order after reading it
}

// arms makes the parts.
func (q queueQuery) arms() (out []arm) {
	if q.f.Mine {
		return []arm{q.mine("")}
	}
	for _, s := range q.shelves() {
		for _, u := range q.urgencies(s) {
			out = append(out, q.arm(s, u))
		}
	}
	if q.f.Viewer != "" {
		out = append(out, q.mine(" AND NOT "+inside("t.walled", wallsOf(q.f.Viewer, q.f.All, q.f.Locked))))
	}
	return out
}

// urgencies are what an index has to be asked for one by one: the one that is wanted, or every one when what is due is.
func (q queueQuery) urgencies(s shelf) []Urgency {
	switch {
	case q.f.Urgency != 0:
		return []Urgency{q.f.Urgency}
	case !q.f.Late.IsZero() && !q.walks(s):
		return []Urgency{UrgencyMinutes, UrgencyHours, UrgencyDays}
	}
	return []Urgency{0}
}

// walks reports whether a shelf is read by date, and the filter looked at row by row.
func (q queueQuery) walks(s shelf) bool { return q.newest && !q.few[s] }

// arm reads one shelf.
func (q queueQuery) arm(s shelf, u Urgency) arm {
	walk := q.walks(s)
	a := arm{from: "thread t INDEXED BY queue_urgent", whole: q.few[s]}
	on := "t."
	switch {
	case walk:
		a.from = "thread t" // by queue_newest, once the first sync is done
	case q.f.Pathway != "":
		a.from, on = "follow w CROSS JOIN thread t ON t.id = w.thread", "w."
	case q.f.District != "" || q.f.Lang != "":
		a.from = "thread t"
	}
	a.from += " WHERE " + on + "listed AND " + on + "stage = ? AND " + on + "asks = ? AND " + on + "walled = ?"
	a.args = append(a.args, string(s.stage), s.asks, s.walled)
	if on == "w." {
		a.and("w.pathway = ?", q.f.Pathway)
	} else if q.f.Pathway != "" {
		a.and("EXISTS (SELECT 1 FROM follow w WHERE w.thread = t.id AND w.pathway = ?)", q.f.Pathway)
	}
	if walk {
		on = "+t." // looked at row by row
	}
	if u != 0 {
		a.and(on+"urgency = ?", int64(u))
	}
	if !q.f.Late.IsZero() {
		a.and(on+"due < ?", q.f.Late.Unix())
	}
	q.narrow(&a, walk)
	return a
}

// mine reads what the viewer owns or is on the team of: few enough to be put in order.
func (q queueQuery) mine(more string) arm {
	a := arm{"team m CROSS JOIN thread t ON t.id = m.thread WHERE m.staff = ? AND t.listed" + more, []any{string(q.f.Viewer)}, false}
	if q.f.Stage != "" {
		a.and("t.stage = ?", string(q.f.Stage))
	} else {
		a.from += " AND (t.stage <> 'closed' OR t.asks)"
	}
	if q.f.Waiting {
		a.from += " AND t.asks"
	}
	if q.f.Pathway != "" {
		a.and("EXISTS (SELECT 1 FROM follow w WHERE w.thread = t.id AND w.pathway = ?)", q.f.Pathway)
	}
	if q.f.Urgency != 0 {
		a.and("t.urgency = ?", int64(q.f.Urgency))
	}
	if !q.f.Late.IsZero() {
		a.and("t.due < ?", q.f.Late.Unix())
	}
	q.narrow(&a, false)
	return a
}

// narrow adds district and language, by their own indices unless walk, and leaves out what the viewer is kept out of.
func (q queueQuery) narrow(a *arm, walk bool) {
	for _, c := range []struct{ column, value string }{{"district", q.f.District}, {"lang", q.f.Lang}} {
		switch {
		case c.value == "":
		case walk:
			a.and("+t."+c.column+" = ?", c.value)
		default:
			a.and("t."+c.column+" <> '' AND t."+c.column+" = ?", c.value)
		}
	}
	if q.f.Viewer != "" {
		a.and("NOT EXISTS (SELECT 1 FROM barred b WHERE b.staff = ? AND b.thread = t.id)", string(q.f.Viewer))
	}
}

func (a *arm) and(condition string, arg any) {
	a.from += " AND " + condition
	a.args = append(a.args, arg)
}

// page is the query of the rows of a page.
func (q queueQuery) page() (query string, args []any) {
	order := "urgency, due, latest, id"
	if q.newest {
		order = "latest DESC, id DESC"
	}
	var parts []string
	for _, a := range q.arms() {
		on := "t."
		if strings.HasPrefix(a.from, "follow ") {
			on = "w."
		}
		own := on + strings.ReplaceAll(order, ", ", ", "+on)
		own = strings.ReplaceAll(own, "w.id", "w.thread")
		if a.whole {
			own = "+" + own // not by the index of that order: it is walked to its end for the few that there are
		}
		parts = append(parts, "SELECT * FROM (SELECT t.id AS id, "+on+"urgency AS urgency, "+on+"due AS due, "+on+"latest AS latest FROM "+a.from+" ORDER BY "+own+" LIMIT ?)")
		args = append(append(args, a.args...), q.f.Limit+q.f.Offset)
	}
	query = "SELECT " + caseColumns + " FROM (SELECT id FROM (" + strings.Join(parts, " UNION ALL ") + ") ORDER BY " + order + " LIMIT ? OFFSET ?) q CROSS JOIN thread t ON t.id = q.id ORDER BY t." +
		strings.ReplaceAll(order, ", ", ", t.")
	return query, append(args, q.f.Limit, q.f.Offset)
}

// count is the query of how many rows there are, at most limit in each arm.
func count(arms []arm, limit int) (query string, args []any) {
	var parts []string
	for _, a := range arms {
		parts = append(parts, "(SELECT count(*) FROM (SELECT 1 FROM "+a.from+" LIMIT ?))")
		args = append(append(args, a.args...), limit)
	}
	return "SELECT " + strings.Join(parts, " + "), args
}

// CaseCounts are of what a viewer may see in the queue.
type CaseCounts struct {
	New, Open, Mine      int
	Minutes, Hours, Days int // of new and open ones together
	Late, Escalated      int // Late: at most some thousands are counted
}

// QueueCounts counts what the viewer of f may see, whatever else f says. late is what was due before now.
func (d *DB) QueueCounts(ctx context.Context, f CaseFilter, now time.Time) (c CaseCounts, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		if err := c.tallied(tx, f); err != nil {
			return err
		}
		q := queueQuery{f: CaseFilter{Viewer: f.Viewer, All: f.All, Locked: f.Locked, Late: now, Stage: StageOpen}}
		for _, stage := range []Stage{StageNew, StageOpen} {
			q.f.Stage = stage
			query, args := count(q.arms(), fewRows)
			var n int
			if err := tx.QueryRow(query, args...).Scan(&n); err != nil {
				return err
			}
			c.Late += n
		}
		return c.marked(tx, f)
	})
	if err != nil {
		return CaseCounts{}, fmt.Errorf("counting cases: %w", err)
	}
	return c, nil
}

// tallied counts by stage and urgency: from the tally, and for what is behind walls by looking.
func (c *CaseCounts) tallied(tx *sql.Tx, f CaseFilter) error {
	walls := wallsOf(f.Viewer, f.All, f.Locked)
	from := "tally"
	ready, err := isQueueReady(tx)
	if err != nil {
		return err
	}
	if !ready { // the first sync is under way
		from = "(SELECT stage, walled, urgency, count(*) AS n FROM thread WHERE listed GROUP BY stage, walled, urgency)"
	}
	rows, err := tx.Query(`SELECT stage, urgency, sum(n) FROM (SELECT stage, urgency, n FROM `+from+` WHERE `+inside("walled", walls)+` AND stage IN ('new', 'open')
		UNION ALL SELECT t.stage, t.urgency, 1 FROM team m CROSS JOIN thread t ON t.id = m.thread WHERE m.staff = ?1 AND t.listed AND t.stage IN ('new', 'open') AND NOT `+inside("t.walled", walls)+`
			AND NOT EXISTS (SELECT 1 FROM barred b WHERE b.staff = ?1 AND b.thread = t.id)
		UNION ALL SELECT t.stage, t.urgency, -1 FROM barred b CROSS JOIN thread t ON t.id = b.thread WHERE b.staff = ?1 AND t.listed AND t.stage IN ('new', 'open') AND `+inside("t.walled", walls)+`
		) GROUP BY stage, urgency`, string(f.Viewer))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var stage string
		var urgency, n int
		if err := rows.Scan(&stage, &urgency, &n); err != nil {
			return err
		}
		*map[Stage]*int{StageNew: &c.New, StageOpen: &c.Open}[Stage(stage)] += n
		switch Urgency(urgency) {
		case UrgencyMinutes:
			c.Minutes += n
		case UrgencyHours:
			c.Hours += n
		default:
			c.Days += n
		}
	}
	return rows.Err()
}

// marked counts what is the viewer's, and what has escalated.
func (c *CaseCounts) marked(tx *sql.Tx, f CaseFilter) error {
	wall := wallOf(f.Viewer, f.All, f.Locked)
	err := tx.QueryRow(`SELECT (SELECT count(*) FROM team m CROSS JOIN thread t ON t.id = m.thread WHERE m.staff = ?1 AND t.listed AND t.stage IN ('new', 'open')
			AND NOT EXISTS (SELECT 1 FROM barred b WHERE b.staff = ?1 AND b.thread = t.id)),
		(SELECT count(*) FROM thread t INDEXED BY thread_escalated WHERE t.escalated > 0 AND t.listed AND `+wall+`)`, string(f.Viewer)).Scan(&c.Mine, &c.Escalated)
	if err != nil {
		return err
	}
	return nil
}

// wallOf is the condition that a viewer, parameter ?1, may see thread t. For a desk by itself it is always true.
func wallOf(viewer event.Staff, all, locked bool) string {
	if viewer == "" {
		return "?1 = ''"
	}
	return "(" + inside("t.walled", wallsOf(viewer, all, locked)) + ` OR EXISTS (SELECT 1 FROM team m WHERE m.staff = ?1 AND m.thread = t.id))
		AND NOT EXISTS (SELECT 1 FROM barred b WHERE b.staff = ?1 AND b.thread = t.id)`
}
