package web

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
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
