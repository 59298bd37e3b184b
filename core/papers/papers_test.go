package papers_test

import (
	"strings"
	"testing"
	"time"

	"panah/core/papers"

	"golang.org/x/text/language"
)

// TestCheckDigit holds the arithmetic to the worked examples of Doc 9303-3 section 4.9 and appendix A.
func TestCheckDigit(t *testing.T) {
	for text, want := range map[string]byte{
		"520727": '3', "AB2134<<<": '5', "HA672242<": '6', "5807122": 0,
		"HA672242<658022549601086<<<<<<<<<<<<<<0": '8', "": '0', "<<<": '0',
	} {
		got, ok := papers.CheckDigit(text)
		if want != 0 && (got != want || !ok) {
			t.Errorf("CheckDigit(%q) = %q, want %q", text, got, want)
		}
	}
	if _, ok := papers.CheckDigit("A b"); ok {
		t.Error("a space has no value")
	}
	// What ICAO's digits cannot tell: documented, and the reason why G/6 and L/1 are never proved in a number.
	for _, pair := range []string{"G6", "L1", "A0", "K0", "U0"} {
		a, _ := papers.CheckDigit(pair[:1])
		b, _ := papers.CheckDigit(pair[1:])
		if a != b {
			t.Errorf("%s weigh %q and %q", pair, a, b)
		}
	}
}

// TestStates holds the list to x/text's regions, and to the codes of Doc 9303-3 section 5 that are nobody's country.
func TestStates(t *testing.T) {
	regions := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				code := string([]rune{a, b, c})
				r, err := language.ParseRegion(code)
				is := err == nil && r.IsCountry() && r.ISO3() == code && r.Canonicalize() == r && (code == "QAT" || !strings.HasPrefix(code, "Q")) && !strings.HasPrefix(code, "X") && code != "ZZZ"
				if is {
					regions++
				}
				if is && !papers.StateKnown(code) && !withdrawn[code] {
					t.Errorf("%s is a country and not on the list", code)
				}
				if !is && papers.StateKnown(code) && papers.StateWords(code) == "" {
					t.Errorf("%s is on the list and no country", code)
				}
			}
		}
	}
	if regions < 249 {
		t.Errorf("compared with %d regions only", regions)
	}
	for _, code := range strings.Fields("D EUE GBD GBN GBO GBP GBS RKS UNO UNA UNK XOM XXA XXB XXC XXX UTO XPO") {
		if !papers.StateKnown(code) || papers.StateWords(code) == "" {
			t.Errorf("%s is not known", code)
		}
	}
	for _, code := range []string{"", "A", "DE", "ZZZ", "AF0", "afg", "AFGH", "<<<", "D<<", "XAA"} {
		if papers.StateKnown(code) {
			t.Errorf("%q passes", code)
		}
	}
}

// withdrawn are regions that CLDR knows and ISO 3166-1 does not list, or lists no more.
var withdrawn = map[string]bool{"ASC": true, "CPT": true, "DGA": true, "TAA": true, "PCI": true, "SCG": true, "SUN": true, "YUG": true}

// TestCenturies: each two-digit year with the reason for its century, on days at both ends of one.
func TestCenturies(t *testing.T) {
	const names = "P<AFGAHMADI<<NOOR<<<<<<<<<<<<<<<<<<<<<<<<<<<\n"
	for _, c := range []struct {
		birth, expiry string
		on            time.Time
		born, why     string
		ends, endsWhy string
	}{
		{"740812", "301231", today, "1974-08-12", "birth-past", "2030-12-31", "expiry-near"},
		{"261124", "301231", today, "2026-11-24", "birth-younger", "2030-12-31", "expiry-near"},
		{"261125", "301231", today, "1926-11-25", "birth-past", "2030-12-31", "expiry-near"},
		{"030101", "301231", today, "2003-01-01", "birth-alive", "2030-12-31", "expiry-near"},
		{"200321", "190101", today, "1920-03-21", "birth-expiry", "2019-01-01", "expiry-near"},
		{"600321", "780101", today, "1960-03-21", "birth-past", "1978-01-01", "expiry-past"},
		{"600321", "760101", today, "1960-03-21", "birth-past", "2076-01-01", "expiry-near"},
		{"980101", "020101", time.Date(1999, 5, 1, 0, 0, 0, 0, time.UTC), "1998-01-01", "birth-younger", "2002-01-01", "expiry-near"},
		{"26<<<<", "301231", today, "2026-XX-XX", "birth-younger", "2030-12-31", "expiry-near"},
		{"7408<<", "301231", today, "1974-08-XX", "birth-past", "2030-12-31", "expiry-near"},
		{"<<0812", "301231", today, "XXXX-08-12", "", "2030-12-31", "expiry-near"},
	} {
		m, err := papers.Read(names+passportLine(c.birth, c.expiry), c.on)
		if err != nil || !m.Valid {
			t.Fatalf("%s %s: %v %+v", c.birth, c.expiry, err, m.Problems)
		}
		f := m.Fields
		got := [4]string{f.BirthDate.String(), string(f.BirthDate.Century), f.ExpiryDate.String(), string(f.ExpiryDate.Century)}
		if want := [4]string{c.born, c.why, c.ends, c.endsWhy}; got != want {
			t.Errorf("%s %s: %v, want %v", c.birth, c.expiry, got, want)
		}
		if f.BirthDate.Century != "" && f.BirthDate.Century.Text() == "" {
			t.Errorf("%s has no words", f.BirthDate.Century)
		}
	}
}

// passportLine is the second line of a TD3 with right check digits.
func passportLine(birth, expiry string) string {
	digit := func(s string) string { d, _ := papers.CheckDigit(s); return string(rune(d)) }
	number, b, e := "P01234567", birth+digit(birth), expiry+digit(expiry)
	number += digit(number)
	rest := strings.Repeat("<", 14) + "0"
	return number + "AFG" + b + "M" + e + rest + digit(number+b+e+rest)
}

// TestNeverApplied: a proposal is a proposal; the fields stay what is written.
func TestNeverApplied(t *testing.T) {
	m, err := papers.Read("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8989O2C36UTO7408122F1204159ZE184226B<<<<<10", today)
	if err != nil || m.Valid || len(m.Repairs) != 1 || m.Fields.DocumentNumber != "L8989O2C3" || !strings.Contains(m.Lines[1], "O2C36") {
		t.Fatalf("%v %+v", err, m)
	}
	want := papers.Change{Line: 2, Column: 6, From: "O", To: "0"}
	if got := m.Repairs[0].Changes; len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestBounds: far too much text is cut, told and never valid by its beginning alone.
func TestBounds(t *testing.T) {
	m, _ := papers.Read("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n"+strings.Repeat("x", 1<<20), today)
	if m.Valid || !strings.Contains(problemsOf(m), "too-long") {
		t.Errorf("%+v", m.Problems)
	}
}

// TestAllocations: reading a specimen allocates its lines, its checks, a spaced name and the note on Utopia; a zone without a note three things.
func TestAllocations(t *testing.T) {
	for text, most := range map[string]float64{
		"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10": 4,
		"P<NLDDE<BRUIJN<<WILLEKE<LISELOTTE<<<<<<<<<<<\nSPECI20142NLD6503101F2403096999999990<<<<<84": 4, // two names with a space
		"IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<\n8806923102858CORINNE<<<<<<<6512068F6":                 2,
	} {
		if got := testing.AllocsPerRun(100, func() { papers.Read(text, today) }); got > most {
			t.Errorf("%.20s: %v allocations, %v are in the result", text, got, most)
		}
	}
}
