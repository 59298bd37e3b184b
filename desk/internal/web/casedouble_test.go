package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
	"panah/i18n"
	"panah/rules"
)

// A caseDouble is a double with cases, for states that the real office reaches only with several desks: what two desks said at once, what came too late, what a newer version wrote. What the
// pages do with real cases is tested in e2e/browser.
type caseDouble struct {
	*double
	files    map[int64]*office.CaseFile
	filters  []casedb.CaseFilter
	bodies   []event.Body
	opened   []office.Opening
	answered []string
	followed []string
	conflict bool
	behind   bool  // the index does not know every case yet
	refuse   error // of the next Do
}

const (
	sahar event.Staff = "00000000000000a1"
	farid event.Staff = "00000000000000a2"
)

func (d *caseDouble) People(context.Context) (map[event.Staff]string, error) {
	return map[event.Staff]string{sahar: "Sahar", farid: "فرید"}, nil
}

func (d *caseDouble) Queue(ctx context.Context, f casedb.CaseFilter) (office.Queue, error) {
	if d.Locked() {
		return office.Queue{}, office.ErrLocked
	}
	d.filters = append(d.filters, f)
	q := office.Queue{Counts: office.QueueCounts{New: 1, Open: 2, Mine: 1, Minutes: 1, Hours: 1, Days: 1, Late: 1, Escalated: 1}}
	q.People, _ = d.People(ctx)
	for i := range d.threads {
		c, ok := d.files[d.threads[i].ID]
		if !ok || f.Stage != "" && c.Row.Stage != f.Stage || f.Urgency != 0 && c.Row.Urgency != f.Urgency {
			continue
		}
		q.Rows = append(q.Rows, c.Row)
	}
	if n := min(f.Offset, len(q.Rows)); n >= 0 {
		q.Rows = q.Rows[n:]
	}
	if len(q.Rows) > f.Limit {
		q.Rows, q.More = q.Rows[:f.Limit], true
	}
	return q, nil
}

func (d *caseDouble) Case(_ context.Context, thread int64) (office.CaseFile, error) {
	if d.Locked() {
		return office.CaseFile{}, office.ErrLocked
	}
	if c, ok := d.files[thread]; ok {
		return *c, nil
	}
	t := d.find(thread)
	if t == nil {
		return office.CaseFile{}, office.ErrNotFound
	}
	return office.CaseFile{Row: casedb.CaseRow{Summary: t.Summary, Stage: casedb.StageNew}, Thread: *t}, nil
}

func (d *caseDouble) Tasks(_ context.Context, before time.Time, mine bool) (list []casedb.TaskRow, err error) {
	for n, c := range d.files {
		for _, t := range c.Case.Tasks {
			if t.State == "open" && !t.Due.IsZero() && t.Due.Before(before) && (!mine || c.Row.Owner == sahar) {
				list = append(list, casedb.TaskRow{Thread: n, Name: c.Row.Name, Owner: c.Row.Owner, Task: t.TaskAdded.Task, Do: t.Do, Due: t.Due, Basis: t.Basis, Source: t.Source, Who: t.Who})
			}
		}
	}
	return list, nil
}

func (d *caseDouble) OpenCase(_ context.Context, _ int64, o office.Opening) error {
	d.opened = append(d.opened, o)
	return d.refuse
}

func (d *caseDouble) BeginCase(_ context.Context, o office.Opening) (int64, error) {
	d.opened = append(d.opened, o)
	return 1, d.refuse
}

func (d *caseDouble) Do(_ context.Context, _ int64, bodies ...event.Body) error {
	if d.refuse != nil {
		return d.refuse
	}
	d.bodies = append(d.bodies, bodies...)
	return nil
}

func (d *caseDouble) Follow(_ context.Context, _ int64, pathway string, on bool) error {
	d.followed = append(d.followed, pathway+map[bool]string{true: "+", false: "-"}[on])
	return d.refuse
}

func (d *caseDouble) Answer(_ context.Context, _ int64, pathway, question, value string) error {
	d.answered = append(d.answered, pathway+"/"+question+"="+value)
	return d.refuse
}

func (d *caseDouble) Conflict(context.Context, []string, string) (office.Answer, error) {
	return office.Answer{Possible: d.conflict, Whole: !d.behind}, nil
}

// worked is a furnished double on whose first thread two desks have worked; the second is a letter that nobody opened a case from.
func worked(t *testing.T) *caseDouble {
	t.Helper()
	d := &caseDouble{double: furnished(), files: map[int64]*office.CaseFile{}}
	catalogue, err := i18n.Catalogue(true)
	if err != nil {
		t.Fatal(err)
	}
	book, err := rules.Pathways(i18n.Situations(catalogue))
	if err != nil {
		t.Fatal(err)
	}
	held, _ := book.Pathway("detained-valid-papers")
	medical, _ := book.Pathway("medical")
	now := time.Now()
	value := func(text string, by event.Staff, ago time.Duration) fold.Value {
		return fold.Value{Text: text, By: by, At: now.Add(-ago)}
	}
	named := func(text string, by event.Staff, n byte) fold.Value {
		v := value(text, by, time.Hour)
		v.Hash[0] = n
		return v
	}
	task := func(name, do string, due time.Duration, state string) fold.Task {
		k := fold.Task{TaskAdded: event.TaskAdded{Task: name, Do: do, Who: "caseworker"}, State: state, AddedAt: now}
		if due != 0 {
			k.Due = now.Add(due)
		}
		return k
	}
	court := task("detained-valid-papers/court24", "check the production before a judge", 0, "open")
	court.TaskAdded.From, court.Basis, court.Source, court.TaskAdded.Needs = "detention", "law", "pk-const-10", []string{"tell-lawyer"}
	done := task("00000000000000f1", "Call the sister <b>", -time.Hour, "done")
	done.By, done.At, done.Note = sahar, now.Add(-time.Hour), "she knows"
	repeat := task("detained-valid-papers/check", "ask the family every 6 hours", 2*time.Hour, "open")
	repeat.Repeat, repeat.Done = "PT6H", 2
	clash := task("detained-valid-papers/lawyer", "call the duty lawyer", -20*time.Minute, "open")
	clash.Clash, clash.States = true, []fold.Value{value("done", sahar, time.Hour), value("dropped", farid, time.Hour)}
	line := func(body event.Body, refused string, place int64) fold.Line {
		return fold.Line{Signed: event.Signed{Event: event.Event{Author: sahar, At: now, Body: body}}, Refused: refused, Place: place}
	}
	first := d.threads[0]
	c := fold.Case{
		Opened: true, Since: now.Add(-3 * time.Hour), OpenedAt: now.Add(-time.Hour), OpenedBy: sahar, Source: "letter", Owner: fold.Field{value(string(sahar), sahar, time.Hour)},
		Pathways: []string{held.ID},
		Fields: map[string]fold.Field{
			event.FieldName:    {value("Latif <i>", sahar, time.Hour), value("لطیف", farid, time.Hour)},
			event.FieldUrgency: {value("minutes", sahar, time.Hour)}, event.FieldOtherSide: {named("Mr Landlord", sahar, 1), named("Mr Landlord's brother", farid, 2)},
		},
		Answers: map[string]fold.Field{"detained-valid-papers/now": {value("station", sahar, time.Hour), value("camp", farid, time.Hour)}, "detained-valid-papers/fear": {value("yes", sahar, time.Hour)}},
		Notes:   []fold.Note{{Value: value("The lawyer calls at six. <script>", farid, time.Hour)}},
		Tasks:   []fold.Task{court, done, repeat, clash, task("00000000000000f2", "Ask for the card number of the bus", 3*24*time.Hour, "open")},
		Timeline: []fold.Line{
			line(event.Opened{Source: "letter", Since: now.UTC().Format(time.RFC3339)}, "", 4), line(event.Claimed{}, "late", 5), line(event.Set{Field: event.FieldUrgency, Value: "minutes"}, "", 6),
			line(event.Answered{Pathway: held.ID, Question: "now", Value: "camp"}, "", 7), line(event.Unknown{Name: "kite-flown"}, "", 8), line(event.TaskState{Task: "00000000000000f1", State: "done"}, "", -1),
		},
	}
	row := casedb.CaseRow{
		Summary: first.Summary, Stage: casedb.StageOpen, Name: "Latif", Owner: sahar, Pathways: []string{held.ID}, Sensitivity: "sensitive", Due: now.Add(-20 * time.Minute), DueTask: "call the duty lawyer",
		ReplyBy: now.Add(12 * time.Minute), Escalated: now, Conflict: true, Linked: 1, OpenTasks: 4,
	}
	people, _ := d.People(t.Context())
	d.files[1] = &office.CaseFile{Row: row, Thread: first, Linked: []casedb.Thread{d.threads[3]}, Case: c, People: people, Followed: []pathway.Pathway{held}, Suggested: []pathway.Pathway{medical}, Role: "caseworker"}
	second := d.threads[1]
	d.files[2] = &office.CaseFile{Row: casedb.CaseRow{Summary: second.Summary, Stage: casedb.StageNew, Due: now.Add(time.Hour)}, Thread: second, People: people, Suggested: []pathway.Pathway{medical}, Role: "caseworker"}
	d.files[3] = &office.CaseFile{Row: casedb.CaseRow{Summary: d.threads[2].Summary, Stage: casedb.StageOpen}, Thread: d.threads[2], Case: fold.Case{Opened: true, Closure: nil}, People: people, Role: "reader"}
	return d
}

func newCaseBrowser(t *testing.T) (*browser, *caseDouble) {
	t.Helper()
	d := worked(t)
	return newBrowserOf(t, Config{Office: d, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}).launch().unlock(), d
}

// form makes the fields of a form.
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

func TestEveryPartOfACaseInEveryLanguage(t *testing.T) {
	b, _ := newCaseBrowser(t)
	for _, lang := range []string{"en", "fa", "ps"} {
		b.want(b.post("/language", "lang", lang), http.StatusSeeOther)
		for _, path := range []string{"/", "/?view=late", "/?show=all", "/thread/1", "/thread/1?tab=situation", "/thread/1?tab=tasks", "/thread/1?tab=notes", "/thread/1?tab=timeline", "/thread/1?tab=details", "/thread/2", "/thread/3?tab=situation", "/thread/5", "/new", "/tasks", "/tasks?whose=all&days=30", "/keys"} {
			b.want(b.get(path), http.StatusOK)
			if strings.Contains(b.last, "<script>") || strings.Contains(b.last, "Latif <i>") {
				t.Errorf("%s: a stranger's words are part of the page", path)
			}
			if strings.Contains(b.last, "Mr Landlord") {
				t.Errorf("%s shows the other side", path)
			}
		}
	}
}

// Whose the other side is, is read by the conflict check only: which of two holds is said by the event.
func TestTheOtherSideIsSettledUnseen(t *testing.T) {
	b, d := newCaseBrowser(t)
	second := "02" + strings.Repeat("00", 31)
	b.want(b.get("/thread/1"), http.StatusOK)
	if !strings.Contains(b.last, `value="`+second+`"`) {
		t.Fatal("there is nothing to choose")
	}
	b.want(b.post("/thread/1/settle", "what", "other_side", "value", second), http.StatusSeeOther)
	if len(d.bodies) != 1 || d.bodies[0] != (event.Set{Field: event.FieldOtherSide, Value: "Mr Landlord's brother"}) {
		t.Errorf("recorded: %d", len(d.bodies))
	}
	b.want(b.post("/thread/1/settle", "what", "passport", "value", "P1"), http.StatusNotFound)
	if len(d.bodies) != 1 {
		t.Error("a field that there is not was set")
	}
}
