package casedb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/serdes"

	"panah/core/seal"
	"panah/core/wire"
)

// plain returns every page of the database as it is before encryption, free ones included.
func plain(t *testing.T, db *DB) []byte {
	t.Helper()
	c, err := db.sql.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var b []byte
	if err := c.Raw(func(conn any) (err error) {
		b, err = serdes.Serialize(conn.(interface{ Raw() *sqlite3.Conn }).Raw(), "main")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

// Whoever has a file key and the gate's copy reads the letter: an erasure must take the key out of the file, wherever it lay.
func TestErasureLeavesNoFileKey(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), FileName))
	batch, edge := v1Batch()
	var keys [][]byte
	for i := range batch {
		k := sha256.Sum256([]byte{byte(i), 1})
		batch[i].Epoch, batch[i].FileKey = 1, seal.FileKey(k[:16])
		if i < 3 { // the first person's two letters and the answer
			keys = append(keys, k[:16])
		}
	}
	now := time.Now()
	if _, err := db.Apply(t.Context(), batch, edge, now); err != nil {
		t.Fatal(err)
	}
	// A wrap brought the key of an entry that this desk has not read; the notice of erasure of another desk names it.
	waiting := sha256.Sum256([]byte("waiting"))
	unread := sha256.Sum256([]byte("unread"))
	keys = append(keys, waiting[:16])
	w := Wrap{Name: [16]byte{1}, Mailboxes: []wire.MailboxID{{1}}, Entries: []KeyedEntry{{ID: unread, Key: seal.FileKey(waiting[:16])}}}
	if news, err := db.SawWraps(t.Context(), 2, []Wrap{w}); err != nil || !news {
		t.Fatal(news, err)
	}
	before := plain(t, db)
	for i, k := range keys {
		if !bytes.Contains(before, k) {
			t.Fatalf("key %d is not there before the erasure: the test looks in the wrong place", i)
		}
	}
	if err := db.Erase(t.Context(), 1, now); err != nil {
		t.Fatal(err)
	}
	n := Notice{Do: doErase, Letters: []string{wire.LetterID(unread).String()}, Commitments: [][]byte{make([]byte, 32)}}
	notice := notify(t, n, 1)
	notice.Index = int64(len(batch))
	if _, err := db.Apply(t.Context(), []Incoming{notice}, edge, now); err != nil {
		t.Fatal(err)
	}
	after := plain(t, db)
	for i, k := range keys {
		if bytes.Contains(after, k) {
			t.Errorf("key %d is still in the file", i)
		}
	}
	if !bytes.Contains(after, batch[3].FileKey[:]) {
		t.Error("the other thread's key is gone")
	}
	kinds := map[OutKind]int{}
	for id := int64(0); ; {
		o, ok, err := db.NextOut(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		id = o.ID
		kinds[o.Kind]++
		if o.Kind == OutUnwrap {
			if epoch, names, err := Unwraps(o.Body); err != nil || epoch != 2 || len(names) != 1 || names[0] != w.Name {
				t.Errorf("unwraps %d %x: %v", epoch, names, err)
			}
		}
	}
	if kinds[OutUnwrap] != 1 {
		t.Errorf("outgoing %v; the wrap at the gate must go", kinds)
	}
}

// A desk that is not named keeps no word and no key of a locked case, and knows only that it is there.
func TestALockedCaseLeavesNothingWhereItIsNotNamed(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), FileName))
	batch, edge := v1Batch()
	var gone [][]byte
	for i := range batch {
		k := sha256.Sum256([]byte{byte(i), 2})
		batch[i].Epoch, batch[i].FileKey = 1, seal.FileKey(k[:16])
		if i < 3 {
			gone = append(gone, k[:16], []byte(batch[i].Letter.Text()))
		}
	}
	if _, err := db.Apply(t.Context(), batch, edge, time.Now()); err != nil {
		t.Fatal(err)
	}
	before := plain(t, db)
	for _, b := range gone {
		if !bytes.Contains(before, b) {
			t.Fatalf("%q is not there before: the test looks in the wrong place", b)
		}
	}
	if err := db.Iam(t.Context(), Device{7}); err != nil {
		t.Fatal(err)
	}
	body := lockNotice(t)
	n, err := ParseNotice(body)
	if err != nil {
		t.Fatal(err)
	}
	n.Mailboxes = []string{batch[0].Letter.Mailbox.Reveal()}
	notice := notify(t, n, 1)
	notice.Index = int64(len(batch))
	if _, err := db.Apply(t.Context(), []Incoming{notice}, edge, time.Now()); err != nil {
		t.Fatal(err)
	}
	after := plain(t, db)
	for _, b := range gone {
		if bytes.Contains(after, b) {
			t.Errorf("%q is still in the file", b)
		}
	}
	th, err := db.Thread(t.Context(), 1)
	if err != nil || th.State != StateLocked || !th.Locked || len(th.Specialists) != 1 || th.Count != 0 || th.Beginning != "" {
		t.Errorf("%+v %v", th, err)
	}
	if list, err := db.Threads(t.Context(), Filter{}); err != nil || len(list) != 2 {
		t.Errorf("%d threads in the list: %v", len(list), err)
	}
	if err := db.Erase(t.Context(), 1, time.Now()); !errors.Is(err, ErrState) {
		t.Errorf("it is erased by who cannot know what belongs to it: %v", err)
	}
	if wraps, _, err := db.ToWrap(t.Context(), 2, 0, 10); err != nil || len(wraps) != 2+1 || len(wraps[0].Entries) != 1 || !wraps[0].Lock {
		t.Errorf("wraps %d %v; of the locked case only who may read it", len(wraps), err)
	}
}

func FuzzUnwraps(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 20))
	f.Add(make([]byte, 21))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, names, err := Unwraps(b); err == nil && len(names)*16+4 != len(b) {
			t.Fatal(len(names))
		}
	})
}
