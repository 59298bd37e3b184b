package office

import (
	"context"
	"errors"
	"fmt"
	"slices"
	stdsync "sync"
	"time"

	"panah/core/calendar"
	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/core/roster"
	"panah/core/script"
	"panah/desk/internal/casedb"
	"panah/desk/internal/moving"
	"panah/desk/internal/spreadsheet"
	"panah/rules"
)

// ErrImport says that there is no list to go on with: it was wiped when the desk locked, when its time was over, or when another was brought.
var ErrImport = errors.New("there is no list here any more; choose the file again")

// importTime is how long a list that nobody goes on with stays in memory.
const importTime = 30 * time.Minute

// Stages of an import.
const (
	ImportNone    = ""
	ImportColumns = "columns" // a person says what the columns are
	ImportPlanned = "planned" // what would be done is shown
	ImportRunning = "running"
	ImportDone    = "done"
)

// ImportOptions are what a person chooses beside the columns.
type ImportOptions struct {
	Calendar    string // "", gregorian, solar
	KeepNumbers bool
	WithClosed  bool
}

// An Import is the list that is being brought in, as its page shows it. It prints as "[import]".
type Import struct {
	Stage     string
	Columns   []moving.Column
	Kind      string // csv, xlsx
	Encoding  string
	Separator rune
	Hidden    int
	Sheets    int
	Macros    bool
	Rows      int // of the list, without its head
	Options   ImportOptions
	Plan      moving.Plan // ImportPlanned and after; its Rows only up to Planned
	Planned   int         // cases that would be made
	Done      int
	Failed    int // rows that could not be made a case; bringing the list once more tries them again
}

// String hides the content.
func (Import) String() string { return "[import]" }

// GoString hides the content.
func (Import) GoString() string { return "[import]" }

// carried is a list in memory: never on the disk, wiped when it is done with.
type carried struct {
	mu    stdsync.Mutex
	staff event.Staff // whose it is: nobody else sees it
	table *spreadsheet.Table
	list  Import
	timer *time.Timer
	stop  context.CancelFunc // of the work, while it runs
	work  stdsync.WaitGroup
}

// rows is how many rows are in memory.
func (c *carried) rows() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.table == nil {
		return 0
	}
	return len(c.table.Rows)
}

// wipe overwrites what is there. It wants c.mu.
func (c *carried) wipe() {
	if c.table != nil {
		c.table.Wipe()
		c.table = nil
	}
	clear(c.list.Plan.Rows)
	c.list = Import{}
	if c.timer != nil {
		c.timer.Stop()
	}
}

// end stops the work and wipes; the office locks.
func (c *carried) end() {
	c.mu.Lock()
	if c.stop != nil {
		c.stop()
	}
	c.mu.Unlock()
	c.work.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wipe()
}

// keeps runs f with the list of who acts, a keeper.
func (o *Office) keeps(ctx context.Context, f func(r *room, c *carried) error) error {
	return o.in(func(r *room) error {
		a := ActorOf(ctx)
		if role := a.Role; role != string(roster.RoleKeeper) && (role != "" || r.keys.Role() != roster.RoleKeeper) {
			return ErrKeeper
		}
		r.moving.mu.Lock()
		defer r.moving.mu.Unlock()
		return f(r, &r.moving)
	})
}

// ImportRead takes a file that a keeper brought. data is overwritten, whatever happens. Errors are those of desk/internal/spreadsheet, ErrKeeper, ErrState while another list is being
// brought in.
func (o *Office) ImportRead(ctx context.Context, data []byte) error {
	defer clear(data)
	return o.keeps(ctx, func(_ *room, c *carried) error {
		if c.list.Stage == ImportRunning {
			return ErrState
		}
		table, err := spreadsheet.Read(data)
		if err != nil {
			return err
		}
		if len(table.Rows) < 2 {
			table.Wipe()
			return spreadsheet.ErrEmpty
		}
		known, err := importRules()
		if err != nil {
			table.Wipe()
			return err
		}
		c.wipe()
		c.staff, c.table = ActorOf(ctx).Staff, table
		c.list = Import{
			Stage: ImportColumns, Columns: known.Columns(table), Kind: table.Kind, Encoding: table.Encoding, Separator: table.Separator,
			Hidden: table.Hidden, Sheets: table.Sheets, Macros: table.Macros, Rows: len(table.Rows) - 1,
		}
		c.timer = time.AfterFunc(importTime, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.list.Stage != ImportRunning && c.table == table {
				c.wipe()
			}
		})
		return nil
	})
}

func importRules() (*moving.Rules, error) {
	data, err := rules.Import()
	if err != nil {
		return nil, err
	}
	return moving.ParseRules(data)
}

// Import is how the list of who acts stands.
func (o *Office) Import(ctx context.Context) (i Import, err error) {
	err = o.keeps(ctx, func(_ *room, c *carried) error {
		if c.staff == ActorOf(ctx).Staff {
			i = c.list
			i.Columns, i.Plan.Rows = slices.Clone(i.Columns), nil
		}
		return nil
	})
	return i, err
}

// ImportForget wipes the list.
func (o *Office) ImportForget(ctx context.Context) error {
	return o.keeps(ctx, func(_ *room, c *carried) error {
		if c.list.Stage == ImportRunning {
			return ErrState
		}
		c.wipe()
		return nil
	})
}

// ImportPlan works out what the list would become, and changes nothing. The error wraps ErrImport.
func (o *Office) ImportPlan(ctx context.Context, chosen moving.Mapping, options ImportOptions, book *pathway.Book) error {
	return o.keeps(ctx, func(r *room, c *carried) error {
		if c.table == nil || c.staff != ActorOf(ctx).Staff || c.list.Stage == ImportRunning {
			return ErrImport
		}
		known, err := importRules()
		if err != nil {
			return err
		}
		before, err := r.db.ImportedRefs(ctx)
		if err != nil {
			return err
		}
		c.list.Columns = moving.Settle(c.list.Columns, chosen)
		c.list.Options = options
		c.list.Plan = known.Plan(c.table, c.list.Columns, moving.Options{
			Calendar: options.Calendar, KeepNumbers: options.KeepNumbers, WithClosed: options.WithClosed, Pathways: pathwayWords(book), Outcomes: book.Common.Outcomes,
			Today: o.c.Now().UTC(), Solar: solarDay, Before: func(ref string) bool { return before[ref] },
		})
		c.list.Planned, c.list.Stage = len(c.list.Plan.Rows), ImportPlanned
		return nil
	})
}

// solarDay is a day of the solar calendar at midnight UTC.
func solarDay(year, month, day int) (time.Time, bool) {
	t, err := calendar.Date{Y: year, M: month, D: day}.ToGregorian()
	return t, err == nil
}

// pathwayWords are what a list may call a pathway: its id, its letter, its title.
func pathwayWords(book *pathway.Book) map[string]string {
	words := map[string]string{}
	for _, p := range book.Pathways() {
		for _, w := range []string{p.ID, p.Letter, p.Title} {
			words[script.Fold(w)] = p.ID
		}
	}
	return words
}

// A Beginner opens cases: the office itself, as pages see it.
type Beginner interface {
	BeginCase(ctx context.Context, o Opening) (thread int64, err error)
	Do(ctx context.Context, thread int64, bodies ...event.Body) error
}

// ImportRun makes the cases, behind the page's back; Import says how far it is. The table is wiped at once: the plan is all that is needed. The error wraps ErrImport.
func (o *Office) ImportRun(ctx context.Context, by Beginner) error {
	return o.keeps(ctx, func(r *room, c *carried) error {
		if c.list.Stage != ImportPlanned || c.staff != ActorOf(ctx).Staff || c.list.Planned == 0 {
			return ErrImport
		}
		batch, err := r.db.BeginImport(ctx, c.staff, o.c.Now())
		if err != nil {
			return err
		}
		c.table.Wipe()
		c.table = nil
		c.list.Stage = ImportRunning
		rows := c.list.Plan.Rows
		work, stop := context.WithCancel(As(context.Background(), ActorOf(ctx)))
		c.stop = stop
		c.work.Go(func() {
			defer stop()
			o.bringIn(work, r.db, c, by, batch, rows)
		})
		return nil
	})
}

// bringIn opens a case for each row. A row that fails is counted and passed over; a desk that locks ends it: what is done is done, and the same list goes on from there.
func (o *Office) bringIn(ctx context.Context, db *casedb.DB, c *carried, by Beginner, batch int64, rows []moving.Row) {
	for i := range rows {
		if ctx.Err() != nil {
			return
		}
		err := bringOne(ctx, db, by, batch, rows[i])
		if errors.Is(err, ErrLocked) {
			return
		}
		c.mu.Lock()
		c.list.Done++
		if err != nil {
			c.list.Failed++
		}
		rows[i] = moving.Row{}
		c.mu.Unlock()
		if err != nil {
			o.c.Log.Error("bringing in a row of a list", "error", err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list.Stage = ImportDone
	o.hub.say(Change{Kind: ChangeThreads})
}

func bringOne(ctx context.Context, db *casedb.DB, by Beginner, batch int64, row moving.Row) error {
	thread, err := by.BeginCase(ctx, Opening{Source: "import", Since: row.Since, Pathways: row.Pathways, Fields: row.Fields, Note: row.Note})
	if err != nil {
		return fmt.Errorf("opening a case: %w", err)
	}
	if err := db.Imported(ctx, batch, row.Ref, thread); err != nil {
		return err
	}
	if !row.Closed {
		return nil
	}
	reason := "no-further-help-possible"
	if row.Outcome != "none" {
		reason = "goal-reached"
	}
	if err := by.Do(ctx, thread, event.Closed{Outcome: row.Outcome, Reason: reason}); err != nil && !errors.Is(err, fold.ErrClosed) {
		return fmt.Errorf("closing a case: %w", err)
	}
	return nil
}

// ImportBatches lists what was brought in and is not erased, newest first.
func (o *Office) ImportBatches(ctx context.Context) (list []casedb.ImportBatch, err error) {
	err = o.keeps(ctx, func(r *room, _ *carried) error {
		list, err = r.db.ImportBatches(ctx)
		return err
	})
	return list, err
}

// ImportUndo erases every case of a batch, also what was written into them since, here and at the gate. It returns how many. No count of them stays.
func (o *Office) ImportUndo(ctx context.Context, batch int64) (n int, err error) {
	var threads []int64
	err = o.keeps(ctx, func(r *room, c *carried) error {
		if c.list.Stage == ImportRunning {
			return ErrState
		}
		threads, err = r.db.ImportedThreads(ctx, batch)
		return err
	})
	if err != nil {
		return 0, err
	}
	if len(threads) == 0 {
		return 0, ErrNotFound
	}
	for _, t := range threads {
		if err := o.changes(ctx, t, func(r *room) error { return r.db.Uncount(ctx, t) }); err != nil {
			return n, err
		}
		if err := o.Erase(ctx, t); err != nil {
			return n, fmt.Errorf("taking an import back: %w", err)
		}
		n++
	}
	return n, nil
}
