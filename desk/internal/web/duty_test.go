package web

import (
	"net/http"
	"strings"
	"testing"

	"panah/core/l10n"
	"panah/core/roster"
	"panah/desk/internal/office"
	"panah/i18n"
)

// A keeper hears on every page what waits for their desk; others do not, for they can do nothing about it.
func TestDutyOnEveryPage(t *testing.T) {
	k := gathered()
	k.keys.Overdue = true
	k.keys.Proposals = []office.Proposal{{ID: "5eed", Signed: 1, Needed: 2}}
	b := newBrowser(t, k).launch().unlock()
	for _, path := range []string{"/", "/about", "/alarms", "/desks/remove/00000000000000cc", "/purge"} {
		b.get(path)
		b.wantText("should have changed by", "waits for this desk&#39;s signature")
	}
	b.get("/desks")
	b.wantNone("waits for this desk")
	if n := strings.Count(b.last, "should have changed by"); n != 1 {
		t.Errorf("the page of desks says %d times that the key is overdue", n)
	}
	k.keys.Proposals[0].Ours, k.keys.Overdue = true, false
	b.get("/")
	b.wantNone("should have changed by", "waits for this desk")
	k.keys.Proposals[0].Ours, k.keys.Overdue, k.keys.Role = false, true, roster.RoleCaseworker
	b.get("/")
	b.wantNone("should have changed by", "waits for this desk")
}

// What other keepers must still sign is not said to be done.
func TestWhatWaitsIsNotDone(t *testing.T) {
	k := gathered()
	k.keys.Waiting, k.keys.Threshold = "proposal", 2
	b := newBrowser(t, k).launch().unlock()
	for _, path := range []string{"/desks/roll", "/desks/threshold", "/desks/role/00000000000000dd"} {
		b.want(b.post(path, "role", "reader", "n", "2"), http.StatusSeeOther)
		b.get("/desks")
		b.wantText("It takes effect when enough other keepers have signed")
	}
	b.get("/desks/remove/00000000000000cc")
	b.wantText("<bdi>2</bdi> keepers must sign this")
	b.post("/desks/remove/00000000000000cc")
	b.wantText("is not out yet", `role="alert"`)
	b.wantNone("It is out. The key")
}

// The words for walls are on the page in every language, and the lists that nobody has checked are marked.
func TestPosters(t *testing.T) {
	k := gathered()
	b := newBrowser(t, k).launch().unlock()
	b.get("/desks")
	for _, l := range l10n.Languages() {
		b.wantText(strings.Join(i18n.WordsOf(l.Code, k.keys.Words[:]), "</bdi> <bdi>"))
	}
	drafts := 0
	for _, p := range posters(k.keys.Words[:]) {
		if p.Draft {
			drafts++
		}
	}
	if n := strings.Count(b.last, "not checked by a native speaker"); n != drafts {
		t.Errorf("%d lists are marked as drafts, %d are", n, drafts)
	}
}

// New sheets that nobody has tried keep nobody from closing the gate to letters.
func TestIntakeClosesWithUntriedSheets(t *testing.T) {
	k := gathered()
	k.keys.Intake = true
	k.keys.Custodians = roster.Custodians{Needed: 2, Recipients: k.keys.Custodians.Recipients}
	b := newBrowser(t, k).launch().unlock()
	b.get("/desks")
	b.wantText("Take no letters for now", "opens again only after a recovery with the new sheets")
	k.keys.Intake = false
	b.get("/desks")
	b.wantNone("Take no letters for now", `action="/desks/intake"`)
}
