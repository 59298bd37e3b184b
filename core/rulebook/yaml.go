package rulebook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"panah/core/calendar"
)

// A reader turns one YAML file into values by the tables of keys, and collects everything that is wrong with it.
type reader struct {
	file     string
	problems []Problem
}

// maxProblems of one file are told; a file that is not YAML of ours at all would have thousands.
const maxProblems = 50

// full: enough was told; what follows is not looked into any further.
func (r *reader) full() bool { return len(r.problems) >= maxProblems }

func (r *reader) fail(at *yaml.Node, next, format string, args ...any) {
	if !r.full() {
		r.problems = append(r.problems, Problem{File: r.file, Line: at.Line, Column: at.Column, Text: fmt.Sprintf(format, args...), Next: next})
	}
}

func (r *reader) warn(at *yaml.Node, next, format string, args ...any) {
	if !r.full() {
		r.problems = append(r.problems, Problem{File: r.file, Line: at.Line, Column: at.Column, Text: fmt.Sprintf(format, args...), Next: next, Warning: true})
	}
}

// fields are the values of one mapping, each of the Go type of its key's kind.
type fields struct {
	at     *yaml.Node
	nodes  map[string]*yaml.Node
	values map[string]any
}

// node is where a key's value stands; the mapping itself when it is not there.
func (f fields) node(name string) *yaml.Node {
	if n := f.nodes[name]; n != nil {
		return n
	}
	return f.at
}

func (f fields) has(name string) bool { return f.values[name] != nil }
func (f fields) text(name string) string {
	s, _ := f.values[name].(string)
	return s
}

func (f fields) day(name string) time.Time {
	d, _ := f.values[name].(time.Time)
	return d
}

func (f fields) count(name string) int {
	n, _ := f.values[name].(int)
	return n
}

func (f fields) flag(name string) bool {
	b, _ := f.values[name].(bool)
	return b
}

func (f fields) list(name string) []string {
	l, _ := f.values[name].([]string)
	return l
}

func (f fields) words(name string) map[string]string {
	m, _ := f.values[name].(map[string]string)
	return m
}

func (f fields) blocks(name string) []fields {
	b, _ := f.values[name].([]fields)
	return b
}

// read reads a whole file of one document.
func (r *reader) read(data []byte, keys []key) (fields, bool) {
	whole := &yaml.Node{}
	switch {
	case len(data) == 0:
		r.fail(whole, "It must be there, and hold what docs/rulebook.md shows.", "the file is empty")
		return fields{}, false
	case len(data) > MaxFile:
		r.fail(whole, "Split it, or take out what is not data.", "the file has %d bytes; at most %d are read", len(data), MaxFile)
		return fields{}, false
	case !utf8.Valid(data):
		r.fail(whole, "Save it as UTF-8.", "the file is not UTF-8 text")
		return fields{}, false
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		r.fail(whole, "It must hold what docs/rulebook.md shows.", "the file says nothing")
		return fields{}, false
	} else if err != nil {
		r.syntax(err)
		return fields{}, false
	}
	if err := d.Decode(&second); !errors.Is(err, io.EOF) {
		r.fail(&second, "Take away the line `---` and what follows it.", "there is a second document in the file")
		return fields{}, false
	}
	if len(doc.Content) != 1 {
		r.fail(&doc, "It must hold what docs/rulebook.md shows.", "the file says nothing")
		return fields{}, false
	}
	return r.mapping(doc.Content[0], "the file", keys), true
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

func (r *reader) syntax(err error) {
	at, said := &yaml.Node{Column: 1}, err.Error()
	if m := yamlLine.FindStringSubmatch(said); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
		said = m[2]
	}
	r.fail(at, "Compare the indentation, quotes, brackets and commas with the lines above; words with : or # in them need quotes.", "this is not YAML: %s", said)
}

// mapping reads the keys of a mapping and says what is unknown, double or missing.
func (r *reader) mapping(n *yaml.Node, what string, keys []key) fields {
	f := fields{at: n, nodes: map[string]*yaml.Node{}, values: map[string]any{}}
	if n.Kind != yaml.MappingNode {
		r.fail(n, "Write it as {key: value, …}.", "%s must have keys and values", what)
		return f
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(keys, func(k key) bool { return k.name == name.Value })
		switch {
		case at < 0:
			r.fail(name, unknownKey(name.Value, keys), "there is no key `%.60s` here", name.Value)
		case f.nodes[name.Value] != nil:
			r.fail(name, "Keep one of the two.", "`%s` is there twice", name.Value)
		default:
			f.nodes[name.Value] = value
			if v := r.value(value, keys[at]); v != nil {
				f.values[name.Value] = v
			}
		}
	}
	for _, k := range keys {
		if k.required && f.nodes[k.name] == nil {
			r.fail(n, "Add it: "+k.about+".", "%s has no `%s`", what, k.name)
		}
	}
	return f
}

func unknownKey(name string, keys []key) string {
	var all []string
	for _, k := range keys {
		if k.kind != free {
			all = append(all, k.name)
		}
	}
	if m := meant(name, all); m != "" {
		return m
	}
	return "These are known: " + strings.Join(all, ", ") + "."
}

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
