package watch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"time"

	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
)

// Times of a test letter.
const (
	arriveTime = time.Hour       // it must be in the log by then, or by its promise's deadline when that is sooner; and the gate must have taken it by then
	retryTime  = 5 * time.Minute // between two tries to bring it
	missedTime = time.Hour       // a test that the desk slept through for longer is drawn anew
	freshTime  = 2 * time.Minute // a sync so long ago shows that the gate can be reached
)

// tests makes the test letter that is due and goes on with those under way.
func (w *Watcher) tests(ctx context.Context) error {
	if err := w.schedule(ctx); err != nil {
		return err
	}
	open, err := w.c.DB.OpenTests(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, t := range open {
		errs = append(errs, w.test(ctx, t))
	}
	return errors.Join(errs...)
}

// schedule makes a test letter when its time has come, and draws the time of the next: between half of the interval and one and a half, so that nobody learns to
// expect it.
func (w *Watcher) schedule(ctx context.Context) error {
	every, next, err := w.c.DB.TestEvery(ctx, w.c.TestEvery)
	if err != nil || every <= 0 {
		return err
	}
	now := w.c.Now()
	switch {
	case next.IsZero():
		return w.c.DB.SetNextTest(ctx, now.Add(every/2+mathrand.N(every)))
	case now.Before(next):
		return nil
	case now.Sub(next) > missedTime: // not at the moment the desk is opened, which the gate sees by its sync
		return w.c.DB.SetNextTest(ctx, now.Add(mathrand.N(2*missedTime)))
	}
	if err := w.c.DB.SetNextTest(ctx, now.Add(every/2+mathrand.N(every))); err != nil {
		return err
	}
	if err := Send(ctx, w.c); !errors.Is(err, casedb.ErrTestOpen) {
		return err
	}
	return nil
}

// Send makes a test letter and keeps it; the next Pass brings it to the gate. The error wraps casedb.ErrTestOpen when one is under way.
func Send(ctx context.Context, c Config) error {
	sealed, err := testLetter(c)
	if err != nil {
		return fmt.Errorf("making a test letter: %w", err)
	}
	var key wire.MailboxKey
	_, _ = rand.Read(key.ID[:]) // never fails since Go 1.24
	_, _ = rand.Read(key.Auth[:])
	return c.DB.NewTest(ctx, sealed, key, c.Now())
}

// testLetter is a notice for our own desks. Sealed, it has the size of every short first letter.
func testLetter(c Config) ([]byte, error) {
	epoch := c.Keys.Epoch()
	to := c.Keys.Recipient(epoch)
	key, ok := c.Keys.DeskKey(epoch)
	if !ok || to == nil {
		return nil, errors.New("this desk waits for the key of the new epoch")
	}
	l := seal.Letter{
		Kind: seal.KindNotice, Org: c.Keys.Org, Epoch: epoch, Sealed: seal.SealedDesk, At: c.Now(),
		Parts: []seal.Part{{Type: seal.TypeOctets, Data: []byte(`{"do":"test"}`)}},
	}
	l.DeskTag = key.Tag(l)
	return seal.Seal(l, to)
}

// test goes on with one test letter.
func (w *Watcher) test(ctx context.Context, t casedb.Test) error {
	switch {
	case !t.Arrived.IsZero() || !t.Lost.IsZero():
		return w.clean(ctx, t)
	case t.Accepted.IsZero():
		return w.bring(ctx, t)
	case w.c.Now().Before(t.Due):
		return nil
	}
	if ok, err := w.synced(ctx, t.Due); err != nil || !ok {
		return err
	}
	return w.lost(ctx, t, "taken at "+t.Accepted.Format(time.RFC3339)+", not in its log at "+w.c.Now().UTC().Format(time.RFC3339))
}

// bring takes a test letter to the public door.
func (w *Watcher) bring(ctx context.Context, t casedb.Test) error {
	now := w.c.Now()
	if last, ok := w.tries[t.ID]; ok && now.Sub(last) < retryTime {
		return nil
	}
	w.tries[t.ID] = now
	v := newVisitor(w.c.Keys.Gate().URL, now)
	defer v.leave()
	v.open(ctx)
	answer, s, err := v.put(ctx, t.Sealed, t.Mailbox)
	switch {
	case answer != nil:
		return w.taken(ctx, t, answer)
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil && s.err != nil && s.err.Code == wire.CodeClosed:
		return w.c.DB.DropTest(ctx, t.ID) // the gate says that it is closed, to everybody
	case err == nil && s.err != nil && s.err.Code != "" && s.status < http.StatusInternalServerError && s.err.Code != wire.CodeWork:
		return w.lost(ctx, t, s.String()) // a no that would be a no to a person too
	}
	words := s.String()
	if err != nil {
		words = err.Error()
	}
	return w.failed(ctx, t, words)
}

// failed judges a try that ended with a gate that was busy, broken or out of reach. It counts against the gate only when the hour is over, and only while the same
// gate answers this desk: otherwise a sync is asked for, and the next pass tries once more.
func (w *Watcher) failed(ctx context.Context, t casedb.Test, words string) error {
	now, due := w.c.Now(), t.Began.Add(arriveTime)
	if now.Before(due) {
		return nil
	}
	cursor, err := w.c.DB.Cursor(ctx)
	if err != nil {
		return err
	}
	if cursor.Synced.Before(due) || now.Sub(cursor.Synced) > freshTime {
		delete(w.tries, t.ID)
		w.c.Sync()
		return nil
	}
	return w.lost(ctx, t, words)
}

// taken checks what the gate promised for a test letter.
func (w *Watcher) taken(ctx context.Context, t casedb.Test, answer []byte) error {
	receipt, err := w.from.Receipt(answer, t.Sealed, w.c.Now())
	if errors.Is(err, line.ErrReceipt) {
		return w.lost(ctx, t, err.Error())
	}
	now := w.c.Now()
	due := now.Add(arriveTime)
	if receipt.Deadline.Before(due) {
		due = receipt.Deadline
	}
	if err := w.c.DB.TestAccepted(ctx, t.ID, receipt.Promise, receipt.Signed, due, now); err != nil {
		return err
	}
	delete(w.tries, t.ID)
	return nil
}

// lost raises the alarm.
func (w *Watcher) lost(ctx context.Context, t casedb.Test, said string) error {
	w.changes++
	return w.c.DB.TestLost(ctx, t, said, w.c.Now())
}

// clean erases the mailbox of a test that is over, as a person would, on another connection than the letter came by.
func (w *Watcher) clean(ctx context.Context, t casedb.Test) error {
	now := w.c.Now()
	if last, ok := w.tries[t.ID]; ok && now.Sub(last) < retryTime {
		return nil
	}
	w.tries[t.ID] = now
	v := newVisitor(w.c.Keys.Gate().URL, now)
	defer v.leave()
	err := v.erase(ctx, t.Mailbox)
	switch {
	case errors.Is(err, line.ErrOffline):
		return nil // later
	case err != nil:
		return err
	}
	delete(w.tries, t.ID)
	w.changes++ // the page of tests changes
	return w.c.DB.TestClean(ctx, t.ID)
}
