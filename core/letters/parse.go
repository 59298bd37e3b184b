package letters

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"panah/core/l10n"
)

// Bounds of what is read.
const (
	maxFile   = 256 << 10
	maxFiles  = 100
	maxParts  = 60 // of a template
	maxFields = 40
	maxTitle  = 120 // characters
)

// commonFile is the file that the others share.
const commonFile = "_common.yaml"

// A Problem is what is wrong with a template, and where.
type Problem struct {
	File         string
	Line, Column int    // from 1; 0 when it is about the whole file
	Text         string // what is wrong
	Next         string // what to do about it
}

// String is "wage-claim.yaml:12:5: what is wrong. What to do".
func (p Problem) String() string {
	at := p.File
	if p.Line > 0 {
		at += ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
	}
	return at + ": " + p.Text + ". " + p.Next
}

// Vocabulary is what other files know, so that a template cannot name what there is not.
type Vocabulary struct {
	Letters  map[string]string // id to what it is: rules/pathways/_common.yaml
	Consents []string
	Sources  []string // ids of rules/sources.yaml
	Answers  []string // "pathway/question" of the pathways
}

// Parse reads templates by file name: _common.yaml, one <letter>.yaml for each kind, risk-talk.<language>.yaml. The book is nil when there is any problem: half a letter is not printed.
func Parse(files map[string][]byte, v Vocabulary) (*Book, []Problem) {
	r := &reader{v: v, book: &Book{card: map[string]string{}, talks: map[string]Talk{}}, fields: map[string]Field{}, parts: map[string][]Part{}}
	if len(files) > maxFiles {
		return nil, []Problem{{Text: fmt.Sprintf("%d files are more than %d", len(files), maxFiles), Next: "Take some away."}}
	}
	r.read(commonFile, files[commonFile], r.common)
	for _, name := range sortedNames(files) {
		switch {
		case name == commonFile:
		case strings.HasPrefix(name, "risk-talk."):
			r.read(name, files[name], r.talk)
		default:
			r.read(name, files[name], r.template)
		}
	}
	r.whole()
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return r.book, nil
}

func sortedNames(files map[string][]byte) (names []string) {
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// reader reads the files and remembers what is wrong.
type reader struct {
	v        Vocabulary
	book     *Book
	problems []Problem
	file     string
	fields   map[string]Field
	parts    map[string][]Part
	names    map[Addressee]Words
	verdicts Verdicts
}

func (r *reader) wrong(n *yaml.Node, next, format string, args ...any) {
	p := Problem{File: r.file, Text: fmt.Sprintf(format, args...), Next: next}
	if n != nil {
		p.Line, p.Column = n.Line, n.Column
	}
	if len(r.problems) < 50 {
		r.problems = append(r.problems, p)
	}
}

// read parses a file into nodes, which know where they stand.
func (r *reader) read(name string, data []byte, take func(*yaml.Node)) {
	r.file = name
	if len(data) == 0 || len(data) > maxFile {
		r.wrong(nil, fmt.Sprintf("A file has 1 to %d bytes.", maxFile), "the file has %d bytes", len(data))
		return
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		at := yamlLine(err.Error())
		r.wrong(at, "Check indentation, quotes and colons.", "this is not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		r.wrong(nil, "Begin with a line like \"letter: wage-claim\".", "the file is no list of keys with values")
		return
	}
	if n := alias(&doc); n != nil {
		r.wrong(n, "Write the text out.", "anchors and aliases are not read")
		return
	}
	take(doc.Content[0])
}

// yamlLine finds the line in an error of the parser.
func yamlLine(text string) *yaml.Node {
	_, rest, ok := strings.Cut(text, "line ")
	if !ok {
		return nil
	}
	digits, _, _ := strings.Cut(rest, ":")
	line, err := strconv.Atoi(digits)
	if err != nil {
		return nil
	}
	return &yaml.Node{Line: line, Column: 1}
}

// alias finds an alias: one can make a small file large.
func alias(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n
	}
	for _, c := range n.Content {
		if a := alias(c); a != nil {
			return a
		}
	}
	return nil
}

// keys reads a mapping: known keys only, none twice.
func (r *reader) keys(n *yaml.Node, what string, known ...string) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	if n == nil {
		return out
	}
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "Write keys with values.", "%s is no list of keys with values", what)
		return out
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case len(known) > 0 && !slices.Contains(known, k.Value):
			r.wrong(k, "Known are: "+strings.Join(known, ", ")+".", "%s has an unknown key %.40q", what, k.Value)
		case out[k.Value] != nil:
			r.wrong(k, "Take one away.", "%s has %.40q twice", what, k.Value)
		default:
			out[k.Value] = n.Content[i+1]
		}
	}
	return out
}

func (r *reader) text(n *yaml.Node, what string) string {
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		r.wrong(n, "Write one text.", "%s is no text", what)
		return ""
	}
	return strings.TrimSpace(n.Value)
}

func (r *reader) list(n *yaml.Node, what string) (out []*yaml.Node) {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.wrong(n, "Write [a, b], or a line with a dash for each.", "%s is no list", what)
		return nil
	}
	return n.Content
}

func (r *reader) texts(n *yaml.Node, what string) (out []string) {
	for _, c := range r.list(n, what) {
		if s := r.text(c, what); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (r *reader) number(n *yaml.Node, what string) int {
	i, err := strconv.Atoi(r.text(n, what))
	if n == nil || err != nil || i < 1 {
		r.wrong(n, "Write 1, 2, 3 …: one more with each change.", "%s is no number from 1", what)
	}
	return i
}

// languages are the codes of core/l10n, English first.
func languages() []string {
	codes := []string{l10n.English}
	for _, l := range l10n.Languages() {
		if l.Code != l10n.English {
			codes = append(codes, l.Code)
		}
	}
	return codes
}

// words reads a text in every language; at is where it is missing.
func (r *reader) words(n, at *yaml.Node, what string) Words {
	if n == nil {
		r.wrong(at, "Write it in every language: "+strings.Join(languages(), ", ")+".", "%s is missing", what)
		return nil
	}
	return r.tongues(r.keys(n, what, languages()...), n, what)
}

// tongues takes the languages out of a mapping.
func (r *reader) tongues(k map[string]*yaml.Node, at *yaml.Node, what string) Words {
	w := Words{}
	for _, lang := range languages() {
		s := r.text(k[lang], what)
		if s == "" {
			r.wrong(at, "Write it, or a draft; mark the language as draft in status.", "%s is missing in %s", what, lang)
		}
		w[lang] = s
	}
	return w
}
