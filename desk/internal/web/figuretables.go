package web

import (
	"fmt"
	"html/template"
	"math"

	"panah/desk/internal/chart"
	"panah/desk/internal/office"
	"panah/desk/internal/spreadsheet"
)

// A figureTable is one table of sums, for the page and for files.
type figureTable struct {
	Key   string // months, pathways …
	Title string
	Desc  string // of the picture
	Head  []string
	Rows  []figureRow
	Chart template.HTML
	kind  string // of the picture; "" for none
}

// A figureRow is a line. Cells are int, float64 for a share of a hundred, or "" where there is nothing to say.
type figureRow struct {
	Label   string
	English bool // Label is from the rules, which are English
	Cells   []any
}

// Cell writes a cell of a table in the page's digits.
func (w *words) Cell(v any) string {
	switch x := v.(type) {
	case float64:
		return w.Num(fmt.Sprintf("%.0f %%", x))
	case string:
		return x
	}
	return w.Num(v)
}

// a tableMaker collects sentences, and the first error of them.
type tableMaker struct {
	s   *server
	w   *words
	err error
}

func (m *tableMaker) say(id string) string {
	text, err := m.w.P(id)
	if m.err == nil {
		m.err = err
	}
	return text
}

func (m *tableMaker) table(key, kind string, columns ...string) figureTable {
	t := figureTable{Key: key, kind: kind, Title: m.say("figures.table_" + key), Desc: m.say("figures.desc_" + key), Head: []string{m.say("figures.head_" + key)}}
	for _, c := range columns {
		t.Head = append(t.Head, m.say("figures.col_"+c))
	}
	return t
}

var answerColumns = []string{"intime", "toolate", "awaits", "share"}

func answerCells(a office.Answers) []any {
	if a.Asked() == 0 {
		return []any{0, 0, 0, ""}
	}
	return []any{a.InTime, a.Late, a.Awaits, math.Round(share(a)*10) / 10}
}

// figureTables makes the tables of a period.
func (s *server) figureTables(w *words, f office.Figures) ([]figureTable, error) {
	m := &tableMaker{s: s, w: w}
	months := m.table("months", "columns", append(append([]string{"opened", "closed", "openend"}, answerColumns...), "met", "missed", "destroyed")...)
	for _, x := range f.Months {
		months.Rows = append(months.Rows, figureRow{x.Month.String(), false, append(append([]any{x.Opened, x.Closed, x.Open}, answerCells(x.Answers)...), x.Met, x.Missed, x.Destroyed)})
	}
	all := []figureTable{months}
	for _, part := range []struct {
		key   string
		lines []office.FigureLine
	}{{"pathways", f.Pathways}, {"urgencies", f.Urgencies}} {
		t := m.table(part.key, "bars", append([]string{"opened", "closed", "opennow"}, answerColumns...)...)
		for _, l := range part.lines {
			row := m.label(part.key, l.ID)
			row.Cells = append([]any{l.Opened, l.Closed, l.Open}, answerCells(l.Answers)...)
			t.Rows = append(t.Rows, row)
		}
		all = append(all, t)
	}
	outcomes := m.table("outcomes", "bars", "closed")
	for _, l := range f.Outcomes {
		row := m.label("outcomes", l.ID)
		row.Cells = []any{l.Closed}
		outcomes.Rows = append(outcomes.Rows, row)
	}
	districts := m.table("districts", "", "opened")
	for _, l := range f.Districts {
		row := m.label("districts", l.ID)
		row.Cells = []any{l.Opened}
		districts.Rows = append(districts.Rows, row)
	}
	deadlines := m.table("deadlines", "", "met", "missed")
	for _, l := range f.Deadlines {
		deadlines.Rows = append(deadlines.Rows, figureRow{m.say("figures.basis_" + l.Basis), false, []any{l.Met, l.Missed}})
	}
	return append(all, outcomes, deadlines, districts), m.err
}

// label names a line.
func (m *tableMaker) label(key, id string) figureRow {
	switch {
	case id == "":
		return figureRow{Label: m.say("figures.none_" + key)}
	case key == "urgencies":
		return figureRow{Label: m.say("urgency." + id)}
	case key == "districts":
		return figureRow{Label: line(id)}
	case key == "pathways":
		if p, ok := m.s.book.Pathway(id); ok {
			id = p.Title
		}
	}
	return figureRow{Label: id, English: true}
}

// draw makes the picture of a table: of months new and closed cases, of anything else its first column.
func (t figureTable) draw(w *words) (template.HTML, error) {
	c := chart.Chart{ID: "chart-" + t.Key, Title: t.Title, Desc: t.Desc, RTL: w.Dir() == "rtl"}
	series := 1
	if t.kind == "columns" {
		series = 2
	}
	for i := range series {
		c.Series = append(c.Series, chart.Series{Name: t.Head[i+1]})
	}
	for _, r := range t.Rows {
		label := r.Label
		if t.kind == "columns" {
			// A month's number is enough under its columns; where a year begins, the year stands.
			if label = w.Num(label[5:]); r.Label[5:] == "01" {
				label = w.Num(r.Label[:4])
			}
		}
		c.Labels = append(c.Labels, label)
		for i := range series {
			n, _ := r.Cells[i].(int)
			c.Series[i].Values = append(c.Series[i].Values, float64(n))
			c.Series[i].Texts = append(c.Series[i].Texts, w.Num(n))
		}
	}
	if len(t.Rows) == 0 {
		return "", nil
	}
	switch t.kind {
	case "columns":
		return chart.Columns(c), nil
	case "bars":
		return chart.Bars(c), nil
	}
	return "", nil
}

// sheet is the table as a file has it.
func (t figureTable) sheet(w *words) spreadsheet.Sheet {
	name := []rune(t.Title)
	s := spreadsheet.Sheet{Name: string(name[:min(len(name), 31)]), Head: t.Head, RTL: w.Dir() == "rtl"}
	for _, r := range t.Rows {
		s.Rows = append(s.Rows, append([]any{r.Label}, r.Cells...))
	}
	return s
}
