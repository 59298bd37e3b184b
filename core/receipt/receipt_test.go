package receipt_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"panah/core/receipt"
)

// withCheck appends the check digit that Parse accepts: found by trying, so that the test does not share the
// code's table look-up. For words of other lengths than 19 it pads in front with zeros, which Damm ignores.
func withCheck(digits string) string {
	padded := strings.Repeat("0", receipt.Digits-1-len(digits)) + digits
	for d := '0'; d <= '9'; d++ {
		if _, err := receipt.Parse(padded + string(d)); err == nil {
			return digits + string(d)
		}
	}
	panic("no check digit fits " + digits)
}

// shift writes ASCII digits with the ten digits that start at zero.
func shift(digits string, zero rune) string {
	return strings.Map(func(r rune) rune { return r - '0' + zero }, digits)
}

func wrongDigit(code string) string {
	return code[:7] + string('0'+(code[7]-'0'+1)%10) + code[8:]
}

func swapped(code string) string {
	return code[:2] + code[3:4] + code[2:3] + code[4:]
}

// seedOf decodes the Bech32 data part of an AGE-SECRET-KEY-PQ-1… string, b64url.
func seedOf(t *testing.T, identity string) string {
	t.Helper()
	const alphabet = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"
	data, ok := strings.CutPrefix(identity, "AGE-SECRET-KEY-PQ-1")
	if !ok {
		t.Fatal("not a hybrid identity")
	}
	var out []byte
	var acc, bits uint
	for _, r := range data[:len(data)-6] {
		acc, bits = acc<<5|uint(strings.IndexRune(alphabet, r)), bits+5
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	if len(out) != 32 {
		t.Fatalf("seed has %d bytes", len(out))
	}
	return base64.RawURLEncoding.EncodeToString(out)
}

func TestNewParsesBack(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		c, err := receipt.New(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		again, err := receipt.Parse(c.Grouped())
		if err != nil || again != c {
			t.Fatalf("a fresh code does not parse back: %v", err)
		}
		if len(c.Grouped()) != 24 || seen[c.Reveal()] {
			t.Fatal("a fresh code is malformed or came twice")
		}
		seen[c.Reveal()] = true
	}
}

// Bytes from 250 up are thrown away: with them, digits 0 to 5 would come up more often than 6 to 9.
func TestNewIsUniform(t *testing.T) {
	var source bytes.Buffer
	for range 8 {
		source.Write([]byte{250, 251, 252, 253})
	}
	for b := range 32 {
		source.WriteByte(byte(240 + b%10))
	}
	c, err := receipt.New(&source)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Reveal()[:19], "0123456789012345678"; got != want {
		t.Errorf("code drawn from a biased start: %s, want %s", got, want)
	}
}

func TestNewReportsABrokenSource(t *testing.T) {
	broken := errors.New("no entropy")
	if c, err := receipt.New(iotest.ErrReader(broken)); !errors.Is(err, broken) || !c.IsZero() {
		t.Errorf("New on a broken source: %v, want it to fail", err)
	}
}

// The check digit catches every single wrong digit and every swap of neighbours, at every place.
func TestCheckDigitCatches(t *testing.T) {
	for range 20 {
		c, err := receipt.New(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		code := c.Reveal()
		for i := range code {
			for d := byte('0'); d <= '9'; d++ {
				if d == code[i] {
					continue
				}
				if _, err := receipt.Parse(code[:i] + string(d) + code[i+1:]); !errors.Is(err, receipt.ErrCheck) {
					t.Fatalf("wrong digit at %d passed: %v", i, err)
				}
			}
			if i == 0 || code[i] == code[i-1] {
				continue
			}
			if _, err := receipt.Parse(code[:i-1] + code[i:i+1] + code[i-1:i] + code[i+1:]); !errors.Is(err, receipt.ErrCheck) {
				t.Fatalf("swap at %d passed: %v", i, err)
			}
		}
	}
}

func TestParseRefusesWithoutQuoting(t *testing.T) {
	for _, s := range []string{"1234", "12345678901234567890123", "hello, secret", strings.Repeat(" ", 500)} {
		_, err := receipt.Parse(s)
		if err == nil {
			t.Errorf("Parse accepted %d characters", len(s))
			continue
		}
		if s != strings.Repeat(" ", 500) && strings.Contains(err.Error(), s) {
			t.Errorf("the error quotes what was typed: %v", err)
		}
	}
}

func TestCodesAndKeysDoNotPrint(t *testing.T) {
	c := mustParse(t, withCheck("1234567890123456789"))
	k, err := receipt.Derive(c, "abcdefghjkmnpqrstvwx")
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", c, c, c, c, k, k, k)
	for _, secret := range []string{c.Reveal(), c.Grouped(), k.Box.Reveal(), k.Mailbox.ID.Reveal(), k.Mailbox.RevealAuth()} {
		if strings.Contains(printed, secret) {
			t.Errorf("a secret prints: %q", printed)
		}
	}
	if b, err := json.Marshal(c); err == nil {
		t.Errorf("a code went into JSON: %s", b)
	}
}

func TestDeriveDependsOnTheOrganisation(t *testing.T) {
	c := mustParse(t, withCheck("1234567890123456789"))
	a, err := receipt.Derive(c, "abcdefghjkmnpqrstvwx")
	if err != nil {
		t.Fatal(err)
	}
	b, err := receipt.Derive(c, "abcdefghjkmnpqrstvwy")
	if err != nil {
		t.Fatal(err)
	}
	if a.Mailbox.ID == b.Mailbox.ID || a.MAC == b.MAC || a.Box.Reveal() == b.Box.Reveal() {
		t.Error("two organisations derive the same mailbox from one code")
	}
	if _, err := receipt.Derive(receipt.Code{}, "abcdefghjkmnpqrstvwx"); err == nil {
		t.Error("the zero code derives keys")
	}
}

func ExampleParse() {
	// As a Persian keyboard writes it.
	c, err := receipt.Parse("۱۲۳۴ ۵۶۷۸ ۹۰۱۲ ۳۴۵۶ ۷۸۹۱")
	fmt.Println(c, err)
	_, err = receipt.Parse("1234 5678 9012 3456 7897")
	fmt.Println(err)
	// Output:
	// [receipt code] <nil>
	// one of the digits is wrong
}

func FuzzParse(f *testing.F) {
	good := withCheck("1234567890123456789")
	for _, s := range []string{"", good, good[:19], shift(good, '۰'), shift(good, '٠'), "\u2066" + good + "\u2069", "12345678901234567890x", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := receipt.Parse(s)
		if err != nil {
			if !c.IsZero() {
				t.Fatal("an error came with a code")
			}
			if !errors.Is(err, receipt.ErrLength) && !errors.Is(err, receipt.ErrCharacter) && !errors.Is(err, receipt.ErrCheck) {
				t.Fatalf("an error no caller can tell: %v", err)
			}
			return
		}
		again, err := receipt.Parse(c.Reveal())
		if err != nil || again != c || len(c.Reveal()) != receipt.Digits {
			t.Fatalf("a parsed code does not parse back: %v", err)
		}
	})
}
