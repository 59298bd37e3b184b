package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"panah/core/script"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// A searchDouble finds what it was given, and remembers what it was asked. What a search finds is tested in desk/internal/casedb and desk/internal/office.
type searchDouble struct {
	*double
	asked  []office.Query
	found  office.Results
	same   []office.Suggestion
	linked []string
}

func (d *searchDouble) Search(_ context.Context, q office.Query) (office.Results, error) {
	if d.Locked() {
		return office.Results{}, office.ErrLocked
	}
	d.asked = append(d.asked, q)
	return d.found, nil
}

func (d *searchDouble) Suggest(context.Context, int64) ([]office.Suggestion, error) {
	return d.same, nil
}

func (d *searchDouble) Link(_ context.Context, thread, to int64) error {
	d.linked = append(d.linked, fmt.Sprint(thread, "→", to))
	return nil
}

func (d *searchDouble) Split(_ context.Context, thread int64) error {
	d.linked = append(d.linked, fmt.Sprint("split ", thread))
	return nil
}

func hitOf(text, word string) casedb.Hit {
	at := strings.Index(text, word)
	return casedb.Hit{Row: casedb.CaseRow{Summary: casedb.Summary{ID: 7, State: casedb.StateOpen, Urgency: casedb.UrgencyHours}, Stage: casedb.StageOpen, Name: "محمد <b>"}, Snippet: text, Marks: []script.Range{{From: at, To: at + len(word)}}, ByName: true}
}

func TestSearchPage(t *testing.T) {
	d := &searchDouble{double: furnished()}
	d.found = office.Results{Found: casedb.Found{Hits: []casedb.Hit{hitOf("they <took> my\u202e card away", "card")}, Next: 7}, Indexing: casedb.Indexing{Left: 25, Of: 100}}
	b := newBrowser(t, d).launch().unlock()
	b.want(b.get("/search"), http.StatusOK)
	b.wantText("What is searched", `role="search"`, "autofocus")
	if len(d.asked) != 0 {
		t.Error("an empty page searches")
	}
	b.want(b.post("/search", "words", " card ۱۲ ", "urgency", "hours", "from", "۲۰۲۶-۱۱-۰۱", "to", "2026-11-02", "stage", "nonsense"), http.StatusSeeOther)
	b.want(b.get("/search"), http.StatusOK)
	b.wantText("they &lt;took&gt; my <mark>card</mark> away", "محمد &lt;b&gt;", `href="/thread/7"`, "Name in another spelling", `value="card ۱۲"`, "about <bdi>25</bdi> cases", `value="75"`, "newest first")
	b.wantNone("\u202e")
	q := d.asked[0]
	if q.Words != "card ۱۲" || q.Urgency != casedb.UrgencyHours || q.Stage != "" || q.From.Format(time.DateOnly) != "2026-11-01" || q.To.Sub(q.From) != 48*time.Hour || q.Everyone || q.Again {
		t.Errorf("asked for %+v", q.SearchFilter)
	}
	b.post("/search/more", "after", "7")
	b.get("/search")
	if q := d.asked[1]; q.After != 7 || !q.Again {
		t.Errorf("the next page: after %d, again %v", q.After, q.Again)
	}
	b.post("/search/clear")
	b.get("/search")
	b.wantText("What is searched")
	b.wantNone("card ۱۲")
}

// A search of everybody's cases needs a reason; it is asked for once, also when the page is loaded again, and nothing typed is lost.
func TestSearchOfEverybody(t *testing.T) {
	d := &searchDouble{double: furnished()}
	b := newBrowser(t, d).launch().unlock()
	b.want(b.post("/search", "words", "لاله", "everyone", "yes"), http.StatusUnprocessableEntity)
	b.wantText("needs a reason", `value="لاله"`, "checked")
	b.want(b.post("/search"), http.StatusUnprocessableEntity)
	b.wantText("Write a word or a name")
	if len(d.asked) != 0 {
		t.Fatal("it searched without a reason")
	}
	b.post("/search", "words", "لاله", "everyone", "yes", "reason", "at the door")
	b.get("/search")
	b.wantText("No case found", "This search is recorded")
	b.get("/search")
	if len(d.asked) != 2 || d.asked[0].Again || !d.asked[1].Again || d.asked[0].Reason != "at the door" {
		t.Errorf("asked %d times", len(d.asked))
	}
	// What was looked for is gone when the desk locks.
	b.post("/lock")
	b.unlock().get("/search")
	b.wantNone("لاله", "at the door")
}

func TestSameMatterPage(t *testing.T) {
	d := &searchDouble{double: furnished()}
	b := newBrowser(t, d).launch().unlock()
	b.want(b.get("/thread/1/same"), http.StatusOK)
	b.wantText("Nothing looks like the same matter")
	d.same = []office.Suggestion{{Thread: 2, Name: "گل <i>", Why: []string{"name", "phrase", "district", "paper"}}}
	b.get("/thread/1/same")
	b.wantText("گل &lt;i&gt;", "Rare words", "Kind of paper", `action="/thread/1/link"`)
	b.want(b.post("/thread/1/link", "other", "۲"), http.StatusSeeOther)
	b.want(b.post("/thread/1/split", "other", "2"), http.StatusSeeOther)
	b.want(b.post("/thread/1/link", "other", "two"), http.StatusNotFound)
	if strings.Join(d.linked, ", ") != "2→1, split 2" {
		t.Errorf("did %q", d.linked)
	}
}
