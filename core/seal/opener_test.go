package seal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"panah/core/seal"
	"panah/core/wire"
)

// sealedOf makes letters of one, several and many chunks, and their identity.
func sealedOf(t testing.TB) (*age.HybridIdentity, [][]byte) {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	mac := seal.ThreadKey{1}
	var all [][]byte
	for _, n := range []int{0, 3000, 64 << 10, 64<<10 - 2500, 200 << 10} {
		l := seal.Letter{
			Kind: seal.KindLetter, Org: "org", Epoch: 1, Sealed: seal.SealedBrowser, Box: id.Recipient().String(), Mailbox: wire.MailboxID{1}, MAC: &mac,
			At: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC), Parts: []seal.Part{{Type: seal.TypeOctets, Data: bytes.Repeat([]byte{7}, n)}},
		}
		sealed, err := seal.Seal(l, id.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sealed)
	}
	return id, all
}

func TestOpenerOpensWhatOpenOpens(t *testing.T) {
	id, all := sealedOf(t)
	other, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, sealed := range all {
		want, err := seal.Open(sealed, id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := seal.NewOpener(id).Open(sealed)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("the opener reads another letter")
		}
		if _, err := seal.NewOpener(other).Open(sealed); !errors.Is(err, seal.ErrNotForUs) {
			t.Errorf("another key: %v", err)
		}
	}
}

// FuzzOpener changes sealed letters: Opener and age must agree about every one.
func FuzzOpener(f *testing.F) {
	id, all := sealedOf(f)
	for i := range all {
		for _, at := range []uint32{0, 60, 1560, 1570, 1610, 1640, 1660, 70_000} {
			f.Add(uint8(i), at, uint8(1))
		}
		f.Add(uint8(i), uint32(0), uint8(0))
	}
	f.Fuzz(func(t *testing.T, which uint8, at uint32, flip uint8) {
		sealed := bytes.Clone(all[int(which)%len(all)])
		sealed[int(at)%len(sealed)] ^= flip
		want, wantErr := seal.Open(sealed, id)
		got, gotErr := seal.NewOpener(id).Open(sealed)
		for _, kind := range []error{seal.ErrShape, seal.ErrNotForUs, seal.ErrBroken} {
			if errors.Is(wantErr, kind) != errors.Is(gotErr, kind) {
				t.Fatalf("age says %v, the opener %v", wantErr, gotErr)
			}
		}
		if (wantErr == nil) != (gotErr == nil) || wantErr == nil && !reflect.DeepEqual(want, got) {
			t.Fatalf("age says %v, the opener %v", wantErr, gotErr)
		}
	})
}

// The box is read apart from the rest of the header: another one in front or behind must not make it a different letter
// from the one that a JSON parser sees, which takes the last.
func TestHeaderWithTwoBoxes(t *testing.T) {
	id, all := sealedOf(t)
	l, err := seal.Open(all[0], id)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := seal.Pack(l)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"box", "Box"} {
		for _, value := range []string{"age1pq1qqq", "x"} {
			for _, place := range []string{`"v":1,`, `"n":0,`} { // before and behind the real one
				more := []byte(place + `"` + name + `":"` + value + `",`)
				two := bytes.Replace(plain, []byte(place), more, 1)[:len(plain)] // there is room in the padding
				binary.BigEndian.PutUint32(two[4:], binary.BigEndian.Uint32(plain[4:])+uint32(len(more)-len(place)))
				got, err := seal.Unpack(two)
				if place == `"v":1,` && err == nil && got.Box != l.Box {
					t.Errorf("%s in front: taken for the box", name)
				}
				if place == `"n":0,` && err == nil && got.Box != value {
					t.Errorf("%s behind: taken for another box", name)
				}
			}
		}
	}
}
