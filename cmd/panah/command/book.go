package command

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"panah/core/calendar"
	"panah/core/rulebook"
	"panah/rules"
)

// bookFiles are the files of a rulebook by name; an editor's folder holds them side by side.
var bookFiles = [...]string{"papers.yaml", "rules.yaml", "sources.yaml", "questions.yaml"}

// A shelf is a rulebook with its test book, before it is read.
type shelf struct {
	src       rulebook.Source
	questions []byte
}

// ownShelf is what this program was built with.
func ownShelf() shelf {
	return shelf{rules.RulebookFiles(), rules.QuestionsFile()}
}

func (s *shelf) file(name string) *[]byte {
	return map[string]*[]byte{"papers.yaml": &s.src.Papers, "rules.yaml": &s.src.Rules, "sources.yaml": &s.src.Sources, "questions.yaml": &s.questions}[name]
}

// openShelf takes files from a folder (all four of them that are there, either side by side or as in the folder rules/ of the source), then single files in
// their place. What is in neither is what the program was built with.
func openShelf(s Streams, dir string, files []string) (shelf, error) {
	out := ownShelf()
	if dir != "" {
		found, err := filesIn(dir)
		if err != nil {
			return out, err
		}
		files = append(found, files...)
	}
	for _, name := range files {
		into := out.file(filepath.Base(name))
		if into == nil {
			return out, misuse("%s: a file of a rulebook is called %s", filepath.Base(name), strings.Join(bookFiles[:], ", "))
		}
		b, err := readBounded(s, name, rulebook.MaxFile)
		if err != nil {
			return out, err
		}
		*into = b
	}
	return out, nil
}

func filesIn(dir string) (found []string, err error) {
	for _, name := range bookFiles {
		for _, at := range []string{filepath.Join(dir, name), filepath.Join(dir, "papers", name)} {
			if _, err := os.Stat(at); err == nil {
				found = append(found, at)
				break
			} else if !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("looking into %s: %w", dir, bare(err))
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("looking into %s: none of %s is there", dir, strings.Join(bookFiles[:], ", "))
	}
	return found, nil
}

// read reads the book; when it has errors they are printed, and the answer is no.
func (sh shelf) read(s Streams) (*rulebook.Book, error) {
	book, problems := rulebook.Parse(sh.src)
	if book != nil {
		return book, nil
	}
	for _, p := range problems {
		if !p.Warning {
			s.say("%s", p)
		}
	}
	return nil, no("the rulebook cannot be used as it is: correct the lines above")
}

// askFlags are the flags of a question.
type askFlags struct {
	kind, printed, calendar, on, known string
	round                              int
	facts                              factFlag
}

// A factFlag collects --fact id=answer.
type factFlag map[string]string

func (f factFlag) String() string { return "" }

// Set takes one id=answer.
func (f factFlag) Set(s string) error {
	id, answer, ok := strings.Cut(s, "=")
	if !ok || id == "" || answer == "" {
		return errors.New("write it as FACT=ANSWER, like pupils=yes")
	}
	f[id] = answer
	return nil
}

func (a *askFlags) define(flags *flag.FlagSet) {
	a.facts = factFlag{}
	flags.StringVar(&a.kind, "kind", "", "`K`ind of paper, like pk-por; none for no paper")
	flags.IntVar(&a.round, "round", 0, "round `N` of the paper, where it has rounds")
	flags.StringVar(&a.printed, "printed", "", "end `DATE` as it is printed on the paper; leave it out when it cannot be read")
	flags.StringVar(&a.calendar, "calendar", "", "`CAL`endar of the printed date: solar, gregorian, lunar (default: the paper's own)")
	flags.StringVar(&a.on, "on", "", "`DAY` that is asked about, like 2025-03-20 (default today)")
	flags.StringVar(&a.known, "known", "", "answer as it was known on this `DAY` (default today)")
	flags.Var(a.facts, "fact", "`FACT=ANSWER` to a question that was asked next; may be repeated")
}

// question reads the flags. Every mistake is wrong use.
func (a *askFlags) question(book *rulebook.Book, today time.Time) (q rulebook.Question, err error) {
	if a.kind == "" {
		return q, misuse("which kind of paper? --kind is one of %s", strings.Join(kinds(book), ", "))
	}
	paper, ok := book.Paper(a.kind)
	if !ok {
		return q, misuse("there is no kind of paper %q%s\nKinds: %s", a.kind, nearest(a.kind, kinds(book)), strings.Join(kinds(book), ", "))
	}
	q = rulebook.Question{Paper: a.kind, Round: a.round, Facts: a.facts}
	if q.On, err = dayFlag("on", a.on, today); err != nil {
		return q, err
	}
	if q.Known, err = dayFlag("known", a.known, today); err != nil {
		return q, err
	}
	if a.printed == "" {
		return q, nil
	}
	in := calendar.Name(a.calendar)
	if in == "" {
		if in = calendar.Name(paper.Calendar); !in.Known() {
			return q, misuse("in which calendar is the printed date? --calendar is solar, gregorian or lunar")
		}
	}
	if !in.Known() {
		return q, misuse("calendar %.20q: --calendar is solar, gregorian or lunar", a.calendar)
	}
	if q.Printed, err = calendar.ParseWritten(a.printed, in); err == nil {
		err = q.Printed.AsEnd()
	}
	if err != nil {
		return q, misuse("--printed (%s): %v", in, err)
	}
	return q, nil
}

func kinds(book *rulebook.Book) []string {
	out := []string{}
	for _, p := range book.Papers() {
		out = append(out, p.ID)
	}
	return append(out, rulebook.None)
}

func dayFlag(name, text string, today time.Time) (time.Time, error) {
	if text == "" {
		return today, nil
	}
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return d, misuse("--%s %q is no day: write year-month-day of the Gregorian calendar, like 2025-03-20 (panah date turns other calendars into it)", name, text)
	}
	return d, nil
}

// ask answers the question of the flags; what the rulebook refuses is wrong use.
func (a *askFlags) ask(book *rulebook.Book) (q rulebook.Question, answer rulebook.Answer, err error) {
	if q, err = a.question(book, today()); err != nil {
		return q, answer, err
	}
	if answer, err = book.Check(q); err != nil {
		return q, answer, misuse("%v", err)
	}
	return q, answer, nil
}

func today() time.Time {
	y, m, d := time.Now().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// problemJSON is a problem as --json prints it.
type problemJSON struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Text    string `json:"text"`
	Next    string `json:"next,omitempty"`
	Warning bool   `json:"warning,omitempty"`
}

func problemsJSON(problems []rulebook.Problem) []problemJSON {
	out := make([]problemJSON, len(problems))
	for i, p := range problems {
		out[i] = problemJSON(p)
	}
	return out
}

func errorsIn(problems []rulebook.Problem) (n int) {
	for _, p := range problems {
		if !p.Warning {
			n++
		}
	}
	return n
}

// ordered are problems by file and line, errors first.
func ordered(problems []rulebook.Problem) []rulebook.Problem {
	out := slices.Clone(problems)
	slices.SortStableFunc(out, func(x, y rulebook.Problem) int {
		if x.Warning != y.Warning {
			return map[bool]int{false: -1, true: 1}[x.Warning]
		}
		return strings.Compare(x.File, y.File)*4000 + x.Line - y.Line
	})
	return out
}
