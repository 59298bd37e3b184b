package receipt_test

import (
	"encoding/base64"
	"errors"
	"testing"

	"panah/core/receipt"
	"panah/internal/testkit"
)

// derived is a line of vectors/receipt.json; byte strings are base64url without padding.
type derived struct {
	Code      string `json:"code"`
	Org       string `json:"org"`
	Mailbox   string `json:"mailbox"`
	Auth      string `json:"auth"`
	MAC       string `json:"mac"`
	Seed      string `json:"seed"`
	Identity  string `json:"identity"`
	Recipient string `json:"recipient"`
}

// typed is a line of vectors/typed.json: what a person types, and the code it is or the reason why it is none.
type typed struct {
	Typed string `json:"typed"`
	Code  string `json:"code"`
	Error string `json:"error"`
}

func mustParse(t testing.TB, s string) receipt.Code {
	t.Helper()
	c, err := receipt.Parse(s)
	if err != nil {
		t.Fatalf("parsing a test code: %v", err)
	}
	return c
}

func TestVectorsOfDerivation(t *testing.T) {
	b64 := base64.RawURLEncoding.EncodeToString
	var out []derived
	for _, in := range []struct{ code, org string }{
		{withCheck("0000000000000000000"), "00000000000000000000"},
		{withCheck("1234567890123456789"), "abcdefghjkmnpqrstvwx"},
		{withCheck("9999999999999999999"), "zyxwvtsrqpnmkjhgfedc"},
		{withCheck("5724057240572405724"), "abcdefghjkmnpqrstvwx"},
	} {
		c := mustParse(t, in.code)
		k, err := receipt.Derive(c, in.org)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, derived{
			c.Reveal(), in.org, k.Mailbox.ID.Reveal(), k.Mailbox.RevealAuth(), b64(k.MAC[:]),
			seedOf(t, k.Box.Reveal()), k.Box.Reveal(), k.Recipient().String(),
		})
	}
	testkit.Vectors(t, "receipt.json", out)
}

func TestVectorsOfCheckDigits(t *testing.T) {
	type line struct {
		Digits string `json:"digits"`
		Check  string `json:"check"`
	}
	var out []line
	for _, d := range []string{
		"", "5", "57", "572", "0", "00", "1", "12", "123", "1234567890",
		"0000000000000000000", "1234567890123456789", "9876543210987654321", "9999999999999999999",
	} {
		out = append(out, line{d, withCheck(d)[len(d):]})
	}
	// The worked example of Wikipedia's article on the Damm algorithm.
	if out[3].Check != "4" {
		t.Errorf("check digit of 572 is %s, want 4", out[3].Check)
	}
	testkit.Vectors(t, "damm.json", out)
}

func TestVectorsOfTypedCodes(t *testing.T) {
	good := withCheck("1234567890123456789")
	persian, arabic := shift(good, '۰'), shift(good, '٠')
	var out []typed
	for _, s := range []string{
		good,
		good[:4] + " " + good[4:8] + " " + good[8:12] + " " + good[12:16] + " " + good[16:],
		good[:10] + "-" + good[10:],
		"\u2066" + good + "\u2069",
		"\u200e" + good[:4] + "\u00a0" + good[4:] + "\n",
		persian,
		arabic,
		good[:10] + string([]rune(persian)[10:]),
		"",
		good[:19],
		good + "0",
		good[:19] + "x",
		"۱۲۳۴",
		wrongDigit(good),
		swapped(good),
		"O" + good[1:],
	} {
		line := typed{Typed: s}
		switch c, err := receipt.Parse(s); {
		case err == nil:
			line.Code = c.Reveal()
		case errors.Is(err, receipt.ErrLength):
			line.Error = "length"
		case errors.Is(err, receipt.ErrCharacter):
			line.Error = "character"
		case errors.Is(err, receipt.ErrCheck):
			line.Error = "check"
		default:
			t.Fatalf("an error that a caller cannot tell: %v", err)
		}
		out = append(out, line)
	}
	testkit.Vectors(t, "typed.json", out)
}
