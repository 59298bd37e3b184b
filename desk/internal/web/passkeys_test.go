package web

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"panah/desk/internal/office"
)

func TestAQuestionIsAnsweredOnceByWhoWasAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q questions
		me, you := sessionKey{1}, sessionKey{2}
		c := q.ask(me, []byte("salt"))
		if _, ok := q.take(you, c); ok {
			t.Error("another session answered")
		}
		if got, ok := q.take(me, c); !ok || !bytes.Equal(got.salt, []byte("salt")) {
			t.Error("the session that was asked may not answer")
		}
		if _, ok := q.take(me, c); ok {
			t.Error("answered twice")
		}
		late := q.ask(me, nil)
		time.Sleep(questionTime + time.Second)
		if _, ok := q.take(me, late); ok {
			t.Error("answered too late")
		}
		first := q.ask(me, nil)
		for range maxQuestions {
			time.Sleep(time.Second)
			q.ask(me, nil)
		}
		if _, ok := q.take(me, first); ok || len(q.open) > maxQuestions {
			t.Errorf("%d questions are remembered", len(q.open))
		}
		if _, ok := q.take(me, ""); ok {
			t.Error("no question was answered")
		}
	})
}

// On a real desk, whose port at localhost may be another program's: no passkeys then, and the page says why.
func TestAnotherPassphrase(t *testing.T) {
	p := newPlace(t)
	if page := p.get("/passkeys", http.StatusOK); !strings.Contains(page, "Another program on this computer holds the address localhost:") || strings.Contains(page, `id="passkey-new"`) {
		t.Error("passkeys are offered where another program could ask for them")
	}
	const next = "six other plain words stand here"
	for what, c := range map[string]struct{ old, next, again, says string }{
		"easy to guess": {rightPassphrase, "aaaaaaaaaaaa", "aaaaaaaaaaaa", "too easy to guess"},
		"typed wrong":   {rightPassphrase, next, next + "x", "not the same"},
		"wrong old one": {"five words are not better", next, next, "The passphrase is wrong"},
	} {
		if page := p.post("/passkeys/passphrase", http.StatusUnprocessableEntity, "passphrase", c.old, "next", c.next, "again", c.again); !strings.Contains(page, c.says) {
			t.Errorf("%s: the page does not say %q", what, c.says)
		}
	}
	p.post("/passkeys/passphrase", http.StatusSeeOther, "passphrase", rightPassphrase, "next", next, "again", next)
	p.office.Lock()
	if err := p.office.Unlock(t.Context(), rightPassphrase); !errors.Is(err, office.ErrPassphrase) {
		t.Errorf("the old passphrase: %v", err)
	}
	if err := p.office.Unlock(t.Context(), next); err != nil {
		t.Errorf("the new passphrase: %v", err)
	}
}
