package rulebook

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"panah/core/calendar"
)

// A tableMaker asks Check at days between which nothing changes, and looks whether that is so.
type tableMaker struct {
	book  *Book
	table *Table
	work  int // see maxWork

	// where something is in the table
	answers, rows, rules, sources map[string]int
}

// unnamedRound is a round that no rule of p names.
func unnamedRound(p Paper) int {
	for n := 1; ; n++ {
		if !slices.Contains(p.Rounds, n) {
			return n
		}
	}
}

// grid makes the grid of one paper and round.
func (m *tableMaker) grid(p Paper, round int) (Grid, error) {
	if round == UnnamedRound {
		round = unnamedRound(p)
	}
	book := *m.book
	book.rules = slices.DeleteFunc(slices.Clone(book.rules), func(r Rule) bool { return r.Paper != p.ID && (r.Paper != Any || p.ID == None) })
	c := asker{m: m, book: &book, paper: p.ID, round: round}
	on := c.cut()
	g := Grid{Exact: c.exact, Near: c.near}
	var rows [][]int
	for i, first := range append([]int{firstDay}, on...) {
		last := lastDay
		if i < len(on) {
			last = on[i] - 1
		}
		row, err := c.between(first, last)
		if err != nil {
			return Grid{}, err
		}
		if n := len(rows); n > 0 {
			if both := joined(rows[n-1], row); both != nil {
				rows[n-1] = both
				continue
			}
			g.On = append(g.On, first)
		}
		rows = append(rows, row)
	}
	g.narrow(rows)
	for _, row := range rows {
		g.Row = append(g.Row, m.row(row))
	}
	return g, nil
}

// joined is the row that says what both say; nil when they differ.
func joined(a, b []int) []int {
	both := slices.Clone(a)
	for i := range both {
		switch {
		case both[i] < 0:
			both[i] = b[i]
		case b[i] >= 0 && b[i] != both[i]:
			return nil
		}
	}
	return both
}

// narrow takes out cuts on both sides of which every row says the same.
func (g *Grid) narrow(rows [][]int) {
	for _, c := range []struct {
		cut   *Cut
		start func() int
	}{{&g.Near, func() int { return 1 + g.Exact.columns() }}, {&g.Exact, func() int { return 1 }}} {
		for i := len(c.cut.Apart) - 1; i >= 0; i-- {
			width := len(c.cut.Apart) + 1
			if merge(rows, c.start(), len(c.cut.Day)+1, width, i, 1) {
				c.cut.Apart = slices.Delete(slices.Clone(c.cut.Apart), i, i+1)
			}
		}
		for i := len(c.cut.Day) - 1; i >= 0; i-- {
			width := len(c.cut.Apart) + 1
			if merge(rows, c.start(), 1, (len(c.cut.Day)+1)*width, i*width, width) {
				c.cut.Day = slices.Delete(slices.Clone(c.cut.Day), i, i+1)
			}
		}
	}
}

// merge joins, in each of n blocks of width columns from start on, the columns [i, i+size) with those after them, when no row tells them apart.
func merge(rows [][]int, start, n, width, i, size int) bool {
	out := make([][]int, len(rows))
	for r, row := range rows {
		out[r] = slices.Clone(row[:start])
		for b := range n {
			block := row[start+b*width : start+(b+1)*width]
			both := joined(block[i:i+size], block[i+size:i+2*size])
			if both == nil {
				return false
			}
			out[r] = slices.Concat(out[r], block[:i], both, block[i+2*size:])
		}
		out[r] = append(out[r], row[start+n*width:]...)
	}
	copy(rows, out)
	return true
}

// An asker asks about one paper and round.
type asker struct {
	m           *tableMaker
	book        *Book // with the rules only that may be about the paper
	paper       string
	round       int
	exact, near Cut
}

// cut finds the days at which Check may begin to say something else. What it misses, between finds.
func (c *asker) cut() (on []int) {
	c.exact.Apart, c.near.Apart = []int{1}, []int{0, 2} // when a printed date has passed: a lunar one for certain, or perhaps
	for i := range c.book.rules {
		r := &c.book.rules[i]
		known, start := DayNumber(r.KnownOn), DayNumber(r.start())
		on = append(on, known, known+c.book.stale+1, start, start-ahead)
		if !r.To.IsZero() {
			on = append(on, DayNumber(r.To)+1)
		}
		when := c.book.conditions[r.ID]
		if when == nil {
			continue
		}
		for _, span := range append([]int{0}, when.spans...) {
			for _, d := range when.days {
				for _, at := range [...]int{DayNumber(d) - span, DayNumber(d) + span} {
					on = append(on, at, at+1)
					c.exact.Day, c.near.Day = append(c.exact.Day, at, at+1), append(c.near.Day, at-1, at, at+1, at+2)
				}
			}
			for _, at := range [...]int{-span, span} {
				c.exact.Apart, c.near.Apart = append(c.exact.Apart, at, at+1), append(c.near.Apart, at-1, at, at+1, at+2)
			}
		}
	}
	for _, list := range []*[]int{&c.exact.Day, &c.exact.Apart, &c.near.Day, &c.near.Apart, &on} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return slices.DeleteFunc(on, func(d int) bool { return d <= firstDay || d > lastDay })
}

// between is the row that holds from first to last.
func (c *asker) between(first, last int) (row []int, err error) {
	for _, day := range [...]int{first, last, first + (last-first)/2} {
		next, err := c.on(day)
		if err != nil {
			return nil, err
		}
		if row == nil {
			row = next
		} else if row = joined(row, next); row == nil {
			return nil, fmt.Errorf("%w: something changes between %s and %s that no rule names", ErrTable, dayOf(first).Format(time.DateOnly), dayOf(last).Format(time.DateOnly))
		}
		if first == last {
			break
		}
	}
	return row, nil
}

// on is the row of one day; -1 in columns where no printed date leads on that day.
func (c *asker) on(day int) ([]int, error) {
	none, err := c.ask(day, calendar.Written{})
	if err != nil {
		return nil, err
	}
	row := []int{none}
	for within, cut := range []Cut{c.exact, c.near} {
		for i := range len(cut.Day) + 1 {
			from, to := ends(cut.Day, i)
			for j := range len(cut.Apart) + 1 {
				near, far := ends(cut.Apart, j)
				answer, err := c.printed(day, max(from, day-far), min(to, day-near), within)
				if err != nil {
					return nil, err
				}
				row = append(row, answer)
			}
		}
	}
	return row, nil
}

// ends are the first and last day of stretch i.
func ends(first []int, i int) (from, to int) {
	const never = 1 << 20
	from, to = -never, never
	if i > 0 {
		from = first[i-1]
	}
	if i < len(first) {
		to = first[i] - 1
	}
	return from, to
}

// printed is what Check says of printed dates from first to last; -1 when there is none.
func (c *asker) printed(day, first, last, within int) (answer int, err error) {
	const far = 20_000 // days: no calendar reaches further from here
	first, last = max(first, day-far), min(last, day+far)
	answer = -1
	if first > last {
		return answer, nil
	}
	in := [...]calendar.Name{calendar.Gregorian, calendar.Lunar}[within]
	for _, d := range [...]int{first, last} {
		next, err := c.ask(day, calendar.Written{In: in, Y: 1400, M: 1, D: 1, Day: dayOf(d), Within: within}) // Check looks at Day
		if err != nil {
			return 0, err
		}
		if answer >= 0 && next != answer {
			return 0, fmt.Errorf("%w: on %s, something changes between the printed dates %s and %s that no rule names", ErrTable, dayOf(day).Format(time.DateOnly), dayOf(first).Format(time.DateOnly), dayOf(last).Format(time.DateOnly))
		}
		if answer = next; first == last {
			break
		}
	}
	return answer, nil
}

// ask is the index of what Check says.
func (c *asker) ask(day int, printed calendar.Written) (int, error) {
	if c.m.work += 1 + len(c.book.rules); c.m.work > maxWork {
		return 0, fmt.Errorf("%w; take out rules that nobody asks about any more", ErrTable)
	}
	on := dayOf(day)
	a, err := c.book.Check(Question{Paper: c.paper, Round: c.round, Printed: printed, On: on, Known: on})
	if err != nil {
		return 0, err
	}
	return c.m.answer(a), nil
}

// answer is the index of an answer in the table.
func (m *tableMaker) answer(a Answer) int {
	t := Saying{
		Verdict: a.Verdict, Would: a.Would, Rule: -1, Since: DayNumber(a.Since), Until: DayNumber(a.Until), Newest: DayNumber(a.Newest), Confidence: a.Confidence,
	}
	if a.Rule != nil {
		t.Rule = m.rule(*a.Rule)
	}
	for _, s := range a.Sources {
		t.Sources = append(t.Sources, m.source(s))
	}
	for _, r := range a.Also {
		t.Also = append(t.Also, m.rule(r))
	}
	for _, r := range a.Conflicts {
		t.Conflicts = append(t.Conflicts, m.rule(r))
	}
	for _, ask := range a.Ask {
		t.Ask = append(t.Ask, ask.ID)
	}
	key, _ := json.Marshal(t)
	return place(m.answers, string(key), &m.table.Answers, t)
}

// place puts a value into a list, once, and returns where.
func place[T any](known map[string]int, key string, list *[]T, value T) int {
	i, ok := known[key]
	if !ok {
		i = len(*list)
		known[key] = i
		*list = append(*list, value)
	}
	return i
}

func (m *tableMaker) rule(r Rule) int {
	return place(m.rules, r.ID, &m.table.Rules, TableRule{
		ID: r.ID, Effect: r.Effect, From: DayNumber(r.From), To: DayNumber(r.To), On: DayNumber(r.On), Who: r.Who, What: r.What, Note: r.Note,
	})
}

func (m *tableMaker) source(s Cited) int {
	return place(m.sources, s.ID, &m.table.Sources, TableSource{ID: s.ID, Title: s.Title, URL: s.URL, Kind: s.Kind})
}

func (m *tableMaker) row(row []int) int {
	return place(m.rows, strings.Trim(fmt.Sprint(row), "[]"), &m.table.Rows, row)
}

// drop takes out what was tried and is in no grid, so that the table does not depend on how it was made.
func (t *Table) drop() {
	full := *t
	t.Rows, t.Answers, t.Rules, t.Sources = nil, nil, nil, nil
	rows, answers, rules, sources := map[int]int{}, map[int]int{}, map[int]int{}, map[int]int{}
	for _, key := range slices.Sorted(maps.Keys(full.Grids)) {
		g := full.Grids[key]
		for i, r := range g.Row {
			g.Row[i] = moved(rows, r, &t.Rows, full.Rows)
		}
	}
	for _, row := range t.Rows {
		for i, a := range row {
			if a >= 0 {
				row[i] = moved(answers, a, &t.Answers, full.Answers)
			}
		}
	}
	for i := range t.Answers {
		a := &t.Answers[i]
		if a.Rule >= 0 {
			a.Rule = moved(rules, a.Rule, &t.Rules, full.Rules)
		}
		for _, list := range [][]int{a.Also, a.Conflicts} {
			for j, r := range list {
				list[j] = moved(rules, r, &t.Rules, full.Rules)
			}
		}
		for j, f := range a.Sources {
			a.Sources[j] = moved(sources, f, &t.Sources, full.Sources)
		}
	}
}

// moved is where element i of from is in to, where it is put when it is not there.
func moved[T any](known map[int]int, i int, to *[]T, from []T) int {
	at, ok := known[i]
	if !ok {
		at = len(*to)
		known[i] = at
		*to = append(*to, from[i])
	}
	return at
}
