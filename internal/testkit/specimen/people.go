package specimen

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"panah/core/papers"
)

// Lines are a zone of a made-up person of Utopia or Afghanistan, or with a French card of 1988; the same seed gives the same person. Check digits fit.
func Lines(kind papers.Type, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 0x9303))
	state := []string{"UTO", "AFG"}[r.IntN(2)]
	number := digits(r, 9)
	if r.IntN(2) == 0 {
		number = letters(r, 1+r.IntN(2)) + number[2:]
		number = (number + "<<")[:9]
	}
	birth := date(r, 50, 70)
	expiry := date(r, 25, 10)
	sex := []string{"M", "F", "<"}[r.IntN(3)]
	optional := ""
	if r.IntN(2) == 0 {
		optional = digits(r, 5+r.IntN(6))
	}
	if r.IntN(4) == 0 {
		optional = letters(r, 2) + optional
	}
	name := names(r)
	doc := func(code string) string { return code + state }
	core := withCheck(number) + state + withCheck(birth) + sex + withCheck(expiry)
	switch kind {
	case papers.TD1:
		first := fill(doc("I<")+withCheck(number)+optional, 30)
		second := withCheck(birth) + sex + withCheck(expiry) + state
		second = fill(second, 29)
		return []string{first, second + check(first[5:]+second[:7]+second[8:15]+second[18:]), fill(name, 30)}
	case papers.TD2:
		second := fill(core+optional, 35)
		return []string{fill(doc("I<")+name, 36), second + check(second[:10]+second[13:20]+second[21:])}
	case papers.FraID:
		first := fill("IDFRA"+families[r.IntN(len(families))], 30) + digits(r, 6)
		second := withCheck(date(r, 10, 10)[:4]+digits(r, 8)) + fill(givens[r.IntN(len(givens))], 14) + withCheck(birth) + []string{"M", "F"}[r.IntN(2)]
		return []string{first, second + check(first+second)}
	case papers.MRVA:
		return []string{fill(doc("V<")+name, 44), fill(core+optional, 44)}
	case papers.MRVB:
		return []string{fill(doc("V<")+name, 36), fill(core+optional, 36)}
	default:
		second := core + withCheck(fill(optional, 14))
		return []string{fill(doc("P<")+name, 44), second + check(second[:10]+second[13:20]+second[21:])}
	}
}

var (
	families = []string{"AHMADZAI", "ROSHAN", "ERIKSSON", "WARDAK", "NOORZAI", "HAIDARI", "QADERI", "STANEKZAI", "MOHAMMADI", "UTOPIAN", "YUSUFZAI", "KAKAR", "BAKHTARI", "VAN<DER<MUELLEN", "POPAL", "JAWID"}
	givens   = []string{"ZAHRA", "ANNA<MARIA", "FARID", "GULALAI", "HAMID<ULLAH", "LINA", "OMID", "PARWANA", "SHUKRIA", "TAMIM", "WAHID", "XENIA", "BELQIS", "MARYAM<SADAT", "DAWUD", "KEVIN<JOB"}
)

func names(r *rand.Rand) string {
	if r.IntN(20) == 0 {
		return families[r.IntN(len(families))] // one name only, as many Afghan papers have
	}
	return families[r.IntN(len(families))] + "<<" + givens[r.IntN(len(givens))]
}

func date(r *rand.Rand, from, years int) string {
	return fmt.Sprintf("%02d%02d%02d", (from+r.IntN(years))%100, 1+r.IntN(12), 1+r.IntN(28))
}

func digits(r *rand.Rand, n int) string  { return pick(r, n, Symbols[:10]) }
func letters(r *rand.Rand, n int) string { return pick(r, n, Symbols[10:36]) }

func pick(r *rand.Rand, n int, from string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = from[r.IntN(len(from))]
	}
	return string(b)
}

func fill(s string, n int) string { return (s + strings.Repeat("<", n))[:n] }

func withCheck(s string) string { return s + check(s) }

// check computes a check digit by ICAO Doc 9303-3, 4.9, apart from the code under test.
func check(s string) string {
	sum := 0
	for i, c := range s {
		sum += max(0, strings.IndexRune(Symbols[:36], c)) * [3]int{7, 3, 1}[i%3]
	}
	return string(Symbols[sum%10])
}
