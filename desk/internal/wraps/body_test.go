package wraps

import (
	"strings"
	"testing"
)

func FuzzParseBody(f *testing.F) {
	mailbox, id, key := strings.Repeat("A", 22), strings.Repeat("0", 64), strings.Repeat("A", 22)+"=="
	f.Add([]byte(`{"thread":["` + mailbox + `"],"letters":[{"id":"` + id + `","key":"` + key + `"}]}`))
	f.Add([]byte(`{"thread":[],"letters":[]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := parseBody(b)
		if err != nil {
			return
		}
		again, err := encodeBody(w)
		if err != nil {
			t.Fatal(err)
		}
		if w2, err := parseBody(again); err != nil || len(w2.Entries) != len(w.Entries) || len(w2.Mailboxes) != len(w.Mailboxes) {
			t.Fatalf("%v", err)
		}
	})
}
