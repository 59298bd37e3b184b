package seal

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPublishedSeals(t *testing.T) {
	for _, v := range readSeals(t) {
		t.Run(v.Name, func(t *testing.T) {
			s, err := Parse(v.raw(t))
			if err != nil {
				t.Fatal(err)
			}
			got := v
			got.Version, got.Country, got.Signer, got.Reference = s.Version, s.Country, s.Signer, s.Reference
			got.Issued, got.Signed = day(s.Issued), day(s.Signed)
			got.Definition, got.Kind = fmt.Sprintf("%02x%02x", s.Definition, s.Category), string(s.Kind)
			got.Features = map[string]string{}
			for _, f := range s.Features {
				if f.Name == "" {
					got.Features[fmt.Sprintf("%02x", f.Tag)] = fmt.Sprintf("%x", f.Raw)
					continue
				}
				got.Features[f.Name] = f.Text
			}
			if diff := cmp.Diff(v, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

// TestC40 holds the coding to the examples of BSI TR-03137 part 1 annex B.
func TestC40(t *testing.T) {
	for text, b := range map[string][]byte{
		"XK CD": {0xeb, 0x04, 0x66, 0xa9},
		"XKCD":  {0xeb, 0x11, 0xfe, 0x45},
	} {
		if got, ok := decodeC40(b); !ok || got != text {
			t.Errorf("%x is %q, want %q", b, got, text)
		}
	}
	for _, b := range [][]byte{{1}, {0, 0}, {0xff, 0xff}, {0xfe, 0x00}, {0xfe, 0x90}} {
		if got, ok := decodeC40(b); ok {
			t.Errorf("%x passes as %q", b, got)
		}
	}
}

// TestBroken: cut at every byte, and with each header byte changed, a seal is refused or differs; it is never taken whole.
func TestBroken(t *testing.T) {
	for _, v := range readSeals(t) {
		b := v.raw(t)
		for n := range len(b) {
			if _, err := Parse(b[:n]); err == nil {
				t.Fatalf("%s: %d of %d bytes pass", v.Name, n, len(b))
			}
		}
		if _, err := Parse(append(b, 0)); err == nil {
			t.Errorf("%s: a byte too many passes", v.Name)
		}
	}
	var form *FormError
	if _, err := Parse([]byte{0xDC, 7, 0}); !errors.As(err, &form) || !strings.Contains(err.Error(), "version") {
		t.Errorf("version 7: %v", err)
	}
	if _, err := Parse([]byte("https://example.org")); !errors.Is(err, ErrNotSeal) {
		t.Errorf("an address: %v", err)
	}
	if _, err := Parse(append([]byte{0xDC}, make([]byte, MaxLen)...)); !errors.As(err, &form) {
		t.Errorf("too long: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, v := range readSeals(f) {
		f.Add(v.raw(f))
	}
	f.Add([]byte{0xDC, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			var form *FormError
			if !errors.Is(err, ErrNotSeal) && !errors.As(err, &form) {
				t.Fatalf("an error no caller can tell: %v", err)
			}
			return
		}
		n := len(s.signed) + len(s.Signature)
		if n >= len(b) || len(s.Signature)%2 != 0 {
			t.Fatalf("%d bytes signed, %d of signature, of %d", len(s.signed), len(s.Signature), len(b))
		}
		for _, f := range s.Features {
			if (f.Name == "") != (f.Text == "") || len(f.Raw) > len(b) {
				t.Fatalf("feature %+v", f)
			}
		}
		if got := s.Check(nil); got.State != NoCertificate || got.Certificate != nil {
			t.Fatalf("%+v without certificates", got)
		}
	})
}
