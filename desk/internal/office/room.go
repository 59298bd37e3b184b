package office

import (
	"context"
	"errors"
	"math/rand/v2"
	stdsync "sync"
	"time"

	"panah/desk/internal/casedb"
	"panah/desk/internal/council"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/desk/internal/post"
	"panah/desk/internal/sync"
)

// A room is what exists only while the office is unlocked: keys, database, and the work that follows the gate.
type room struct {
	o    *Office
	keys *keyring.Keyring
	db   *casedb.DB
	line *line.Line       // nil: not connected to a gate
	keep *council.Council // nil when line is

	ctx                context.Context    // ends when the office locks; nil when line is
	stop               context.CancelFunc // nil when line is
	work               stdsync.WaitGroup
	wakePost, wakeSync chan struct{} // capacity 1
	wakeWatch          chan struct{} // capacity 1
	wakeClock          chan struct{} // capacity 1
	wakeDuty           chan struct{} // capacity 1
	wakeBook           chan struct{} // capacity 1

	door door // the invitation; has its own lock

	moving carried // a list that is being brought in; has its own lock

	staffing staffing // has its own lock

	signing stdsync.Mutex // held from reading a case until what somebody did in it is recorded

	mu      stdsync.Mutex
	contact contact // guarded by mu
	newKeys bool    // the organisation's keys changed since the last sync began; guarded by mu
}

// contact is how the room stands with the gate.
type contact struct {
	reachable bool
	syncing   bool
	problem   string
	read      bool // the last sync read the log to its end
}

// Waits between tries when the gate does not answer.
const (
	firstWait = time.Second
	longWait  = time.Minute
)

// start begins to sync and to post.
func (r *room) start() error {
	s, err := sync.New(sync.Config{DB: r.db, Line: r.line, Keys: r.keys, Urgency: r.o.c.Urgency, Now: r.o.c.Now, Changed: r.changed})
	if err != nil {
		return err
	}
	r.keep = r.convene()
	ctx, cancel := context.WithCancel(context.Background())
	r.ctx, r.stop = ctx, cancel
	r.work.Go(func() { r.follow(ctx, s) })
	r.work.Go(func() { r.watch(ctx) })
	r.work.Go(func() { r.deliver(ctx) })
	r.work.Go(func() { r.clocks(ctx) })
	r.work.Go(func() { r.index(ctx) })
	r.work.Go(func() { r.announce(ctx) })
	r.work.Go(func() { r.retaining(ctx) })
	r.work.Go(func() { r.publishing(ctx) })
	return nil
}

// leave ends the work, closes the database and forgets the keys.
func (r *room) leave() error {
	r.moving.end()
	if r.stop != nil {
		r.stop()
		r.work.Wait()
		r.line.Close()
	}
	err := r.db.Close()
	r.keys.Forget()
	return err
}

// changed passes on what a batch changed.
func (r *room) changed(a casedb.Applied) {
	changes := []Change{{Kind: ChangeThreads}, {Kind: ChangeAlarms}, {Kind: ChangeStatus}}
	if len(a.Threads) <= maxWaiting/2 {
		for _, id := range a.Threads {
			changes = append(changes, Change{Kind: ChangeThread, Thread: id})
		}
	}
	r.o.hub.say(changes...)
	wake(r.wakePost) // an erasure may have become due
	wake(r.wakeClock)
	wake(r.wakeBook)
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// followTime is how long a desk waits for news before it looks at everything again.
const followTime = time.Hour

// follow syncs, attends to keys, waits for news, and begins again, until ctx ends.
func (r *room) follow(ctx context.Context, s *sync.Syncer) {
	wait := firstWait
	var seen int64 // what the gate said of keys
	for ctx.Err() == nil {
		size, err := r.round(ctx, s)
		r.settled(ctx, err)
		if errors.Is(err, council.ErrRemoved) {
			return
		}
		if err == nil {
			wait = firstWait
			seen, err = r.news(ctx, size, seen)
		}
		if err != nil && ctx.Err() == nil {
			r.settled(ctx, err)
			r.pause(ctx, wait, r.wakeSync)
			wait = min(2*wait, longWait)
		}
	}
}

// round reads the log first, with the keys that are here, because council destroys old ones; and again when it brought new ones.
func (r *room) round(ctx context.Context, s *sync.Syncer) (size int64, err error) {
	for range 3 {
		r.note(func(c *contact) { c.syncing = true })
		r.mu.Lock()
		r.newKeys = false
		r.mu.Unlock()
		size, err = s.Round(ctx)
		r.note(func(c *contact) { c.read = err == nil })
		if err != nil && council.IsOffline(err) || ctx.Err() != nil {
			return size, err
		}
		// Also when the log does not fit, or the gate refuses this desk: it may have been removed.
		if keysErr := r.attend(ctx); keysErr != nil && (err == nil || errors.Is(keysErr, council.ErrRemoved)) {
			return size, keysErr
		}
		r.mu.Lock()
		again := r.newKeys
		r.mu.Unlock()
		if err != nil || !again {
			break
		}
	}
	return size, err
}

// news waits for the log to grow, for keys to change since seen, or for somebody to ask for a sync. It returns what the gate now says of keys.
func (r *room) news(ctx context.Context, size, seen int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, followTime)
	defer cancel()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		select {
		case <-r.wakeSync:
			cancel()
		case <-ctx.Done():
		}
	}()
	defer func() { cancel(); <-asked }()
	for {
		now, keys, err := r.line.News(ctx, size, seen)
		if ctx.Err() != nil {
			return seen, nil
		}
		if err != nil || now != size || keys != seen {
			return keys, err
		}
		r.settled(ctx, nil)
	}
}

// settled records how a request ended, and raises what people must hear of.
func (r *room) settled(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	problem := ""
	var found casedb.AlarmKind
	var args map[string]int64
	var clock line.ClockError
	switch {
	case err == nil:
	case errors.As(err, &clock):
		problem, found, args = "clock", casedb.AlarmClock, map[string]int64{"minutes": int64(clock.Ahead.Abs() / time.Minute)}
	case errors.Is(err, line.ErrDevice):
		problem, found = "refused", casedb.AlarmDevice
	case errors.Is(err, sync.ErrLog):
		problem = "log"
	case errors.Is(err, council.ErrRemoved):
		problem = "refused"
	case errors.Is(err, casedb.ErrFull):
		problem = "disk"
	case errors.Is(err, line.ErrOffline):
		problem = "offline"
	default:
		problem = "offline"
		r.o.c.Log.Error("talking to the gate", "error", err)
	}
	if found != "" {
		if err := r.db.Raise(ctx, casedb.Finding{Kind: found, Args: args}, r.o.c.Now()); err != nil && ctx.Err() == nil {
			r.o.c.Log.Error("raising an alarm", "error", err)
		}
	}
	before := r.contactNow()
	reachable := err == nil || problem == "log" || problem == "disk" || found != ""
	r.note(func(c *contact) { c.syncing, c.problem, c.reachable = false, problem, reachable })
	// Also when the first round ends well and brought nothing: pages that were made meanwhile say that letters are being fetched.
	if before.problem != problem || before.reachable != reachable || found != "" || problem == "log" {
		r.o.hub.say(Change{Kind: ChangeStatus}, Change{Kind: ChangeAlarms})
	}
	if before.problem != "" && problem == "" {
		wake(r.wakePost)
	}
	if before.syncing && err == nil {
		wake(r.wakeWatch) // what was waited for may have come, or be missing for certain
	}
}

func (r *room) note(f func(*contact)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.contact)
}

func (r *room) contactNow() contact {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.contact
}

// pause waits about d, less when woken. The share of chance keeps desks from knocking together after an outage.
func (r *room) pause(ctx context.Context, d time.Duration, woken <-chan struct{}) {
	t := time.NewTimer(d/2 + rand.N(d))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-woken:
	}
}

// deliver empties the outbox whenever there may be something to send.
func (r *room) deliver(ctx context.Context) {
	wait := firstWait
	for ctx.Err() == nil {
		sent, err := post.Push(ctx, post.Config{DB: r.db, Line: r.line, Keys: r.keys, Now: r.o.c.Now})
		if sent > 0 {
			r.o.hub.say(Change{Kind: ChangeThreads}, Change{Kind: ChangeStatus}, Change{Kind: ChangeAlarms})
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			wait = firstWait
			select {
			case <-r.wakePost:
			case <-ctx.Done():
			}
			continue
		case !errors.Is(err, line.ErrOffline):
			r.o.c.Log.Error("sending to the gate", "error", err)
		}
		r.pause(ctx, wait, r.wakePost)
		wait = min(2*wait, longWait)
	}
}
