package bidi

// Line gives the levels of the characters from one index to before another as a line of its own, rule L1: separators, and white space before them and at
// the end of the line, go back to the level of the paragraph. Removed characters keep Removed.
func (p *Paragraph) Line(from, to int) []Level {
	levels := append([]Level(nil), p.levels[from:to]...)
	trailing := true // so far only white space up to the next separator or the end
	for i := len(levels) - 1; i >= 0; i-- {
		switch c := p.classes[from+i]; {
		case c == B || c == S:
			levels[i] = p.base
			trailing = true
		case c == WS || c.opensIsolate() || c == PDI:
			if trailing {
				levels[i] = p.base
			}
		case c.removed():
		default:
			trailing = false
		}
	}
	return levels
}

// Order is rule L2: the indices of a line's levels from left to right; removed characters are left out.
func Order(levels []Level) []int {
	order := make([]int, 0, len(levels))
	highest, lowestOdd := Level(0), Removed
	for i, l := range levels {
		if l == Removed {
			continue
		}
		order = append(order, i)
		highest = max(highest, l)
		if l&1 == 1 {
			lowestOdd = min(lowestOdd, l)
		}
	}
	for level := highest; level >= lowestOdd && level > 0; level-- {
		for a := 0; a < len(order); a++ {
			if levels[order[a]] < level {
				continue
			}
			b := a
			for b < len(order) && levels[order[b]] >= level {
				b++
			}
			for i, j := a, b-1; i < j; i, j = i+1, j-1 {
				order[i], order[j] = order[j], order[i]
			}
			a = b
		}
	}
	return order
}
