package rulebook

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"panah/core/calendar"
)

// value reads one value; nil when it was refused, and then a problem says why.
func (r *reader) value(n *yaml.Node, k key) any {
	if k.kind == free {
		return r.unread(n, 0)
	}
	switch k.kind {
	case ids, texts:
		return r.list(n, k)
	case words:
		return r.byLanguage(n, k)
	case blocks, named:
		return r.blocks(n, k)
	}
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.fail(n, "Write one value; a link (&, *) is not understood here.", "`%s` must have one value", k.name)
		return nil
	}
	if len(n.Value) > maxText {
		r.fail(n, "Shorten it.", "`%s` is longer than %d bytes", k.name, maxText)
		return nil
	}
	if v := r.scalar(n, k); v != nil {
		return v
	}
	return nil
}

// unread looks through what is kept for people: only for links, that could blow up whoever reads the file later, and for depth.
func (r *reader) unread(n *yaml.Node, depth int) any {
	if n.Kind == yaml.AliasNode || n.Anchor != "" || depth > 8 {
		r.fail(n, "Write it out.", "links (&, *) and deep nesting are not understood here")
		return nil
	}
	for _, c := range n.Content {
		if r.unread(c, depth+1) == nil {
			return nil
		}
	}
	return true
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(?:[-_][a-z0-9]+)*$`)

func (r *reader) scalar(n *yaml.Node, k key) any {
	v := n.Value
	switch k.kind {
	case text:
		if strings.TrimSpace(v) == "" {
			r.fail(n, "Write it, or take the key away.", "`%s` is empty", k.name)
			return nil
		}
		return v
	case id:
		if !idForm.MatchString(v) || len(v) > 60 {
			r.fail(n, "Use lower-case letters, digits and hyphens: ir-slip-1404.", "`%s` is no id: %.60q", k.name, v)
			return nil
		}
		return v
	case choice:
		if !slices.Contains(k.of, v) {
			next := meant(v, k.of)
			if next == "" {
				next = "Write one of: " + strings.Join(k.of, ", ") + "."
			}
			r.fail(n, next, "`%s` cannot be %.60q", k.name, v)
			return nil
		}
		return v
	case flag:
		if v != "true" && v != "false" {
			r.fail(n, "Write true or false.", "`%s` cannot be %.60q", k.name, v)
			return nil
		}
		return v == "true"
	case count:
		c, err := strconv.Atoi(v)
		if err != nil || c < 0 || c > maxCount {
			r.fail(n, fmt.Sprintf("Write digits, up to %d.", maxCount), "`%s` is no whole number: %.60q", k.name, v)
			return nil
		}
		return c
	}
	return r.day(n, k.name)
}

var dayForm = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})$`)

// day reads 2025-03-20. A day of another calendar is a likely slip: it is told which day that would be.
func (r *reader) day(n *yaml.Node, name string) any {
	m := dayForm.FindStringSubmatch(n.Value)
	if m == nil {
		r.fail(n, "Write year-month-day of the Gregorian calendar, like 2025-03-20.", "`%s` is no day: %.60q", name, n.Value)
		return nil
	}
	y, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	d, _ := strconv.Atoi(m[3])
	if y >= 1200 && y <= 1600 {
		next := "Write the Gregorian day here, and the day as the instrument has it in quotes under `" + name + "_as_written`."
		if g, err := (calendar.Date{Y: y, M: month, D: d}).ToGregorian(); err == nil {
			next += " In the Solar Hijri calendar this is " + g.Format(time.DateOnly) + "."
		}
		r.fail(n, next, "year %d in `%s` is not a Gregorian year", y, name)
		return nil
	}
	g := time.Date(y, time.Month(month), d, 0, 0, 0, 0, time.UTC)
	switch {
	case month < 1 || month > 12:
		r.fail(n, "Months are 01 to 12; write year-month-day.", "month %d in `%s`: there is no such month", month, name)
	case g.Day() != d || g.Month() != time.Month(month):
		r.fail(n, "Look at the instrument again.", "day %d in `%s`: that month has no such day", d, name)
	case y < 1950 || y > 2150:
		r.fail(n, "Look at the instrument again.", "year %d in `%s` is out of reach", y, name)
	default:
		return g
	}
	return nil
}

func (r *reader) list(n *yaml.Node, k key) any {
	if n.Kind != yaml.SequenceNode || len(n.Content) > maxList {
		r.fail(n, fmt.Sprintf("Write it as [a, b], at most %d.", maxList), "`%s` must be a list", k.name)
		return nil
	}
	one := key{name: k.name, kind: text}
	if k.kind == ids {
		one.kind = id
	}
	if k.of != nil {
		one.kind, one.of = choice, k.of
	}
	out := []string{}
	for _, c := range n.Content {
		s, ok := r.value(c, one).(string)
		switch {
		case !ok:
		case slices.Contains(out, s):
			r.fail(c, "Keep one of the two.", "`%s` is twice in `%s`", s, k.name)
		default:
			out = append(out, s)
		}
	}
	return out
}

func (r *reader) byLanguage(n *yaml.Node, k key) any {
	if n.Kind != yaml.MappingNode || len(n.Content) > 2*maxList {
		r.fail(n, "Write it as {name: words, …}.", "`%s` must have names and words", k.name)
		return nil
	}
	out := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if _, double := out[name.Value]; double || name.Kind != yaml.ScalarNode || len(name.Value) > 60 {
			r.fail(name, "Keep one, and make it a short name.", "`%.60s` cannot stand here in `%s`", name.Value, k.name)
			continue
		}
		if s, ok := r.value(n.Content[i+1], key{name: k.name, kind: text}).(string); ok {
			out[name.Value] = s
		}
	}
	return out
}

// nameOf is the key under which the id of a named mapping is found among its values.
const nameOf = "\x00id"

func (r *reader) blocks(n *yaml.Node, k key) any {
	out := []fields{}
	if k.kind == blocks {
		if n.Kind != yaml.SequenceNode || len(n.Content) > maxSources {
			r.fail(n, "Begin each with `- `.", "`%s` must be a list", k.name)
			return nil
		}
		for _, c := range n.Content {
			out = append(out, r.mapping(c, "this one of `"+k.name+"`", k.keys))
		}
		return out
	}
	if n.Kind != yaml.MappingNode || len(n.Content) > 2*maxSources {
		r.fail(n, "Write each as `id: {key: value, …}`.", "`%s` must have ids", k.name)
		return nil
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, ok := r.value(n.Content[i], key{name: "id", kind: id}).(string)
		if ok && seen[name] {
			r.fail(n.Content[i], "Keep one of the two.", "`%s` is there twice", name)
		}
		seen[name] = true
		f := r.mapping(n.Content[i+1], "`"+name+"`", k.keys)
		f.values[nameOf] = name
		out = append(out, f)
	}
	return out
}
