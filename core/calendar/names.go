package calendar

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"panah/core/l10n"
	"panah/core/script"
)

// months.json holds the months' names and further spellings; web/gate/src/calendar.ts reads the same file.
//
//go:embed months.json
var monthsFile []byte

// book is months.json, read once.
var book = sync.OnceValue(func() *names { return readNames(monthsFile) })

// names are the months of the calendars, and words that stand in dates without meaning a month.
type names struct {
	shown map[Name]map[string][12]string // by language
	keys  map[Name]map[string]int        // by key of a spelling: month 1 to 12
	noise map[string]bool                // folded words
	eras  map[string]Name                // folded words that say which calendar a date is of
}

// readNames panics when the file, which is part of the program, cannot be read or gives one spelling to two months.
func readNames(data []byte) *names {
	type set struct {
		Names map[string][12]string `json:"names"`
		Also  [12]string            `json:"also"` // with | between
	}
	var file struct {
		Solar     set    `json:"solar"`
		Gregorian set    `json:"gregorian"`
		Lunar     set    `json:"lunar"`
		Noise     string `json:"noise"`

		Eras map[Name]string `json:"eras"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		panic(fmt.Sprintf("reading the names of months: %v", err))
	}
	n := &names{map[Name]map[string][12]string{}, map[Name]map[string]int{}, map[string]bool{}, map[string]Name{}}
	for era, list := range file.Eras {
		for _, w := range strings.Fields(list) {
			n.eras[script.Fold(w)], n.noise[script.Fold(w)] = era, true
		}
	}
	for _, w := range strings.Fields(file.Noise) {
		for _, part := range strings.Fields(script.Fold(w)) {
			n.noise[part] = true
		}
	}
	for cal, s := range map[Name]set{Solar: file.Solar, Gregorian: file.Gregorian, Lunar: file.Lunar} {
		n.shown[cal], n.keys[cal] = s.Names, map[string]int{}
		for i, also := range s.Also {
			spellings := strings.Split(also, "|")
			for _, list := range s.Names {
				spellings = append(spellings, list[i])
			}
			for _, text := range spellings {
				k := key(n.meaning(script.Fold(text)))
				if m, taken := n.keys[cal][k]; taken && m != i+1 || k == "" {
					panic(fmt.Sprintf("%q is a name of two months, or of none", text))
				}
				n.keys[cal][k] = i + 1
			}
		}
	}
	return n
}

// meaning are the words of a folded text that are no noise. Rabi II is the second one.
func (n *names) meaning(folded string) (words []string) {
	for _, w := range strings.Fields(folded) {
		switch {
		case w == "i":
			words = append(words, "awwal")
		case w == "ii":
			words = append(words, "sani")
		case !n.noise[w]:
			words = append(words, w)
		}
	}
	return words
}

// key is the one form of a month's spelling: words joined, and for Latin letters those sounds as one that transliterations write in several ways (Hut, Hoot; Sunbula,
// Sonbola; Jawza, Jauza; Dalw, Dalv).
func key(words []string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range strings.Join(words, "") {
		switch r {
		case 'w', 'v', 'o':
			r = 'u'
		case 'y', 'e':
			r = 'i'
		case 'q':
			r = 'k'
		}
		if r == last && r >= 'a' && r <= 'z' {
			continue
		}
		b.WriteRune(r)
		last = r
	}
	return strings.TrimSuffix(b.String(), "h")
}

// MonthOf is the name of a month, 1 to 12, of a calendar in a language of core/l10n (English for others; "en-AF" gives Afghanistan's names of solar months in Latin letters);
// "" when there is no such month.
func MonthOf(in Name, m int, lang string) string {
	if m < 1 || m > 12 || !in.Known() {
		return ""
	}
	shown := book().shown[in]
	if list, known := shown[lang]; known {
		return list[m-1]
	}
	return shown[l10n.English][m-1]
}

// Month is the name of a solar month, 1 to 12, in a language of core/l10n (English for others); "" when there is no such month.
func Month(m int, lang string) string { return MonthOf(Solar, m, lang) }

// Title is what the calendar is called in English.
func (n Name) Title() string {
	switch n {
	case Solar:
		return "Solar Hijri"
	case Lunar:
		return "lunar Hijri"
	}
	return "Gregorian"
}

func digitsOf(lang string) l10n.Digits {
	if l, known := l10n.Find(lang); known {
		return l.Digits
	}
	return l10n.Latin
}

// Words is the day in words, "30 Esfand 1403", with the digits and the names of months of a language as of MonthOf; "" for no day. Where Within is not 0, a page says so beside it.
func (w Written) Words(lang string) string {
	if w.IsZero() {
		return ""
	}
	return digitsOf(lang).Shape(fmt.Sprintf("%d %s %d", w.D, MonthOf(w.In, w.M, lang), w.Y))
}

// Both is a day in both calendars in words: "24 November 2026" and "3 Azar 1405", with the digits of the language, in t's own time zone. The solar one is "" out of bounds.
func Both(t time.Time, lang string) (gregorian, solar string) {
	y, m, d := t.Date()
	gregorian = digitsOf(lang).Shape(fmt.Sprintf("%d %s %d", d, MonthOf(Gregorian, int(m), lang), y))
	if s, err := In(t, Solar); err == nil {
		solar = s.Words(lang)
	}
	return gregorian, solar
}
