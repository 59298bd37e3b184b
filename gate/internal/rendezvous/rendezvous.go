// Package rendezvous lets a keeper's desk and a new desk talk before the new one is in the roster: rooms in memory, each with a few
// short messages either way (docs/formats-keys.md, section 6).
//
// It understands nothing of the messages. What binds them to the nine digits, and the two sides to each other, is in them and in six
// words that people compare: a gate that changes or makes up messages is found by those.
package rendezvous

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"
)

// Bounds: of a room's life, of a wait, of what is kept.
const (
	Life        = 10 * time.Minute // of a room, from its first message
	Patience    = 25 * time.Second // of one who waits for a message
	MaxMessage  = 8 << 10          // bytes
	MaxMessages = 4                // in each direction of a room
	MaxRooms    = 64
	maxWaiting  = 4 * MaxRooms
)

var (
	// ErrNoRoom says that there is no such room: never opened, over, or its keeper has opened another.
	ErrNoRoom = errors.New("no such room")
	// ErrTaken says that another message is there, or that the room is another keeper's.
	ErrTaken = errors.New("another message is there")
	// ErrBounds says that a message is too long or has a number that no message has.
	ErrBounds = errors.New("not a message that a room takes")
	// ErrFull says that there are as many rooms, or as many who wait, as there may be.
	ErrFull = errors.New("too many rooms")
	// ErrNothing says that the message did not come in time.
	ErrNothing = errors.New("no message yet")
)

// An ID names a room. Both sides derive it from the code that is spoken aloud, and it is secret to those who do not know that.
type ID [16]byte

// String hides the id.
func (ID) String() string { return "[room]" }

// A Side is who speaks.
type Side int

// The sides.
const (
	Keeper   Side = 0
	Newcomer Side = 1
)

// Rooms is all rooms of a gate. It is safe for concurrent use.
type Rooms struct {
	mu      sync.Mutex // guards everything below
	rooms   map[ID]*room
	waiting int
}

type room struct {
	keeper string // who opened it
	ends   time.Time
	said   [2][][]byte   // by side
	next   chan struct{} // closed and replaced at each message, and at the end
}

// New returns no rooms yet.
func New() *Rooms { return &Rooms{rooms: map[ID]*room{}} }

// Say puts message n of a side. The keeper's message 0 opens the room, and closes an earlier one of the same keeper, who is named by
// any text; a newcomer has no name. first is false when that very message is there already. The error is ErrNoRoom, ErrTaken, ErrBounds or ErrFull.
func (rs *Rooms) Say(id ID, side Side, keeper string, n int, message []byte) (first bool, err error) {
	if n < 0 || n >= MaxMessages || len(message) == 0 || len(message) > MaxMessage {
		return false, ErrBounds
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.sweep()
	r := rs.rooms[id]
	switch {
	case r == nil && side == Keeper && n == 0:
		if r, err = rs.open(id, keeper); err != nil {
			return false, err
		}
	case r == nil:
		return false, ErrNoRoom
	case side == Keeper && r.keeper != keeper:
		return false, ErrTaken
	}
	said := r.said[side]
	switch {
	case n < len(said) && bytes.Equal(said[n], message):
		return false, nil
	case n != len(said):
		return false, ErrTaken
	}
	r.said[side] = append(said, bytes.Clone(message))
	r.tell()
	return true, nil
}

// open makes a room. The caller holds mu.
func (rs *Rooms) open(id ID, keeper string) (*room, error) {
	for other, r := range rs.rooms {
		if r.keeper == keeper {
			rs.end(other)
		}
	}
	if len(rs.rooms) >= MaxRooms {
		return nil, ErrFull
	}
	r := &room{keeper: keeper, ends: time.Now().Add(Life), next: make(chan struct{})}
	rs.rooms[id] = r
	return r, nil
}

// tell wakes who waits in r. The caller holds mu.
func (r *room) tell() {
	close(r.next)
	r.next = make(chan struct{})
}

// end closes a room. The caller holds mu.
func (rs *Rooms) end(id ID) {
	rs.rooms[id].tell()
	delete(rs.rooms, id)
}

// sweep closes the rooms that are over. The caller holds mu.
func (rs *Rooms) sweep() {
	now := time.Now()
	for id, r := range rs.rooms {
		if !now.Before(r.ends) {
			rs.end(id)
		}
	}
}

// Sweep forgets the rooms that are over.
func (rs *Rooms) Sweep() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.sweep()
}

// Keep closes the rooms of all keepers that stays does not report: they may have left the organisation.
func (rs *Rooms) Keep(stays func(keeper string) bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for id, r := range rs.rooms {
		if !stays(r.keeper) {
			rs.end(id)
		}
	}
}

// Hear returns message n of a side, and waits for it until ctx ends or patience does. A keeper hears in its own room only. The error is
// ErrNoRoom, ErrBounds, ErrFull or ErrNothing.
func (rs *Rooms) Hear(ctx context.Context, id ID, side Side, keeper string, n int) ([]byte, error) {
	if n < 0 || n >= MaxMessages {
		return nil, ErrBounds
	}
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	for waits := false; ; waits = true {
		message, next, ends, err := rs.look(id, side, keeper, n, waits)
		if message != nil || err != nil {
			return message, err
		}
		over := time.NewTimer(ends)
		timeUp := false
		select {
		case <-next:
		case <-over.C: // the next look says so
		case <-patience.C:
			timeUp = true
		case <-ctx.Done():
			timeUp = true
		}
		over.Stop()
		if timeUp {
			rs.mu.Lock()
			rs.waiting--
			rs.mu.Unlock()
			return nil, ErrNothing
		}
	}
}

// look returns the message, or a channel that is closed when something changes in the room and how long the room lasts. waits says that the caller is
// counted among those who wait; afterwards it is when neither message nor error is returned.
func (rs *Rooms) look(id ID, side Side, keeper string, n int, waits bool) (message []byte, next <-chan struct{}, ends time.Duration, err error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if waits {
		rs.waiting--
	}
	rs.sweep()
	r := rs.rooms[id]
	switch {
	case r == nil, side == Newcomer && r.keeper != keeper: // the newcomer's messages are for the keeper of the room
		return nil, nil, 0, ErrNoRoom
	case n < len(r.said[side]):
		return r.said[side][n], nil, 0, nil
	case rs.waiting >= maxWaiting:
		return nil, nil, 0, ErrFull
	}
	rs.waiting++
	return nil, r.next, time.Until(r.ends), nil
}
