package keyring

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// snapshot reads all files of a folder.
func snapshot(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name()))
		must(t, err)
	}
	return files
}

// copyOf is the folder as a program that was killed left it.
func copyOf(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	for name, b := range snapshot(t, dir) {
		must(t, os.WriteFile(filepath.Join(to, name), b, 0o600))
	}
	return to
}

// A way is one way in, and whether it is open to one before and after a change.
type way struct {
	login, words  string
	before, after bool
}

// killed runs the steps of a change and looks, after each as after none, at who opens what a dead program would have left, twice: opening finishes the change.
func killed(t *testing.T, dir string, k *Keyring, all steps, credential, secret []byte, ways []way) {
	t.Helper()
	for i := range len(all) + 1 {
		if i > 0 {
			must(t, all[i-1]())
		}
		for _, first := range ways {
			at := copyOf(t, dir)
			got, _, err := OpenSeat(at, first.login, first.words)
			if err == nil {
				alikeSecrets(t, k, got)
				got.Forget()
			}
			if i == 0 && (err == nil) != first.before || i == len(all) && (err == nil) != first.after {
				t.Errorf("after step %d of %d, %q with %q: %v", i, len(all), first.login, first.words, err)
			}
			if first.before && first.after && err != nil {
				t.Errorf("after step %d, %q: %v", i, first.login, err)
			}
			open := 0
			for _, w := range ways { // all others once more, in the folder that the first one's program left
				if got, _, err := OpenSeat(at, w.login, w.words); err == nil {
					open++
					alikeSecrets(t, k, got)
					got.Forget()
				} else if w.before && w.after {
					t.Errorf("after step %d and %q, %q: %v", i, first.login, w.login, err)
				}
			}
			if open < 2 {
				t.Errorf("after step %d and %q, %d ways are open", i, first.login, open)
			}
			if got, err := OpenWithSecret(at, credential, secret); err != nil {
				t.Errorf("after step %d and %q, the passkey: %v", i, first.login, err)
			} else {
				if len(snapshot(t, at)) == 0 || got.isDue() {
					t.Errorf("after step %d and %q: the change of keys was not finished", i, first.login)
				}
				got.Forget()
			}
		}
	}
}

// alikeSecrets compares what must survive whatever happens to doors.
func alikeSecrets(t *testing.T, want, got *Keyring) {
	t.Helper()
	if !got.device.Equal(want.device) || got.database != want.database || got.Identity(1).String() != want.Identity(1).String() {
		t.Error("the secrets are others")
	}
}

func TestAKilledChangeOfSeatsLocksNobodyOut(t *testing.T) {
	const fresh = "quite new words again"
	p, z, c := way{"Parwana", passphrase, true, true}, way{"Zahra Hosseini", zahras, true, true}, way{"کریم ۲", karims, true, true}
	for name, change := range map[string]struct {
		steps func(k *Keyring) (steps, error)
		ways  []way
	}{
		"removing": {func(k *Keyring) (steps, error) {
			return k.renewal(func(s *State) error { delete(s.seats, karim); return nil })
		}, []way{p, z, {c.login, karims, true, false}}},
		"own passphrase": {func(k *Keyring) (steps, error) {
			d, err := k.doorOf(karim, karims)
			if err != nil {
				return nil, err
			}
			return k.rekeying(d, fresh, d.logN)
		}, []way{p, z, {c.login, karims, true, false}, {c.login, fresh, false, true}}},
		"founder's passphrase": {func(k *Keyring) (steps, error) {
			d, err := k.doorOf(parwana, passphrase)
			if err != nil {
				return nil, err
			}
			return k.rekeying(d, fresh, d.logN)
		}, []way{z, c, {p.login, passphrase, true, false}, {p.login, fresh, false, true}}},
		"adding": {func(k *Keyring) (steps, error) {
			seat, id, err := newSeat("00000000000000dd", fresh, minLogN)
			return k.admit(seat, id, "maryam"), err
		}, []way{p, z, c, {"Maryam", fresh, false, true}}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, k, credential, secret := newSeats(t)
			all, err := change.steps(k)
			must(t, err)
			killed(t, dir, k, all, credential, secret, change.ways)
		})
	}
}

// The first seat beside the founder's: unlock.age changes what it holds.
func TestAKilledFirstSeatLocksNobodyOut(t *testing.T) {
	for stop := range 4 {
		t.Run(fmt.Sprint("after step ", stop), func(t *testing.T) {
			dir, k := newKeyring(t)
			p, secret := newPasskey(t, k, 1)
			must(t, k.Claim(parwana, "Parwana"))
			d, err := k.doorOf(parwana, passphrase)
			must(t, err)
			must(t, run(k.seatFounder(d, passphrase)[:stop]))
			for _, first := range []string{"passphrase", "passkey", "passphrase changed", "passkey removed"} {
				at := copyOf(t, dir)
				words := passphrase
				switch first {
				case "passphrase changed":
					words = "quite new words again"
					got := mustOpen(t, at, passphrase)
					must(t, got.ChangePassphrase(passphrase, words, 0))
					got.Forget()
				case "passkey removed":
					got, err := OpenWithSecret(at, p.ID, secret) // it does not tell the keyring what the passphrase would have
					must(t, err)
					must(t, got.RemovePasskey(p.ID, passphrase))
					got.Forget()
				case "passkey":
					got, err := OpenWithSecret(at, p.ID, secret)
					must(t, err)
					must(t, got.AddSeat(karim, "Karim", karims, parwana, passphrase))
					got.Forget()
				}
				got := mustOpen(t, at, words)
				alikeSecrets(t, k, got)
				if first != "passkey" {
					must(t, got.AddSeat(karim, "Karim", karims, parwana, words))
				}
				got.Forget()
				got, staff, err := OpenSeat(at, "Karim", karims)
				if err != nil || staff != karim {
					t.Fatalf("%s: %v", first, err)
				}
				must(t, got.RemoveSeat(karim))
				got.Forget()
				mustOpen(t, at, words).Forget()
			}
		})
	}
}
