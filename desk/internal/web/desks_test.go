package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"panah/core/l10n"
	"panah/core/roster"
	gateline "panah/desk/internal/line"
	"panah/desk/internal/office"
)

func (k *keepers) wantDone(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(k.done, want) {
		t.Errorf("done %q, want %q", k.done, want)
	}
	k.done = nil
}

func TestDesksOnAKeepersDesk(t *testing.T) {
	k := gathered()
	b := newBrowser(t, k).launch().unlock()
	b.want(b.get("/desks"), http.StatusOK)
	own, _ := spell(k.keys.Words[:], "en")
	b.wantText("Parwana, office", "فرزانه، خانه", "this desk", "has not renewed its key", "Epoch <bdi>4</bdi>", "<bdi>2</bdi> of <bdi>3</bdi> sheets",
		"The gate takes letters.", "q3r9", own[0], own[7], "<bdi>1</bdi> of <bdi>2</bdi> keepers have signed", "<bdi>Volunteers</bdi> is removed", `aria-current="page">Desks`)
	b.wantNone(`href="/desks/remove/00000000000000aa"`) // oneself
	b.want(b.post("/desks/role/00000000000000dd", "role", "caseworker"), http.StatusSeeOther)
	b.want(b.post("/desks/role/00000000000000dd", "role", "king"), http.StatusForbidden)
	b.want(b.post("/desks/threshold", "n", "3"), http.StatusSeeOther)
	b.want(b.post("/desks/threshold", "n", "none"), http.StatusForbidden)
	b.want(b.post("/desks/cosign/5eed"), http.StatusSeeOther)
	b.want(b.post("/desks/roll"), http.StatusSeeOther)
	k.wantDone(t, "role 00000000000000dd caseworker", "threshold III", "cosign 5eed", "roll")
	b.get("/desks")
	b.wantText("A new epoch has begun")
	for err, say := range map[error]string{
		office.ErrConflict: "Nothing of yours was done", office.ErrThreshold: "Too few keepers", office.ErrSheets: "Make new sheets first", office.ErrProposal: "Do not sign it", office.ErrKeeper: "Only a keeper&#39;s desk can do this", gateline.ErrOffline: "nothing was changed",
	} {
		for _, path := range []string{"/desks/roll", "/desks/cosign/5eed", "/desks/role/00000000000000dd", "/desks/remove/00000000000000cc", "/desks/invite", "/desks/sheets"} {
			k.fail = err
			b.post(path, "role", "reader", "split", "2/3")
			if !strings.Contains(strings.ReplaceAll(b.last, "'", "&#39;"), say) || !strings.Contains(b.last, `role="alert"`) {
				t.Errorf("%s after %v does not say %q", path, err, say)
			}
		}
	}
	k.wantDone(t)
}

func TestDesksOnOtherDesks(t *testing.T) {
	k := gathered()
	k.keys.Role, k.keys.Overdue, k.keys.Intake = roster.RoleCaseworker, true, false
	b := newBrowser(t, k).launch().unlock()
	b.get("/desks")
	b.wantText("a keeper has closed it")
	b.wantNone("panah desk init")
	k.status.Gate = ""
	b.get("/desks")
	b.wantText("before the gate knew of it", "panah desk init --gate")
	k.keys.Custodians = roster.Custodians{}
	b.get("/desks")
	b.wantText("Only keepers change this list. Ask:", "Parwana, office", "should have changed by", "takes no letters yet", "A keeper should make sheets today")
	if strings.Contains(b.last, `action="/desks`) {
		t.Error("a desk that is not a keeper's has a keeper's forms")
	}
}

func TestRemove(t *testing.T) {
	k := gathered()
	b := newBrowser(t, k).launch().unlock()
	b.get("/desks/remove/00000000000000cc")
	b.wantText("readable on it: <bdi>57</bdi>", "epochs <bdi>3</bdi> to <bdi>4</bdi>", "<bdi>311</bdi> letters", "named for: <bdi>2</bdi>", "keeper&#39;s key", "Nothing that was sealed since")
	b.wantNone("Decide today")
	b.want(b.post("/desks/remove/00000000000000cc"), http.StatusOK)
	k.wantDone(t, "remove 00000000000000cc")
	b.wantText("It is out.", "readable on it: <bdi>57</bdi>", "Decide today which people on it are in danger", "It was a keeper")
	k.keys.Waiting = "proposal"
	b.post("/desks/remove/00000000000000cc")
	b.wantText("as soon as enough other keepers have signed")
	b.want(b.get("/desks/remove/0000000000000000"), http.StatusNotFound)

	k.exposed = office.Exposure{Desk: k.keys.Desks[3]}
	b.get("/desks/remove/00000000000000dd")
	b.wantText("No conversation was readable", "It held no key of letters", "No locked case")
}

func TestInvite(t *testing.T) {
	k := gathered()
	b := newBrowser(t, k).launch().unlock()
	b.get("/desks/invite")
	b.wantText("Make a code")
	b.want(b.post("/desks/invite"), http.StatusSeeOther)
	b.get("/desks/invite")
	b.wantText("<span>482</span> <span>913</span> <span>750</span>", `http-equiv="refresh" content="3"`, "https://help.example.org")
	other := b.other().launch().unlock()
	other.get("/desks/invite")
	other.wantNone("482")
	other.wantText("made in another browser")

	k.in = office.Invitation{State: "compare", Name: "<New> laptop", Words: [6]byte{9, 8, 7, 6, 5, 4}}
	b.get("/desks/invite")
	own, _ := spell(k.in.Words[:], "en")
	b.wantText("&lt;New&gt; laptop", own[0], own[5], "reads only")
	b.wantNone(`http-equiv="refresh"`, "482")
	b.want(b.post("/desks/invite/admit", "role", "reader"), http.StatusUnprocessableEntity)
	b.wantText("tick the box when all six words are the same")
	b.want(b.post("/desks/invite/admit", "role", "reader", "same", "yes"), http.StatusSeeOther)
	k.wantDone(t, "invite", "admit reader")
	b.want(b.post("/desks/invite/stop"), http.StatusSeeOther)
	b.get("/desks")
	b.wantText("Nobody was let in")
	k.in = office.Invitation{State: "failed", Problem: "the gate"}
	b.get("/desks/invite")
	b.wantText("Nobody was let in", "Make a code")
}

func TestNewSheets(t *testing.T) {
	k := gathered()
	b := newBrowser(t, k).launch().unlock()
	b.get("/desks/sheets")
	b.want(b.post("/desks/sheets", "split", "3/5"), http.StatusSeeOther)
	b.get("/desks/sheets")
	b.wantText("any <bdi>3</bdi> of them", "Open sheet <bdi>E</bdi>")
	b.want(b.get("/desks/sheets/e"), http.StatusOK)
	b.wantText("secret of e")
	other := b.other().launch().unlock()
	other.want(other.get("/desks/sheets/e"), http.StatusNotFound)
	b.get("/desks/sheets")
	b.want(b.post("/desks/sheets/done", "printed", "a"), http.StatusUnprocessableEntity)
	b.want(b.postAll("/desks/sheets/done", map[string][]string{"printed": {"a", "b", "c", "d", "e"}}), http.StatusSeeOther)
	b.want(b.get("/desks/sheets/e"), http.StatusNotFound)
}

func TestLockCase(t *testing.T) {
	k := gathered()
	b := newBrowser(t, k).launch().unlock()
	b.get("/thread/1/lock")
	b.wantText("A very long name", "cannot be unlocked for everybody again")
	b.wantNone("Volunteers")
	b.want(b.post("/thread/1/lock", "sure", "yes"), http.StatusUnprocessableEntity)
	b.wantText("Choose at least one desk")
	b.want(b.post("/thread/1/lock", "desk", "00000000000000cc"), http.StatusUnprocessableEntity)
	b.wantText(`value="00000000000000cc" checked`)
	b.want(b.post("/thread/1/lock", "desk", "00000000000000cc", "sure", "yes"), http.StatusSeeOther)
	k.wantDone(t, "lock 00000000000000cc")
	b.want(b.get("/thread/5/lock"), http.StatusConflict)
	k.keys.Desks = k.keys.Desks[:2]
	b.get("/thread/1/lock")
	b.wantText("No desk is a specialist&#39;s yet")
}

// A reader has no forms that write, and is told so when it tries all the same.
func TestReader(t *testing.T) {
	k := gathered()
	k.keys.Role = roster.RoleReader
	b := newBrowser(t, k).launch().unlock()
	b.get("/thread/1")
	b.wantNone(`id="reply"`, `href="/thread/1/erase"`, `href="/thread/1/code"`, `action="/thread/1/urgency"`)
	b.wantText("This desk reads and does not write")
	k.failWith = office.ErrRole
	b.want(b.post("/thread/1/reply", "text", "kept words"), http.StatusForbidden)
	b.wantText("kept words", "A keeper can change its role")
}

// Every page about keys speaks every language, with nothing left unfilled.
func TestKeyPagesInEveryLanguage(t *testing.T) {
	unfilled := regexp.MustCompile(`\{[a-z_]+\}`)
	for _, l := range l10n.Languages() {
		k := gathered()
		here := newLaptop()
		here.there = true
		b := newBrowserOf(t, Config{Office: k, Setup: here}).launch().unlock()
		s, _ := atSetup(t)
		s.post("/language", "lang", l.Code)
		b.post("/language", "lang", l.Code)
		check := func(b *browser, path string) {
			t.Helper()
			b.want(b.get(path), http.StatusOK)
			b.wantText(`<html lang="` + l.Code + `"`)
			if left := unfilled.FindString(b.last); left != "" {
				t.Errorf("%s %s: %s is not filled in", l.Code, path, left)
			}
			if l.Code != l10n.English && strings.Contains(b.last, `<span lang="en" dir="ltr">`) {
				t.Errorf("%s %s: some words are missing", l.Code, path)
			}
		}
		for _, path := range []string{"/desks", "/desks/remove/00000000000000cc", "/desks/invite", "/desks/sheets", "/purge", "/thread/1/lock", "/thread/1"} {
			check(b, path)
		}
		for _, state := range []string{"waiting", "compare", "done", "failed"} {
			k.in.State = state
			check(b, "/desks/invite")
		}
		for _, path := range []string{"/", "/setup/found", "/setup/join", "/setup/recover"} {
			check(s, path)
		}
	}
}

// An office that knows no desks has no pages about them.
func TestNoPowersNoPages(t *testing.T) {
	b := newBrowser(t, furnished()).launch().unlock()
	b.wantNone(`href="/desks"`)
	for _, path := range []string{"/desks", "/desks/invite", "/desks/sheets", "/purge", "/thread/1/lock", "/arrived"} {
		if r := b.get(path); r.StatusCode != http.StatusNotFound && r.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}
