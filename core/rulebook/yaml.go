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
