package bidi

import "sort"

// maxBrackets is the depth of BD16's stack; a sequence that opens more has no pairs.
const maxBrackets = 63

// strongOf is how rules N0 to N2 see a class: numbers count as R; ON for what is neither.
func strongOf(c Class) Class {
	switch c {
	case L:
		return L
	case R, AL, EN, AN:
		return R
	}
	return ON
}

// pairs is N0: both of a pair of brackets take one direction. given are the classes before any rule: a nonspacing mark on a bracket follows it.
func (s *sequence) pairs(text []rune, given []Class) {
	for _, p := range s.findPairs(text) {
		if c := s.pairDirection(p[0], p[1]); c != ON {
			for _, k := range p {
				s.work[s.at[k]] = c
				for n := k + 1; n < len(s.at) && given[s.at[n]] == NSM; n++ {
					s.work[s.at[n]] = c
				}
			}
		}
	}
}

// findPairs is BD16: pairs of positions in the sequence, in order of the opening bracket.
func (s *sequence) findPairs(text []rune) (found [][2]int) {
	type opened struct {
		pair rune
		k    int
	}
	var stack []opened
	for k, i := range s.at {
		if s.work[i] != ON {
			continue
		}
		b, ok := bracketOf(text[i])
		switch {
		case !ok:
		case b.opens:
			if len(stack) == maxBrackets {
				return nil
			}
			stack = append(stack, opened{b.pair, k})
		default:
			for n := len(stack) - 1; n >= 0; n-- {
				if stack[n].pair == b.pair {
					found = append(found, [2]int{stack[n].k, k})
					stack = stack[:n]
					break
				}
			}
		}
	}
	sort.Slice(found, func(a, b int) bool { return found[a][0] < found[b][0] })
	return found
}

// pairDirection is N0 b and c for the pair at two positions of the sequence; ON leaves it to N1 and N2.
func (s *sequence) pairDirection(open, closing int) Class {
	along, across := direction(s.level), ON
	for k := open + 1; k < closing; k++ {
		switch c := strongOf(s.work[s.at[k]]); c {
		case along:
			return along
		case ON:
		default:
			across = c
		}
	}
	if across == ON {
		return ON
	}
	context := s.sos
	for k := open - 1; k >= 0; k-- {
		if c := strongOf(s.work[s.at[k]]); c != ON {
			context = c
			break
		}
	}
	if context == across {
		return across
	}
	return along
}

// neutrals is N1 and N2.
func (s *sequence) neutrals() {
	before := s.sos
	for k := 0; k < len(s.at); k++ {
		c := s.work[s.at[k]]
		if !c.neutral() {
			before = strongOf(c)
			continue
		}
		end := k
		for end < len(s.at) && s.work[s.at[end]].neutral() {
			end++
		}
		after := s.eos
		if end < len(s.at) {
			after = strongOf(s.work[s.at[end]])
		}
		become := direction(s.level)
		if before == after {
			become = before
		}
		for ; k < end; k++ {
			s.work[s.at[k]] = become
		}
		k--
	}
}

// implicit is I1 and I2.
func (s *sequence) implicit(levels []Level) {
	for _, i := range s.at {
		switch c := s.work[i]; {
		case s.level&1 == 0 && c == R, s.level&1 == 1 && c != R:
			levels[i]++
		case s.level&1 == 0 && c != L:
			levels[i] += 2
		}
	}
}
