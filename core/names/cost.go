package names

// What it costs to leave a sound out, or to take one for another: nothing where writers of one name differ all the time, one for another consonant. They are tuned on
// the half of testdata that TestRecall calls the first.

// distance is the cheapest way to read one word as the other.
func distance(a, b []unit) float64 {
	row := make([]float64, len(b)+1)
	for j := range b {
		row[j+1] = row[j] + drop(b[j], scriptOf(a))
	}
	for i := range a {
		diagonal := row[0]
		row[0] += drop(a[i], scriptOf(b))
		for j := range b {
			change := diagonal + swap(a[i], b[j])
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+drop(a[i], scriptOf(b)), row[j]+drop(b[j], scriptOf(a)))
		}
	}
	return row[len(b)]
}

func scriptOf(units []unit) bool { return len(units) > 0 && units[0].script }

// drop is the cost of a sound that the other word does not have. other is whether that one is of Arabic script, which writes no short vowels.
func drop(u unit, other bool) float64 {
	switch u.kind {
	case ayn:
		return 0.02
	case weakW, weakY:
		switch {
		case u.maybe:
			return 0.05
		case u.last:
			return 0.8 // Karimi is not Karim
		}
		return 0.55
	case vowel:
		return dropVowel(u, other)
	}
	switch {
	case u.maybe && u.last && u.sounds == soundH && u.script:
		return 0.7 // Farida is not Farid
	case u.maybe:
		return 0.05
	case u.sounds == soundH:
		return 0.6
	case u.sounds&soundY != 0 && !u.first && !u.script:
		return 0.15 // Safiya, Safia
	case u.sounds&(soundY|soundV) != 0 && !u.first:
		return 0.4
	}
	return 1
}

func dropVowel(u unit, other bool) float64 {
	switch {
	case u.maybe:
		return 0.05
	case u.first:
		return 0.6
	case u.last && u.vowels == vowelE:
		return 0.3 // Yasmine
	case u.last:
		return 0.7
	case u.script:
		return 0.5
	case u.glide && other:
		return 0.6
	case u.glide:
		return 0.35
	case other && !u.long:
		return 0.05
	case other:
		return 0.45
	}
	return 0.25
}

// swap is the cost of taking one sound for another.
func swap(a, b unit) float64 {
	if a.kind > b.kind {
		a, b = b, a
	}
	switch {
	case a.kind == consonant && b.kind == consonant:
		return swapConsonants(a.sounds, b.sounds)
	case a.kind == consonant && b.kind == weakW:
		return free(a.sounds&soundV != 0)
	case a.kind == consonant && b.kind == weakY:
		return free(a.sounds&soundY != 0)
	case a.kind == consonant && b.kind == vowel:
		return consonantForVowel(a, b)
	case a.kind == vowel && b.kind == vowel:
		return swapVowels(a, b)
	case a.kind == vowel && b.kind == weakW:
		return vowelFor(a, b, vowelO|vowelU)
	case a.kind == vowel && b.kind == weakY:
		return vowelFor(a, b, vowelI|vowelE)
	case a.kind == b.kind:
		return 0
	case a.kind == vowel && b.kind == ayn:
		return 0.1 // Saeed: the ayn is a vowel in Latin writing
	}
	return 1.2
}

func free(is bool) float64 {
	if is {
		return 0
	}
	return 1.2
}

// consonantForVowel: h at the end of a name stands for its last vowel, y and w are vowels to other writers.
func consonantForVowel(c, v unit) float64 {
	switch {
	case c.sounds == soundH && c.maybe && c.last && v.last && v.vowels&(vowelA|vowelE) != 0:
		return 0
	case v.first:
		return 1.2
	case c.sounds&soundY != 0 && v.vowels&(vowelI|vowelE) != 0, c.sounds&soundV != 0 && v.vowels&(vowelU|vowelO) != 0:
		return 0.15
	}
	return 1.2
}

func swapConsonants(a, b sound) float64 {
	if a&b != 0 {
		return 0
	}
	best := 1.0
	for _, p := range alike {
		if a&p.a != 0 && b&p.b != 0 || a&p.b != 0 && b&p.a != 0 {
			best = min(best, p.cost)
		}
	}
	return best
}

// vowelFor is the cost of a Latin vowel, or an alef, where the other has a weak letter that may be read as set.
func vowelFor(v, weak unit, set byte) float64 {
	switch {
	case v.script && v.first:
		return 0.3
	case v.script:
		return 0.6
	case v.vowels&set == 0 && weak.last && weak.kind == weakY && v.vowels == vowelA:
		return 0.2 // Musa, Leila: an a that is written ی
	case v.vowels&set == 0:
		return 0.6
	case v.vowels == vowelE && !v.long && !weak.last:
		return 0.15
	}
	return 0
}

// near are vowels that writers interchange. All other pairs cost far.
var near = []struct {
	set  byte
	cost float64
}{{vowelE | vowelI, 0.02}, {vowelO | vowelU, 0.02}, {vowelA | vowelE, 0.1}, {vowelA | vowelO, 0.2}, {vowelA | vowelU, 0.25}}

const far = 0.5

func swapVowels(a, b unit) float64 {
	switch {
	case a.first && b.first && (a.script || b.script):
		return 0
	case a.first != b.first:
		return 0.3
	case a.vowels&b.vowels != 0:
		return 0
	}
	best := far
	for _, n := range near {
		if a.vowels&n.set != 0 && b.vowels&n.set != 0 {
			best = min(best, n.cost)
		}
	}
	if (a.long || b.long) && best > 0.02 { // a long one is heard
		best *= 1.5
	}
	return best
}
