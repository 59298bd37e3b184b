package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/l10n"
	"panah/core/pathway"
	"panah/desk/internal/office"
	"panah/i18n"
)

func TestACaseShowsWhatIsDueAndWhatMustNeverHappen(t *testing.T) {
	b, _ := newCaseBrowser(t)
	for _, tab := range []string{"", "?tab=situation", "?tab=tasks", "?tab=notes", "?tab=timeline", "?tab=details"} {
		b.want(b.get("/thread/1"+tab), http.StatusOK)
		b.wantText("Answer the person", "in <bdi>12</bdi> min", "call the duty lawyer", "relatives without papers do not go to the station", "draft, needs review",
			"Two desks said different things", "Latif &lt;i&gt;", "لطیف", "<bdi>Sahar</bdi>", "no. <bdi>1</bdi>")
	}
	b.get("/thread/1")
	b.wantText(`id="entries"`, `id="entries-4"`, `action="/thread/4/reply"`, `href="/thread/1?tab=tasks"`)
	b.get("/thread/1?tab=situation")
	b.wantText("Medical emergency or disability", "decides who can reach them", `value="camp" checked`, `value="yes" checked`, "24-hour clocks")
	b.get("/thread/1?tab=tasks")
	b.wantText("The clock starts when the person was detained", "needs consent:", "Constitution of Pakistan, art. 10", "https://infopakistan.pk/", "repeats; done <bdi>2</bdi> times", "Call the sister &lt;b&gt;", "Open again")
	b.get("/thread/1?tab=timeline")
	b.wantText("This had no effect:", "somebody else took the case first", "Something this version does not know (<bdi>kite-flown</bdi>)", "only on this desk so far", "Urgency</bdi>: <bdi>Minutes")
	b.get("/thread/1?tab=nowhere")
	b.wantText(`id="entries"`)
}

func TestAReaderWritesNothing(t *testing.T) {
	b, _ := newCaseBrowser(t)
	for _, tab := range []string{"", "?tab=situation", "?tab=tasks", "?tab=notes", "?tab=details"} {
		b.get("/thread/3" + tab)
		b.wantText("You may read this case")
		b.wantNone(`<button class="main">`, `action="/thread/3/reply"`, `action="/thread/3/take"`)
	}
}

func TestACaseOpensInOneStep(t *testing.T) {
	b, d := newCaseBrowser(t)
	b.get("/thread/2")
	b.wantText("Open a case", `value="medical" checked`, `value="Rawalpindi"`, `name="claim" value="yes" checked`)
	b.wantNone("case-tabs")
	r := b.postAll("/thread/2/open", form("pathway", "medical", "pathway", "order-appeal", "urgency", "minutes", "name", " Mother of Ali ", "district", "Rawalpindi", "claim", "yes", "text", "dialysis"))
	b.want(r, http.StatusSeeOther)
	if at := r.Header.Get("Location"); at != "/thread/2" {
		t.Errorf("goes to %s", at)
	}
	want := office.Opening{Source: "letter", Pathways: []string{"medical", "order-appeal"}, Claim: true, Note: "dialysis", Checked: new(bool), Fields: map[string]string{"name": "Mother of Ali", "district": "Rawalpindi", "urgency": "minutes"}}
	got := d.opened[0]
	if len(got.Pathways) == 2 && got.Pathways[0] > got.Pathways[1] {
		got.Pathways[0], got.Pathways[1] = got.Pathways[1], got.Pathways[0]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is ticked makes the case at least as urgent as its rule says, and leads to the situation that the rule names; nothing typed is lost where the form comes back.
func TestWhatRaisesACaseIsTicked(t *testing.T) {
	b, d := newCaseBrowser(t)
	b.want(b.postAll("/new", form("urgency", "days", "raise", "4", "raise", "5", "raise", "99", "name", "Noor")), http.StatusSeeOther)
	if o := d.opened[0]; o.Fields["urgency"] != "minutes" || !slices.Equal(o.Pathways, []string{"refugee-claim"}) {
		t.Errorf("opened as %+v", o)
	}
	b.want(b.postAll("/new", form("urgency", "minutes", "raise", "6")), http.StatusUnprocessableEntity)
	b.wantText(`name="raise" value="6" checked`, `value="minutes" selected`)
}

func TestACaseForSpecialistsSaysSo(t *testing.T) {
	b, d := newCaseBrowser(t)
	b.get("/thread/1")
	b.wantNone("to-lock")
	d.files[1].Followed = append(d.files[1].Followed, pathway.Pathway{ID: "refugee-claim", Title: "Refugee claim", Sensitivity: pathway.Locked})
	b.get("/thread/1")
	b.wantText(`id="to-lock"`, "for a named specialist and one deputy")
}

// The other side of a dispute may be helped here already: opening then takes a second, deliberate step, and nothing typed is lost.
func TestAConflictOfInterestStopsTheOpening(t *testing.T) {
	b, d := newCaseBrowser(t)
	d.conflict = true
	f := form("pathway", "medical", "urgency", "days", "name", "Noor", "other", "Mr Landlord", "text", "kept & typed")
	b.want(b.postAll("/thread/2/open", f), http.StatusConflict)
	b.wantText("may already be helped here", `value="Noor"`, `value="Mr Landlord"`, "kept &amp; typed", `action="/thread/2/open"`, `value="medical" checked`)
	if len(d.opened) > 0 {
		t.Fatal("opened all the same")
	}
	f.Set("sure", "yes")
	b.want(b.postAll("/thread/2/open", f), http.StatusSeeOther)
	if o := d.opened[0]; o.Checked == nil || !*o.Checked || o.OtherSide != "Mr Landlord" {
		t.Errorf("what was found is not recorded: %+v", o)
	}
	d.conflict = false
	b.want(b.postAll("/new", form("pathway", "medical", "other", "Mr Landlord")), http.StatusSeeOther)
	if o := d.opened[1]; o.Checked == nil || *o.Checked || o.Source != "person" || o.Since.IsZero() {
		t.Errorf("begun as %+v", o)
	}
	d.behind = true
	b.want(b.postAll("/new", form("pathway", "medical", "other", "Mr Landlord")), http.StatusSeeOther)
	if d.opened[2].Checked != nil {
		t.Error("half an answer is recorded as one")
	}
	b.get("/")
	b.wantText("could not look at every case yet")
	b.want(b.postAll("/new", form("name", "Noor & <co>")), http.StatusUnprocessableEntity)
	b.wantText("Tick at least one situation", `value="Noor &amp; &lt;co&gt;"`)
}

func TestOnlyWhatChangedIsAnswered(t *testing.T) {
	b, d := newCaseBrowser(t)
	b.want(b.postAll("/thread/1/answers", form("pathway", "detained-valid-papers", "q.now", "camp", "q.since", "۲۰۲۶-۱۱-۲۳ ۱۴:۳۰", "q.fear", "no", "q.others", "a child, an old man", "q.channel", "")), http.StatusSeeOther)
	at := time.Date(2026, 11, 23, 14, 30, 0, 0, time.Local).UTC().Format(time.RFC3339)
	want := []string{"detained-valid-papers/since=" + at, "detained-valid-papers/others=a child, an old man", "detained-valid-papers/fear=no"}
	if diff := cmp.Diff(want, d.answered); diff != "" {
		t.Error(diff)
	}
	b.want(b.postAll("/thread/1/answers", form("pathway", "detained-valid-papers", "q.since", "yesterday")), http.StatusUnprocessableEntity)
	b.wantText("cannot be read")
	b.want(b.postAll("/thread/1/answers", form("pathway", "none-such")), http.StatusForbidden)
	b.want(b.post("/thread/1/follow", "pathway", "medical"), http.StatusSeeOther)
	b.want(b.post("/thread/1/follow", "pathway", "medical", "off", "yes"), http.StatusSeeOther)
	if diff := cmp.Diff([]string{"medical+", "medical-"}, d.followed); diff != "" {
		t.Error(diff)
	}
}

func TestFormsOfACaseBecomeEvents(t *testing.T) {
	at := time.Date(2026, 11, 25, 9, 0, 0, 0, time.Local).UTC().Format(time.RFC3339)
	for _, test := range []struct {
		path, back string
		fields     []string
		want       []event.Body
	}{
		{"note", "?tab=notes", []string{"text", " One.\r\nTwo. "}, []event.Body{event.Noted{Text: "One.\nTwo."}}},
		{"take", "", nil, []event.Body{event.Claimed{}}},
		{"moment", "?tab=tasks", []string{"field", "detained_at", "at", "2026/11/25 9:00"}, []event.Body{event.Set{Field: "detained_at", Value: at}}},
		{"task/state", "?tab=tasks", []string{"task", "a/b", "state", "done"}, []event.Body{event.TaskState{Task: "a/b", State: "done"}}},
		{"task/state", "?tab=tasks", []string{"task", "a/b", "state", "dropped", "text", "not needed"}, []event.Body{event.TaskState{Task: "a/b", State: "dropped", Note: "not needed"}}},
		{"task/move", "?tab=tasks", []string{"task", "a/b", "due", "2026-11-25 09:00", "text", "court is shut"}, []event.Body{event.TaskMoved{Task: "a/b", Due: at, Why: "court is shut"}}},
		{"settle", "?tab=tasks", []string{"what", "name", "value", "Latif", "tab", "tasks"}, []event.Body{event.Set{Field: "name", Value: "Latif"}}},
		{"settle", "", []string{"what", "owner", "value", string(sahar)}, []event.Body{event.Assigned{Staff: sahar}}},
		{"settle", "", []string{"what", "task:a/b", "value", "done"}, []event.Body{event.TaskState{Task: "a/b", State: "done"}}},
		{"settle", "", []string{"what", "task:a/b", "value", at}, []event.Body{event.TaskMoved{Task: "a/b", Due: at}}},
		{"details", "?tab=details", []string{"name", "لطیف", "district", "Quetta", "other_side", "", "urgency", "minutes"}, []event.Body{event.Set{Field: "district", Value: "Quetta"}}},
	} {
		b, d := newCaseBrowser(t)
		r := b.post("/thread/1/"+test.path, test.fields...)
		b.want(r, http.StatusSeeOther)
		if diff := cmp.Diff(test.want, d.bodies); diff != "" {
			t.Errorf("%s: %s", test.path, diff)
		}
		if got := r.Header.Get("Location"); got != "/thread/1"+test.back {
			t.Errorf("%s goes to %s", test.path, got)
		}
	}
	b, d := newCaseBrowser(t)
	b.want(b.post("/thread/1/task", "text", "Ring the clinic", "due", "2026-11-25 09:00"), http.StatusSeeOther)
	got, ok := d.bodies[0].(event.TaskAdded)
	if !ok || got.Do != "Ring the clinic" || got.Due != at || len(got.Task) != 16 {
		t.Errorf("added %+v", got)
	}
	for path, fields := range map[string][]string{"note": {"text", " "}, "task": {"due", "2026-11-25"}, "task/move": {"task", "a/b", "due", "2026-11-25"}, "task/state": {"task", "a/b", "state", "dropped"}} {
		b.want(b.post("/thread/1/"+path, fields...), http.StatusUnprocessableEntity)
	}
	b.want(b.post("/thread/1/task/state", "task", "a/b", "state", "eaten"), http.StatusForbidden)
	b.want(b.post("/thread/1/moment", "field", "name", "at", "2026-11-25"), http.StatusForbidden)
}

// What the fold refuses is said with the next step, and what was typed comes back.
func TestARefusalSaysWhatToDo(t *testing.T) {
	b, d := newCaseBrowser(t)
	for err, words := range map[error]string{
		fold.ErrRole: "Ask a keeper for another role", fold.ErrTaken: "Somebody else took the case", fold.ErrClosed: "Open it again first", fold.ErrTeam: "Only the case’s team", fold.ErrConsent: "Record that first",
		fold.ErrWrong: "look again", event.ErrMalformed: "Shorten it", fold.ErrUnopened: "Open one first",
	} {
		d.refuse = err
		r := b.post("/thread/1/note", "text", "typed & kept")
		if r.StatusCode < 400 || r.StatusCode >= 500 {
			t.Errorf("%v: status %d", err, r.StatusCode)
		}
		b.wantText(words, "typed &amp; kept")
	}
}

func TestTasksAreListedByDay(t *testing.T) {
	b, _ := newCaseBrowser(t)
	b.want(b.get("/tasks"), http.StatusOK)
	b.wantText("call the duty lawyer", `href="/thread/1?tab=tasks"`, "<bdi>20</bdi> min late", "<bdi>Sahar</bdi>", "Our proposal", "Late")
	b.wantNone("check the production") // it has no deadline yet
	b, d := newCaseBrowser(t)
	d.files = nil
	b.get("/tasks?whose=all")
	b.wantText("Nothing is due")
}

func TestShortcutsAreListedWithoutScript(t *testing.T) {
	b, _ := newCaseBrowser(t)
	b.want(b.get("/keys"), http.StatusOK)
	for _, k := range []string{"j", "k", "Enter", "/", "g", "q", "r", "n", "c", "?"} {
		b.wantText("<kbd>" + k + "</kbd>")
	}
}

func TestParseMoment(t *testing.T) {
	at := time.Date(2026, 11, 24, 14, 30, 0, 0, time.Local)
	for _, typed := range []string{"2026-11-24 14:30", "2026/11/24 14:30", "۲۰۲۶-۱۱-۲۴ ۱۴:۳۰", "٢٠٢٦/١١/٢٤ ١٤:٣٠", " 2026-11-24T14:30 ", "\u200e2026-11-24\u200e 14:30", "1405-09-03 14:30", "۱۴۰۵/۹/۳ ۱۴:۳۰"} {
		if got, err := parseMoment(typed); err != nil || !got.Equal(at) {
			t.Errorf("%q: %v, %v", typed, got, err)
		}
	}
	if got, err := parseMoment("2026-11-24"); err != nil || !got.Equal(at.Truncate(24*time.Hour)) && got.Hour() != 0 {
		t.Errorf("a day: %v, %v", got, err)
	}
	for _, typed := range []string{"", "soon", "2026-13-01", "2026-11-24 25:00", "24-11-2026", "1405-12-31", "1405-07-31", "2026-02-29", "0000-01-01", strings.Repeat("9", 4000)} {
		if got, err := parseMoment(typed); err == nil {
			t.Errorf("%q is %v", typed, got)
		}
	}
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"2026-11-24 14:30", "1405-09-03", "۱۴۰۵/۰۹/۰۳ ۰۸:۰۵", "2024-02-30", "-1-1-1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		at, err := parseMoment(typed)
		if err != nil {
			return
		}
		// What was understood is understood again as it is shown.
		if again, err := parseMoment(at.Local().Format("2006-01-02 15:04")); err != nil || !again.Equal(at) {
			t.Errorf("%q is %v, and shown %v, %v", typed, at, again, err)
		}
	})
}

func TestADueTimeIsSaidRoughly(t *testing.T) {
	catalogue, err := i18n.Desk()
	if err != nil {
		t.Fatal(err)
	}
	w := words{desk: catalogue, now: time.Now()}
	w.lang, _ = l10n.Find(l10n.English)
	for d, want := range map[time.Duration]string{10 * time.Minute: "in <bdi>10</bdi> min", -5 * time.Hour: "<bdi>5</bdi> h late", 73 * time.Hour: "in <bdi>3</bdi> days", -80 * time.Minute: "<bdi>80</bdi> min late"} {
		if got, err := w.Until(w.now.Add(d)); err != nil || string(got) != want {
			t.Errorf("%v: %q, %v", d, got, err)
		}
	}
}
