package bench

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // registers the encrypting VFS under its name

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/office"
)

const (
	openedEvery = 25        // every 25th case was opened
	perCase     = 5         // events of each: with those of the long case 200,000 of a million cases
	longEvents  = 500       // of the case that is opened page by page
	ownEvery    = 2_500     // of the opened ones the caseworker has every hundredth
	firstCase   = int64(10) // row ids before it are the office's
	passphrase  = "seven plain kettles walk under rain"
	ownWords    = "green ladders sleep beside warm bread"
	logN        = 10 // the passphrase is not what is measured
)

// A site is a desk on the disk with its people.
type site struct {
	dir    string
	cases  int
	keeper event.Staff
	worker event.Staff // she has the cases ownEvery
	long   int64       // the case of longEvents
	keys   *keyring.Keyring
	now    time.Time
}

// build founds a desk and fills it as a year of letters and work would have.
func build(b *testing.B, dir string, cases int) *site {
	b.Helper()
	began := time.Now()
	s := &site{dir: dir, cases: cases, now: time.Now().Truncate(time.Second), long: firstCase + openedEvery}
	s.found(b)
	db := s.raw(b)
	must(b, s.fill(db))
	must(b, db.Close())
	fmt.Printf("bench/desk: %d cases and %d events stand in the tables after %v\n", cases, cases/openedEvery*perCase, time.Since(began).Round(time.Second))
	s.index(b)
	fmt.Printf("bench/desk: all of them indexed after %v\n", time.Since(began).Round(time.Second))
	return s
}

// found makes the keys and two people.
func (s *site) found(b *testing.B) {
	b.Helper()
	keys, err := keyring.Found("Legal aid of Benchville")
	must(b, err)
	must(b, keyring.Create(s.dir, keys, passphrase, logN))
	s.keys = keys
	o, err := office.Open(office.Config{Data: s.dir})
	must(b, err)
	defer o.Close()
	ctx := context.Background()
	must(b, o.Unlock(ctx, passphrase))
	s.keeper, err = o.FirstPerson(ctx, "Parwana")
	must(b, err)
	s.worker, err = o.AddPerson(office.As(ctx, fold.Actor{Staff: s.keeper, Role: fold.RoleKeeper}), office.Newcomer{Name: "Zahra", Role: "caseworker", Passphrase: ownWords}, passphrase)
	must(b, err)
}

// raw opens the database beside casedb, as casedb does, but for what makes writing sure: a bench's tables are made once.
func (s *site) raw(b *testing.B) *sql.DB {
	b.Helper()
	key := s.keys.Database()
	dsn := (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.Join(s.dir, casedb.FileName), RawQuery: "vfs=adiantum&_txlock=immediate"}).String()
	pool, err := driver.Open(dsn, func(c *sqlite3.Conn) error {
		if err := c.Exec("PRAGMA hexkey='" + hex.EncodeToString(key[:]) + "'"); err != nil {
			return err
		}
		if err := c.Exec("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000"); err != nil {
			return err
		}
		return fts5.Register(c)
	})
	must(b, err)
	pool.SetMaxOpenConns(1)
	return pool
}

// fill writes the rows.
func (s *site) fill(db *sql.DB) error {
	w := &writer{s: s, chance: rand.New(rand.NewPCG(1, 2))}
	for from := 0; from < s.cases; from += 50_000 {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		if err := w.prepare(tx); err != nil {
			return err
		}
		for i := from; i < min(from+50_000, s.cases); i++ {
			if err := w.write(i); err != nil {
				return fmt.Errorf("case %d: %w", i, err)
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	// As after the first sync: the queue's indices are made when the database is opened next.
	_, err := db.Exec("INSERT INTO meta (k, v) VALUES ('synced', ?) ON CONFLICT DO UPDATE SET v = excluded.v", s.now.Unix())
	return err
}

// index makes the search's documents by what the desk itself does behind everything else, in larger batches, and writes the long case by the way that every event goes.
func (s *site) index(b *testing.B) {
	b.Helper()
	ctx := context.Background()
	began := time.Now()
	db, err := casedb.Open(ctx, filepath.Join(s.dir, casedb.FileName), s.keys.Database())
	must(b, err)
	defer func() { must(b, db.Close()) }()
	fmt.Printf("bench/desk: the queue's indices took %v\n", time.Since(began).Round(time.Second))
	id, err := db.CaseID(ctx, s.long)
	must(b, err)
	must(b, db.Record(ctx, s.long, longCase(b, s, id)))
	for {
		n, err := db.IndexSome(ctx, 20_000)
		must(b, err)
		if n == 0 {
			return
		}
	}
}

// longCase is what is added to a case to make it one of 500 events: notes, fields, answers, tasks added and done.
func longCase(b *testing.B, s *site, id event.Case) (out []event.Signed) {
	b.Helper()
	var last []event.Hash
	for i := range longEvents - perCase {
		var body event.Body
		switch i % 5 {
		case 0:
			body = event.Noted{Text: fmt.Sprintf("note %d: the family was asked again and has heard nothing", i)}
		case 1:
			body = event.Set{Field: event.FieldSummary, Value: fmt.Sprintf("the brother was taken at work, call %d", i)}
		case 2:
			body = event.Answered{Pathway: "medical", Question: fmt.Sprintf("q%d", i%7), Value: "yes"}
		case 3:
			body = event.TaskAdded{Task: fmt.Sprintf("%016x", i), Do: "call the family again", Due: moment(s.now.AddDate(0, 0, 2))}
		case 4:
			body = event.TaskState{Task: fmt.Sprintf("%016x", i-1), State: "done"}
		}
		e, err := sign(s, id, s.worker, s.now.Add(time.Duration(i-longEvents)*time.Minute), last, body)
		must(b, err)
		out, last = append(out, e), []event.Hash{e.Hash}
	}
	return out
}

func sign(s *site, id event.Case, by event.Staff, at time.Time, after []event.Hash, body event.Body) (event.Signed, error) {
	return event.Sign(event.Event{Org: s.keys.Org, Epoch: 1, Case: id, Author: by, At: at, Parents: after, Body: body}, s.keys.Device())
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// A writer writes cases, one after the other.
type writer struct {
	s      *site
	chance *rand.Rand
	device []byte // hash

	thread, mailbox, letter, event, team, follow, task, counted, deadline *sql.Stmt
}

func (w *writer) prepare(tx *sql.Tx) (err error) {
	for into, q := range map[**sql.Stmt]string{
		&w.thread: `INSERT INTO thread (id, state, urgency, first, last, unread, waiting, beginning, situations, lang, who, district, sealed, letters,
			stage, name, owner, pathways, walled, sensitivity, reply_by, task_due, due_task, open_tasks, opened, closed_at)
			VALUES (?, 'open', ?, ?, ?, 1, ?, ?, 's_detained', ?, 'me', ?, 'browser', 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		&w.mailbox: "INSERT INTO mailbox (id, thread, box, live) VALUES (?, ?, '', 1)",
		&w.letter: `INSERT INTO letter (thread, kind, letter_id, idx, commitment, hour, at, sealed, epoch, tag, n, text, intake, problem, old_code, seen)
			VALUES (?, 'letter', ?, ?, x'00', ?, 0, 'browser', 1, 'ok', 0, ?, '', '', 0, 1)`,
		&w.event:    "INSERT INTO event (thread, hash, notice, device, known, note) VALUES (?, ?, NULL, ?, 1, ?)",
		&w.team:     "INSERT INTO team (staff, thread) VALUES (?, ?)",
		&w.follow:   "INSERT INTO follow (pathway, thread, listed, stage, asks, walled, urgency, due, latest) SELECT ?, id, listed, stage, asks, walled, urgency, due, latest FROM thread WHERE id = ?",
		&w.task:     "INSERT INTO task (thread, task, do, due, state, owner, walled, basis, source, who) VALUES (?, ?, ?, ?, 'open', ?, ?, 'law', '', '')",
		&w.counted:  "INSERT INTO counted (thread, opened, closed, urgency, walled, outcome, pathways, district, since, answered, linked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
		&w.deadline: "INSERT INTO counted_task (thread, task, month, due, basis, state, walled) VALUES (?, ?, ?, ?, 'law', ?, ?)",
	} {
		if *into, err = tx.Prepare(q); err != nil {
			return err
		}
	}
	return nil
}

// A row is one case on its way into the tables.
type row struct {
	i              int
	id             int64
	box            event.Case
	first, last    time.Time
	urgency        int
	waiting        bool
	stage          casedb.Stage
	name, pathway  string
	district, lang string
	owner          event.Staff
	walled         int
	replyBy, due   time.Time
	closed         time.Time
}

// write writes one case: a letter, and for those that were opened what was done in it.
func (w *writer) write(i int) error {
	r := w.row(i)
	text := w.words(i)
	path, sensitivity, openTasks := "", "", 0
	if r.pathway != "" {
		path = " " + r.pathway + " "
	}
	if r.walled > 0 {
		sensitivity = "sensitive"
	}
	dueTask := ""
	if r.stage == casedb.StageOpen {
		openTasks, dueTask = 1, taskWords
	}
	opened := time.Time{}
	if r.stage != casedb.StageNew {
		opened = r.first.Add(time.Hour)
	}
	if _, err := w.thread.Exec(r.id, r.urgency, r.first.Unix(), r.last.Unix(), r.waiting, cut(text, 140), r.lang, r.district, string(r.stage), r.name, string(r.owner), path, r.walled, sensitivity,
		unix(r.replyBy), unix(r.due), dueTask, openTasks, unix(opened), unix(r.closed)); err != nil {
		return err
	}
	if _, err := w.mailbox.Exec(r.box[:], r.id); err != nil {
		return err
	}
	if _, err := w.letter.Exec(r.id, w.random(32), i, r.first.Unix()/3600*3600, text); err != nil {
		return err
	}
	if r.stage == casedb.StageNew {
		return nil
	}
	if err := w.beside(r, opened); err != nil {
		return err
	}
	return w.events(r, opened)
}

const taskWords = "call the family and tell them what happens next"

// beside writes what hangs on an opened case.
func (w *writer) beside(r row, opened time.Time) error {
	if _, err := w.team.Exec(string(r.owner), r.id); err != nil {
		return err
	}
	if _, err := w.follow.Exec(r.pathway, r.id); err != nil {
		return err
	}
	closed, outcome, state := 0, "", 3
	if r.stage == casedb.StageClosed {
		closed, outcome, state = month(r.closed), []string{"released", "advised", "stay-secured"}[r.i%3], 1
	} else if _, err := w.task.Exec(r.id, r.pathway+"/ack", taskWords, r.due.Unix(), string(r.owner), r.walled); err != nil {
		return err
	}
	if _, err := w.counted.Exec(r.id, month(opened), closed, r.urgency, r.walled, outcome, r.pathway, r.district, r.first.Unix(), r.first.Add(time.Duration(r.i%90)*time.Minute).Unix()); err != nil {
		return err
	}
	_, err := w.deadline.Exec(r.id, r.pathway+"/ack", month(r.due), r.due.Unix(), state, r.walled)
	return err
}

// events writes what desks said of an opened case.
func (w *writer) events(r row, opened time.Time) error {
	bodies := []event.Body{
		event.Opened{Source: "letter", Since: moment(r.first)},
		event.Set{Field: event.FieldName, Value: r.name},
		event.Followed{Pathway: r.pathway, On: true, Version: 1},
		event.TaskAdded{Task: r.pathway + "/ack", Do: taskWords, Due: moment(r.due), Basis: "law"},
		event.Claimed{},
	}
	if r.stage == casedb.StageClosed {
		bodies[4] = event.Closed{Outcome: "released", Reason: "solved"}
	}
	var last []event.Hash
	for n, body := range bodies {
		e, err := sign(w.s, r.box, r.owner, opened.Add(time.Duration(n)*time.Second), last, body)
		if err != nil {
			return err
		}
		last = []event.Hash{e.Hash}
		if _, err := w.event.Exec(r.id, e.Hash[:], w.device32(), e.Note); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) device32() []byte {
	if w.device == nil {
		h := roster.HashDevice(w.s.keys.Device().Public().(ed25519.PublicKey))
		w.device = h[:]
	}
	return w.device
}

// row draws a case. A third of the new ones waits; of a thousand one is late.
func (w *writer) row(i int) row {
	r := row{i: i, id: firstCase + int64(i), urgency: 1 + w.chance.IntN(3), stage: casedb.StageNew, waiting: i%3 == 0, lang: "fa"}
	copy(r.box[:], w.random(16))
	r.first = w.s.now.Add(-time.Duration(w.s.cases-i) * 30 * time.Second)
	r.last = r.first.Add(time.Duration(w.chance.IntN(500)) * time.Minute)
	if i%5000 == 0 {
		r.lang = "ps"
	}
	r.district = fmt.Sprintf("d%d", i%400)
	if r.waiting {
		r.replyBy = w.s.now.Add(time.Duration(1+w.chance.IntN(80_000)) * time.Second)
		if i%1000 == 0 {
			r.replyBy = w.s.now.Add(-time.Hour)
		}
	}
	if i%openedEvery != 0 {
		return r
	}
	n := i / openedEvery
	r.stage, r.name = casedb.StageOpen, names[n%len(names)]+" "+names[(n*7+3)%len(names)]
	r.pathway = pathways[n%len(pathways)]
	r.due = w.s.now.Add(time.Duration(w.chance.IntN(5_000_000)+3600) * time.Second)
	r.owner = event.Staff(fmt.Sprintf("%016x", 1+n%97))
	if i%ownEvery == 0 || r.id == w.s.long {
		r.owner = w.s.worker
	}
	if n%9 == 0 {
		r.walled = 1
	}
	if n%10 == 7 {
		r.stage, r.closed, r.waiting, r.replyBy = casedb.StageClosed, r.first.Add(9*24*time.Hour), false, time.Time{}
		if r.closed.After(w.s.now) {
			r.closed = w.s.now
		}
	}
	return r
}

var (
	names    = []string{"محمد", "حسین", "Fatima", "عبدالرحمن", "Zahra", "گل", "Najibullah", "Parwin", "کریمی", "احمدی", "Rahimi", "Hosseini", "Zadran", "نوروزی", "Sadaf", "Yusuf", "مریم"}
	pathways = []string{"medical", "detained-valid-papers", "refugee-claim"}
	lexicon  = strings.Fields(strings.ReplaceAll(`برادرم را امروز صبح از سر کار گرفتند و هیچ خبری نداریم که کجا بردند کارت او هنوز اعتبار دارد اما گفتند باید برود ما سه سال است که در این شهر زندگی می~کنیم
		بچه~ها مدرسه می~روند صاحب خانه گفته تا آخر ماه خالی کنید پلیس شب آمد پدرم مریض است دارو تمام شده کسی جواب تلفن نمی~دهد لطفا بگویید چه کار کنیم مادرم ترسیده خواهرم تنها مانده
		اردوگاه مرز ماشین وکیل دادگاه نامه مهر تاریخ تمدید هزینه جریمه پول کارفرما مزد بیمارستان زایمان شناسنامه پاسپورت ویزا ثبت نام صف نوبت فردا دیروز هفته خانواده همسایه`, "~", "\u200c"))  // the non-joiner, which no editor shows
)

// words are a letter of some forty: of a person's language, and markers to be searched for. common is in every one, often in a third, usual in a quarter, even and odd never meet, each
// of 120,000 rare ones is in about a hundred.
func (w *writer) words(i int) string {
	var out []string
	for range 26 {
		out = append(out, lexicon[w.chance.IntN(len(lexicon))])
	}
	out = append(out, "common", []string{"even", "odd"}[i%2])
	for range 12 {
		out = append(out, fmt.Sprintf("r%d", w.chance.IntN(120_000)))
	}
	if i%3 == 0 {
		out = append(out, "often")
	}
	if i%4 == 0 {
		out = append(out, "usual")
	}
	return strings.Join(out, " ")
}

func (w *writer) random(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(w.chance.Uint32())
	}
	return out
}

func cut(s string, n int) string {
	r := []rune(s)
	return string(r[:min(n, len(r))])
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func month(t time.Time) int { return t.UTC().Year()*100 + int(t.UTC().Month()) }

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
