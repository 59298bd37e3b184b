package casedb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
)

// A follower is a database that follows a made-up log of empty entries and letters.
type follower struct {
	*DB
	t    testing.TB
	path string
	edge ledger.Edge
}

func newFollower(t testing.TB) *follower {
	t.Helper()
	f := &follower{t: t, path: filepath.Join(t.TempDir(), FileName)}
	f.open()
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func (f *follower) open() {
	f.t.Helper()
	var err error
	if f.DB, err = Open(context.Background(), f.path, [32]byte{1}); err != nil {
		f.t.Fatal(err)
	}
}

func commitment(n int64) ledger.Commitment { return sha256.Sum256(fmt.Append(nil, "commitment ", n)) }

// entries appends erased entries n to m-1 of the log, as the log gives them after their notice.
func (f *follower) entries(n, m int64) {
	f.t.Helper()
	var batch []Incoming
	for ; n < m; n++ {
		batch = append(batch, Incoming{Index: f.edge.Size(), Commitment: commitment(n), Before: true})
		f.edge = f.edge.Append(ledger.LeafHash(commitment(n)))
	}
	if _, err := f.Apply(context.Background(), batch, f.edge, time.Now()); err != nil {
		f.t.Fatal(err)
	}
}

func (f *follower) finish(now time.Time) {
	f.t.Helper()
	if _, err := f.FinishRound(context.Background(), f.edge, now); err != nil {
		f.t.Fatal(err)
	}
}

func (f *follower) promise(n int64, deadline time.Time) {
	f.t.Helper()
	p := ledger.Promise{Org: "o", Gate: "g", Commitment: commitment(n), Deadline: deadline}
	if err := f.KeepPromise(context.Background(), p, fmt.Sprintf("signed %d", n), OriginOwn); err != nil {
		f.t.Fatal(err)
	}
}

// audit returns open and broken promises after an audit.
func (f *follower) audit(now time.Time) (a Audited, open, broken int) {
	f.t.Helper()
	a, err := f.Audit(context.Background(), now)
	if err != nil {
		f.t.Fatal(err)
	}
	if open, broken, err = f.PromiseCounts(context.Background()); err != nil {
		f.t.Fatal(err)
	}
	return a, open, broken
}

func TestPromisesAreSettledByTheVerifiedLogOnly(t *testing.T) {
	f := newFollower(t)
	now := time.Now().Truncate(time.Second)
	deadline := now.Add(24 * time.Hour)
	f.promise(1, deadline)
	f.promise(1, deadline)
	if _, open, _ := f.audit(now); open != 1 {
		t.Fatalf("%d promises, want the one", open)
	}
	f.entries(0, 3)
	if _, open, _ := f.audit(now); open != 1 {
		t.Error("an entry that no checkpoint proves keeps a promise")
	}
	f.finish(now)
	if _, open, _ := f.audit(now); open != 0 {
		t.Error("the log has it, and the promise still waits")
	}
	f.promise(2, deadline) // brought after its entry came: an erased one, too
	if _, open, _ := f.audit(now); open != 0 {
		t.Error("the log had it, and the promise waits")
	}
	f.entries(3, 5)
	f.promise(4, deadline) // stored, not verified
	f.finish(now)
	if _, open, _ := f.audit(now); open != 0 {
		t.Error("verified after the promise came, and the promise waits")
	}
	for n, want := range map[int64]bool{0: true, 4: true, 5: false} {
		if _, logged, err := f.ThreadOfCommitment(context.Background(), commitment(n)); err != nil || logged != want {
			t.Errorf("entry %d: in the log %v, want %v (%v)", n, logged, want, err)
		}
	}
}

func TestPromisesAreBrokenByBothClocksAndASync(t *testing.T) {
	f := newFollower(t)
	start := time.Now().Truncate(time.Second)
	deadline := start.Add(24 * time.Hour)
	f.entries(0, 2)
	f.finish(start)
	for n := int64(10); n < 13; n++ {
		f.promise(n, deadline)
	}
	grace := 2 * wire.RequestWindow
	for what, at := range map[string]time.Time{"before": deadline.Add(-time.Hour), "within the grace": deadline.Add(grace - time.Second)} {
		f.finish(at)
		if a, _, broken := f.audit(at); a.Waiting || broken != 0 {
			t.Errorf("%s the deadline: %+v, %d broken", what, a, broken)
		}
	}
	// The gate has signed nothing yet that shows its clock to be past the deadline.
	at := deadline.Add(grace + time.Minute)
	f.finish(at)
	if a, _, broken := f.audit(at); a.Waiting || broken != 0 {
		t.Errorf("by our clock alone: %+v, %d broken", a, broken)
	}
	f.promise(20, deadline.Add(26*time.Hour)) // signed an hour after the deadline at the earliest
	if a, open, broken := f.audit(at); a.Broken != 3 || open != 1 || broken != 3 {
		t.Errorf("%+v, %d open, %d broken; want three broken", a, open, broken)
	}
	alarms, err := f.Alarms(context.Background(), false)
	if err != nil || len(alarms) != 1 || alarms[0].Kind != AlarmPromise || alarms[0].Args["count"] != 3 || len(alarms[0].Evidence) != 4 {
		t.Fatalf("%+v %v; want one alarm with the three promises", alarms, err)
	}
	if a, _, _ := f.audit(at.Add(time.Hour)); a.Broken != 0 {
		t.Error("the same promises again")
	}
	// Kept late: no more than late.
	f.entries(10, 13)
	f.finish(at)
	if _, _, broken := f.audit(at); broken != 0 {
		t.Errorf("%d still count as broken though the log has them now", broken)
	}
	// A quiet log gets a day more, and a desk that did not sync judges nothing.
	f.promise(30, deadline.Add(30*time.Hour))
	late := deadline.Add(80 * time.Hour)
	if a, _, broken := f.audit(late); !a.Waiting || broken != 0 {
		t.Errorf("without a sync: %+v, %d broken", a, broken)
	}
	f.finish(late)
	if a, _, _ := f.audit(late); a.Broken != 2 { // and the one of the hour after the first deadline
		t.Errorf("after a sync: %+v", a)
	}
}

// A log that is read anew, or stepped back from, has what it has then.
func TestListOfEntriesFollowsTheCursor(t *testing.T) {
	f := newFollower(t)
	now := time.Now()
	f.entries(0, 4)
	f.finish(now)
	f.audit(now)
	verified := f.edge
	f.entries(4, 8)
	if err := f.StepBack(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.edge = verified
	f.promise(6, now.Add(time.Hour))
	f.entries(10, 14) // the log went another way
	f.finish(now)
	if _, open, _ := f.audit(now); open != 1 {
		t.Error("an entry that was stepped back from keeps a promise")
	}
	if _, logged, err := f.ThreadOfCommitment(t.Context(), commitment(6)); err != nil || logged {
		t.Errorf("an entry that was stepped back from is in the log: %v", err)
	}
	if err := f.inTx(t.Context(), startOver); err != nil {
		t.Fatal(err)
	}
	f.edge = ledger.Edge{}
	f.entries(0, 8)
	f.finish(now)
	if _, open, _ := f.audit(now); open != 0 {
		t.Error("read anew, the log has it, and the promise waits")
	}
}

// A desk of before gets the list of what it knows.
func TestListOfEntriesOfAnOlderDatabase(t *testing.T) {
	f := newFollower(t)
	f.entries(0, 3)
	letter := Incoming{Index: 3, Commitment: commitment(3), Present: true, ID: wire.LetterID{3}, Hour: time.Now(), Urgency: UrgencyDays}
	letter.Letter = seal.Letter{Kind: seal.KindLetter, Mailbox: wire.MailboxID{3}, MAC: &seal.ThreadKey{3}, Sealed: seal.SealedBrowser}
	f.edge = f.edge.Append(ledger.LeafHash(letter.Commitment))
	if _, err := f.Apply(t.Context(), []Incoming{letter}, f.edge, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := f.inTx(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec("DROP TABLE logged"); return err }); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f.open()
	for n := range int64(4) {
		thread, logged, err := f.ThreadOfCommitment(t.Context(), commitment(n))
		if err != nil || !logged || (thread != 0) != (n == 3) {
			t.Errorf("entry %d: thread %d, in the log %v, %v", n, thread, logged, err)
		}
	}
}

// BenchmarkIsLogged asks for an entry that a log of 100,000 does not have: the whole list is read.
func BenchmarkIsLogged(b *testing.B) {
	f := newFollower(b)
	for n := int64(0); n < 100_000; n += 4000 {
		f.entries(n, n+4000)
	}
	f.finish(time.Now())
	for b.Loop() {
		if _, logged, err := f.ThreadOfCommitment(context.Background(), commitment(-1)); err != nil || logged {
			b.Fatal(logged, err)
		}
	}
}
