package seq_test

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate/internal/seq"
	"panah/gate/internal/store"
	"panah/gate/internal/store/sqlite"
)

// faulty is a real store that fails when told, before or after it has done its work.
type faulty struct {
	seq.Store
	before, after atomic.Pointer[error]
	groups        atomic.Int64
}

var errDisk = errors.New("the disk broke")

func (f *faulty) Append(ctx context.Context, b store.Batch) error {
	f.groups.Add(1)
	if e := f.before.Swap(nil); e != nil {
		return *e
	}
	err := f.Store.Append(ctx, b)
	if e := f.after.Swap(nil); e != nil {
		return *e
	}
	return err
}

type bench struct {
	*seq.Sequencer
	faulty *faulty
	db     *sqlite.DB
	v      note.Verifier
	kept   [][]byte
}

func start(t *testing.T) *bench {
	t.Helper()
	db, err := sqlite.Open(t.TempDir(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	skey, vkey, err := ledger.NewGateKey("gate.example.org")
	if err != nil {
		t.Fatal(err)
	}
	signer, err1 := note.NewSigner(skey)
	v, err2 := note.NewVerifier(vkey)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	b := &bench{faulty: &faulty{Store: db.Appender()}, db: db, v: v}
	b.Sequencer, err = seq.New(b.faulty, signer, time.Now, func(c []byte) error { b.kept = append(b.kept, c); return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func request(n int) seq.Request {
	sealed := binary.BigEndian.AppendUint64(make([]byte, 500), uint64(n))
	return seq.Request{ID: wire.IDOf(sealed), Sealed: sealed, Org: "0123456789abcdefghjk"}
}

// check verifies the whole log against the signed checkpoint, as a desk does.
func (b *bench) check(t *testing.T, want int64) {
	t.Helper()
	signed, size, err := b.Checkpoint()
	if err != nil || size != want {
		t.Fatalf("checkpoint of %d, want %d, %v", size, want, err)
	}
	tree, err := ledger.ParseCheckpoint(signed, b.v)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := b.db.Entries(context.Background(), 0, int(want)+1, 1<<30)
	if err != nil || int64(len(entries)) != want {
		t.Fatalf("%d entries, want %d, %v", len(entries), want, err)
	}
	var edge ledger.Edge
	for _, e := range entries {
		if _, err := ledger.CheckEntry(e); err != nil {
			t.Errorf("entry %d: %v", e.Index, err)
		}
		edge = edge.Append(ledger.LeafHash(ledger.Commitment(e.Commitment)))
	}
	if got, err := edge.Tree(); err != nil || got != tree {
		t.Errorf("tree %v, signed %v, %v", got, tree, err)
	}
}

// TestManySenders: every letter once, every answer the same, in groups.
func TestManySenders(t *testing.T) {
	b := start(t)
	const letters, senders = 300, 3
	answers := make([][senders]wire.Accepted, letters)
	var firsts atomic.Int64
	var wg sync.WaitGroup
	for n := range letters {
		for s := range senders {
			wg.Go(func() {
				a, first, err := b.Accept(context.Background(), request(n))
				if err != nil {
					t.Error(err)
				}
				if first {
					firsts.Add(1)
				}
				answers[n][s] = a
			})
		}
	}
	wg.Wait()
	if firsts.Load() != letters {
		t.Errorf("%d letters were new, want %d", firsts.Load(), letters)
	}
	for n, a := range answers {
		if !cmp.Equal(a[0], a[1]) || !cmp.Equal(a[0], a[2]) {
			t.Errorf("letter %d has different answers", n)
		}
		p, err := ledger.CheckPromise(a[0].Promise, b.v)
		if err != nil || p.Commitment != ledger.Commitment(a[0].Commitment) || p.Gate != "gate.example.org" {
			t.Errorf("letter %d: %v", n, err)
		}
	}
	if g := b.faulty.groups.Load(); g > letters {
		t.Errorf("%d commits for %d letters", g, letters)
	}
	b.check(t, letters)
}

// TestFailedAndKept: the commit happened, the answer was an error. The sender asks again and gets the promise of what is in the log.
func TestFailedAndKept(t *testing.T) {
	b := start(t)
	b.faulty.after.Store(&errDisk)
	if _, _, err := b.Accept(context.Background(), request(1)); !errors.Is(err, errDisk) {
		t.Fatalf("the fault: %v", err)
	}
	a, first, err := b.Accept(context.Background(), request(1))
	if err != nil || first {
		t.Fatalf("again: first %v, %v", first, err)
	}
	held, err := b.db.Known(context.Background(), []wire.LetterID{request(1).ID})
	if err != nil || held[request(1).ID].Promise != a.Promise {
		t.Errorf("the promise is not that of the log: %v", err)
	}
	if _, _, err := b.Accept(context.Background(), request(2)); err != nil {
		t.Error(err)
	}
	b.check(t, 2)
}

// TestFailedAndNotKept: nothing happened; the same letter comes in later, once.
func TestFailedAndNotKept(t *testing.T) {
	b := start(t)
	for _, fault := range []error{errDisk, store.ErrFull, store.ErrMoved} {
		b.faulty.before.Store(&fault)
		if _, _, err := b.Accept(context.Background(), request(1)); !errors.Is(err, fault) {
			t.Fatalf("the fault: %v", err)
		}
		b.check(t, 0)
	}
	if _, first, err := b.Accept(context.Background(), request(1)); err != nil || !first {
		t.Fatalf("again: first %v, %v", first, err)
	}
	b.check(t, 1)
}

// TestFaultsUnderLoad: whoever was answered is in the log; whoever was not asks again until answered.
func TestFaultsUnderLoad(t *testing.T) {
	b := start(t)
	const letters = 200
	var wg sync.WaitGroup
	for n := range letters {
		wg.Go(func() {
			if n%5 == 0 {
				b.faulty.before.Store(&errDisk)
			} else if n%7 == 0 {
				b.faulty.after.Store(&errDisk)
			}
			for range 1000 {
				if _, _, err := b.Accept(context.Background(), request(n)); err == nil {
					return
				}
			}
			t.Errorf("letter %d never came in", n)
		})
	}
	wg.Wait()
	b.faulty.before.Store(nil)
	b.faulty.after.Store(nil)
	b.check(t, letters)
}

// TestHeldIsAnsweredOnFault: a fault of the new does not take their answer from those that are held.
func TestHeldIsAnsweredOnFault(t *testing.T) {
	b := start(t)
	before, _, err := b.Accept(context.Background(), request(1))
	if err != nil {
		t.Fatal(err)
	}
	full := store.ErrFull
	b.faulty.before.Store(&full)
	r := request(1)
	r.Box = &store.Box{ID: store.BoxID{1}} // makes a commit necessary
	after, _, err := b.Accept(context.Background(), r)
	if err != nil || !cmp.Equal(before, after) {
		t.Errorf("a held letter on a full disk: %v", err)
	}
}

// TestClose answers everybody, and nobody afterwards.
func TestClose(t *testing.T) {
	b := start(t)
	var wg sync.WaitGroup
	var kept atomic.Int64
	for n := range 50 {
		wg.Go(func() {
			_, _, err := b.Accept(context.Background(), request(n))
			switch {
			case err == nil:
				kept.Add(1)
			case !errors.Is(err, seq.ErrClosed):
				t.Error(err)
			}
		})
	}
	b.Close()
	wg.Wait()
	if _, _, err := b.Accept(context.Background(), request(99)); !errors.Is(err, seq.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if size, err := b.db.Size(context.Background()); err != nil || size < kept.Load() {
		t.Errorf("%d answered, %d kept, %v", kept.Load(), size, err)
	}
}

// TestCheckpoint is signed once for a size and kept before it is shown.
func TestCheckpoint(t *testing.T) {
	b := start(t)
	b.check(t, 0)
	if _, _, err := b.Accept(context.Background(), request(1)); err != nil {
		t.Fatal(err)
	}
	b.check(t, 1)
	one, _, _ := b.Checkpoint()
	if len(b.kept) != 2 || !cmp.Equal(b.kept[1], one) {
		t.Errorf("%d checkpoints kept", len(b.kept))
	}
}

// TestGrown closes the channel that came with the size when the size is larger.
func TestGrown(t *testing.T) {
	b := start(t)
	size, next := b.Grown()
	if size != 0 {
		t.Errorf("an empty log has size %d", size)
	}
	if _, _, err := b.Accept(context.Background(), request(1)); err != nil {
		t.Fatal(err)
	}
	<-next
	size, next = b.Grown()
	if size != 1 {
		t.Errorf("woken at %d", size)
	}
	select {
	case <-next:
		t.Error("nothing came, and it says so")
	default:
	}
}
