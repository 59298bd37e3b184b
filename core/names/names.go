// Package names tells whether two spellings may be one person's name: Mohammad, Muhammed and محمد; Abdul Rahman, Abdurrahman and عبدالرحمن; Hossein, Husain and حسین.
//
// It reads Latin letters as people of Afghanistan, Iran and Pakistan write their names with them, and the Arabic script of Dari, Persian, Pashto and Urdu. It says "may
// be": a name is never proof of a person, and a human decides. It knows no list of names, so that rare ones are served like common ones.
package names

import (
	"slices"
	"strings"

	"panah/core/script"
)

// Alike is the score from which on Match calls two names alike.
const Alike = 0.7

// titles go with a name or not.
var titles = []string{"khan", "jan", "haji", "hajji", "alhaj", "sayed", "syed", "said", "agha", "mullah", "ustad", "خان", "جان", "حاجی", "الحاج", "سید", "اغا", "ملا", "استاد"}

// maxWords bounds a name.
const maxWords = 8

// Match says how alike two names are, from 0 to 1: 1 is the same name, from Alike on they may be two spellings of one. Words may stand in any order, be joined
// or apart, and a name may have fewer of them (Mohammad for Mohammad Karimi): all words of the shorter one have to be found.
func Match(a, b string) float64 {
	wa, wb := wordsOf(a), wordsOf(b)
	if len(wa) == 0 || len(wb) == 0 {
		return 0
	}
	if slices.Equal(wa, wb) {
		return 1
	}
	best := compare(strings.Join(wa, ""), strings.Join(wb, ""))
	if len(wa) == 1 && len(wb) == 1 {
		return best
	}
	if len(wa) > len(wb) {
		wa, wb = wb, wa
	}
	return max(best, matchWords(wa, wb))
}

// matchWords finds the words of the shorter name in the longer one, each alone or with a neighbour: the worst of them decides.
func matchWords(short, long []string) float64 {
	taken := make([]bool, len(long))
	score := 1.0
	for i := 0; i < len(short); i++ {
		best, at, width, step := 0.0, -1, 0, 1
		for j := range long {
			if taken[j] {
				continue
			}
			if s := compare(short[i], long[j]); s > best {
				best, at, width, step = s, j, 1, 1
			}
			if j+1 < len(long) && !taken[j+1] {
				if s := compare(short[i], long[j]+long[j+1]); s > best {
					best, at, width, step = s, j, 2, 1
				}
			}
			if i+1 < len(short) {
				if s := compare(short[i]+short[i+1], long[j]); s > best {
					best, at, width, step = s, j, 1, 2
				}
			}
		}
		if best < Alike && slices.Contains(titles, short[i]) {
			score -= 0.02
			continue
		}
		if at < 0 {
			return 0
		}
		for k := at; k < at+width; k++ {
			taken[k] = true
		}
		score = min(score, best)
		i += step - 1
	}
	return score
}

// compare scores two words.
func compare(a, b string) float64 {
	if a == b {
		return 1
	}
	best := 0.0
	for _, ua := range parse(a) {
		for _, ub := range parse(b) {
			n := min(weight(ua), weight(ub))
			if n == 0 {
				continue
			}
			best = max(best, 1-distance(ua, ub)/(0.6+0.35*min(n, 4.5)))
		}
	}
	return max(best, 0)
}

// weight counts what a word is known by.
func weight(units []unit) float64 {
	n := 0.0
	for _, u := range units {
		switch {
		case u.kind == consonant && !u.maybe:
			n++
		case u.kind != ayn:
			n += 0.25
		}
	}
	return n
}

func wordsOf(name string) []string {
	words := strings.Fields(script.Fold(name))
	return words[:min(len(words), maxWords)]
}
