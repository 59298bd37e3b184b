package casedb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"panah/core/event"
)

// How the first answer came.
const (
	AnswerNone   = 0 // there was no letter to answer
	AnswerInTime = 1
	AnswerLate   = 2
	AnswerAwaits = 3 // nobody has answered
)

// A Figure is how many cases are alike in everything that is counted. Months are numbers, 202611; 0 for none.
type Figure struct {
	Opened, Closed int
	Urgency        Urgency
	Outcome        string
	Pathways       []string
	Answer         int
	N              int
}

// A DistrictFigure is how many cases of a district were opened in a month.
type DistrictFigure struct {
	Opened   int
	District string
	N        int
}

// A DeadlineFigure is how many deadlines of a month were kept, by what they rest on: law, standard, proposal.
type DeadlineFigure struct {
	Month int
	Basis string
	Met   int
	Not   int // done too late, or open and past
}

// Figures are sums over what a viewer may see; none names a case.
type Figures struct {
	Cases     []Figure
	Erased    []Figure // of cases that are erased; they are in none of the others
	Districts []DistrictFigure
	Deadlines []DeadlineFigure
}

// Figures counts what a viewer may see: what is behind walls is counted for those only who may open it.
func (d *DB) Figures(ctx context.Context, v Viewer, now time.Time) (f Figures, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		v := figureView{v.Staff, wallsOf(v.Staff, v.Keeper, v.Specialist)}
		if f.Cases, err = v.cases(tx); err != nil {
			return err
		}
		if f.Districts, err = v.districts(tx); err != nil {
			return err
		}
		if f.Deadlines, err = v.deadlines(tx, now); err != nil {
			return err
		}
		f.Erased, err = figures(tx, "SELECT opened, closed, urgency, outcome, pathways, late, n FROM erased_figure")
		return err
	})
	if err != nil {
		return Figures{}, fmt.Errorf("counting: %w", err)
	}
	return f, nil
}

// A figureView is who looks, and the walls behind which they see everything: sums of those, what is theirs of the rest, and without what they are kept out of.
type figureView struct {
	viewer event.Staff
	walls  []int
}

// notBarred is the condition that the viewer, parameter ?1, is not kept out of counted c.
const notBarred = "NOT EXISTS (SELECT 1 FROM barred b WHERE b.staff = ?1 AND b.thread = c.thread)"

// rest is what is added to a sum, and taken from it, case by case: columns are of counted c.
func (v figureView) rest(columns string) string {
	return " UNION ALL SELECT " + columns + ", 1 FROM team m CROSS JOIN counted c ON c.thread = m.thread WHERE m.staff = ?1 AND NOT c.linked AND NOT " + inside("c.walled", v.walls) + " AND " + notBarred +
		" UNION ALL SELECT " + columns + ", -1 FROM barred b CROSS JOIN counted c ON c.thread = b.thread WHERE b.staff = ?1 AND NOT c.linked AND " + inside("c.walled", v.walls)
}

func (v figureView) cases(tx *sql.Tx) ([]Figure, error) {
	const columns = "c.opened, c.closed, c.urgency, c.outcome, c.pathways, c.late"
	return figures(tx, `SELECT opened, closed, urgency, outcome, pathways, late, sum(n) FROM (
		SELECT `+columns+`, n FROM figure c WHERE `+inside("walled", v.walls)+v.rest(columns)+`) GROUP BY 1, 2, 3, 4, 5, 6`, string(v.viewer))
}

func figures(tx *sql.Tx, query string, args ...any) ([]Figure, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Figure
	for rows.Next() {
		var f Figure
		var urgency int
		var pathways string
		if err := rows.Scan(&f.Opened, &f.Closed, &urgency, &f.Outcome, &pathways, &f.Answer, &f.N); err != nil {
			return nil, err
		}
		f.Urgency, f.Pathways = Urgency(urgency), strings.Fields(pathways)
		out = append(out, f)
	}
	return out, rows.Err()
}

func (v figureView) districts(tx *sql.Tx) ([]DistrictFigure, error) {
	rows, err := tx.Query(`SELECT opened, district, sum(n) FROM (
		SELECT c.opened, c.district, n FROM figure_district c WHERE `+inside("walled", v.walls)+v.rest("c.opened, c.district")+`) GROUP BY 1, 2`, string(v.viewer))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []DistrictFigure
	for rows.Next() {
		var f DistrictFigure
		if err := rows.Scan(&f.Opened, &f.District, &f.N); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// deadlines counts what was done from the sums, and what is open and past by its index.
func (v figureView) deadlines(tx *sql.Tx, now time.Time) ([]DeadlineFigure, error) {
	done := func(from, n string) string {
		return "SELECT k.month AS month, k.basis AS basis, k.state AS state, " + n + " AS n FROM " + from
	}
	sees := inside("k.walled", v.walls)
	rows, err := tx.Query(`SELECT month, basis, sum(iif(state = 1, n, 0)), sum(iif(state <> 1, n, 0)) FROM (`+
		done("figure_task k WHERE k.state < 3 AND "+sees, "n")+
		" UNION ALL "+done("counted_task k INDEXED BY counted_task_open WHERE k.state = 3 AND k.due < ?2 AND "+sees, "1")+
		" UNION ALL "+done("team m CROSS JOIN counted_task k ON k.thread = m.thread JOIN counted c ON c.thread = m.thread WHERE m.staff = ?1 AND (k.state < 3 OR k.due < ?2) AND NOT "+sees+" AND "+notBarred, "1")+
		" UNION ALL "+done("barred b CROSS JOIN counted_task k ON k.thread = b.thread WHERE b.staff = ?1 AND (k.state < 3 OR k.due < ?2) AND "+sees, "-1")+
		") GROUP BY 1, 2", string(v.viewer), now.Unix())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []DeadlineFigure
	for rows.Next() {
		var f DeadlineFigure
		if err := rows.Scan(&f.Month, &f.Basis, &f.Met, &f.Not); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}
