package web

import (
	"context"
	"strings"
	"sync"
	"time"

	"panah/core/roster"
	"panah/desk/internal/office"
)

// The real office has all that the pages need; a method less, and a page would be gone without a word.
var (
	_ council     = (*office.Office)(nil)
	_ inviter     = (*office.Office)(nil)
	_ sheetMaker  = (*office.Office)(nil)
	_ purger      = (*office.Office)(nil)
	_ specialists = (*office.Office)(nil)
)

// A keepers is a double whose office also knows an organisation's desks: for what the real one reaches only with three laptops, and for refusals. What the pages do
// with real desks and a real gate is tested in e2e/browser.
type keepers struct {
	*double
	mu      sync.Mutex // guards everything below
	keys    office.Keys
	exposed office.Exposure
	in      office.Invitation
	fail    error // of the next change
	done    []string
}

func (k *keepers) note(what ...string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.fail; err != nil {
		k.fail = nil
		return err
	}
	k.done = append(k.done, strings.Join(what, " "))
	return nil
}

func (k *keepers) Keys(context.Context) (office.Keys, error) {
	if k.Locked() {
		return office.Keys{}, office.ErrLocked
	}
	return k.keys, nil
}

func (k *keepers) Roll(context.Context) error { return k.note("roll") }

func (k *keepers) Remove(_ context.Context, desk string) (office.Exposure, error) {
	return k.exposed, k.note("remove", desk)
}

func (k *keepers) Exposure(_ context.Context, desk string) (office.Exposure, error) {
	if desk != k.exposed.Desk.ID {
		return office.Exposure{}, office.ErrNotFound
	}
	return k.exposed, nil
}

func (k *keepers) SetRole(_ context.Context, desk string, r roster.Role) error {
	return k.note("role", desk, string(r))
}

func (k *keepers) SetThreshold(_ context.Context, n int) error {
	return k.note("threshold", strings.Repeat("I", n))
}

func (k *keepers) Cosign(_ context.Context, proposal string) error { return k.note("cosign", proposal) }

func (k *keepers) Invite(context.Context) (string, time.Time, error) {
	if err := k.note("invite"); err != nil {
		return "", time.Time{}, err
	}
	k.in = office.Invitation{State: "waiting", Until: time.Now().Add(10 * time.Minute)}
	return "482 913 750", k.in.Until, nil
}

func (k *keepers) Invitation(context.Context) (office.Invitation, error) { return k.in, nil }

func (k *keepers) Admit(_ context.Context, r roster.Role) error { return k.note("admit", string(r)) }

func (k *keepers) TurnAway(context.Context) error {
	k.in = office.Invitation{State: "none"}
	return k.note("turn away")
}

func (k *keepers) NewSheetsIn(_ context.Context, _, of int, _ string) ([]office.Sheet, error) {
	if err := k.note("sheets"); err != nil {
		return nil, err
	}
	var sheets []office.Sheet
	for i := range of {
		letter := string(rune('a' + i))
		sheets = append(sheets, office.Sheet{Letter: letter, HTML: []byte("<!doctype html><title>Sheet " + letter + "</title><style>p{}</style><p>secret of " + letter)})
	}
	return sheets, nil
}

func (k *keepers) OpenIntake(context.Context) error { return k.note("open intake") }

func (k *keepers) CloseIntake(context.Context) error { return k.note("close intake") }

func (k *keepers) Purge(context.Context) error {
	k.Lock()
	return k.note("purge")
}

func (k *keepers) LockCase(_ context.Context, _ int64, specialists []string) error {
	return k.note(append([]string{"lock"}, specialists...)...)
}

func (k *keepers) NameSpecialist(_ context.Context, _ int64, desk string) error {
	return k.note("name", desk)
}

func (k *keepers) Specialists(context.Context) ([]office.Desk, error) {
	var all []office.Desk
	for _, d := range k.keys.Desks {
		if d.Role == roster.RoleSpecialist {
			all = append(all, d)
		}
	}
	return all, nil
}

// gathered is an organisation of four desks on a keeper's laptop, in the middle of everything.
func gathered() *keepers {
	day := func(n int) time.Time { return time.Now().AddDate(0, 0, n) }
	desks := []office.Desk{
		{ID: "00000000000000aa", Name: "Parwana, office", Role: roster.RoleKeeper, Keeper: true, This: true, Since: day(-90), Generation: 4},
		{ID: "00000000000000bb", Name: "فرزانه، خانه", Role: roster.RoleKeeper, Keeper: true, Since: day(-80), Generation: 4},
		{ID: "00000000000000cc", Name: strings.Repeat("A very long name of a laptop ", 4) + "Nr1", Role: roster.RoleSpecialist, Since: day(-40), Generation: 2},
		{ID: "00000000000000dd", Name: "Volunteers", Role: roster.RoleReader, Since: day(-3), Generation: 1, Behind: true},
	}
	k := &keepers{double: furnished()}
	k.keys = office.Keys{
		Org: "q3r9mk27xw5thd0vz8ap", Words: [8]byte{1, 40, 77, 250, 3, 128, 9, 200}, Serial: 9, Epoch: 4, Threshold: 2, Keepers: 3, Began: day(-12), Due: day(18),
		Role: roster.RoleKeeper, Desks: desks, Intake: true,
		Proposals:  []office.Proposal{{ID: "5eed", Removed: desks[3:], NewEpoch: true, Signed: 1, Needed: 2}},
		Custodians: roster.Custodians{Needed: 2, Recipients: []string{"a", "b", "c"}, Made: day(-90), Rehearsed: day(-90)},
	}
	k.exposed = office.Exposure{Desk: desks[2], Epochs: []int{3, 4}, Since: day(-42), Letters: 311, Threads: 57, Locked: 2, Keeper: true, GoneBy: day(60)}
	k.in = office.Invitation{State: "none"}
	return k
}
