package rendezvous

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

var aRoom = ID{1}

const keeper = "keeper's device"

func (rs *Rooms) mustSay(t *testing.T, side Side, n int, message string) {
	t.Helper()
	name := ""
	if side == Keeper {
		name = keeper
	}
	if first, err := rs.Say(aRoom, side, name, n, []byte(message)); err != nil || !first {
		t.Fatalf("message %d: %v, %v", n, first, err)
	}
}

// TestTalk passes the four messages of a join, each side waiting for the other.
func TestTalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rs := New()
		rs.mustSay(t, Keeper, 0, "offer")
		heard := make(chan string)
		hear := func(side Side, name string, n int) {
			m, err := rs.Hear(t.Context(), aRoom, side, name, n)
			heard <- fmt.Sprint(string(m), err)
		}
		expect := func(want string) {
			t.Helper()
			if got := <-heard; got != want {
				t.Errorf("heard %q, not %q", got, want)
			}
		}
		go hear(Newcomer, keeper, 0)
		go hear(Keeper, "", 0)
		expect("offer<nil>")
		synctest.Wait() // the keeper waits
		rs.mustSay(t, Newcomer, 0, "hello")
		expect("hello<nil>")
		go hear(Keeper, "", 1)
		go hear(Keeper, "", 2)
		synctest.Wait()
		rs.mustSay(t, Keeper, 1, "reveal")
		expect("reveal<nil>")
		synctest.Wait()
		rs.mustSay(t, Keeper, 2, "verdict")
		expect("verdict<nil>")
		if rs.waiting != 0 {
			t.Errorf("%d are still counted as waiting", rs.waiting)
		}
	})
}

// TestPatience ends a wait after 25 seconds, with the caller, and with the room.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rs := New()
		rs.mustSay(t, Keeper, 0, "offer")
		begun := time.Now()
		if _, err := rs.Hear(t.Context(), aRoom, Newcomer, keeper, 0); !errors.Is(err, ErrNothing) || time.Since(begun) != Patience {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun = time.Now()
		if _, err := rs.Hear(ctx, aRoom, Newcomer, keeper, 0); !errors.Is(err, ErrNothing) || time.Since(begun) != time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		time.Sleep(Life - 40*time.Second) // virtual
		begun = time.Now()
		if _, err := rs.Hear(t.Context(), aRoom, Newcomer, keeper, 0); !errors.Is(err, ErrNoRoom) || time.Since(begun) != 40*time.Second-Patience-time.Second {
			t.Errorf("when the room ends, after %v: %v", time.Since(begun), err)
		}
		if rs.waiting != 0 || len(rs.rooms) != 0 {
			t.Errorf("%d waiting, %d rooms", rs.waiting, len(rs.rooms))
		}
	})
}

// TestRefusals of messages that do not fit.
func TestRefusals(t *testing.T) {
	rs := New()
	long := bytes.Repeat([]byte("x"), MaxMessage+1)
	say := func(want error, id ID, side Side, name string, n int, message []byte) {
		t.Helper()
		if _, err := rs.Say(id, side, name, n, message); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	say(ErrNoRoom, aRoom, Newcomer, "", 0, []byte("hello"))
	say(ErrNoRoom, aRoom, Keeper, keeper, 1, []byte("reveal before the offer"))
	rs.mustSay(t, Keeper, 0, "offer")
	if first, err := rs.Say(aRoom, Keeper, keeper, 0, []byte("offer")); first || err != nil {
		t.Errorf("the same again: %v, %v", first, err)
	}
	say(ErrTaken, aRoom, Keeper, keeper, 0, []byte("another offer"))
	say(ErrTaken, aRoom, Keeper, "another keeper", 0, []byte("offer"))
	say(ErrTaken, aRoom, Keeper, keeper, 2, []byte("out of turn"))
	say(ErrBounds, aRoom, Keeper, keeper, 1, long)
	say(ErrBounds, aRoom, Keeper, keeper, 1, nil)
	say(ErrBounds, aRoom, Keeper, keeper, MaxMessages, []byte("x"))
	say(ErrNoRoom, ID{2}, Newcomer, "", 0, []byte("hello"))
	rs.mustSay(t, Newcomer, 0, "hello")
	say(ErrTaken, aRoom, Newcomer, "", 0, []byte("a second hello"))
	for _, q := range []struct {
		id   ID
		side Side
		name string
		n    int
		want error
	}{{ID{2}, Keeper, "", 0, ErrNoRoom}, {aRoom, Newcomer, "another keeper", 0, ErrNoRoom}, {aRoom, Keeper, "", MaxMessages, ErrBounds}, {aRoom, Keeper, "", -1, ErrBounds}} {
		if _, err := rs.Hear(t.Context(), q.id, q.side, q.name, q.n); !errors.Is(err, q.want) {
			t.Errorf("hearing: %v, want %v", err, q.want)
		}
	}
}

// TestRoomsAreBounded: one for each keeper, and so many at all, until they are over.
func TestRoomsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rs := New()
		open := func(n int, name string) error {
			_, err := rs.Say(ID{byte(n), byte(n >> 8), 9}, Keeper, name, 0, []byte("offer"))
			return err
		}
		gone := make(chan error)
		for n := range MaxRooms {
			if err := open(n, fmt.Sprint("keeper ", n)); err != nil {
				t.Fatal(err)
			}
		}
		go func() {
			_, err := rs.Hear(t.Context(), ID{3, 0, 9}, Newcomer, "keeper 3", 0)
			gone <- err
		}()
		synctest.Wait()
		if err := open(1000, "one more"); !errors.Is(err, ErrFull) {
			t.Errorf("one room more: %v", err)
		}
		// A keeper who begins again gives up the first room, and who waits there is told.
		if err := open(1001, "keeper 3"); err != nil {
			t.Errorf("a keeper again: %v", err)
		}
		if err := <-gone; !errors.Is(err, ErrNoRoom) {
			t.Errorf("in the room that was given up: %v", err)
		}
		rs.Keep(func(name string) bool { return name == "keeper 5" })
		if len(rs.rooms) != 1 {
			t.Errorf("%d rooms after all keepers but one left", len(rs.rooms))
		}
		time.Sleep(Life) // virtual
		rs.Sweep()
		if len(rs.rooms) != 0 {
			t.Errorf("%d rooms are never over", len(rs.rooms))
		}
	})
}

// TestWaitersAreBounded.
func TestWaitersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rs := New()
		rs.mustSay(t, Keeper, 0, "offer")
		ctx, cancel := context.WithCancel(t.Context())
		for range maxWaiting {
			go func() { _, _ = rs.Hear(ctx, aRoom, Newcomer, keeper, 0) }()
		}
		synctest.Wait()
		if _, err := rs.Hear(ctx, aRoom, Newcomer, keeper, 0); !errors.Is(err, ErrFull) {
			t.Errorf("one more: %v", err)
		}
		if m, err := rs.Hear(ctx, aRoom, Keeper, "", 0); string(m) != "offer" {
			t.Errorf("what is there already: %v", err)
		}
		cancel()
		synctest.Wait()
		if rs.waiting != 0 {
			t.Errorf("%d are still counted", rs.waiting)
		}
	})
}
