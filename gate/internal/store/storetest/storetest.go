// Package storetest is what every storage engine of a gate must do. An engine's test calls Run.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate/internal/api"
	"panah/gate/internal/mailbox"
	"panah/gate/internal/organisation"
	"panah/gate/internal/seq"
	"panah/gate/internal/store"
)

// An Engine is all that a gate asks of one.
type Engine interface {
	seq.Store
	api.Log
	mailbox.Store
	mailbox.Sweeper
	organisation.Stores
}

// Run runs the suite. open opens the engine over the same data each time it is called within one test; the suite closes it.
func Run(t *testing.T, open func(t *testing.T) (reopen func() (Engine, func() error))) {
	for name, test := range map[string]func(*testing.T, func() (Engine, func() error)){
		"append and read": appendAndRead, "all or nothing": allOrNothing, "delete": deletes, "entries in bites": bites,
		"mailboxes": mailboxes, "mailbox limit": mailboxLimit, "sweep": sweep,
		"packages": packages, "recovery files": recovery, "cards": cards, "proposals": proposals, "wraps": wraps, "words": words,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var ctx = context.Background()

// use opens the engine for one step and closes it.
func use(t *testing.T, reopen func() (Engine, func() error), step func(Engine)) {
	t.Helper()
	e, closing := reopen()
	step(e)
	if err := closing(); err != nil {
		t.Fatal(err)
	}
}

// Letter makes letter n with a body of size bytes.
func Letter(n, size int) store.Letter {
	l := store.Letter{Sealed: bytes.Repeat([]byte(fmt.Sprintf("letter %d ", n)), size/8+1)[:size]}
	l.ID = wire.IDOf(l.Sealed)
	l.Key[0], l.Promise = byte(n), fmt.Sprintf("promise %d", n)
	l.Record = ledger.Record{Letter: l.ID, Size: int64(size), Hour: time.Unix(0, 0)}.String()
	l.Commitment = ledger.Commit(l.Key, l.Record)
	return l
}

// Batch puts letters at first, with right hashes read from r.
func Batch(t *testing.T, r tlog.HashReader, first int64, letters ...store.Letter) store.Batch {
	t.Helper()
	b := store.Batch{First: first, Letters: letters}
	for i, l := range letters {
		reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			var out []tlog.Hash
			for _, x := range indexes {
				if base := tlog.StoredHashIndex(0, first); x >= base {
					out = append(out, b.Hashes[x-base])
					continue
				}
				h, err := r.ReadHashes([]int64{x})
				if err != nil {
					return nil, err
				}
				out = append(out, h...)
			}
			return out, nil
		})
		hashes, err := tlog.StoredHashesForRecordHash(first+int64(i), ledger.LeafHash(l.Commitment), reader)
		if err != nil {
			t.Fatal(err)
		}
		b.Hashes = append(b.Hashes, hashes...)
	}
	return b
}

func appendAndRead(t *testing.T, reopen func() (Engine, func() error)) {
	var want []store.Letter
	for round := range 4 {
		use(t, reopen, func(e Engine) {
			n, err := e.Size(ctx)
			if err != nil || n != int64(len(want)) {
				t.Fatalf("size %d, %v", n, err)
			}
			letters := []store.Letter{Letter(3*round, 100), Letter(3*round+1, 70_000), Letter(3*round+2, 6000)}
			if err := e.Append(ctx, Batch(t, e, n, letters...)); err != nil {
				t.Fatal(err)
			}
			want = append(want, letters...)
		})
	}
	use(t, reopen, func(e Engine) {
		entries, err := e.Entries(ctx, 0, 100, 1<<30)
		if err != nil || len(entries) != len(want) {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		var edge ledger.Edge
		var ids []wire.LetterID
		for i, got := range entries {
			if _, err := ledger.CheckEntry(got); err != nil || got.Index != int64(i) || !bytes.Equal(got.Sealed, want[i].Sealed) {
				t.Errorf("entry %d: %v", i, err)
			}
			edge = edge.Append(ledger.LeafHash(ledger.Commitment(got.Commitment)))
			ids = append(ids, want[i].ID)
		}
		tree, err := edge.Tree()
		root, err2 := tlog.TreeHash(int64(len(want)), e)
		if err != nil || err2 != nil || root != tree.Root {
			t.Errorf("root %v, want %v, %v, %v", root, tree.Root, err, err2)
		}
		held, err := e.Known(ctx, append(ids, wire.LetterID{1}))
		if err != nil || len(held) != len(want) {
			t.Fatalf("%d known, %v", len(held), err)
		}
		for _, l := range want {
			if diff := cmp.Diff(l.Held, held[l.ID]); diff != "" {
				t.Error(diff)
			}
		}
		if _, err := e.ReadHashes([]int64{1 << 40}); err == nil {
			t.Error("a hash that is not there is read")
		}
	})
}

func allOrNothing(t *testing.T, reopen func() (Engine, func() error)) {
	use(t, reopen, func(e Engine) {
		good := Batch(t, e, 0, Letter(1, 100))
		good.Boxes = []store.Box{{ID: store.BoxID{1}, Auth: [32]byte{2}, Day: 3}}
		if err := e.Append(ctx, good); err != nil {
			t.Fatal(err)
		}
		if err := e.Append(ctx, Batch(t, e, 0, Letter(2, 100))); !errors.Is(err, store.ErrMoved) {
			t.Errorf("a batch for another size: %v", err)
		}
		twice := Batch(t, e, 1, Letter(3, 100), Letter(1, 100))
		twice.Boxes = []store.Box{{ID: store.BoxID{9}}}
		if err := e.Append(ctx, twice); err == nil {
			t.Error("a letter that is held is appended again")
		}
	})
	use(t, reopen, func(e Engine) {
		n, err := e.Size(ctx)
		known, err2 := e.Known(ctx, []wire.LetterID{Letter(1, 100).ID, Letter(2, 100).ID, Letter(3, 100).ID})
		if n != 1 || len(known) != 1 || err != nil || err2 != nil {
			t.Errorf("size %d, %d known, %v, %v", n, len(known), err, err2)
		}
		if _, err := e.Box(ctx, store.BoxID{9}); !errors.Is(err, store.ErrNoMailbox) {
			t.Errorf("a mailbox of a refused batch: %v", err)
		}
		if b, err := e.Box(ctx, store.BoxID{1}); err != nil || b.Day != 3 {
			t.Errorf("the mailbox of the batch: %v, %v", b, err)
		}
	})
}

func deletes(t *testing.T, reopen func() (Engine, func() error)) {
	a, b := Letter(1, 100), Letter(2, 9000)
	use(t, reopen, func(e Engine) {
		if err := e.Append(ctx, Batch(t, e, 0, a, b)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{1, 0} {
			if n, err := e.Delete(ctx, []wire.LetterID{b.ID, {7}}); n != want || err != nil {
				t.Errorf("deleted %d, want %d, %v", n, want, err)
			}
		}
	})
	use(t, reopen, func(e Engine) {
		entries, err := e.Entries(ctx, 0, 10, 1<<20)
		if err != nil || len(entries) != 2 || !entries[0].Present {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		want := wire.Entry{Index: 1, Commitment: b.Commitment}
		if diff := cmp.Diff(want, entries[1]); diff != "" {
			t.Errorf("the erased entry: %s", diff)
		}
		if known, err := e.Known(ctx, []wire.LetterID{b.ID}); len(known) != 0 || err != nil {
			t.Errorf("an erased letter is known: %v", err)
		}
		// It can come again, as a new entry.
		if err := e.Append(ctx, Batch(t, e, 2, b)); err != nil {
			t.Error(err)
		}
	})
}

func bites(t *testing.T, reopen func() (Engine, func() error)) {
	use(t, reopen, func(e Engine) {
		var letters []store.Letter
		for i := range 10 {
			letters = append(letters, Letter(i, 5000))
		}
		if err := e.Append(ctx, Batch(t, e, 0, letters...)); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ from, n, bytes, want int }{{0, 100, 1, 1}, {0, 100, 12_000, 3}, {0, 4, 1 << 20, 4}, {8, 100, 1 << 20, 2}, {10, 5, 1, 0}} {
			got, err := e.Entries(ctx, int64(c.from), c.n, c.bytes)
			if err != nil || len(got) != c.want || len(got) > 0 && got[0].Index != int64(c.from) {
				t.Errorf("%+v: %d entries, %v", c, len(got), err)
			}
		}
	})
}

func mailboxes(t *testing.T, reopen func() (Engine, func() error)) {
	box := store.Box{ID: store.BoxID{1}, Auth: [32]byte{2}, Day: 10}
	use(t, reopen, func(e Engine) {
		for _, want := range []bool{true, false} {
			if created, err := e.OpenBox(ctx, box); created != want || err != nil {
				t.Errorf("created %v, want %v, %v", created, want, err)
			}
		}
		wrong := store.Box{ID: box.ID, Auth: [32]byte{3}, Day: 99}
		if created, err := e.OpenBox(ctx, wrong); created || err != nil {
			t.Errorf("a wrong auth: %v, %v", created, err)
		}
		if b, err := e.Box(ctx, box.ID); err != nil || b != box {
			t.Errorf("a wrong auth keeps a mailbox alive: %+v, %v", b, err)
		}
		box.Day = 11
		if _, err := e.OpenBox(ctx, box); err != nil {
			t.Error(err)
		}
	})
	use(t, reopen, func(e Engine) {
		if b, err := e.Box(ctx, box.ID); err != nil || b != box {
			t.Errorf("kept alive: %+v, %v", b, err)
		}
		var want [][]byte
		for i := range 5 {
			reply := bytes.Repeat([]byte{byte(i)}, 1000*i+1)
			want = append(want, reply)
			for _, first := range []bool{true, false} {
				if created, err := e.PutReply(ctx, box.ID, reply); created != first || err != nil {
					t.Errorf("reply %d: created %v, %v", i, created, err)
				}
			}
		}
		if got, err := e.Replies(ctx, box.ID); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%d replies, %v", len(got), err)
		}
		if _, err := e.PutReply(ctx, store.BoxID{8}, []byte("x")); !errors.Is(err, store.ErrNoMailbox) {
			t.Errorf("a reply to no mailbox: %v", err)
		}
		for range 2 {
			if err := e.DropBox(ctx, box.ID); err != nil {
				t.Error(err)
			}
		}
		if got, err := e.Replies(ctx, box.ID); len(got) != 0 || err != nil {
			t.Errorf("%d replies of a destroyed mailbox, %v", len(got), err)
		}
		if _, err := e.Box(ctx, box.ID); !errors.Is(err, store.ErrNoMailbox) {
			t.Errorf("a destroyed mailbox: %v", err)
		}
	})
}

func mailboxLimit(t *testing.T, reopen func() (Engine, func() error)) {
	use(t, reopen, func(e Engine) {
		if _, err := e.OpenBox(ctx, store.Box{ID: store.BoxID{1}}); err != nil {
			t.Fatal(err)
		}
		for i := range store.MaxReplies {
			if _, err := e.PutReply(ctx, store.BoxID{1}, []byte(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := e.PutReply(ctx, store.BoxID{1}, []byte("one more")); !errors.Is(err, store.ErrMailboxFull) {
			t.Errorf("over the limit: %v", err)
		}
		if _, err := e.OpenBox(ctx, store.Box{ID: store.BoxID{2}}); err != nil {
			t.Fatal(err)
		}
		large := make([]byte, 2<<20)
		for i := range byte(store.MaxReplyBytes / len(large)) {
			large[0] = i
			if _, err := e.PutReply(ctx, store.BoxID{2}, large); err != nil {
				t.Fatal(err)
			}
		}
		if created, err := e.PutReply(ctx, store.BoxID{2}, large); err != nil || created {
			t.Errorf("one that is there: %v, %v", created, err)
		}
		if _, err := e.PutReply(ctx, store.BoxID{2}, []byte("one more")); !errors.Is(err, store.ErrMailboxFull) {
			t.Errorf("over the bytes: %v", err)
		}
	})
}

func sweep(t *testing.T, reopen func() (Engine, func() error)) {
	use(t, reopen, func(e Engine) {
		for i := range 6 {
			if _, err := e.OpenBox(ctx, store.Box{ID: store.BoxID{byte(i)}, Day: int64(i)}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := e.SweepBoxes(ctx, 4); n != 4 || err != nil {
			t.Errorf("swept %d, %v", n, err)
		}
		if _, err := e.Box(ctx, store.BoxID{4}); err != nil {
			t.Error(err)
		}
	})
}
