package fold_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/fold"
)

var (
	theCase = event.Case{0xca, 0x5e}
	monday  = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
)

const (
	ana   = event.Staff("00000000000000a1")
	bilal = event.Staff("00000000000000b2")
	chen  = event.Staff("00000000000000c3")
	task  = "detained-valid-papers/check"
	oneID = "1111111111111111"
	twoID = "2222222222222222"
)

// desk is one that writes events of one case and hears of others' when it is told. Events are not signed here: folding asks for no signature, and ten thousand histories would
// take minutes to sign. TestFoldOfSignedEvents signs.
type desk struct {
	t      testing.TB
	who    event.Staff
	now    *time.Time // of all desks
	serial *int       // so that no two events are the same
	events []fold.Entry
}

// desks are some that begin with nothing, at the same clock.
func desks(t testing.TB, who ...event.Staff) []*desk {
	now, serial := monday, 0
	var all []*desk
	for _, w := range who {
		all = append(all, &desk{t: t, who: w, now: &now, serial: &serial})
	}
	return all
}

func (d *desk) wait(by time.Duration) { *d.now = d.now.Add(by) }

func (d *desk) fold() fold.Case { return fold.Of(theCase, d.events) }

// say writes an event on top of what the desk knows.
func (d *desk) say(body event.Body) fold.Entry { return d.sayAs(d.who, body, d.fold().Heads) }

func (d *desk) sayAs(who event.Staff, body event.Body, parents []event.Hash) fold.Entry {
	d.t.Helper()
	if err := event.Check(body); err != nil {
		d.t.Fatalf("%T: %v", body, err)
	}
	*d.serial++
	*d.now = d.now.Add(time.Minute)
	e := event.Event{Org: "org", Case: theCase, Author: who, At: *d.now, Parents: parents, Body: body}
	n := binary.BigEndian.AppendUint64(nil, uint64(*d.serial)) // #nosec G115 -- counts up from 0
	entry := fold.Entry{Signed: event.Signed{Event: e, Hash: sha256.Sum256(n), Note: n}, Place: -1}
	d.events = append(d.events, entry)
	return entry
}

// hear takes everything that others know.
func (d *desk) hear(others ...*desk) {
	for _, o := range others {
		d.events = append(d.events, o.events...)
	}
}

// meet makes all of them know everything.
func meet(all ...*desk) {
	for _, d := range all {
		for _, o := range all {
			if o != d {
				d.hear(o)
			}
		}
		d.events = distinct(d.events)
	}
}

func distinct(events []fold.Entry) (out []fold.Entry) {
	seen := map[event.Hash]bool{}
	for _, e := range events {
		if !seen[e.Hash] {
			seen[e.Hash], out = true, append(out, e)
		}
	}
	return out
}

// refusedOf is why an event has no effect.
func refusedOf(t testing.TB, c fold.Case, e fold.Entry) string {
	t.Helper()
	i := slices.IndexFunc(c.Timeline, func(l fold.Line) bool { return l.Hash == e.Hash })
	if i < 0 {
		t.Fatalf("a %s is not in the timeline", e.Body.Kind())
	}
	return c.Timeline[i].Refused
}

func texts(f fold.Field) (out []string) {
	for _, v := range f {
		out = append(out, v.Text)
	}
	slices.Sort(out)
	return out
}

func opened() event.Opened { return event.Opened{Source: "letter", Since: "2026-11-23T07:30:00Z"} }

func set(field, value string) event.Set { return event.Set{Field: field, Value: value} }

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func less(a, b event.Hash) bool { return bytes.Compare(a[:], b[:]) < 0 }

func id(n int) string { return fmt.Sprintf("%016x", n) }
