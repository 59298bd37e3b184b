package council

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/roster"
	"panah/core/wire"
)

// A tale is a random sequence of what happens to an organisation, and a gate that keeps every grant it ever saw.
type tale struct {
	*town
	rng     *rand.Rand
	desks   []*seat
	gone    []thief
	mu      sync.Mutex
	grants  map[roster.DeviceHash][][]byte
	dropped bool // the next answer to a package is lost
	log     []string
}

// A thief has all that was on a desk when it left.
type thief struct {
	name       string
	epoch      int // newest when it left
	device     roster.DeviceHash
	identities []*age.HybridIdentity
}

func (l *tale) note(format string, args ...any) { l.log = append(l.log, fmt.Sprintf(format, args...)) }

// listen keeps the grants of all packages, and loses answers.
func (l *tale) listen() {
	l.road.set(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/roster" {
			return false
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return false
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if p, err := wire.ParsePackage(body); err == nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			for _, g := range p.Grants {
				l.grants[g.Device] = append(l.grants[g.Device], g.Sealed)
			}
		}
		return false
	}, func(r *http.Request, _ *httptest.ResponseRecorder) bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.dropped && r.URL.Path == "/v1/roster" {
			l.dropped = false
			return false
		}
		return true
	})
}

func (l *tale) keepers() (out []*seat) {
	for _, s := range l.desks {
		if _, ok := s.keys.KeeperSigner(); ok {
			out = append(out, s)
		}
	}
	return out
}

func pick[T any](rng *rand.Rand, of []T) T { return of[rng.IntN(len(of))] }

// step lets one thing happen.
func (l *tale) step() {
	by := pick(l.rng, l.keepers())
	ctx := l.t.Context()
	var err error
	switch l.rng.IntN(9) {
	case 0, 1:
		if len(l.desks) < 6 {
			role := pick(l.rng, []roster.Role{roster.RoleKeeper, roster.RoleCaseworker, roster.RoleReader})
			name := fmt.Sprintf("desk %d", len(l.log))
			l.note("%s admits %s, a %s", by.name, name, role)
			keys, n := l.newcomer(by, name, role)
			if _, err = by.Carry(ctx, Change{Admit: &n}); err != nil {
				l.settle(by)
			}
			if by.keys.Newest().HasDevice(pubOf(keys)) {
				l.desks = append(l.desks, l.enter(by, keys, name))
			}
		}
	case 2:
		of := pick(l.rng, l.desks)
		if of != by {
			l.note("%s removes %s", by.name, of.name)
			l.remove(by, of)
		}
	case 3, 4:
		l.note("%s rolls", by.name)
		_, err = by.Roll(ctx, by.keys.Epoch())
	case 5:
		of, role := pick(l.rng, l.desks), pick(l.rng, []roster.Role{roster.RoleKeeper, roster.RoleSpecialist})
		l.note("%s makes %s a %s", by.name, of.name, role)
		_, err = by.Carry(ctx, Change{Role: map[roster.DeviceHash]roster.Role{of.me: role}})
	case 6:
		l.crash(by)
	case 7:
		l.note("the next answer is lost")
		l.mu.Lock()
		l.dropped = true
		l.mu.Unlock()
	case 8:
		s := pick(l.rng, l.desks)
		l.note("%s looks", s.name)
		err = s.Round(ctx)
	}
	if err != nil && !errors.Is(err, ErrThreshold) && !errors.Is(err, ErrKeeper) {
		l.note("… %v", err)
	}
}

// crash takes some steps of a new epoch and then opens the folder anew, as after a kill.
func (l *tale) crash(s *seat) {
	ctx := l.t.Context()
	n := l.rng.IntN(len(s.steps()) + 1)
	l.note("%s crashes after %d steps of a roll", s.name, n)
	if v, err := s.settle(ctx); err == nil {
		if err := s.plan(v, Change{Epoch: true}); err == nil {
			for _, step := range s.steps()[:n] {
				if step.take(ctx) != nil {
					break
				}
			}
		}
	}
	s.keys.Forget()
	l.reopen(s)
}

// remove takes a desk off the list and keeps what a thief would have of it.
func (l *tale) remove(by, of *seat) {
	th := thief{name: of.name, device: of.me}
	st := of.keys.State()
	for _, id := range st.DeviceIdentities {
		th.identities = append(th.identities, id)
	}
	for _, id := range st.Epochs {
		th.identities = append(th.identities, id)
	}
	if _, err := by.Carry(l.t.Context(), Change{Remove: []roster.DeviceHash{of.me}}); err != nil {
		l.settle(by)
	}
	if slices.Contains(by.keys.Newest().Devices, of.me) {
		return
	}
	th.epoch = by.keys.Epoch() - 1
	l.gone = append(l.gone, th)
	l.desks = slices.DeleteFunc(l.desks, func(s *seat) bool { return s == of })
	if err := of.Round(l.t.Context()); !errors.Is(err, ErrRemoved) {
		l.t.Errorf("%s was removed: %v", of.name, err)
	}
}

// settle lets a desk look until it has done what there is to do.
func (l *tale) settle(desks ...*seat) {
	l.t.Helper()
	for range 4 {
		for _, s := range desks {
			if err := s.Round(l.t.Context()); err != nil && !strings.Contains(err.Error(), "EOF") {
				l.t.Fatalf("%s: %v", s.name, err)
			}
		}
	}
}

// epochsIn says which epochs a grant tells of to whoever has the identities.
func epochsIn(sealed []byte, ids []*age.HybridIdentity) (out []int) {
	for _, id := range ids {
		r, err := age.Decrypt(bytes.NewReader(sealed), id)
		if err != nil {
			continue
		}
		b, err := io.ReadAll(r)
		if err != nil {
			continue
		}
		for _, m := range regexp.MustCompile(`"([0-9]+)":"AGE-SECRET-KEY-PQ-1`).FindAllSubmatch(b, -1) {
			n, _ := strconv.Atoi(string(m[1]))
			out = append(out, n)
		}
	}
	return out
}

// check holds everything against what must be true.
func (l *tale) check() {
	l.t.Helper()
	l.settle(l.desks...)
	l.at.pass(2 * time.Hour) // long enough that keys nobody seals to any more are gone
	l.settle(l.desks...)
	l.agree(l.desks...)
	epoch := l.desks[0].keys.Epoch()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.desks {
		s.noFindings()
		var ids []*age.HybridIdentity
		for _, id := range s.keys.State().DeviceIdentities {
			ids = append(ids, id)
		}
		for _, sealed := range l.grants[s.me] {
			for _, n := range epochsIn(sealed, ids) {
				if n < epoch-1 {
					l.t.Errorf("in epoch %d, whoever steals %s opens epoch %d with what the gate kept", epoch, s.name, n)
				}
			}
		}
	}
	for _, th := range l.gone {
		for _, sealed := range l.grants[th.device] {
			for _, n := range epochsIn(sealed, th.identities) {
				if n > th.epoch {
					l.t.Errorf("%s, removed in epoch %d, opens epoch %d", th.name, th.epoch, n)
				}
			}
		}
		for _, s := range l.desks {
			for n, id := range s.keys.State().Epochs {
				if n > th.epoch && slices.ContainsFunc(th.identities, func(t *age.HybridIdentity) bool { return t.Recipient().String() == id.Recipient().String() }) {
					l.t.Errorf("%s, removed in epoch %d, has the key of epoch %d", th.name, th.epoch, n)
				}
			}
		}
	}
}

func TestWhateverHappens(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			w, first := newTown(t)
			l := &tale{town: w, rng: rand.New(rand.NewPCG(seed, 7)), desks: []*seat{first}, grants: map[roster.DeviceHash][][]byte{}}
			l.listen()
			defer func() {
				if t.Failed() {
					t.Log(strings.Join(l.log, "\n"))
				}
			}()
			for i := range 30 {
				l.step()
				if i%6 == 5 {
					l.check()
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}
