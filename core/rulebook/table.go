package rulebook

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"panah/core/calendar"
)

// A Table is what Check says of every kind of paper, round, printed date and day, when no fact is given and everything is asked as it was known on
// the day that is asked about. A page carries it and answers without asking anybody: docs/formats.md, section 9. It agrees with Check on every question of
// that kind (Tell), and does not change.
type Table struct {
	Book    string          `json:"book"`    // version
	Grids   map[string]Grid `json:"grids"`   // by Key
	Rows    [][]int         `json:"rows"`    // indices of Answers, by the columns of Grid; -1 where no question leads
	Answers []Saying        `json:"answers"` // all different
	Rules   []TableRule     `json:"rules"`   // that answers name
	Sources []TableSource   `json:"sources"` // that answers name

	of *Book
}

// Rulebook is the book that t is the table of.
func (t *Table) Rulebook() *Book { return t.of }

// A Grid cuts days into stretches in which Check says the same: On has the first days of all stretches of the day asked about but the first. Row says for
// each of them which of Rows holds. The columns of a row are: no printed date; then those of Exact; then those of Near.
type Grid struct {
	On    []int `json:"on,omitempty"`
	Exact Cut   `json:"exact"` // printed dates that are one day
	Near  Cut   `json:"near"`  // printed dates that sources take for days next to each other: lunar ones, a day off
	Row   []int `json:"row"`
}

// A Cut cuts printed dates into stretches, as On does with days: by themselves, and by how many days they lie before the day asked about. There is a column for every pair.
type Cut struct {
	Day   []int `json:"day,omitempty"`
	Apart []int `json:"apart,omitempty"`
}

func (c Cut) columns() int { return (len(c.Day) + 1) * (len(c.Apart) + 1) }

// column is where a printed date stands on a day, counted from the first column of c.
func (c Cut) column(printed, on int) int {
	return stretch(c.Day, printed)*(len(c.Apart)+1) + stretch(c.Apart, on-printed)
}

// Saying is an Answer as a table keeps it. Days are counted from 1 January 1970; 0 is none.
type Saying struct {
	Verdict    Verdict  `json:"v"`
	Would      Verdict  `json:"w,omitempty"`
	Rule       int      `json:"r"` // index of Table.Rules; -1: none
	Since      int      `json:"s,omitempty"`
	Until      int      `json:"u,omitempty"`
	Newest     int      `json:"n,omitempty"`
	Confidence string   `json:"c,omitempty"`
	Sources    []int    `json:"f,omitempty"` // indices of Table.Sources
	Also       []int    `json:"a,omitempty"` // indices of Table.Rules
	Conflicts  []int    `json:"x,omitempty"` // indices of Table.Rules
	Ask        []string `json:"q,omitempty"` // ids
}

// A TableRule is what a page shows of a rule. Days are counted as in Saying.
type TableRule struct {
	ID     string `json:"id"`
	Effect Effect `json:"e"`
	From   int    `json:"from,omitempty"`
	To     int    `json:"to,omitempty"`
	On     int    `json:"on,omitempty"`
	Who    string `json:"who,omitempty"`
	What   string `json:"what,omitempty"`
	Note   string `json:"note,omitempty"`
}

// A TableSource is what a page shows of a source.
type TableSource struct {
	ID    string `json:"id"`
	Title string `json:"t"`
	URL   string `json:"u,omitempty"`
	Kind  string `json:"k"`
}

// UnnamedRound is the round of Key for every round that no rule names.
const UnnamedRound = -1

// Key is the name of a grid: of a paper, and of a round where the paper has rounds: "pk-por", "ir-amayesh.16", "ir-amayesh.0" when the round is not
// known, "ir-amayesh.-1" for UnnamedRound.
func Key(p Paper, round int) string {
	switch {
	case len(p.Rounds) == 0:
		return p.ID
	case round != 0 && !slices.Contains(p.Rounds, round):
		round = UnnamedRound
	}
	return p.ID + "." + strconv.Itoa(round)
}

// DayNumber counts the days from 1 January 1970; 0 also for no day.
func DayNumber(t time.Time) int {
	if t.IsZero() {
		return 0
	}
	return int(t.Unix() / 86400)
}

// dayOf is midnight UTC of a numbered day.
func dayOf(n int) time.Time { return time.Unix(int64(n)*86400, 0).UTC() }

// Tell is what the table says: Check of the same question, on and known being one day and no fact being given. printed may be zero. ok is false for a paper
// that the book does not have.
func (t *Table) Tell(p Paper, round int, printed calendar.Written, on int) (said Saying, ok bool) {
	g, ok := t.Grids[Key(p, round)]
	if !ok {
		return Saying{}, false
	}
	column := 0
	switch day := DayNumber(printed.Day); {
	case printed.IsZero():
	case printed.Within == 0:
		column = 1 + g.Exact.column(day, on)
	default:
		column = 1 + g.Exact.columns() + g.Near.column(day, on)
	}
	return t.Answers[t.Rows[g.Row[stretch(g.On, on)]][column]], true
}

// stretch is the number of the stretch that a day lies in.
func stretch(first []int, day int) int {
	i, found := slices.BinarySearch(first, day)
	if found {
		i++
	}
	return i
}

// Bounds of a table. Days outside of the first two are taken as the nearest inside.
const (
	firstDay = 3652  // 1 January 1980
	lastDay  = 51134 // 31 December 2109
	maxTable = 256 << 10
	maxWork  = 3_000_000 // how often one rule may be looked at to make a table: about a second
)

// ErrTable says that a book cannot be made a table within its bounds. The text says what to do.
var ErrTable = errors.New("the rules are too many, or too tangled, for the public page")

// Table works out the table of a book. It takes a fraction of a second: keep it. The error wraps ErrTable.
func (b *Book) Table() (*Table, error) {
	m := &tableMaker{book: b, table: &Table{of: b, Book: b.version, Grids: map[string]Grid{}}, answers: map[string]int{}, rows: map[string]int{}, rules: map[string]int{}, sources: map[string]int{}}
	papers := b.Papers()
	if _, ok := b.Paper(None); ok && !slices.ContainsFunc(papers, func(p Paper) bool { return p.ID == None }) {
		none, _ := b.Paper(None)
		papers = append(papers, none)
	}
	for _, p := range papers {
		rounds := []int{0}
		if len(p.Rounds) > 0 {
			rounds = append(append(rounds, p.Rounds...), UnnamedRound)
		}
		for _, round := range rounds {
			g, err := m.grid(p, round)
			if err != nil {
				return nil, fmt.Errorf("%s, round %d: %w", p.ID, round, err)
			}
			m.table.Grids[Key(p, round)] = g
		}
	}
	m.table.drop()
	if size := len(m.table.Bytes()); size > maxTable {
		return nil, fmt.Errorf("%w: %d bytes; take out rules that nobody asks about any more", ErrTable, size)
	}
	return m.table, nil
}

// Bytes is the table as pages carry it: JSON, the same bytes for the same book.
func (t *Table) Bytes() []byte {
	b, _ := json.Marshal(t) // numbers and checked texts: never fails
	return b
}
