package keyring

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"panah/core/ledger"
	"panah/core/roster"
	"panah/core/seal"
)

const passphrase = "four plain words here"

func newIdentity(t testing.TB) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// newKeyring makes an organisation of one desk, with everything in its keyring that can be in one.
func newKeyring(t testing.TB) (string, *Keyring) {
	t.Helper()
	k, err := Found("Legal aid of Testville")
	if err != nil {
		t.Fatal(err)
	}
	_, vkey, err := ledger.NewGateKey("gate.test")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "desk")
	if err := Create(dir, k, passphrase, minLogN); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_790_000_000, 0).UTC()
	err = k.Update(func(s *State) error {
		s.Gate = Gate{URL: "https://gate.test", Origin: "gate.test", Key: vkey}
		s.Generation, s.DeviceIdentities[2] = 1, newIdentity(t)
		s.AddEpoch(2, newIdentity(t), at)
		s.SetCard(roster.HashDevice(k.device.Public().(ed25519.PublicKey)), []byte("a card"))
		sheet := newIdentity(t).Recipient().String()
		s.Custodians = roster.Custodians{Needed: 2, Recipients: []string{sheet, newIdentity(t).Recipient().String()}, Identity: sheet, Made: at, Rehearsed: at}
		s.Plan, s.Rehearsal, s.JoinedAt = json.RawMessage(`{"epoch":2}`), json.RawMessage(`["a"]`), 77
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir, k
}

func mustOpen(t testing.TB, dir, with string) *Keyring {
	t.Helper()
	k, err := Open(dir, with)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// alike compares keyrings by their contents.
func alike(t testing.TB, want, got *Keyring) {
	t.Helper()
	if got.Org != want.Org || !bytes.Equal(got.Founding, want.Founding) || !got.device.Equal(want.device) || got.database != want.database {
		t.Error("organisation, device or database key changed")
	}
	a, b := want.State(), got.State()
	sameKey := cmp.Comparer(func(a, b *age.HybridIdentity) bool { return a.String() == b.String() })
	if !cmp.Equal(a, b, sameKey, cmp.AllowUnexported(State{}), cmpopts.EquateEmpty()) {
		t.Error("the state changed") // not cmp.Diff: it would print keys
	}
	if a, b := want.Newest(), got.Newest(); a.Text() != b.Text() {
		t.Error("the newest roster changed")
	}
}

func TestKeyringComesBackWhole(t *testing.T) {
	dir, k := newKeyring(t)
	state := reflect.ValueOf(k.State())
	for i := range state.NumField() {
		// Removed is set by TestADeskThatIsOutKeepsNoKeys; passkeys by passkey_test.go; the rest of the small ones by seats_test.go.
		if name := state.Type().Field(i).Name; !slices.Contains([]string{"Removed", "passkeys", "owners", "seats", "founder", "login", "due"}, name) && state.Field(i).IsZero() {
			t.Errorf("the test forgot the field %s", name)
		}
	}
	got := mustOpen(t, dir, passphrase)
	alike(t, k, got)
	r := got.Newest()
	if !r.HasDevice(got.Device().Public().(ed25519.PublicKey)) || r.Recipient.String() != got.Recipient(1).String() || got.Epoch() != 1 {
		t.Error("the roster names another device or key")
	}
	if _, ok := got.KeeperSigner(); !ok {
		t.Error("the keeper's key is gone")
	}
	if id := got.Recipient(2); id == nil || id.String() != k.Identity(2).Recipient().String() || got.Recipient(3) != nil {
		t.Error("an epoch to come: wrong recipient")
	}
}

func TestAChangeIsOnTheDiskOrDidNotHappen(t *testing.T) {
	dir, k := newKeyring(t)
	if err := k.AddEpoch(3, newIdentity(t), time.Unix(5, 0)); err != nil {
		t.Fatal(err)
	}
	if err := k.DropEpochsBefore(3); err == nil && k.Identity(1) != nil {
		t.Error("an old epoch stayed")
	}
	alike(t, k, mustOpen(t, dir, passphrase))
	if got := k.Epochs(); !cmp.Equal(got, []int{3}) {
		t.Errorf("epochs %v", got)
	}
	no := errors.New("no")
	for what, f := range map[string]func(*State) error{
		"refused by the caller": func(s *State) error { s.JoinedAt = 1; return no },
		"another organisation":  func(s *State) error { s.JoinedAt = 1; s.Org = strings.Repeat("0", 20); return nil },
		"not a roster":          func(s *State) error { s.JoinedAt = 1; s.Roster = []byte("x"); return nil },
		"wrong key":             func(s *State) error { s.JoinedAt = 1; s.Epochs[1] = newIdentity(t); return nil },
		"three generations":     func(s *State) error { s.JoinedAt = 1; s.DeviceIdentities[3] = newIdentity(t); return nil },
		"plan":                  func(s *State) error { s.JoinedAt = 1; s.Plan = []byte("{"); return nil },
		"card": func(s *State) error {
			s.JoinedAt = 1
			s.Cards[roster.DeviceHash{}] = make([]byte, maxCard+1)
			return nil
		},
		"gate":        func(s *State) error { s.JoinedAt = 1; s.Gate.Origin = "other"; return nil },
		"role":        func(s *State) error { s.JoinedAt = 1; s.Role = "king"; return nil },
		"no key left": func(s *State) error { s.JoinedAt = 1; s.DropEpochsBefore(9); return nil },
	} {
		if err := k.Update(f); err == nil {
			t.Errorf("%s: taken", what)
		}
		if k.JoinedAt() != 77 {
			t.Fatalf("%s: half a change stayed", what)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := k.Update(func(s *State) error { s.JoinedAt = 1; return nil }); err == nil || k.JoinedAt() != 77 {
		t.Error("a change that could not be saved is visible")
	}
}

func TestADeskThatIsOutKeepsNoKeys(t *testing.T) {
	dir, k := newKeyring(t)
	err := k.Update(func(s *State) error {
		s.Removed, s.Keeper = true, ""
		s.DropEpochsBefore(99)
		clear(s.DeviceIdentities)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := mustOpen(t, dir, passphrase); !got.Removed() || len(got.Epochs()) != 0 {
		t.Error("it has keys, or forgot that it is out")
	}
}

func TestOpenTellsPassphraseFromDamage(t *testing.T) {
	dir, _ := newKeyring(t)
	for _, wrong := range []string{"", "four plain words", strings.ToUpper(passphrase)} {
		if _, err := Open(dir, wrong); !errors.Is(err, ErrPassphrase) {
			t.Errorf("wrong passphrase: got %v", err)
		}
	}
	_, other := newKeyring(t)
	for _, name := range []string{FileName, UnlockFile} {
		path := filepath.Join(dir, name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		flipped := bytes.Clone(whole)
		flipped[len(flipped)-40] ^= 1
		foreign, err := os.ReadFile(filepath.Join(other.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		cases := map[string][]byte{"half": whole[:len(whole)/2], "no end": whole[:len(whole)-1], "empty": nil, "flipped": flipped, "long": make([]byte, maxFile+1), "another desk's": foreign}
		for what, b := range cases {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(dir, passphrase); !errors.Is(err, ErrDamaged) {
				t.Errorf("%s, %s: got %v, want ErrDamaged", name, what, err)
			}
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(dir, UnlockFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, passphrase); !errors.Is(err, ErrDamaged) {
		t.Errorf("unlock.age is missing: got %v, want ErrDamaged", err)
	}
}

func TestCreateNeverReplacesKeys(t *testing.T) {
	dir, k := newKeyring(t)
	if err := Create(dir, k, passphrase, minLogN); !errors.Is(err, ErrExists) {
		t.Fatalf("got %v, want ErrExists", err)
	}
}

func TestChangedPassphraseShutsTheOldCopyOut(t *testing.T) {
	dir, k := newKeyring(t)
	old, err := os.ReadFile(filepath.Join(dir, UnlockFile))
	if err != nil {
		t.Fatal(err)
	}
	const next = "other plain words here"
	if err := k.ChangePassphrase("wrong words", next, minLogN); !errors.Is(err, ErrPassphrase) {
		t.Fatalf("wrong old passphrase: %v", err)
	}
	if err := k.ChangePassphrase(passphrase, next, minLogN); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, passphrase); !errors.Is(err, ErrPassphrase) {
		t.Errorf("the old passphrase: %v", err)
	}
	alike(t, k, mustOpen(t, dir, next))
	if err := k.Save(); err != nil {
		t.Fatal(err)
	}
	alike(t, k, mustOpen(t, dir, next))
	if err := os.WriteFile(filepath.Join(dir, UnlockFile), old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, passphrase); !errors.Is(err, ErrDamaged) {
		t.Errorf("a copy of the old unlock.age with the old passphrase: %v, want ErrDamaged", err)
	}
}

func TestAChangeOfThePassphraseThatWasCutOff(t *testing.T) {
	dir, k := newKeyring(t)
	next := newIdentity(t)
	// Dead right after the first step of renewMaster.
	if err := writeUnlock(dir, "other plain words here", minLogN, next, k.master); err != nil {
		t.Fatal(err)
	}
	k.release() // as the system does for a dead process
	got := mustOpen(t, dir, "other plain words here")
	alike(t, k, got)
	if got.master.String() != next.String() {
		t.Error("the change was not finished")
	}
	ids, _, err := readUnlock(dir, "other plain words here")
	if err != nil || len(ids) != 1 {
		t.Errorf("%d master keys are left, err %v", len(ids), err)
	}
	alike(t, k, mustOpen(t, dir, "other plain words here"))
}

func TestFilesAreForTheOwnerOnlyAndNothingIsReadable(t *testing.T) {
	dir, k := newKeyring(t)
	if err := k.Save(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 { // with the lock
		t.Fatalf("leftovers beside the keyring: %v %v", entries, err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("mode %v, err %v", info.Mode(), err)
		}
	}
	for what, secret := range secretsOf(t, k) {
		if name := findIn(t, dir, secret); name != "" {
			t.Errorf("%s is readable in %s", what, name)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	_, k := newKeyring(t)
	key, ok := k.DeskKey(1)
	if !ok {
		t.Fatal("no desk key for the first epoch")
	}
	s := k.State()
	printed := fmt.Sprintf("%v %+v %#v %s %v %#v %v %#v %v %+v %#v %v", k, k, k, k, k.Opener(), k.Opener(), key, key, s, s, s, &s)
	for what, secret := range secretsOf(t, k) {
		if strings.Contains(printed, string(secret)) {
			t.Errorf("%s is printed", what)
		}
	}
	for _, secret := range []string{"PRIVATE", "AGE-SECRET", fmt.Sprint(k.database), fmt.Sprint([32]byte(key))} {
		if strings.Contains(printed, secret) {
			t.Errorf("a secret in %q", printed)
		}
	}
	for _, v := range []any{k, s} {
		if _, err := json.Marshal(v); err == nil {
			t.Error("a keyring went into JSON")
		}
	}
}

func TestOpenerOpensWhatIsSealedToTheOrganisation(t *testing.T) {
	_, k := newKeyring(t)
	_, other := newKeyring(t)
	l := seal.Letter{Kind: seal.KindNotice, Org: k.Org, Epoch: 1, Sealed: seal.SealedDesk, Parts: []seal.Part{{Type: seal.TypeOctets}}}
	key, _ := k.DeskKey(1)
	l.DeskTag = key.Tag(l)
	opener := k.Opener()
	open := func(n int) error {
		sealed, err := seal.Seal(l, k.Recipient(n))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Open(sealed, other.Opener()); !errors.Is(err, seal.ErrNotForUs) {
			t.Errorf("another organisation: got %v", err)
		}
		_, err = seal.Open(sealed, opener)
		return err
	}
	if err := open(1); err != nil {
		t.Error(err)
	}
	if err := k.AddEpoch(3, newIdentity(t), time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := open(3); err != nil {
		t.Errorf("an epoch that came after the opener was made: %v", err)
	}
	for gen := range 2 {
		sealed, err := sealAge([]byte("grant"), k.DeviceIdentity(gen+1).Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := openAge(sealed, k.GrantOpener()); err != nil {
			t.Errorf("generation %d: %v", gen+1, err)
		}
	}
	to := k.Recipient(3)
	k.Forget()
	sealed, err := seal.Seal(l, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Open(sealed, opener); !errors.Is(err, seal.ErrNotForUs) {
		t.Errorf("after Forget: got %v", err)
	}
	if err := k.Save(); !errors.Is(err, ErrForgotten) {
		t.Errorf("saving after Forget: %v", err)
	}
}

func TestOfficeGoroutinesShareIt(t *testing.T) {
	dir, k := newKeyring(t)
	done := make(chan error)
	for i := range 4 {
		go func() {
			for range 5 {
				if err := k.Update(func(s *State) error { s.JoinedAt++; return nil }); err != nil {
					done <- err
					return
				}
				_, _, _ = k.Opener().Unwrap, k.State().Members, k.Recipient(i)
			}
			done <- nil
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if got := mustOpen(t, dir, passphrase).JoinedAt(); got != 77+20 {
		t.Errorf("joined at %d: changes were lost", got)
	}
}

func FuzzDecode(f *testing.F) {
	_, k := newKeyring(f)
	s := k.State()
	b, err := k.encode(&s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"v":2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := decode(b)
		if err != nil {
			return
		}
		if k.Epoch() < 1 || !k.Removed() && len(k.Epochs()) == 0 {
			t.Fatal("a keyring without a key was accepted")
		}
		s := k.State()
		again, err := k.encode(&s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(again); err != nil {
			t.Fatal("what was written cannot be read")
		}
	})
}
