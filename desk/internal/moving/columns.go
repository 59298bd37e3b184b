package moving

import (
	"strings"

	"panah/core/script"
	"panah/desk/internal/spreadsheet"
)

// A Column is one column of the list. Field is "" for one that is left out; Never says why it may not come in at all: an id of the never list.
type Column struct {
	Index   int
	Head    string
	Field   string
	Never   string
	Samples []string // of the first rows; none of a column that may not come in
}

// samples is how many rows a preview shows.
const samples = 3

// Columns says what the columns of a list are, by their heads: the first row. Those that may not come in are found first.
func (r *Rules) Columns(t *spreadsheet.Table) []Column {
	taken := map[string]bool{}
	all := make([]Column, t.Width())
	for i := range all {
		c := Column{Index: i, Head: t.Cell(0, i)}
		c.Never, c.Field = r.guess(c.Head)
		if taken[c.Field] {
			c.Field = ""
		}
		taken[c.Field] = true
		for row := 1; row <= samples && c.Never == ""; row++ {
			c.Samples = append(c.Samples, short(t.Cell(row, i)))
		}
		all[i] = c
	}
	return all
}

// short is the beginning of a cell, for the preview.
func short(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return string(r)
}

// guess reads one head. A head may say the same in two languages: "Name / نام".
func (r *Rules) guess(head string) (never, field string) {
	whole := strings.Fields(script.Fold(head))
	if never = within(r.never, whole); never != "" {
		return never, ""
	}
	for _, part := range append([]string{head}, strings.FieldsFunc(head, func(r rune) bool { return strings.ContainsRune("/()|\n:-–—[]،,", r) })...) {
		if field = exactly(r.fields, strings.Fields(script.Fold(part))); field != "" {
			return "", field
		}
	}
	return "", ""
}

// A Mapping says which field each column is brought to, by index; "" leaves it out.
type Mapping map[int]string

// Settle applies what a person chose. A column that may not come in stays out whatever was chosen, and of two columns for one field the first has it.
func Settle(columns []Column, chosen Mapping) []Column {
	taken := map[string]bool{}
	known := map[string]bool{}
	for _, f := range Fields() {
		known[f] = true
	}
	settled := make([]Column, len(columns))
	for i, c := range columns {
		c.Field = ""
		if f := chosen[c.Index]; c.Never == "" && known[f] && !taken[f] {
			c.Field = f
			taken[f] = true
		}
		settled[i] = c
	}
	return settled
}
