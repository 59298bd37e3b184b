package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLaunch(t *testing.T) {
	b := newBrowser(t, furnished())
	if s := fmt.Sprintf("%v %+v %#v", b.token, b.token, b.token); strings.Contains(s, b.token.secret) {
		t.Errorf("the token prints as %s", s)
	}
	b.want(b.get("/"), http.StatusUnauthorized)
	b.wantText("This browser is not let in yet")
	b.wantNone("Lantern", "help.example.org", "passphrase\"")
	for _, token := range []string{"", "x", b.token.secret[1:], b.token.secret + "A"} {
		b.want(b.get("/launch?token="+token), http.StatusUnauthorized)
		if b.cookie != nil {
			t.Fatal("a wrong token opened a session")
		}
	}
	r := b.get("/launch?token=" + b.token.secret)
	b.want(r, http.StatusSeeOther)
	if at := r.Header.Get("Location"); at != "/" {
		t.Errorf("leads to %q", at)
	}
	if c := b.cookie; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || len(c.Value) < 40 {
		t.Errorf("cookie %v", c)
	}
	first := b.cookie.Value
	b.get("/launch?token=" + b.token.secret)
	if b.cookie.Value != first {
		t.Error("the same browser got a second session")
	}
	b.get("/")
	b.wantText("Unlock the desk")
	b.wantNone("Lantern", "help.example.org")
}

// A link on another page may lead to the launch URL; the strict cookie then needs a step from our own page.
func TestLaunchFromElsewhere(t *testing.T) {
	b := newBrowser(t, furnished())
	r := b.do("GET", "/launch?token="+b.token.secret, nil, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	b.want(r, http.StatusOK)
	if b.cookie == nil || r.Header.Get("Refresh") != "0; url=/" {
		t.Errorf("cookie %v, Refresh %q", b.cookie, r.Header.Get("Refresh"))
	}
	b.wantText("The desk is ready")
}

func TestUnlock(t *testing.T) {
	d := furnished()
	b := newBrowser(t, d).launch()
	b.want(b.get("/thread/1"), http.StatusUnauthorized)
	b.wantText(`name="next" value="/thread/1"`)
	b.want(b.post("/unlock", "passphrase", "wrong horse", "next", "/thread/1"), http.StatusUnauthorized)
	b.wantText("The passphrase is wrong", `name="next" value="/thread/1"`)
	b.wantNone("wrong horse")
	r := b.post("/unlock", "passphrase", rightPassphrase, "next", "/thread/1")
	b.want(r, http.StatusSeeOther)
	if r.Header.Get("Location") != "/thread/1" {
		t.Errorf("leads to %q", r.Header.Get("Location"))
	}
	b.want(b.get("/thread/1"), http.StatusOK)

	// The desk is open now, but every other session needs the passphrase itself.
	other := b.other().launch()
	other.want(other.get("/thread/1"), http.StatusUnauthorized)
	other.wantNone("برادرم")
	other.unlock()
	other.want(other.get("/thread/1"), http.StatusOK)

	b.want(b.post("/lock"), http.StatusSeeOther)
	b.want(b.get("/"), http.StatusUnauthorized)
	other.want(other.get("/"), http.StatusUnauthorized)
	if !d.Locked() {
		t.Error("the lock button left the keys in memory")
	}
}

func TestUnlockLeadsNowhereElse(t *testing.T) {
	for given, want := range map[string]string{
		"/thread/3": "/thread/3", "/?show=all": "/?show=all", "": "/", "//evil.example": "/", "/\\evil.example": "/",
		"https://evil.example": "/", "/a\r\nSet-Cookie: x": "/", "/" + strings.Repeat("x", 300): "/", "/\tx": "/",
	} {
		if got := localPath(given); got != want {
			t.Errorf("%q leads to %q", given, got)
		}
	}
}

func TestGuessingIsSlowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := furnished()
		b := newBrowser(t, d).launch()
		for range freeAttempts {
			b.want(b.post("/unlock", "passphrase", "guess"), http.StatusUnauthorized)
		}
		// The wait holds for every session, and for the right passphrase too.
		other := b.other().launch()
		r := other.post("/unlock", "passphrase", rightPassphrase)
		other.want(r, http.StatusTooManyRequests)
		if r.Header.Get("Retry-After") != "1" || d.tried != freeAttempts {
			t.Errorf("Retry-After %q after %d attempts", r.Header.Get("Retry-After"), d.tried)
		}
		waited := time.Duration(0)
		for i := range 8 {
			wait := min(maxWait, time.Second<<i)
			time.Sleep(wait) // fake time
			waited += wait
			b.want(b.post("/unlock", "passphrase", "guess"), http.StatusUnauthorized)
			b.want(b.post("/unlock", "passphrase", "guess"), http.StatusTooManyRequests)
		}
		if d.tried != freeAttempts+8 {
			t.Errorf("%d attempts were looked at in %v", d.tried, waited)
		}
		time.Sleep(maxWait)
		b.want(b.post("/unlock", "passphrase", rightPassphrase), http.StatusSeeOther)
		b.post("/lock")
		b.get("/")
		b.want(b.post("/unlock", "passphrase", "guess"), http.StatusUnauthorized) // the count starts anew
		b.want(b.post("/unlock", "passphrase", rightPassphrase), http.StatusSeeOther)
		b.post("/lock")
	})
}

func TestIdleLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := furnished()
		b := newBrowser(t, d).launch().unlock()
		time.Sleep(DefaultIdle - time.Second)
		b.want(b.get("/"), http.StatusOK) // a person's request: the time starts anew
		time.Sleep(DefaultIdle - time.Second)
		b.want(b.do("GET", "/", nil, func(r *http.Request) { r.Header.Set("Panah-Live", "1") }), http.StatusOK)
		if d.Locked() {
			t.Fatal("locked too early")
		}
		time.Sleep(time.Second) // the module's request did not put it off
		synctest.Wait()
		if !d.Locked() {
			t.Error("the keys are still in memory")
		}
		b.want(b.get("/"), http.StatusUnauthorized)
		b.unlock()
		time.Sleep(DefaultIdle - time.Second)
		// As fetch sends it.
		form := url.Values{"csrf": {b.csrf()}, "thread": {"1"}, "text": {"half an answ"}}
		b.want(b.do("POST", "/activity", form, func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
		}), http.StatusNoContent)
		time.Sleep(DefaultIdle - time.Second)
		if d.Locked() {
			t.Error("locked while somebody was typing")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		b.want(b.get("/thread/1"), http.StatusUnauthorized)
		b.wantNone("half an answ")
		b.unlock()
		b.get("/thread/1")
		b.wantText("half an answ")
		b.post("/lock")
	})
}

func TestOneIdleSessionLeavesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := furnished()
		b := newBrowser(t, d).launch().unlock()
		other := b.other().launch().unlock()
		time.Sleep(DefaultIdle / 2)
		other.get("/")
		time.Sleep(DefaultIdle / 2)
		synctest.Wait()
		b.want(b.get("/"), http.StatusUnauthorized)
		other.want(other.get("/"), http.StatusOK)
		if d.Locked() {
			t.Error("one idle browser took the keys from the other")
		}
		other.post("/lock")
	})
}

func TestSessionsAreBounded(t *testing.T) {
	s := newSessions(time.Hour, func() {})
	var first string
	for i := range maxSessions + 5 {
		c := s.open("en")
		if i == 0 {
			first = c
		}
	}
	if len(s.byKey) != maxSessions {
		t.Errorf("%d sessions", len(s.byKey))
	}
	if _, ok := s.visit(first, true); ok {
		t.Error("the longest unused session is still there")
	}
	c := s.open("en")
	for i := range maxDrafts + 5 {
		s.keepDraft(keyOf(c), fmt.Sprint(i), "x")
	}
	s.change(keyOf(c), func(se *session) {
		if len(se.drafts) != maxDrafts {
			t.Errorf("%d drafts", len(se.drafts))
		}
	})
	if _, ok := s.visit("", true); ok {
		t.Error("no cookie is a session")
	}
}

func TestTheOfficeLocksByItself(t *testing.T) {
	d := furnished()
	b := newBrowser(t, d).launch().unlock()
	d.Lock()
	b.want(b.post("/thread/1/reply", "text", "typed before"), http.StatusUnauthorized)
	b.wantText("What you typed is kept", `value="/thread/1"`)
	b.wantNone("typed before")
	b.unlock()
	b.get("/thread/1")
	b.wantText("typed before")
}
