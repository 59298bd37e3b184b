package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"panah/desk/internal/casedb"
)

func TestTheQueueSaysWhatIsDueAndByWhen(t *testing.T) {
	b, d := newCaseBrowser(t)
	b.want(b.get("/"), http.StatusOK)
	b.wantText("<bdi>Latif</bdi>", "Held now, holds valid papers", "call the duty lawyer", "<bdi>20</bdi> min late", `class="state s-escalated"`, "Not answered in time", "Two answers: decide", "<bdi>Sahar</bdi>",
		"Answer the person", "in <bdi>60</bdi> min", "Sealed at the door", "nobody yet", "No deadline", `href="/?view=mine"`, `href="/?urgency=minutes"`)
	if at := time.Now().Add(-20*time.Minute).Format("2006-01-02") + " · 140"; !strings.Contains(b.last, `data-at="`+at) {
		t.Errorf("no row says the moment itself in both calendars, %s", at)
	}
	for path, want := range map[string]casedb.CaseFilter{
		"/?view=mine":                         {Mine: true, Limit: perPage},
		"/?view=new&urgency=hours":            {Stage: casedb.StageNew, Urgency: casedb.UrgencyHours, Limit: perPage},
		"/?view=waiting&lang=fa-AF&page=3":    {Waiting: true, Lang: "fa-AF", Limit: perPage, Offset: 2 * perPage},
		"/?view=closed&order=newest":          {Stage: casedb.StageClosed, Newest: true, Limit: perPage},
		"/?pathway=medical&page=0":            {Pathway: "medical", Limit: perPage},
		"/?view=x&urgency=now&lang=xx&page=x": {Limit: perPage},
	} {
		b.want(b.get(path), http.StatusOK)
		if got := d.filters[len(d.filters)-1]; got != want {
			t.Errorf("%s asks for %+v", path, got)
		}
	}
	b.get("/?view=late&urgency=hours")
	if got := d.filters[len(d.filters)-1].Late; time.Since(got) > time.Minute {
		t.Errorf("late is before %v", got)
	}
	b.wantText(`<details class="filters" open>`, `href="/?view=late"`) // the chosen urgency is taken off by the same link
}

func TestAnEmptyQueueTeaches(t *testing.T) {
	b, d := newCaseBrowser(t)
	d.threads = nil
	b.get("/")
	b.wantText("No letter waits for an answer", "what is due next is said beside it", "help.example.org")
	b.get("/?view=late")
	b.wantText("No case matches", "Show all again")
}

// Fifty lines weigh at most 30 KB on the wire, in the script that takes two bytes a letter.
func TestFiftyLinesAreSmall(t *testing.T) {
	b, d := newCaseBrowser(t)
	b.post("/language", "lang", "fa")
	one := d.files[1]
	for i := int64(100); i < 160; i++ {
		f := *one
		f.Row.ID, f.Row.Name = i, "عبدالرحمان "+strings.Repeat("ب", int(i%7))
		f.Row.Line = strings.Repeat("برادرم را امروز صبح از سر کار گرفتند. ", 5)
		d.files[i] = &f
		th := d.threads[0]
		th.ID = i
		d.threads = append(d.threads, th)
	}
	r := b.do("GET", "/", nil, func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip, br") })
	squeezed := len(b.last)
	if r.Header.Get("Content-Encoding") != "gzip" {
		t.Error("not compressed")
	}
	b.get("/")
	b.wantText(`href="/?page=2" rel="next"`)
	if n := strings.Count(b.last, `<li class="row`); n != perPage {
		t.Errorf("%d lines", n)
	}
	t.Logf("fifty lines: %d bytes, %d compressed", len(b.last), squeezed)
	if squeezed > 30_000 || len(b.last) > 100_000 {
		t.Errorf("fifty lines weigh %d bytes, %d compressed", len(b.last), squeezed)
	}
}
