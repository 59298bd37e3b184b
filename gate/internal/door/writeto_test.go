package door

import (
	"testing"

	"filippo.io/age"

	"panah/core/seal"
)

// TestALetterGoesToWhomTheNewestAnswerSays is the browser's rule, at the door: what web/gate/src/replies.test.ts asks of the page.
func TestALetterGoesToWhomTheNewestAnswerSays(t *testing.T) {
	us, locked, evil := newOrganisation(t), newOrganisation(t), newOrganisation(t)
	c := newConversation(t)
	asks := func(o organisation) func(*seal.Letter) {
		return func(l *seal.Letter) {
			l.To = o.desk.Recipient.String()
			l.Tag = c.keys.MAC.Tag(*l)
		}
	}
	plain := func(*seal.Letter) {}
	putIn := func(l *seal.Letter) { l.To = evil.desk.Recipient.String() } // by somebody without the thread's key
	for name, test := range map[string]struct {
		replies [][]byte
		to      *age.HybridIdentity
		epoch   int
	}{
		"no answer":                     {nil, us.key, 7},
		"an answer that asks nothing":   {[][]byte{c.reply(1, plain, text("a"))}, us.key, 7},
		"an answer that asks":           {[][]byte{c.reply(1, plain, text("a")), c.reply(2, asks(locked), text("b"))}, locked.key, 0},
		"in whatever order":             {[][]byte{c.reply(2, asks(locked), text("b")), c.reply(1, plain, text("a"))}, locked.key, 0},
		"the newest asks nothing again": {[][]byte{c.reply(1, asks(locked), text("a")), c.reply(2, plain, text("b"))}, us.key, 7},
		"put in on the way":             {[][]byte{c.reply(1, asks(locked), text("a")), c.reply(2, putIn, text("b"))}, locked.key, 0},
		"damaged":                       {[][]byte{[]byte("nothing"), c.reply(1, asks(locked), text("a"))}, locked.key, 0},
	} {
		d := New(Config{Mailboxes: &box{key: c.keys.Mailbox, replies: test.replies}})
		later, err := d.SealLater(t.Context(), &Draft{Story: Words("again")}, c.code, us.desk, noon())
		if err != nil {
			t.Fatal(err)
		}
		erase, err := d.SealErase(t.Context(), c.code, us.desk, noon())
		if err != nil {
			t.Fatal(err)
		}
		for _, sealed := range [][]byte{later.Letter, erase.Letter} {
			l, err := seal.Open(sealed, test.to)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if l.Epoch != test.epoch || c.keys.MAC.Check(l) != nil {
				t.Errorf("%s: a %s of epoch %d", name, l.Kind, l.Epoch)
			}
		}
	}
}
