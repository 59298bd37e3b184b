package office

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"panah/core/rulebook"
)

// A BookChange is one difference between two rulebooks.
type BookChange struct {
	What   string // "paper", "rule", "source", "limit"
	ID     string
	How    string // "added", "removed", "changed"
	Fields []FieldChange
}

// A FieldChange is one field of what changed, as the file writes it. Was or Is may be "".
type FieldChange struct{ Field, Was, Is string }

// changes tells what makes one book out of another: papers, rules, sources, in this order.
func changes(was, is *rulebook.Book) (list []BookChange) {
	if was.StaleAfter() != is.StaleAfter() {
		list = append(list, BookChange{"limit", "stale_after_days", "changed", []FieldChange{{"stale_after_days", fmt.Sprint(was.StaleAfter()), fmt.Sprint(is.StaleAfter())}}})
	}
	list = append(list, compare("paper", was.Papers(), is.Papers(), func(p rulebook.Paper) string { return p.ID })...)
	list = append(list, compare("rule", was.Rules(), is.Rules(), func(r rulebook.Rule) string { return r.ID })...)
	return append(list, compare("source", cited(was), cited(is), func(c rulebook.Cited) string { return c.ID })...)
}

// cited are the sources that the rules of a book name.
func cited(b *rulebook.Book) (list []rulebook.Cited) {
	seen := map[string]bool{}
	for _, r := range b.Rules() {
		for _, id := range r.Sources {
			if c, ok := b.Source(id); ok && !seen[id] {
				seen[id] = true
				list = append(list, c)
			}
		}
	}
	slices.SortFunc(list, func(a, b rulebook.Cited) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// compare tells what was added, removed or changed, by id.
func compare[T any](what string, was, is []T, id func(T) string) (list []BookChange) {
	old := map[string]T{}
	for _, v := range was {
		old[id(v)] = v
	}
	for _, v := range is {
		before, there := old[id(v)]
		delete(old, id(v))
		if !there {
			list = append(list, BookChange{what, id(v), "added", nil})
			continue
		}
		if fields := fieldChanges(before, v); len(fields) > 0 {
			list = append(list, BookChange{what, id(v), "changed", fields})
		}
	}
	for _, v := range was {
		if _, gone := old[id(v)]; gone {
			list = append(list, BookChange{what, id(v), "removed", nil})
		}
	}
	return list
}

// fieldChanges compares two values field by field. The line in the file is no difference.
func fieldChanges[T any](was, is T) (list []FieldChange) {
	a, b := reflect.ValueOf(was), reflect.ValueOf(is)
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		if name == "Line" || reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			continue
		}
		list = append(list, FieldChange{fieldWord(name), fieldText(a.Field(i).Interface()), fieldText(b.Field(i).Interface())})
	}
	return list
}

// fieldWord is a field as the files call it: "KnownOn" is "known_on".
func fieldWord(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 && name[i-1] >= 'a' {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// fieldText is a value as the files write it; "" for none.
func fieldText(v any) string {
	switch v := v.(type) {
	case time.Time:
		return dayText(v)
	case []string:
		return strings.Join(v, ", ")
	}
	if reflect.ValueOf(v).IsZero() {
		return ""
	}
	return fmt.Sprint(v)
}
