package wraps_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
)

// An oracle keeps every epoch's key, which no desk does, and so knows what every entry is.
type oracle struct {
	t    *testing.T
	ids  map[int]*age.HybridIdentity
	from *seat
}

func (o *oracle) learn() { maps.Copy(o.ids, o.from.keys.State().Epochs) }

// entry is what an oracle knows of a log entry.
type entry struct {
	epoch  int
	sealed []byte
	letter seal.Letter
	key    seal.FileKey
}

// log reads everything that the gate still has.
func (o *oracle) log() map[wire.LetterID]entry {
	o.t.Helper()
	body, err := o.from.line.Sync(context.Background(), 0)
	if err != nil {
		o.t.Fatal(err)
	}
	defer body.Close()
	out := map[wire.LetterID]entry{}
	for r := bufio.NewReader(body); ; {
		kind, payload, err := wire.ReadFrame(r)
		if errors.Is(err, io.EOF) || kind == wire.FrameEnd {
			return out
		}
		if err != nil {
			o.t.Fatal(err)
		}
		if kind != wire.FrameEntry {
			continue
		}
		e, err := wire.ParseEntry(payload)
		if err != nil {
			o.t.Fatal(err)
		}
		for n, id := range o.ids {
			if l, key, err := seal.NewOpener(id).OpenKeyed(e.Sealed); err == nil {
				out[wire.IDOf(e.Sealed)] = entry{n, slices.Clone(e.Sealed), l, key}
			}
		}
	}
}

// wrapped reads all wraps of an epoch with nothing but its key.
func (o *oracle) wrapped(epoch int) map[string][]byte {
	o.t.Helper()
	out := map[string][]byte{}
	var after [16]byte
	for more := true; more; {
		var page []wire.Wrap
		var err error
		if page, more, err = o.from.line.Wraps(context.Background(), epoch, after); err != nil {
			o.t.Fatal(err)
		}
		for _, w := range page {
			after = w.Name
			l, err := seal.Open(w.Sealed, o.ids[epoch])
			if err != nil {
				o.t.Fatal(err)
			}
			for id, key := range readBody(o.t, l.Parts[0].Data) {
				out[id] = key
			}
		}
	}
	return out
}

// Whatever two desks and some people do, in whatever order: once an epoch's wraps are complete, they open every entry of every open case that was sealed
// before it, and nothing of an erased one.
func TestWrapsAreCompleteWhateverHappens(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			_, a := newTown(t)
			b := a.join("second", roster.RoleCaseworker)
			b.round()
			o := &oracle{t, map[int]*age.HybridIdentity{}, a}
			o.learn()
			open, erased := map[string]*person{}, map[string]*person{}
			pick := func() (string, *person) {
				names := slices.Sorted(maps.Keys(open))
				if len(names) == 0 {
					return "", nil
				}
				name := names[rnd.IntN(len(names))]
				return name, open[name]
			}
			for step := range 30 {
				desk := []*seat{a, b}[rnd.IntN(2)]
				switch rnd.IntN(8) {
				case 0, 1:
					name := fmt.Sprintf("person %d", step)
					open[name] = desk.person()
					open[name].writes(a, a.keys.Epoch(), name)
				case 2: // also late, to the epoch before
					if _, p := pick(); p != nil {
						p.writes(a, max(1, a.keys.Epoch()-rnd.IntN(2)), "more")
					}
				case 3, 4:
					if name, p := pick(); p != nil {
						desk.round()
						if err := desk.db.AddReply(t.Context(), desk.thread(name), "answer", nil, "", time.Now()); err != nil {
							t.Fatal(err)
						}
						desk.round() // two desks that answer at once clash, which is another story
					}
				case 5:
					if name, p := pick(); p != nil && rnd.IntN(2) == 0 {
						desk.round()
						if err := desk.db.Erase(t.Context(), desk.thread(name), time.Now()); err != nil {
							t.Fatal(err)
						}
						erased[name], open[name] = p, nil
						delete(open, name)
						desk.round()
					}
				case 6:
					desk.round()
				case 7:
					a.round()
					b.round()
					a.roll(b)
					o.learn()
					o.check(open, erased)
				}
			}
			a.round()
			b.round()
			a.roll(b)
			o.learn()
			o.check(open, erased)
			a.noAlarms()
			b.noAlarms()
		})
	}
}

func (o *oracle) check(open, erased map[string]*person) {
	o.t.Helper()
	epoch := o.from.keys.Epoch()
	wrapped := o.wrapped(epoch)
	seen := 0
	for id, e := range o.log() {
		key, in := wrapped[id.String()]
		if in && string(key) != string(e.key[:]) {
			o.t.Errorf("epoch %d: a wrap has a wrong key", epoch)
		}
		var belongs bool
		for _, p := range open {
			belongs = belongs || e.letter.Mailbox == p.keys.Mailbox.ID
		}
		if belongs && e.epoch < epoch && !in {
			o.t.Errorf("epoch %d: a %s of epoch %d stands in no wrap", epoch, e.letter.Kind, e.epoch)
		}
		for _, p := range erased {
			if e.letter.Mailbox == p.keys.Mailbox.ID && in {
				o.t.Errorf("epoch %d: an erased %s stands in a wrap", epoch, e.letter.Kind)
			}
		}
		if in {
			if _, err := seal.OpenWith(e.sealed, seal.FileKey(key)); err != nil {
				o.t.Error(err)
			}
			seen++
		}
	}
	if seen != len(wrapped) {
		o.t.Errorf("epoch %d: %d entries in wraps, of which the gate has %d", epoch, len(wrapped), seen)
	}
	for n := range o.from.keys.State().Epochs {
		if n < epoch-1 {
			o.t.Errorf("the key of epoch %d is still there in epoch %d", n, epoch)
		}
	}
}
