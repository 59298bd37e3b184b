package keyring

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
)

// The people of the tests.
const (
	parwana = "00000000000000aa" // the founder
	zahra   = "00000000000000bb"
	karim   = "00000000000000cc"

	zahras = "zahra has other words"
	karims = "karim says something else"
)

// newSeats is a desk of three people; Zahra has a passkey.
func newSeats(t testing.TB) (dir string, k *Keyring, credential, secret []byte) {
	t.Helper()
	dir, k = newKeyring(t)
	for _, err := range []error{
		k.Claim(parwana, "Parwana"),
		k.AddSeat(zahra, "Zahra Ḥosseini", zahras, parwana, passphrase),
		k.AddSeat(karim, "كريم ٢", karims, zahra, zahras),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	credential, secret = []byte{1, 2}, bytes.Repeat([]byte{9}, 32)
	p := Passkey{ID: credential, Key: []byte("a key"), Salt: make([]byte, 32), Name: "laptop", Added: time.Unix(7, 0).UTC(), Staff: zahra}
	if err := k.AddPasskey(p, secret); err != nil {
		t.Fatal(err)
	}
	return dir, k, credential, secret
}

func TestEachPersonOpensTheDeskWithTheirOwnWords(t *testing.T) {
	dir, k, credential, secret := newSeats(t)
	for _, c := range []struct{ login, passphrase, staff string }{
		{"Parwana", passphrase, parwana}, {"", passphrase, parwana}, {" ZAHRA  hosseini", zahras, zahra}, {"کریم ۲", karims, karim}, {"كَرِيم 2", karims, karim},
	} {
		got, staff, err := OpenSeat(dir, c.login, c.passphrase)
		if err != nil || staff != c.staff {
			t.Fatalf("%q: %q, err %v; want %q", c.login, staff, err, c.staff)
		}
		alike(t, k, got)
		if staff, err := k.CheckSeat(c.login, c.passphrase); err != nil || staff != c.staff {
			t.Errorf("%q on the open desk: %q, err %v", c.login, staff, err)
		}
	}
	alike(t, k, mustOpen(t, dir, passphrase))
	for _, c := range []struct{ login, passphrase string }{
		{"Zahra Hosseini", karims}, {"Zahra Hosseini", passphrase}, {"Nobody", passphrase}, {"Nobody", zahras}, {"", zahras}, {"Parwana", zahras}, {"Zahra Hosseini", ""},
	} {
		if _, _, err := OpenSeat(dir, c.login, c.passphrase); err != ErrPassphrase { // the very same: nothing in it tells names from passphrases
			t.Errorf("%q with another's words: %v, want ErrPassphrase", c.login, err)
		}
		if _, err := k.CheckSeat(c.login, c.passphrase); err != ErrPassphrase {
			t.Errorf("%q with another's words on the open desk: %v", c.login, err)
		}
	}
	got, err := OpenWithSecret(dir, credential, secret)
	if err != nil || got.OwnerOf(credential) != zahra || got.OwnerOf([]byte{7}) != parwana {
		t.Errorf("the passkey: whose is it? err %v", err)
	}
	seats, err := Seats(dir)
	if want := []Seat{{parwana, true}, {zahra, false}, {karim, false}}; err != nil || !slices.Equal(seats, want) {
		t.Errorf("seats: %v, err %v", seats, err)
	}
}

func TestTheFolderTellsNoNames(t *testing.T) {
	dir, k, _, _ := newSeats(t)
	for what, s := range secretsOf(t, k) {
		if name := findIn(t, dir, s); name != "" {
			t.Errorf("%s is readable in %s", what, name)
		}
	}
	for _, s := range []string{"Zahra", "zahra", "Parwana", "parwana", "کریم", zahras, passphrase} {
		if name := findIn(t, dir, []byte(s)); name != "" {
			t.Errorf("%q is readable in %s", s, name)
		}
	}
	other, _, _, _ := newSeats(t)
	a, err := readSeats(dir)
	b, err2 := readSeats(other)
	if err != nil || err2 != nil || bytes.Equal(a.Seats[1].Name, b.Seats[1].Name) {
		t.Errorf("one name has one tag in all folders: %v, %v", err, err2)
	}
}

func TestWhoAddsASeatProvesWhoTheyAre(t *testing.T) {
	dir, k := newKeyring(t)
	if err := k.AddSeat(zahra, "Zahra", zahras, "", passphrase); !errors.Is(err, ErrFounder) {
		t.Errorf("before anybody said who they are: %v", err)
	}
	if err := k.Claim(parwana, "Parwana"); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		err  error
		want error
	}{
		"claimed twice":          {k.Claim(zahra, "Zahra"), ErrFounder},
		"with wrong words":       {k.AddSeat(zahra, "Zahra", zahras, parwana, "wrong words"), ErrPassphrase},
		"by nobody":              {k.AddSeat(zahra, "Zahra", zahras, karim, passphrase), ErrSeat},
		"the right way":          {k.AddSeat(zahra, "Zahra", zahras, parwana, passphrase), nil},
		"a seat that is not":     {k.RemoveSeat(karim), ErrSeat},
		"the founder's":          {k.RemoveSeat(parwana), ErrFounder},
		"another's passphrase":   {k.ChangeSeatPassphrase(zahra, passphrase, "new words for zahra"), ErrPassphrase},
		"another with that name": {k.AddSeat(karim, "ZAHRA", karims, parwana, passphrase), ErrSeatName},
		"the founder's name":     {k.AddSeat(karim, "parwana", karims, zahra, zahras), ErrSeatName},
	} {
		if !errors.Is(c.err, c.want) || (c.want == nil) != (c.err == nil) {
			t.Errorf("%s: %v, want %v", what, c.err, c.want)
		}
	}
	if seats, err := Seats(dir); err != nil || len(seats) != 2 {
		t.Errorf("%v, err %v", seats, err)
	}
}

// Whoever left must not open what is written later, with whatever they copied before.
func TestWhoLeftOpensNothingThatIsWrittenLater(t *testing.T) {
	dir, k, credential, secret := newSeats(t)
	before := snapshot(t, dir)
	if err := k.RemoveSeat(zahra); err != nil {
		t.Fatal(err)
	}
	outside := func(when string) {
		t.Helper()
		if _, _, err := OpenSeat(dir, "Zahra Hosseini", zahras); err == nil {
			t.Errorf("%s: their passphrase opens the desk", when)
		}
		if _, err := OpenWithSecret(dir, credential, secret); err == nil {
			t.Errorf("%s: their passkey opens the desk", when)
		}
	}
	outside("now")
	for login, words := range map[string]string{"Parwana": passphrase, "کریم ۲": karims} {
		got, _, err := OpenSeat(dir, login, words)
		if err != nil {
			t.Fatalf("%s: %v", login, err)
		}
		alike(t, k, got)
	}
	if _, err := k.CheckSeat("Zahra Hosseini", zahras); err != ErrPassphrase {
		t.Errorf("on the open desk: %v", err)
	}
	for _, name := range []string{SeatsFile, PasskeysFile} { // back into the folder with what they copied
		must(t, os.WriteFile(filepath.Join(dir, name), before[name], 0o600))
	}
	outside("with older files")
	must(t, os.WriteFile(filepath.Join(dir, UnlockFile), before[UnlockFile], 0o600))
	outside("with all older doors")
}

func TestASeatThatSomebodySlippedInOpensNothing(t *testing.T) {
	dir, k, _, _ := newSeats(t)
	file, err := readSeats(dir)
	must(t, err)
	swapped := seatsJSON{V: 1, Salt: file.Salt, Seats: slices.Clone(file.Seats)}
	swapped.Seats[1].ID, swapped.Seats[2].ID = swapped.Seats[2].ID, swapped.Seats[1].ID
	must(t, writeSeats(dir, swapped))
	if _, staff, err := OpenSeat(dir, "Zahra Hosseini", zahras); err == nil {
		t.Errorf("with another's id in the file she is %s", staff)
	}
	if _, err := k.CheckSeat("Zahra Hosseini", zahras); err == nil {
		t.Error("on the open desk, with another's id, she comes in")
	}
	must(t, writeSeats(dir, file))
	// A stranger who had the master key once, and writes themselves a seat.
	seat, id, err := newSeat("00000000000000dd", "a stranger's words", minLogN)
	must(t, err)
	seat.Name = tagOf(file.Salt, "stranger")
	file.Seats = append(file.Seats, seat)
	file.Seats[3].Master, err = sealMasters([]age.Recipient{id.Recipient()}, k.master)
	must(t, err)
	must(t, writeSeats(dir, file))
	if _, _, err := OpenSeat(dir, "stranger", "a stranger's words"); err != ErrPassphrase {
		t.Errorf("the stranger: %v", err)
	}
	must(t, k.ChangeSeatPassphrase(zahra, zahras, "new words for zahra"))
	if seats, err := Seats(dir); err != nil || len(seats) != 3 {
		t.Errorf("the stranger still has a seat: %v, err %v", seats, err)
	}
}

func TestDamagedSeatsAreTold(t *testing.T) {
	dir, _, _, _ := newSeats(t)
	path := filepath.Join(dir, SeatsFile)
	whole, err := os.ReadFile(path)
	must(t, err)
	_, other, _, _ := newSeats(t)
	foreign, err := os.ReadFile(filepath.Join(other.dir, SeatsFile))
	must(t, err)
	for what, b := range map[string][]byte{
		"half": whole[:len(whole)/2], "empty": nil, "twice": append(bytes.Clone(whole), whole...), "unknown key": bytes.Replace(whole, []byte(`"v"`), []byte(`"w":1,"v"`), 1),
		"version 2": bytes.Replace(whole, []byte(`"v": 1`), []byte(`"v": 2`), 1), "long": append(bytes.Clone(whole), make([]byte, maxSeatsFile)...),
		"short id": bytes.Replace(whole, []byte(zahra), []byte("bb"), 1), "one id twice": bytes.Replace(whole, []byte(zahra), []byte(karim), 1),
		"two founders": bytes.Replace(whole, []byte(`"sealed": "`), []byte(`"sealed": "", "sealed_": "`), 1), "no salt": bytes.Replace(whole, []byte(`"salt"`), []byte(`"pepper"`), 1),
	} {
		must(t, os.WriteFile(path, b, 0o600))
		if _, _, err := OpenSeat(dir, "Zahra Hosseini", zahras); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", what, err)
		}
	}
	must(t, os.WriteFile(path, foreign, 0o600))
	if _, _, err := OpenSeat(dir, "Zahra Hosseini", zahras); err == nil {
		t.Error("another desk's seats open this one")
	}
}

func TestThirtyTwoSeatsAreEnough(t *testing.T) {
	dir, k, _, _ := newSeats(t)
	file, err := readSeats(dir)
	must(t, err)
	for i := range MaxSeats - 3 { // as many files as it takes, without a passphrase each
		s := file.Seats[1]
		s.ID, s.Name = "00000000000001"+string("0123456789abcdef"[i/16])+string("0123456789abcdef"[i%16]), bytes.Repeat([]byte{byte(i)}, 32)
		file.Seats = append(file.Seats, s)
	}
	must(t, writeSeats(dir, file))
	if err := k.AddSeat("00000000000000dd", "One more", "words of one more", parwana, passphrase); !errors.Is(err, ErrSeats) {
		t.Errorf("got %v, want ErrSeats", err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func FuzzDecodeSeats(f *testing.F) {
	dir, _, _, _ := newSeats(f)
	b, err := os.ReadFile(filepath.Join(dir, SeatsFile))
	must(f, err)
	f.Add(b)
	f.Add([]byte(`{"v":1,"salt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","seats":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := decodeSeats(b)
		if err != nil {
			return
		}
		for _, s := range file.Seats {
			if !validStaff(s.ID) || len(s.Name) != 32 || file.find(s.ID) < 0 {
				t.Fatal("a seat that is nobody's was accepted")
			}
		}
	})
}

func FuzzFoldLogin(f *testing.F) {
	for _, s := range []string{"Zahra Ḥosseini", "كَرِيم ٢", "می\u200cروم", "  ", "آتنا"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := foldLogin(s)
		if len(once) <= maxLogin && foldLogin(once) != once {
			t.Errorf("%q folds to %q, and that to %q", s, once, foldLogin(once))
		}
	})
}

func TestPurgeLeavesNoSeat(t *testing.T) {
	dir, _, _, _ := newSeats(t)
	must(t, Purge(dir))
	if left := snapshot(t, dir); len(left) != 0 {
		t.Errorf("%d files are left", len(left))
	}
}
