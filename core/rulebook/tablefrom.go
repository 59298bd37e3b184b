package rulebook

import (
	"maps"
	"slices"
)

// From is the same table without what it says of days before day: a page that answers about today needs no more.
func (t *Table) From(day int) *Table {
	out := &Table{of: t.of, Book: t.Book, Grids: maps.Clone(t.Grids), Rows: make([][]int, len(t.Rows)), Answers: slices.Clone(t.Answers), Rules: t.Rules, Sources: t.Sources}
	for i, row := range t.Rows {
		out.Rows[i] = slices.Clone(row)
	}
	for i, a := range out.Answers {
		out.Answers[i].Also, out.Answers[i].Conflicts, out.Answers[i].Sources = slices.Clone(a.Also), slices.Clone(a.Conflicts), slices.Clone(a.Sources)
	}
	for key, g := range out.Grids {
		past := stretch(g.On, day)
		g.On, g.Row = slices.Clone(g.On[past:]), slices.Clone(g.Row[past:])
		rows := make([][]int, len(g.Row))
		for i, r := range g.Row {
			rows[i] = slices.Clone(t.Rows[r])
		}
		g.narrow(rows)
		for i, row := range rows {
			at := slices.IndexFunc(out.Rows, func(r []int) bool { return slices.Equal(r, row) })
			if at < 0 {
				at = len(out.Rows)
				out.Rows = append(out.Rows, row)
			}
			g.Row[i] = at
		}
		out.Grids[key] = g
	}
	out.drop()
	return out
}
