package web

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
	"panah/desk/internal/casedb"
)

// Two desks kept a closed case until different days, and put a conversation to different matters: the page shows what was said, and what is chosen is said again, with its reason.
func TestWhatTwoDesksSaidOfKeepingAndLinkingIsSettled(t *testing.T) {
	b, d := newCaseBrowser(t)
	at := time.Now().Add(-time.Hour)
	of := func(text string, who event.Staff) fold.Value { return fold.Value{Text: text, By: who, At: at} }
	const matter = "00112233445566778899aabbccddeeff"
	c := &d.files[1].Case
	c.Hold, c.LinkedTo = fold.Field{of("2027-01-01", sahar), of("2028-02-02", farid)}, fold.Field{of("", sahar), of(matter, farid)}
	c.Timeline = append(c.Timeline, fold.Line{Signed: event.Signed{Event: event.Event{At: at, Author: sahar, Body: event.Held{Until: "2027-01-01", Reason: "a court asked"}}}})
	b.get("/thread/1")
	b.wantText("Kept until", `value="2027-01-01"`, "2027-01-01 · 1405-10-11", `value="2028-02-02"`, "Which case it belongs to", "a matter of its own", `value="`+matter+`"`)
	for _, v := range []struct {
		what, value string
		status      int
		want        event.Body
	}{
		{"hold", "2027-01-01", http.StatusSeeOther, event.Held{Until: "2027-01-01", Reason: "a court asked"}},
		{"linked", matter, http.StatusSeeOther, event.Linked{To: matter}},
		{"linked", "", http.StatusSeeOther, event.Linked{}},
		{"hold", "2030-01-01", http.StatusUnprocessableEntity, nil}, // nobody said that
		{"linked", "ffff", http.StatusUnprocessableEntity, nil},
	} {
		d.bodies = nil
		b.want(b.post("/thread/1/settle", "what", v.what, "value", v.value), v.status)
		var want []event.Body
		if v.want != nil {
			want = []event.Body{v.want}
		}
		if diff := cmp.Diff(want, d.bodies); diff != "" {
			t.Errorf("%s %q: %s", v.what, v.value, diff)
		}
	}
}

// A pathway's twenty tasks are one line of the timeline, and the letters stand between the events.
func TestTheTimelineIsShort(t *testing.T) {
	b, d := newCaseBrowser(t)
	at := time.Now().Add(-30 * time.Minute)
	line := func(body event.Body) fold.Line {
		return fold.Line{Signed: event.Signed{Event: event.Event{At: at, Author: sahar, Body: body}}}
	}
	d.files[1].Case.Timeline = append(d.files[1].Case.Timeline,
		line(event.Followed{Pathway: "medical", On: true}),
		line(event.TaskAdded{Task: "medical/one", Do: "first thing"}), line(event.TaskAdded{Task: "medical/two", Do: "second thing"}),
		line(event.TaskAdded{Task: "0123456789abcdef", Do: "a thing of one's own"}))
	b.get("/thread/1?tab=timeline")
	b.wantText("<bdi>2</bdi> tasks came with it", "<li>first thing</li><li>second thing</li>", "Task: <bdi>a thing of one", "Letter from the person", "Answer to the person")
	b.wantNone("Task: <bdi>first thing")
}

// A chosen answer can be taken back without script: the choice "not answered" is there as soon as there is an answer.
func TestAnAnswerCanBeTakenBack(t *testing.T) {
	b, d := newCaseBrowser(t)
	b.get("/thread/1?tab=situation")
	b.wantText(`type="radio" name="q.fear" value=""> <span>not answered`)
	d.answered = nil
	b.want(b.post("/thread/1/answers", "pathway", "detained-valid-papers", "q.fear", ""), http.StatusSeeOther)
	if diff := cmp.Diff([]string{"detained-valid-papers/fear="}, d.answered); diff != "" {
		t.Error(diff)
	}
}

// An erasure shows how far it has come: here, at the gate, and for good.
func TestAnErasureShowsHowFarItHasCome(t *testing.T) {
	for want, p := range map[int]threadPage{1: {}, 2: {GateErased: true}, 3: {GateErased: true, Gone: true}} {
		if got := p.ErasedSteps(); got != want {
			t.Errorf("%d steps, want %d", got, want)
		}
	}
	b, d := newCaseBrowser(t)
	for _, row := range d.threads {
		if row.State == casedb.StateErased {
			b.get(threadPath(row.ID))
			b.wantText(`<progress max="3" value="2" aria-label="2 of 3 steps`)
			return
		}
	}
	t.Fatal("the double has no erased conversation")
}
