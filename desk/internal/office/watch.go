package office

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"panah/core/ledger"
	"panah/core/roster"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
	"panah/desk/internal/watch"
)

// What can go wrong with what is watched that a page has words for. Methods wrap them.
var (
	ErrTestOpen   = casedb.ErrTestOpen // a test letter is under way already
	ErrWitnessKey = watch.ErrKey       // not copied whole
	ErrAddress    = errors.New("that is not the address of a gate; it is like https://help.example.org")
	ErrInterval   = errors.New("test letters go out at most every hour and at least every 60 days")
	ErrNoGate     = errors.New("this desk is not connected to a gate")
	ErrGate       = errors.New("the gate does not answer, or says no; try again later")
	ErrOwnGate    = errors.New("that is this organisation's own gate; a witness has to be somebody else")
)

// A WatchStatus is how gates are held to what they say.
type WatchStatus struct {
	Promises  int // of our gate that wait for their deadline
	Broken    int // promises that it broke
	TestEvery time.Duration
	NextTest  time.Time // about; zero when test letters are off, or none is planned yet
	LastTest  TestStatus
	Key       string // this desk's witness key, for partners to register; "" until WitnessKey was called once
	GateURL   string // what a partner needs to be our witness …
	GateKey   string // … and the gate's verifier key
	Witnesses []WitnessStatus
	Watched   []WatchedStatus
}

// A TestStatus is how the newest test letter fared. The zero TestStatus: there was none.
type TestStatus struct {
	Sent     time.Time
	Accepted time.Time // zero: the gate has not taken it yet
	Arrived  time.Time // zero: not in the log yet
	Lost     time.Time // when the alarm was raised; zero: not
}

// A WitnessStatus is a partner's desk that cosigns our gate's checkpoints.
type WitnessStatus struct {
	Key    string
	Label  string    // as it was entered at this desk
	Added  time.Time // at this desk
	Seen   time.Time // newest cosignature that fits our log; zero: none yet
	Silent bool      // for a week
}

// A WatchedStatus is a partner's gate that this desk is a witness of.
type WatchedStatus struct {
	ID      int64
	URL     string
	Origin  string    // its name
	Size    int64     // entries that this desk cosigned last
	Told    time.Time // when its gate took that; zero: never
	Asked   time.Time
	Problem string // "", "offline", "refused", "clock", "signature", "forked"
}

// Watch says how gates are held to what they say. It asks no gate.
func (o *Office) Watch(ctx context.Context) (s WatchStatus, err error) {
	err = o.in(func(r *room) error {
		s, err = r.watchStatus(ctx)
		return err
	})
	return s, err
}

func (r *room) watchStatus(ctx context.Context) (s WatchStatus, err error) {
	s.GateURL, s.GateKey = r.keys.Gate().URL, r.keys.Gate().Key
	if s.Promises, s.Broken, err = r.db.PromiseCounts(ctx); err != nil {
		return s, err
	}
	if s.TestEvery, s.NextTest, err = r.db.TestEvery(ctx, r.o.c.TestEvery); err != nil {
		return s, err
	}
	if s.TestEvery == 0 {
		s.NextTest = time.Time{}
	}
	last, _, err := r.db.LastTest(ctx)
	if err != nil {
		return s, err
	}
	s.LastTest = TestStatus{Sent: last.Began, Accepted: last.Accepted, Arrived: last.Arrived, Lost: last.Lost}
	if s.Witnesses, err = r.witnesses(ctx); err != nil {
		return s, err
	}
	watched, err := r.db.Watched(ctx)
	if err != nil {
		return s, err
	}
	for _, g := range watched {
		one := WatchedStatus{ID: g.ID, URL: g.URL, Size: g.Last.Size, Told: g.Told, Asked: g.Asked, Problem: g.Problem}
		if one.Origin, err = line.OriginOf(g.Key); err != nil {
			return s, err
		}
		s.Watched = append(s.Watched, one)
	}
	made, err := r.db.HasWitnessSeed(ctx)
	if err != nil || !made {
		return s, err
	}
	self, err := watch.Self(ctx, r.db)
	if err != nil {
		return s, err
	}
	s.Key = self.VKey()
	return s, nil
}

func (r *room) witnesses(ctx context.Context) ([]WitnessStatus, error) {
	known, err := r.db.Witnesses(ctx)
	if err != nil {
		return nil, err
	}
	var out []WitnessStatus
	for _, k := range known {
		heard := k.Added
		if k.Seen.After(heard) {
			heard = k.Seen
		}
		out = append(out, WitnessStatus{Key: k.Key, Label: k.Label, Added: k.Added, Seen: k.Seen, Silent: r.o.c.Now().Sub(heard) > watch.SilentTime})
	}
	return out, nil
}

// Bounds of the interval of test letters.
const (
	minTests = time.Hour
	maxTests = 60 * 24 * time.Hour
)

// SetTests sets how often this desk sends test letters through the public door; 0: never. ErrInterval, ErrRole.
func (o *Office) SetTests(ctx context.Context, every time.Duration) error {
	if every != 0 && (every < minTests || every > maxTests) {
		return ErrInterval
	}
	return o.watching(func(r *room) error {
		if err := r.mayWrite(); err != nil {
			return err
		}
		return r.db.SetTestEvery(ctx, every)
	})
}

// TestNow sends one test letter now and does not wait for it. ErrTestOpen, ErrNoGate, ErrRole.
func (o *Office) TestNow(ctx context.Context) error {
	return o.watching(func(r *room) error {
		if err := r.mayWrite(); err != nil {
			return err
		}
		if r.line == nil {
			return ErrNoGate
		}
		return watch.Send(ctx, r.watchConfig())
	})
}

// WitnessKey returns the key that a partner registers to let this desk be a witness of their gate. It is made now if there was none.
func (o *Office) WitnessKey(ctx context.Context) (vkey string, err error) {
	err = o.watching(func(r *room) error {
		self, err := watch.Self(ctx, r.db)
		if err != nil {
			return err
		}
		vkey = self.VKey()
		return nil
	})
	return vkey, err
}

// maxLabel bounds what a witness is called, characters.
const maxLabel = 120

// AddWitness registers a partner's desk, by its witness key, at our gate: it is told how large our log is, and nothing else. label says to the people of this desk who it is; the gate is not
// told. ErrKeeper, ErrWitnessKey, ErrGate.
func (o *Office) AddWitness(ctx context.Context, label, vkey string) error {
	vkey, label = strings.TrimSpace(vkey), strings.Join(strings.Fields(label), " ")
	if err := watch.CheckWitnessKey(vkey); err != nil {
		return err
	}
	if utf8.RuneCountInString(label) > maxLabel || !utf8.ValidString(label) {
		return ErrTooLong
	}
	return o.watching(func(r *room) error {
		if err := r.mayKeep(); err != nil {
			return err
		}
		if err := r.line.AddWitness(ctx, vkey); err != nil {
			return fmt.Errorf("%w: %w", ErrGate, err)
		}
		return r.db.AddWitness(ctx, vkey, label, r.o.c.Now())
	})
}

// RemoveWitness forgets a witness, here and at the gate. ErrKeeper, ErrGate.
func (o *Office) RemoveWitness(ctx context.Context, vkey string) error {
	return o.watching(func(r *room) error {
		if err := r.mayKeep(); err != nil {
			return err
		}
		if err := r.line.RemoveWitness(ctx, vkey); err != nil {
			return fmt.Errorf("%w: %w", ErrGate, err)
		}
		return r.db.RemoveWitness(ctx, vkey)
	})
}

// AddWatched makes this desk a witness of the gate at url with this verifier key. It begins at once; until the partner has registered our WitnessKey, the gate refuses.
// ErrAddress, ErrWitnessKey, ErrOwnGate, ErrRole.
func (o *Office) AddWatched(ctx context.Context, url, vkey string) error {
	url, vkey = strings.TrimSuffix(strings.TrimSpace(url), "/"), strings.TrimSpace(vkey)
	gate, err := watch.CheckGateKey(vkey)
	if err != nil {
		return err
	}
	if l, err := line.New(url, gate.Name(), nil, o.c.Now); err != nil {
		return ErrAddress
	} else {
		l.Close()
	}
	return o.watching(func(r *room) error {
		if err := r.mayWrite(); err != nil {
			return err
		}
		if vkey == r.keys.Gate().Key {
			return ErrOwnGate
		}
		return r.db.AddWatched(ctx, url, vkey)
	})
}

// RemoveWatched ends being a witness of a gate; what was cosigned is forgotten. ErrRole.
func (o *Office) RemoveWatched(ctx context.Context, id int64) error {
	return o.watching(func(r *room) error {
		if err := r.mayWrite(); err != nil {
			return err
		}
		return r.db.RemoveWatched(ctx, id)
	})
}

// CheckPromise says whether a promise (its signed text) is this gate's to this organisation, and which thread its letter is in when this desk has it (0: it has not, or the
// letter was erased). A good promise is kept: when its deadline passes and the log does not have the letter, that is an alarm.
func (o *Office) CheckPromise(ctx context.Context, promise string) (good bool, thread int64, err error) {
	err = o.in(func(r *room) error {
		v, err := r.keys.GateVerifier()
		if err != nil {
			return err
		}
		p, err := ledger.CheckPromise(promise, v)
		if err != nil || p.Org != r.keys.Org {
			return nil
		}
		good = true
		if thread, _, err = r.db.ThreadOfCommitment(ctx, p.Commitment); err != nil {
			return err
		}
		return r.db.KeepPromise(ctx, p, promise, casedb.OriginPerson)
	})
	return good, thread, err
}

// watching runs f, lets the watcher look, and tells everybody.
func (o *Office) watching(f func(r *room) error) error {
	err := o.in(func(r *room) error {
		if err := f(r); err != nil {
			return err
		}
		wake(r.wakeWatch)
		return nil
	})
	if err == nil {
		o.hub.say(Change{Kind: ChangeStatus})
	}
	return err
}

// mayWrite refuses desks that only read.
func (r *room) mayWrite() error {
	if r.keys.Role() == roster.RoleReader {
		return ErrRole
	}
	return nil
}

// mayKeep refuses desks that are no keeper's.
func (r *room) mayKeep() error {
	if _, ok := r.keys.KeeperSigner(); !ok {
		return ErrKeeper
	}
	if r.line == nil {
		return ErrNoGate
	}
	return nil
}

func (r *room) watchConfig() watch.Config {
	return watch.Config{
		DB: r.db, Line: r.line, Keys: r.keys, Now: r.o.c.Now, TestEvery: r.o.c.TestEvery,
		Sync: func() { wake(r.wakeSync) },
	}
}

// watchTime is how long the watcher waits when nothing wakes it.
const watchTime = 5 * time.Minute

// watch holds gates to what they say, after every sync and in between, until ctx ends.
func (r *room) watch(ctx context.Context) {
	w, err := watch.New(r.watchConfig())
	if err != nil {
		r.o.c.Log.Error("holding gates to what they say", "error", err)
		return
	}
	for {
		changed, err := w.Pass(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.o.c.Log.Error("holding gates to what they say", "error", err)
		}
		if changed {
			r.o.hub.say(Change{Kind: ChangeAlarms}, Change{Kind: ChangeStatus})
			wake(r.wakePost) // what is to be erased at the gate
		}
		t := time.NewTimer(watchTime)
		select {
		case <-ctx.Done():
		case <-r.wakeWatch:
		case <-t.C:
		}
		t.Stop()
	}
}
