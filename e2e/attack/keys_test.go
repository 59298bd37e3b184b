package attack

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/desk"
	"panah/gate"
	"panah/internal/testkit/hoard"
)

// attacks is how many rows a full run gives.
const attacks = 19

// lived is an organisation with letters in the epochs 2 to last: in each one that is still open and one that was handled and erased.
type lived struct {
	*world
	open, erased map[int]string
}

func live(t *testing.T, last int) lived {
	t.Helper()
	l := lived{found(t), map[int]string{}, map[int]string{}}
	for e := 2; e <= last; e++ {
		if e > 2 {
			l.keeper.roll()
		}
		if got := l.keeper.epoch(); got != e {
			t.Fatalf("epoch %d, want %d", got, e)
		}
		l.open[e], l.erased[e] = l.inEpoch()
	}
	return l
}

// steals has a thief take a folder whose passphrase is known, and use everything in it.
func (w *world) steals(data string) (*thief, []byte) {
	w.t.Helper()
	c := contentsOf(w.t, data)
	t := newThief(w.gate.AgeFiles())
	t.learn(c.raw)
	t.work()
	return t, database(w.t, data, c.Database)
}

func TestLaptopStolenUnlocked(t *testing.T) {
	w := live(t, 5)
	w.keeper.stop()
	th, db := w.steals(w.keeper.data)
	for e := 2; e <= 5; e++ {
		got := th.reads([]string{w.open[e], w.erased[e]}, db)
		if !got[w.open[e]] {
			t.Errorf("epoch %d: the thief does not read what was still open: the attack is weaker than it should be", e)
		}
		if got[w.erased[e]] != (e >= 4) {
			t.Errorf("epoch %d: reads the erased letter: %v", e, got[w.erased[e]])
		}
	}
	if n := len(contentsOf(t, w.keeper.data).Epochs); n != 2 {
		t.Errorf("the laptop held the keys of %d epochs, want 2", n)
	}
	report(t, 1, "thief of a keeper's laptop, unlocked, in epoch 5", "all letters of epochs 4 and 5, also erased ones; of epochs 2 and 3 only what was still open on the screen, no erased letter")
}

func TestDeskRemovedInEpoch3(t *testing.T) {
	w := live(t, 3)
	second := w.keeper.admits(w.world, "Second desk", roster.RoleCaseworker)
	second.thread(w.open[3])
	stolen := copyOf(t, second.data)
	second.stop() // the thief keeps it off the network, so that it does not wipe itself
	w.keeper.removes("Second desk")
	after := []string{}
	for range 2 {
		a, b := w.inEpoch()
		after = append(after, a, b)
		w.keeper.roll()
	}
	th, db := w.steals(stolen)
	for m, read := range th.reads(after, db) {
		if read {
			t.Errorf("the removed desk reads %s", m)
		}
	}
	if !th.reads([]string{w.open[3]}, db)[w.open[3]] {
		t.Error("it does not even read what it had: the attack is weaker than it should be")
	}
	// Should it come back to the network, it reads the signed roster and wipes itself.
	back := serve(t, "the removed desk", second.data)
	defer back.stop()
	back.wiped()
	report(t, 2, "a desk removed in epoch 3, its passphrase known", "0 of %d letters that came after; back on the network it wiped itself", len(after))
}

func TestCustodiansBelowTheirNumber(t *testing.T) {
	w := live(t, 4)
	all := marksOf(w)
	for _, s := range w.sheets {
		th := newThief(w.gate.AgeFiles())
		th.takes(s)
		th.work()
		for m, read := range th.reads(all) {
			if read {
				t.Errorf("one sheet reads %s", m)
			}
		}
	}
	enough := newThief(w.gate.AgeFiles())
	enough.takes(w.sheets[1:]...)
	enough.work()
	if got := enough.reads(all); !got[w.open[4]] || !got[w.open[2]] {
		t.Error("two sheets of two needed do not bring the open cases back: the attack is weaker than it should be")
	}
	kept := 0
	for _, m := range w.erased {
		if enough.reads([]string{m})[m] {
			kept++
		}
	}
	report(t, 3, "one custodian of three (two are needed)", "nothing")
	report(t, 5, "enough custodians together (they are trusted for this)", "everything since the sheets were made, %d of %d erased letters among it", kept, len(w.erased))
}

func TestThreeOfFive(t *testing.T) {
	g := hoard.Start(t, gate.Config{})
	founded, err := desk.Found(t.Context(), desk.FoundConfig{
		Data: filepath.Join(t.TempDir(), "desk"), Name: "Example", Passphrase: passphrase, LogN: 10, GateURL: g.URL, SetupCode: g.Setup, Needed: 3, Of: 5,
	})
	if err != nil {
		t.Fatal(err)
	}
	var sheets []recovery.Sheet
	for i, s := range founded.Sheets {
		id, err := recovery.ParseSheet(secretOn(t, s))
		if err != nil {
			t.Fatal(err)
		}
		sheets = append(sheets, recovery.Sheet{Letter: 'a' + byte(i), Identity: id})
	}
	opens := func(some ...recovery.Sheet) bool {
		th := newThief(g.AgeFiles())
		th.takes(some...)
		th.work()
		for _, plain := range th.opened {
			if bytes.Contains(plain, []byte("panah.recovery-")) {
				return true
			}
		}
		return false
	}
	pairs := 0
	for i := range sheets {
		for j := range i {
			pairs++
			if opens(sheets[i], sheets[j]) {
				t.Errorf("sheets %c and %c open a recovery file", sheets[i].Letter, sheets[j].Letter)
			}
		}
	}
	if !opens(sheets[0], sheets[2], sheets[4]) {
		t.Error("three sheets open nothing: the attack is weaker than it should be")
	}
	report(t, 4, "two custodians of five (three are needed), every pair", "nothing, %d pairs tried", pairs)
}

func TestDiskOfALockedDesk(t *testing.T) {
	w := live(t, 3)
	w.keeper.stop()
	disk := diskOf(t, w.keeper.data)
	c := contentsOf(t, w.keeper.data)
	th := newThief(append(w.gate.AgeFiles(), ageFilesOn(disk)...))
	th.learn(disk)
	th.work()
	if len(th.opened) != 0 {
		t.Errorf("%d files open with what lies on the disk", len(th.opened))
	}
	for m, read := range th.reads(marksOf(w), disk) {
		if read {
			t.Errorf("the disk shows %s", m)
		}
	}
	secrets := [][]byte{c.Device, c.Database, []byte(c.Keeper)}
	for _, s := range c.Epochs {
		secrets = append(secrets, []byte(s))
	}
	for _, s := range c.Generations {
		secrets = append(secrets, []byte(s))
	}
	for _, s := range secrets {
		if len(s) < 16 || bytes.Contains(disk, s) {
			t.Error("a key stands readable on the disk, or is too short to be one")
		}
	}
	report(t, 6, "the disk of a desk that is locked", "nothing")
}

func marksOf(w lived) []string {
	var out []string
	for e := range w.open {
		out = append(out, w.open[e], w.erased[e])
	}
	return out
}

// ageFilesOn finds age files in a heap of bytes: what begins like one, to the end of the heap or the next.
func ageFilesOn(b []byte) (out [][]byte) {
	for _, f := range strings.SplitAfter(strings.ReplaceAll(string(b), ageMagic, "\x00\x00"+ageMagic), "\x00\x00") {
		if strings.HasPrefix(f, ageMagic) {
			out = append(out, []byte(strings.TrimSuffix(f, "\x00\x00")))
		}
	}
	return out
}
