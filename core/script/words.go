package script

import (
	"slices"
	"strings"
)

// MaxWord bounds a word, bytes: longer runs of letters are cut there. Nobody looks for them, and an index must not keep what a stranger pastes.
const MaxWord = 64

// before and after are what Persian and Pashto write attached to a word, apart from it, or with a zero-width non-joiner, as the writer likes.
var (
	before = []string{"می", "نمی", "بی", "همی"}
	after  = []string{"ها", "های", "هایی", "هایم", "هایش", "هایت", "هایشان", "تر", "ترین", "ام", "ات", "اش", "ای", "اند", "ایم", "اید", "مان", "تان", "شان", "گی"}
)

// Words are all the words under which a text is found, each once, in the order of the text: a compound that is written with a zero-width non-joiner or
// apart is there as a whole and in its parts.
func Words(s string) []string {
	pieces := cut(s)
	seen := make(map[string]bool, len(pieces))
	var out []string
	add := func(w string) {
		if w = clip(w); w != "" && !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	for i, p := range pieces {
		for _, part := range p.parts {
			add(part)
		}
		if len(p.parts) > 1 {
			add(strings.Join(p.parts, ""))
		}
		if i+1 < len(pieces) && joins(p.last(), pieces[i+1].parts[0]) {
			add(p.last() + pieces[i+1].parts[0])
		}
	}
	return out
}

// A Term is one thing looked for. It is found where all words of one of Ways are.
type Term struct{ Ways [][]string }

// Terms are what a query asks for: all of them have to be found.
func Terms(s string) []Term {
	pieces := cut(s)
	var out []Term
	for i := 0; i < len(pieces); i++ {
		parts := slices.Clone(pieces[i].parts)
		glued := len(parts) > 1
		for i+1 < len(pieces) && joins(parts[len(parts)-1], pieces[i+1].parts[0]) {
			i++
			parts, glued = append(parts, pieces[i].parts...), true
		}
		for j := range parts {
			parts[j] = clip(parts[j])
		}
		t := Term{Ways: [][]string{parts}}
		if glued {
			t.Ways = append(t.Ways, []string{clip(strings.Join(parts, ""))})
		}
		out = append(out, t)
	}
	return out
}

// joins reports whether two words are often written as one.
func joins(a, b string) bool { return slices.Contains(before, a) || slices.Contains(after, b) }

// A piece is a word as it was written: several parts when zero-width non-joiners stood in it.
type piece struct{ parts []string }

func (p piece) last() string { return p.parts[len(p.parts)-1] }

func cut(s string) []piece {
	var out []piece
	for w := range strings.FieldsSeq(strings.ReplaceAll(fold(s), " ", "\n")) {
		out = append(out, piece{strings.Split(w, string(joiner))})
	}
	return out
}

func clip(w string) string {
	if len(w) <= MaxWord {
		return w
	}
	return strings.ToValidUTF8(w[:MaxWord], "")
}
