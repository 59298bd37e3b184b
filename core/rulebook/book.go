package rulebook

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Source is the three files of a rulebook: papers.yaml, rules.yaml, sources.yaml. Each is at most MaxFile bytes.
type Source struct{ Papers, Rules, Sources []byte }

// MaxFile is the size of a file of the rulebook that is still read.
const MaxFile = 1 << 20

// Version is the name of these three files: 16 hex digits of the SHA-256 over them, each preceded by its length (8 bytes, big endian).
func (s Source) Version() string {
	h := sha256.New()
	for _, f := range [][]byte{s.Papers, s.Rules, s.Sources} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(f))))
		h.Write(f)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Book is a rulebook. It does not change and may be shared between goroutines.
type Book struct {
	version string
	papers  []Paper
	rules   []Rule // by country, paper, first day, id: the order of the file never matters
	sources map[string]Cited
	facts   []Fact
	stale   int // days
	read    time.Time
	// conditions by the id of their rule
	conditions map[string]*condition
}

// ErrPaper says that the book has no such kind of paper; ErrQuestion that a question is malformed otherwise. The text says what to do.
var (
	ErrPaper    = errors.New("the rulebook has no such paper")
	ErrQuestion = errors.New("the question cannot be asked like that")
)

// Version is Source.Version of what was parsed. A verdict is kept together with it.
func (b *Book) Version() string { return b.version }

// StaleAfter is after how many days without a new rule an answer is stale.
func (b *Book) StaleAfter() int { return b.stale }

// ReadOn is the day on which its authors last read the sources.
func (b *Book) ReadOn() time.Time { return b.read }

// Papers lists the kinds of paper in the order of the file.
func (b *Book) Papers() []Paper { return slices.Clone(b.papers) }

// Paper finds a kind of paper. None is one too: no paper at all, in every country of the book; Papers does not list it.
func (b *Book) Paper(id string) (Paper, bool) {
	if id == None {
		return b.nothing(), true
	}
	if i := slices.IndexFunc(b.papers, func(p Paper) bool { return p.ID == id }); i >= 0 {
		return b.papers[i], true
	}
	return Paper{}, false
}

// nothing is what holders of no paper have.
func (b *Book) nothing() Paper {
	p := Paper{ID: None, Names: map[string]string{"en": "No paper"}}
	for _, other := range b.papers {
		for _, c := range other.UsedIn {
			if !slices.Contains(p.UsedIn, c) {
				p.UsedIn = append(p.UsedIn, c)
			}
		}
	}
	slices.Sort(p.UsedIn)
	return p
}

// Facts lists what conditions may ask for, in the order of the file.
func (b *Book) Facts() []Fact { return slices.Clone(b.facts) }

// Rules lists all rules by country, paper, first day and id.
func (b *Book) Rules() []Rule {
	out := make([]Rule, len(b.rules))
	for i := range b.rules {
		out[i] = b.rules[i].copy()
	}
	return out
}

// Rule finds a rule.
func (b *Book) Rule(id string) (Rule, bool) {
	if i := slices.IndexFunc(b.rules, func(r Rule) bool { return r.ID == id }); i >= 0 {
		return b.rules[i].copy(), true
	}
	return Rule{}, false
}

// Source finds a source by its id.
func (b *Book) Source(id string) (Cited, bool) {
	c, ok := b.sources[id]
	return c, ok
}

// A Problem is what is wrong, or may be wrong, in a file.
type Problem struct {
	File         string // "papers.yaml", "rules.yaml", "sources.yaml", "questions.yaml"
	Line, Column int    // from 1; 0 when it is about the whole file
	Text         string // what is wrong
	Next         string // what to do about it
	Warning      bool   // the book can be used all the same
}

// String is "rules.yaml:12:5: text. next".
func (p Problem) String() string {
	at := p.File
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	if p.Warning {
		at += ": warning"
	}
	said := at + ": " + p.Text
	if !strings.HasSuffix(said, ".") {
		said += "."
	}
	return strings.TrimSpace(said + " " + p.Next)
}
