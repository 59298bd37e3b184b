package web

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"panah/core/l10n"
	"panah/core/roster"
	"panah/desk/internal/office"
)

// The real office has all that the page needs; a method less, and the page would be gone without a word.
var _ gatekeeper = (*office.Office)(nil)

// A lookout is a double whose office also holds gates to what they say: for what takes real gates weeks. With real gates it is tested in desk/internal/office.
type lookout struct {
	*keepers
	status office.WatchStatus
}

func (l *lookout) Watch(context.Context) (office.WatchStatus, error) { return l.status, nil }

func (l *lookout) SetTests(_ context.Context, every time.Duration) error {
	if every == 3*time.Hour {
		return office.ErrInterval
	}
	return l.note("tests", every.String())
}

func (l *lookout) TestNow(context.Context) error { return l.note("test") }

func (l *lookout) WitnessKey(context.Context) (string, error) { return "key", l.note("key") }

func (l *lookout) AddWitness(_ context.Context, label, vkey string) error {
	return l.note("witness", label, vkey)
}

func (l *lookout) RemoveWitness(_ context.Context, vkey string) error {
	return l.note("no witness", vkey)
}

func (l *lookout) AddWatched(_ context.Context, url, vkey string) error {
	return l.note("watch", url, vkey)
}

func (l *lookout) RemoveWatched(_ context.Context, id int64) error {
	return l.note("no watch", fmt.Sprint(id))
}

// watching is an organisation with everything that the page can show.
func watching() *lookout {
	now := time.Now()
	l := &lookout{keepers: gathered()}
	l.status = office.WatchStatus{
		Promises: 3, Broken: 1, TestEvery: 24 * time.Hour, NextTest: now.Add(time.Hour), Key: "panah-witness-0badcafe+12345678+BKey",
		LastTest: office.TestStatus{Sent: now.Add(-3 * time.Hour), Accepted: now.Add(-3 * time.Hour), Lost: now.Add(-time.Hour)},
		GateURL:  "https://help.example.org", GateKey: "help.example.org+12345678+AKey",
		Witnesses: []office.WitnessStatus{
			{Key: "w1+1+K", Label: "درمانگاه", Added: now, Seen: now},
			{Key: "w2+1+K", Label: strings.Repeat("A long name ", 10), Added: now.AddDate(0, 0, -20), Silent: true},
		},
	}
	for i, problem := range []string{"", "offline", "refused", "clock", "signature", "forked"} {
		l.status.Watched = append(l.status.Watched, office.WatchedStatus{ID: int64(i + 1), URL: "https://gate" + problem + ".example.org", Origin: "gate" + problem, Size: 17, Told: now, Problem: problem})
	}
	return l
}

func TestWatchPageInEveryLanguage(t *testing.T) {
	for _, lang := range l10n.Languages() {
		l := watching()
		b := newBrowser(t, l).launch().unlock()
		b.post("/language", "lang", lang.Code)
		for _, t := range []office.TestStatus{{}, {Sent: time.Now()}, {Sent: time.Now(), Arrived: time.Now()}, l.status.LastTest} {
			l.status.LastTest = t
			b.want(b.get("/watch"), http.StatusOK)
		}
		if left := regexp.MustCompile(`\{[a-z_]+\}`).FindString(b.last); left != "" {
			t.Errorf("%s: %s is not filled in", lang.Code, left)
		}
		b.wantText("help.example.org", "panah-witness-0badcafe", "درمانگاه", "gateforked")
		b.get("/about")
		b.wantText(`href="/watch"`)
	}
}

func TestWatchPage(t *testing.T) {
	l := watching()
	b := newBrowser(t, l).launch().unlock()
	b.get("/watch")
	b.wantText("The last one was lost.", "<bdi>3</bdi> promises", "silent for a week", "<bdi>17</bdi> entries confirmed", `value="24" selected`, "has to register the key")
	b.want(b.post("/watch/tests", "hours", "168"), http.StatusSeeOther)
	b.want(b.post("/watch/tests", "hours", "3"), http.StatusForbidden) // nothing that the form offers
	b.want(b.post("/watch/tests", "hours", "soon"), http.StatusForbidden)
	b.want(b.post("/watch/tests/now"), http.StatusSeeOther)
	b.want(b.post("/watch/key"), http.StatusSeeOther)
	b.want(b.post("/watch/witness", "label", "The clinic", "key", "w3+1+K"), http.StatusSeeOther)
	b.want(b.post("/watch/witness/remove", "key", "w1+1+K"), http.StatusSeeOther)
	b.want(b.post("/watch/watched", "url", "https://gate.example.org", "key", "g+1+K"), http.StatusSeeOther)
	b.want(b.post("/watch/watched/2/remove"), http.StatusSeeOther)
	l.wantDone(t, "tests 168h0m0s", "test", "key", "witness The clinic w3+1+K", "no witness w1+1+K", "watch https://gate.example.org g+1+K", "no watch 2")
	for err, say := range map[error]string{
		office.ErrWitnessKey: "not a whole key", office.ErrAddress: "address of a gate is like", office.ErrOwnGate: "your own gate",
		office.ErrGate: "did not take it", office.ErrTooLong: "too long",
	} {
		l.fail = err
		if r := b.post("/watch/watched", "url", "https://typed.example.org", "key", "typed"); r.StatusCode < 400 {
			t.Errorf("after %v: %d", err, r.StatusCode)
		}
		b.wantText(say, `value="https://typed.example.org"`, `role="alert"`)
	}
	l.fail = office.ErrTestOpen
	b.want(b.post("/watch/tests/now"), http.StatusConflict)
	b.wantText("under way already")
	l.fail, l.done, l.keys.Intake = nil, nil, false
	b.want(b.post("/watch/tests/now"), http.StatusConflict)
	b.wantText("no test letter can go")
	l.wantDone(t)
	for err, status := range map[error]int{office.ErrKeeper: http.StatusForbidden, office.ErrRole: http.StatusForbidden} {
		l.fail = err
		b.want(b.post("/watch/witness", "label", "x", "key", "y"), status)
	}
	l.wantDone(t)
}

func TestWatchPageOnOtherDesks(t *testing.T) {
	l := watching()
	l.keys.Role, l.status.Key, l.status.Witnesses, l.status.Watched = roster.RoleCaseworker, "", nil, nil
	b := newBrowser(t, l).launch().unlock()
	b.get("/watch")
	b.wantText("Only a keeper&#39;s desk", `action="/watch/key"`)
	b.wantNone(`action="/watch/witness"`)
	plain := newBrowser(t, furnished()).launch().unlock() // an office that holds no gate to anything
	plain.want(plain.get("/watch"), http.StatusNotFound)
	plain.get("/about")
	plain.wantNone(`href="/watch"`)
}
