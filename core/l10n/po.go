package l10n

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a PO file: far above what a catalogue of some hundred sentences needs.
const (
	maxFile    = 1 << 20
	maxEntries = 5000
	maxText    = 8 << 10
)

// Entry is one translation of a PO file.
type Entry struct {
	ID     string // msgctxt
	Source string // msgid, English
	Text   string // msgstr
	Note   string // extracted comments (#.), joined by a space
	Fuzzy  bool   // no native speaker has checked Text
}

// ParsePO reads a gettext PO file as far as Panah uses it: entries with msgctxt, msgid and msgstr. Plural
// forms are refused, because no sentence of ours has one; so are duplicates, unknown keywords, invalid UTF-8, and
// files over 1 MiB. The header entry and obsolete entries (#~) are left out. Errors name the line.
func ParsePO(data []byte) ([]Entry, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("catalogue of %d bytes is larger than %d", len(data), maxFile)
	}
	if !utf8.Valid(data) {
		return nil, errors.New("catalogue is not UTF-8")
	}
	p := poReader{seen: map[string]bool{}}
	for i, line := range strings.Split(string(data), "\n") {
		if err := p.line(strings.TrimSpace(line)); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if err := p.finish(); err != nil {
		return nil, fmt.Errorf("last entry: %w", err)
	}
	return p.entries, nil
}

// poReader is the state between lines: the entry in hand, and the field that a bare string continues.
type poReader struct {
	entries []Entry
	seen    map[string]bool
	now     Entry
	field   *string
	begun   bool // a keyword of the entry in hand was seen
	done    bool // its msgstr was seen: the next comment or keyword begins another entry
}

func (p *poReader) line(line string) error {
	switch {
	case line == "" || strings.HasPrefix(line, "#~"):
		return nil
	case strings.HasPrefix(line, "#"):
		return p.comment(line)
	case strings.HasPrefix(line, `"`):
		return p.more(line)
	}
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "msgctxt":
		if err := p.next(); err != nil {
			return err
		}
		p.field = &p.now.ID
	case "msgid":
		if p.now.ID == "" { // the header has no msgctxt; nothing else may go without
			if err := p.next(); err != nil {
				return err
			}
		}
		p.field = &p.now.Source
	case "msgstr":
		p.field, p.done = &p.now.Text, true
	default:
		return fmt.Errorf("unknown keyword %.20q", word)
	}
	p.begun = true
	if *p.field != "" {
		return fmt.Errorf("%s given twice", word)
	}
	return p.more(strings.TrimSpace(rest))
}

func (p *poReader) comment(line string) error {
	if err := p.next(); err != nil {
		return err
	}
	switch {
	case strings.HasPrefix(line, "#."):
		p.now.Note = strings.TrimSpace(p.now.Note + " " + strings.TrimSpace(line[2:]))
	case strings.HasPrefix(line, "#,"):
		for flag := range strings.SplitSeq(line[2:], ",") {
			p.now.Fuzzy = p.now.Fuzzy || strings.TrimSpace(flag) == "fuzzy"
		}
	}
	return nil
}

// next closes the entry in hand when it is whole.
func (p *poReader) next() error {
	if !p.done {
		return nil
	}
	return p.finish()
}

func (p *poReader) finish() error {
	e, begun, done := p.now, p.begun, p.done
	p.now, p.field, p.begun, p.done = Entry{}, nil, false, false
	switch {
	case !begun:
		return nil // nothing, or comments at the end of the file
	case !done:
		return errors.New("entry without msgstr")
	case e.ID == "" && e.Source == "":
		return nil // the header
	case e.ID == "":
		return errors.New("entry without msgctxt")
	case e.Source == "":
		return fmt.Errorf("%.60q has no msgid", e.ID)
	case p.seen[e.ID]:
		return fmt.Errorf("%.60q given twice", e.ID)
	case len(p.entries) >= maxEntries:
		return fmt.Errorf("more than %d entries", maxEntries)
	}
	p.seen[e.ID] = true
	p.entries = append(p.entries, e)
	return nil
}

// more adds one quoted string to the field in hand.
func (p *poReader) more(quoted string) error {
	if p.field == nil {
		return errors.New("a string that belongs to no keyword")
	}
	// PO escapes are those of C; the ones that translators' tools write are a subset of Go's.
	s, err := strconv.Unquote(quoted)
	if err != nil || !strings.HasPrefix(quoted, `"`) || !utf8.ValidString(s) {
		return errors.New("badly quoted string")
	}
	if len(*p.field)+len(s) > maxText {
		return fmt.Errorf("text longer than %d bytes", maxText)
	}
	*p.field += s
	return nil
}
