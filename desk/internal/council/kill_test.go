package council

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"panah/core/roster"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// What this test binary does instead of testing when envDesk is set: it begins an epoch as the desk in that folder, and kills itself after so many steps.
const (
	envDesk  = "PANAH_TEST_COUNCIL"
	envSteps = "PANAH_TEST_STEPS" // "": all, by Roll
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envDesk); dir != "" {
		if err := runDesk(dir, os.Getenv(envSteps)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// noWraps has no cases to wrap.
type noWraps struct{}

// WrapPass does nothing.
func (noWraps) WrapPass(context.Context, int) error { return nil }

func runDesk(dir, steps string) error {
	keys, err := keyring.Open(dir, passphrase)
	if err != nil {
		return err
	}
	g := keys.Gate()
	l, err := line.New(g.URL, g.Origin, keys.Device(), time.Now)
	if err != nil {
		return err
	}
	c := New(Config{Keys: keys, Line: l, Wraps: noWraps{}, Now: time.Now, Raise: func(_ context.Context, f casedb.Finding) error { return errors.New(string(f.Kind)) }})
	ctx := context.Background()
	if steps == "" {
		_, err := c.Roll(ctx, keys.Epoch())
		return err
	}
	n, err := strconv.Atoi(steps)
	if err != nil {
		return err
	}
	v, err := c.settle(ctx)
	if err != nil {
		return err
	}
	if err := c.plan(v, Change{Epoch: true}); err != nil {
		return err
	}
	for _, s := range c.steps()[:n] {
		if err := s.take(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return syscall.Kill(os.Getpid(), syscall.SIGKILL)
}

// child runs a desk in a process of its own.
func child(s *seat, steps string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envDesk+"="+s.dir, envSteps+"="+steps)
	cmd.Stderr = os.Stderr
	return cmd
}

func killed(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// A keeper's desk is killed after each step of a new epoch. The next desk of that folder goes on, and the others never notice.
func TestKilledAfterEachStep(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleCaseworker)
	w.round(first, second)
	for n := range len(first.steps()) + 1 {
		epoch := second.keys.Epoch()
		first.keys.Forget()
		if err := child(first, strconv.Itoa(n)).Run(); !killed(err) {
			t.Fatalf("%d steps: %v", n, err)
		}
		w.reopen(first)
		if planned := first.keys.Identity(epoch+1) != nil; !planned {
			t.Fatalf("%d steps: the identity of the new epoch is gone", n)
		}
		w.round(first, second)
		w.agree(first, second)
		if e := second.keys.Epoch(); e != epoch+1 {
			t.Errorf("%d steps: epoch %d, want %d", n, e, epoch+1)
		}
	}
	first.noFindings()
	second.noFindings()
}

// A keeper's desk is killed at each of its requests, before the gate has it and after. Meanwhile, every other time, another keeper begins the same epoch.
func TestKilledAtEachRequest(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleKeeper)
	w.round(first, second)
	for _, after := range []bool{false, true} {
		for at := range 100 {
			if !killAt(w, first, at, after) {
				if at < 6 {
					t.Fatalf("a roll of %d requests", at)
				}
				break
			}
			if at%2 == 1 {
				w.roll(second)
			}
			w.reopen(first)
			w.round(first, second)
			w.agree(first, second)
			if t.Failed() {
				t.Fatalf("killed at request %d, after the gate had it: %v", at, after)
			}
		}
		w.reopen(first)
		w.round(first, second)
	}
	first.noFindings()
	second.noFindings()
}

// killAt runs a roll and kills it at its request number at; false when it ended before.
func killAt(w *town, s *seat, at int, after bool) bool {
	w.t.Helper()
	s.keys.Forget()
	cmd := child(s, "")
	var mu sync.Mutex
	n, dead := 0, false
	strike := func() bool {
		mu.Lock()
		defer mu.Unlock()
		if dead {
			return true
		}
		n++
		if n == at+1 {
			dead = true
			_ = cmd.Process.Kill() // it is there: it has just asked
		}
		return dead
	}
	if after {
		w.road.set(nil, func(*http.Request, *httptest.ResponseRecorder) bool { return !strike() })
	} else {
		w.road.set(func(http.ResponseWriter, *http.Request) bool {
			if strike() {
				panic(http.ErrAbortHandler)
			}
			return false
		}, nil)
	}
	mu.Lock()
	err := cmd.Start()
	mu.Unlock()
	if err != nil {
		w.t.Fatal(err)
	}
	err = cmd.Wait()
	w.road.set(nil, nil)
	if err == nil {
		return false
	}
	if !killed(err) {
		w.t.Fatal(err)
	}
	return true
}
