package seal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"panah/core/seal"
	"panah/internal/testkit"
)

func FuzzCheckShape(f *testing.F) {
	var lines []sealedVector
	testkit.ReadVectors(f, "seal.json", &lines)
	for _, v := range lines {
		f.Add(v.Sealed)
		f.Add(v.Sealed[:seal.HeaderLen])
	}
	f.Add([]byte("age-encryption.org/v1\n-> X25519 x\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := seal.CheckShape(b)
		if err != nil {
			if !errors.Is(err, seal.ErrShape) {
				t.Fatalf("an error no caller can tell: %v", err)
			}
			return
		}
		// What the gate takes has exactly one stanza and a length that tells a class only.
		if bytes.Count(b[:seal.HeaderLen], []byte("\n-> ")) != 1 || !bytes.HasPrefix(b, []byte("age-encryption.org/v1\n-> mlkem768x25519 ")) {
			t.Fatal("another shape passed")
		}
		classes := 0
		for n := 4 << 10; n <= 2<<20; n += 4 << 10 {
			if seal.PaddedLen(n) == n && seal.SealedLen(n) == len(b) {
				classes++
			}
		}
		if classes != 1 {
			t.Fatalf("%d bytes are no class", len(b))
		}
	})
}

func FuzzUnpack(f *testing.F) {
	_, all := letters(f)
	for _, l := range all {
		plain, err := seal.Pack(l)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	f.Add([]byte("PNH1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := seal.Unpack(b)
		if err != nil {
			if !errors.Is(err, seal.ErrBroken) {
				t.Fatalf("an error no caller can tell: %v", err)
			}
			return
		}
		checkLetter(t, l)
	})
}

// FuzzParseHeader varies the header alone, in an otherwise good plaintext, so that it gets past the lengths.
func FuzzParseHeader(f *testing.F) {
	_, all := letters(f)
	for _, l := range all {
		h, err := l.HeaderJSON()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(h)
	}
	f.Add([]byte(`{"v":1,"kind":"reply","org":"","epoch":0,"sealed":"desk","n":4294967295,"parts":[]}`))
	f.Fuzz(func(t *testing.T, h []byte) {
		plain := binary.BigEndian.AppendUint32([]byte("PNH1"), uint32(len(h)))
		plain = append(plain, h...)
		if seal.PaddedLen(len(plain)) == 0 {
			return
		}
		plain = append(plain, make([]byte, seal.PaddedLen(len(plain))-len(plain))...)
		if l, err := seal.Unpack(plain); err == nil {
			checkLetter(t, l)
		}
	})
}

// checkLetter holds an unpacked letter to what its readers rely on: it packs again, and to a letter that says the same.
func checkLetter(t *testing.T, l seal.Letter) {
	t.Helper()
	again, err := seal.Pack(l)
	if err != nil {
		// Re-encoding may escape what came unescaped and so grow over a bound.
		return
	}
	m, err := seal.Unpack(again)
	if err != nil {
		t.Fatalf("a letter that opened does not open again: %v", err)
	}
	a, _ := l.HeaderJSON()
	b, _ := m.HeaderJSON()
	if !bytes.Equal(a, b) || l.Text() != m.Text() {
		t.Fatal("a letter changes when it is packed again")
	}
	if _, err := l.Intake(); err != nil && !errors.Is(err, seal.ErrBroken) {
		t.Fatalf("intake answers: %v", err)
	}
}
