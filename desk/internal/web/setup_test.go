package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/join"
	"panah/desk/internal/keyring"
	gateline "panah/desk/internal/line"
)

// A laptop is a Setup whose desk is a double: for the order of the steps and for what goes wrong between them.
type laptop struct {
	mu      sync.Mutex // guards everything below
	there   bool
	removed bool
	begun   bool
	fail    error
	founded Founding
	back    Recovering
	calls   []string
	decide  chan error // what the keeper says
	desk    *keepers
}

func newLaptop() *laptop { return &laptop{decide: make(chan error, 1), desk: gathered()} }

func (l *laptop) step(what string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.fail; err != nil {
		l.fail = nil
		return err
	}
	l.calls = append(l.calls, what)
	l.begun = false
	l.there = what != "wipe"
	return nil
}

func (l *laptop) Exists() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.there
}

func (l *laptop) Begun() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begun
}

func (l *laptop) Removed() bool { return !l.Exists() && l.removed }

func (l *laptop) Found(_ context.Context, f Founding) (Founded, error) {
	if err := l.step("found"); err != nil {
		return Founded{}, err
	}
	l.founded = f
	made := Founded{Org: "q3r9mk27xw5thd0vz8ap"}
	for i := range f.Of {
		letter := string(rune('a' + i))
		made.Sheets = append(made.Sheets, Sheet{Letter: letter, HTML: []byte("<!doctype html><title>Sheet</title><p>secret of " + letter)})
	}
	return made, nil
}

func (l *laptop) Join(ctx context.Context, j Joining, words func([6]byte)) (Joined, error) {
	words([6]byte{1, 2, 3, 4, 5, 6})
	select {
	case err := <-l.decide:
		if err != nil {
			return Joined{}, err
		}
	case <-ctx.Done():
		return Joined{}, ctx.Err()
	}
	return Joined{Name: "Lantern Legal Aid (made up)", Role: "reader"}, l.step("join")
}

func (l *laptop) Recover(_ context.Context, r Recovering) (Recovered, error) {
	l.back = r
	return Recovered{Org: r.Org, Serial: 2, Epoch: 2, Opened: true, Intake: true}, l.step("recover")
}

func (l *laptop) Wipe(context.Context) error { return l.step("wipe") }

func (l *laptop) Open() (Office, error) { return l.desk, nil }

func atSetup(t *testing.T) (*browser, *laptop) {
	t.Helper()
	l := newLaptop()
	b := newBrowserOf(t, Config{Setup: l})
	b.launch()
	return b, l
}

const (
	goodGate = "help.example.org"
	goodCode = "0123 4567 89ab cdef ghjk mnpq"
)

func foundForm(over ...string) []string {
	form := []string{
		"gate", goodGate, "code", goodCode, "name", "Lantern <Legal> Aid", "desk", "Parwana & co", "split", "2/3",
		"passphrase", rightPassphrase, "again", rightPassphrase,
	}
	return append(form, over...)
}

func TestSetupKeepsWhatWasTyped(t *testing.T) {
	b, l := atSetup(t)
	b.wantText("What is this laptop to be?", `href="/setup/found"`, `href="/setup/join"`, `href="/setup/recover"`)
	for _, c := range []struct{ field, value, say string }{
		{"gate", " ", "Type the address of the gate"},
		{"code", "0123", "This is not a setup code"},
		{"name", "", "Type the name of the organisation"},
		{"desk", strings.Repeat("x", 121), "This name is too long"},
		{"split", "1/9", "Choose how many custodians"},
		{"passphrase", "password1234", "too easy to guess"},
		{"again", "another thing entirely", "not the same"},
	} {
		b.get("/setup/found")
		b.want(b.post("/setup/found", foundForm(c.field, c.value)...), http.StatusUnprocessableEntity)
		b.wantText(c.say, `role="alert"`)
		for _, kept := range []string{`value="` + goodGate + `"`, `value="Lantern &lt;Legal&gt; Aid"`} {
			if c.field != "gate" && c.field != "name" && !strings.Contains(b.last, kept) {
				t.Errorf("%s: the page lacks %s", c.field, kept)
			}
		}
		b.wantNone(rightPassphrase, "password1234", "another thing")
	}
	l.fail = fmt.Errorf("founding: %w", gateline.ErrOffline)
	b.want(b.post("/setup/found", foundForm()...), http.StatusUnprocessableEntity)
	b.wantText("The gate does not answer at this address", `value="Parwana &amp; co"`)
	l.fail = keyring.ErrPassphrase
	b.want(b.post("/setup/found", foundForm()...), http.StatusUnprocessableEntity)
	b.wantText("with another passphrase")
	l.fail = errors.New("the gate says <no>")
	b.want(b.post("/setup/found", foundForm()...), http.StatusUnprocessableEntity)
	b.wantText("It did not work", "the gate says &lt;no&gt;")
	if len(l.calls) != 0 {
		t.Errorf("made %q", l.calls)
	}
}

// Founding ends with a desk that was destroyed and came back from paper; nobody else sees the sheets meanwhile.
func TestFoundingWithRehearsal(t *testing.T) {
	b, l := atSetup(t)
	b.get("/setup/found")
	b.want(b.post("/setup/found", foundForm()...), http.StatusSeeOther)
	if l.founded.Gate != "https://help.example.org" || l.founded.Needed != 2 || l.founded.Of != 3 || l.founded.Desk != "Parwana & co" {
		t.Errorf("founded %s with %d of %d, gate %s", l.founded.Desk, l.founded.Needed, l.founded.Of, l.founded.Gate)
	}
	b.get("/setup/sheets")
	b.want(b.post("/setup/found", foundForm()...), http.StatusSeeOther) // pressed twice
	if len(l.calls) != 1 {
		t.Fatalf("made %q", l.calls)
	}
	b.get("/setup/sheets")
	b.wantText("Lantern &lt;Legal&gt; Aid", "Your passphrase will do", "Open sheet <bdi>A</bdi>", "Open sheet <bdi>C</bdi>")
	b.wantNone("secret of")
	r := b.get("/setup/sheets/b")
	b.want(r, http.StatusOK)
	b.wantText("secret of b")
	if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "script-src") {
		t.Errorf("a sheet is served with %q", csp)
	}
	if r.Header.Get("Cache-Control") != "no-store" {
		t.Error("a sheet may be kept by the browser")
	}
	b.want(b.get("/setup/sheets/z"), http.StatusNotFound)
	other := b.other().launch()
	other.want(other.get("/setup/sheets/b"), http.StatusNotFound)
	other.want(other.get("/setup/sheets"), http.StatusSeeOther)

	b.get("/setup/sheets")
	b.want(b.post("/setup/rehearse"), http.StatusSeeOther) // not printed yet
	b.get("/setup/sheets")
	b.want(b.post("/setup/sheets", "printed", "a"), http.StatusUnprocessableEntity)
	b.wantText("Print every sheet first")
	b.want(b.postAll("/setup/sheets", map[string][]string{"printed": {"a", "b", "c"}}), http.StatusSeeOther)
	b.get("/setup/rehearse")
	b.wantText("A sheet that nobody has tried is a hope")
	b.want(b.post("/setup/rehearse"), http.StatusSeeOther)
	b.get("/setup/recover")
	b.wantText("No key is left on this laptop", `value="Parwana &amp; co"`, "Print the sheets again")
	b.wantNone("All other desks are lost")

	one, two := newSecretSheet(t), newSecretSheet(t)
	form := map[string][]string{
		"gate": {goodGate}, "org": {"Q3R9-MK27 XW5T HD0V Z8AP"}, "desk": {"Parwana"}, "sheet": {one, two[:len(two)-1]},
		"passphrase": {rightPassphrase}, "again": {rightPassphrase},
	}
	b.want(b.postAll("/setup/recover", form), http.StatusUnprocessableEntity)
	b.wantText("Sheet <bdi>2</bdi> cannot be read", one)
	b.wantNone(rightPassphrase)
	form["sheet"] = []string{one, two}
	b.want(b.postAll("/setup/recover", form), http.StatusSeeOther)
	if got := strings.Join(l.calls, " "); got != "found wipe recover" {
		t.Errorf("the steps were %q", got)
	}
	b.want(b.get("/arrived"), http.StatusOK)
	b.wantText("It came back", "This desk was wiped", "A letter from before was opened", "The gate takes letters from now on")
	b.want(b.get("/"), http.StatusOK) // unlocked already
	b.want(b.get("/setup/sheets/b"), http.StatusNotFound)
}

func newSecretSheet(t *testing.T) string {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

func TestRecoveryAsksFirst(t *testing.T) {
	b, l := atSetup(t)
	b.get("/setup/recover")
	form := map[string][]string{
		"gate": {goodGate}, "org": {"q3r9mk27xw5thd0vz8ap"}, "desk": {"Parwana"}, "sheet": {newSecretSheet(t), newSecretSheet(t)},
		"passphrase": {rightPassphrase}, "again": {rightPassphrase},
	}
	b.want(b.postAll("/setup/recover", form), http.StatusUnprocessableEntity)
	b.wantText("a keeper should invite this one instead", form["sheet"][1])
	form["more"] = []string{"yes"}
	b.want(b.postAll("/setup/recover", form), http.StatusUnprocessableEntity)
	if n := strings.Count(b.last, `name="sheet"`); n != 3 {
		t.Errorf("room for %d sheets", n)
	}
	delete(form, "more")
	form["sure"] = []string{"yes"}
	for field, wrong := range map[string]string{"org": "q3r9", "sheet": "", "desk": " "} {
		bad := map[string][]string{}
		for k, v := range form {
			bad[k] = v
		}
		bad[field] = []string{wrong}
		b.want(b.postAll("/setup/recover", bad), http.StatusUnprocessableEntity)
	}
	if l.Exists() {
		t.Fatal("something was made")
	}
	b.want(b.postAll("/setup/recover", form), http.StatusSeeOther)
	b.get("/arrived")
	b.wantText("The organisation is back", "All other desks are out")
	b.wantNone("This desk was wiped")
}

func TestJoining(t *testing.T) {
	b, l := atSetup(t)
	code, err := join.NewCode(zeros{})
	if err != nil {
		t.Fatal(err)
	}
	form := func(code string) []string {
		return []string{"gate", goodGate, "code", code, "desk", "New laptop", "passphrase", rightPassphrase, "again", rightPassphrase}
	}
	b.get("/setup/join")
	b.want(b.post("/setup/join", form("482 913 751")...), http.StatusUnprocessableEntity)
	b.wantText("This code has a slip in it", `value="New laptop"`)
	b.post("/language", "lang", "fa", "next", "/setup/join")
	b.want(b.post("/setup/join", form(code.Reveal())...), http.StatusSeeOther)
	b.until("/setup/join/wait", `class="six"`)
	own, english := spell([]byte{1, 2, 3, 4, 5, 6}, "fa")
	b.wantText(own[0], own[5], english[0], english[5], `http-equiv="refresh" content="2"`)
	b.wantNone(code.Reveal(), rightPassphrase)

	other := b.other().launch()
	other.want(other.get("/setup/join/wait"), http.StatusSeeOther) // sees no words of somebody else's joining
	b.post("/language", "lang", "en", "next", "/setup/join/wait")
	l.decide <- join.ErrReveal
	b.until("/setup/join/wait", "Somebody between the two desks")
	b.wantNone(`http-equiv="refresh"`)
	b.want(b.post("/setup/join/stop"), http.StatusSeeOther)

	b.get("/setup/join")
	b.want(b.post("/setup/join", form(code.Reveal())...), http.StatusSeeOther)
	b.until("/setup/join/wait", `class="six"`)
	l.decide <- nil
	for b.get("/setup/join/wait").Header.Get("Location") != "/arrived" {
		if t.Context().Err() != nil {
			t.Fatal("never let in")
		}
	}
	b.want(b.get("/arrived"), http.StatusOK)
	b.wantText("This desk is in", "Lantern Legal Aid", "reads only")
}

// A desk that wiped itself while its pages were open says so, whichever page is asked for.
func TestRemovedDeskSaysSo(t *testing.T) {
	l := newLaptop()
	l.there = true
	b := newBrowserOf(t, Config{Setup: l, Office: l.desk}).launch().unlock()
	b.want(b.get("/thread/1"), http.StatusOK)
	l.desk.Lock()
	l.removed = true
	if err := l.Wipe(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.want(b.get("/thread/1"), http.StatusSeeOther)
	b.want(b.get("/"), http.StatusOK)
	b.wantText("This desk was removed from the organisation", "call a keeper by phone now", "Join an organisation")
	b.wantNone("برادرم")
	b.want(b.get("/thread/1"), http.StatusSeeOther)
	b.want(b.post("/thread/1/reply", "text", "kept words"), http.StatusNotFound)
}

func TestPurge(t *testing.T) {
	l := newLaptop()
	l.there = true
	b := newBrowserOf(t, Config{Setup: l, Office: l.desk}).launch().unlock()
	b.get("/purge")
	b.wantText("What is lost", "<bdi>3</bdi> other desks")
	b.want(b.post("/purge"), http.StatusUnprocessableEntity)
	b.wantText("Tick the box first")
	if len(l.desk.done) != 0 {
		t.Fatal("purged without being sure")
	}
	b.want(b.post("/purge", "sure", "yes"), http.StatusSeeOther)
	b.get("/")
	b.wantText("This desk is gone", "Tell a keeper today")
	b.want(b.post("/unlock", "passphrase", rightPassphrase), http.StatusNotFound)
}

// A rehearsal can begin on a desk that is in use: it ends as one, and asks nobody whether all other desks are lost.
func TestRehearsalFromTheListOfDesks(t *testing.T) {
	l := newLaptop()
	l.there = true
	l.desk.keys.Desks, l.desk.keys.Intake = l.desk.keys.Desks[:1], false
	l.desk.keys.Custodians.Rehearsed = time.Time{}
	b := newBrowserOf(t, Config{Setup: l, Office: l.desk}).launch().unlock()
	b.get("/desks")
	b.wantText(`href="/purge?rehearse=yes"`)
	b.get("/purge?rehearse=yes")
	b.wantText("The rehearsal begins with this", "This is the only desk")
	b.want(b.post("/purge", "rehearse", "yes", "sure", "yes"), http.StatusSeeOther)
	l.there = false
	b.get("/")
	b.wantText("Now bring it back")
	b.get("/setup/recover")
	b.wantText("No key is left on this laptop")
	b.want(b.postAll("/setup/recover", map[string][]string{
		"gate": {goodGate}, "org": {"q3r9mk27xw5thd0vz8ap"}, "desk": {"Parwana"}, "sheet": {newSecretSheet(t), newSecretSheet(t)},
		"passphrase": {rightPassphrase}, "again": {rightPassphrase},
	}), http.StatusSeeOther)
	b.get("/arrived")
	b.wantText("It came back", "The gate takes letters from now on")
	b.wantNone("All other desks are out")
}

// What broke off goes on with the passphrase alone, or is forgotten.
func TestSetupGoesOn(t *testing.T) {
	b, l := atSetup(t)
	l.begun = true
	b.get("/")
	b.wantText("Something was begun here")
	l.fail = ErrBegun
	b.get("/setup/recover")
	form := map[string][]string{
		"gate": {goodGate}, "org": {"q3r9mk27xw5thd0vz8ap"}, "desk": {"Parwana"}, "sheet": {"", ""}, "sure": {"yes"},
		"passphrase": {rightPassphrase}, "again": {rightPassphrase},
	}
	b.want(b.postAll("/setup/recover", form), http.StatusUnprocessableEntity)
	b.wantText("Something else was begun in this folder")
	b.want(b.postAll("/setup/recover", form), http.StatusSeeOther)
	if len(l.back.Sheets) != 0 || !l.Exists() {
		t.Errorf("came back with %d sheets", len(l.back.Sheets))
	}

	b, l = atSetup(t)
	l.begun = true
	b.get("/")
	b.want(b.post("/setup/forget"), http.StatusSeeOther)
	b.get("/")
	b.wantNone("Something was begun here")
}

// A desk that was purged by a command while its page asked for the passphrase says so.
func TestUnlockOfAPurgedDesk(t *testing.T) {
	l := newLaptop()
	l.there = true
	b := newBrowserOf(t, Config{Setup: l, Office: l.desk}).launch()
	if err := l.Wipe(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.want(b.post("/unlock", "passphrase", rightPassphrase, "next", "/"), http.StatusSeeOther)
	b.get("/")
	b.wantText("This desk is gone")
}

func TestStrength(t *testing.T) {
	for passphrase, want := range map[string]string{
		"": "", "short": "", "password1234": "", "aaaaaaaaaaaaaaaa": "", "111111111111": "", "one two one two one two": "",
		"four words are better": "fair", "lamp river seven orange": "fair", "lamp river seven orange table cloud": "strong",
		"چراغ رود هفت نارنج میز ابر": "strong", "kX9$wq!72Lmz#4Tb": "strong",
	} {
		if got := strength(passphrase); got != want {
			t.Errorf("%q is %q, want %q", passphrase, got, want)
		}
	}
}

// until asks for a page until it shows text.
func (b *browser) until(path, text string) {
	b.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for b.get(path); !strings.Contains(b.last, text); b.get(path) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s never shows %q:\n%s", path, text, b.last)
		}
	}
}
