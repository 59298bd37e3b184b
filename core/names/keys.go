package names

import (
	"math/bits"
	"slices"
	"strings"
)

// maxKeys bounds the keys of one word.
const maxKeys = 8

// Keys are what an index keeps of a name: two names that may be one have a key in common, and few others have it. A key is the skeleton of a word:
//
//   - vowels, ayn and weak letters inside a word (و ی, w y) are left out, as Arabic script leaves short vowels out and writers disagree about the others; that a
//     word begins with a vowel is kept as A;
//   - letters of one sound are one: ث س ص, ذ ز ض ظ, ت ط, ح ه; خ counts as h; w as v;
//   - a letter of several readings gives several keys: q and gh (ق غ), k and q, g and gh, th and dh;
//   - doubled letters count once, h at the end not, the article may be there or not.
//
// Each word has its own keys; words that belong together (Abdul Rahman, Habib Ullah) have those of both in one, too. In order, each once.
func Keys(name string) []string {
	words := wordsOf(name)
	var out []string
	for i, w := range words {
		out = append(out, keysOf(w)...)
		if i+1 < len(words) && (binds(w) || binds(words[i+1])) {
			out = append(out, keysOf(w+words[i+1])...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// binds reports whether a word is often written as one with its neighbour.
func binds(w string) bool {
	if strings.HasPrefix(w, "abd") || strings.HasPrefix(w, "عبد") {
		return true
	}
	return slices.Contains([]string{
		"ullah", "allah", "ollah", "uddin", "eddin", "oddin", "ud", "ul", "al", "el", "ol", "din", "deen", "jan", "gul", "gol", "zai", "zay", "zada", "zadeh", "khel", "reza", "ali", "mir", "shah", "khan",
		"الله", "الدین", "دین", "ال", "جان", "گل", "زی", "زای", "زاده", "خیل", "رضا", "علی", "میر", "شاه", "خان", "ul", "ur",
	}, w)
}

func keysOf(word string) []string {
	var out []string
	for _, reading := range parse(word) {
		out = append(out, skeletons(reading)...)
	}
	return out
}

// skeletons writes out every reading of the letters, at most maxKeys.
func skeletons(units []unit) []string {
	keys := []string{""}
	for _, u := range units {
		ways := ways(u)
		var next []string
		for _, k := range keys {
			for _, w := range ways {
				if len(next) < maxKeys {
					next = append(next, k+w)
				}
			}
		}
		keys = next
	}
	slices.Sort(keys)
	return slices.DeleteFunc(slices.Compact(keys), func(k string) bool { return k == "" || k == "A" })
}

// ways are what a sound may be in a key.
func ways(u unit) []string {
	switch {
	case u.kind == vowel && u.first:
		return []string{"A"}
	case u.kind != consonant, u.sounds == soundH && u.maybe && u.script, !u.first && u.sounds&(soundV|soundY) != 0:
		return []string{""}
	}
	var out []string
	for s := u.sounds; s != 0; s &= s - 1 {
		out = append(out, written[bits.TrailingZeros32(uint32(s))])
	}
	if u.maybe {
		out = append(out, "")
	}
	slices.Sort(out)
	return slices.Compact(out)
}
