package photo

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"panah/core/papers"
)

// What the judge takes for granted. Figures were set on specimens that the bench does not use (docs/adr/photo.md).
const (
	evidence   = 30.0 // independent pixels that a cell is worth: how much a better fit says
	near       = 5.0  // nats that a symbol may be less likely than the clearest one and still be a candidate
	wrongDigit = -9.0 // nats: how rarely a paper's check digit is wrong as printed
	wrongState = -7.0 // nats: how rarely a state's code is not on the list
	outOfPlace = -8.0 // nats: how rarely a paper has a symbol where its layout has none such; then nothing is sure
	keptPaths  = 6

	mostGuesses = 8 // at a place
)

// A verdict is the most likely zone and how likely it is.
type verdict struct {
	layout  layout
	lines   []string
	sure    [][]float32
	chance  float64 // that every character is right
	fits    bool    // check digits, states and dates hold together
	support float64 // log-likelihood, to compare layouts with
}

// A guess is one symbol and its log-probability at a place.
type guess struct {
	symbol int
	logp   float64
}

// usual is the log-probability of a symbol in a place of a class: numbers of papers are mostly digits, half of a name's places are empty.
func usual(class byte, symbol int) float64 {
	switch {
	case class == 'm' && symbol == filler:
		return -0.8 // 0.45
	case class == 'm':
		return -3.9 // 0.55 over 26 letters
	case class == 'k' && symbol < 10:
		return -4 // "C1" on American cards, against Doc 9303
	case class == 'x' && symbol < 10:
		return -2.8 // 0.6 over ten digits
	case class == 'x' && symbol < filler:
		return -4.5 // 0.3 over 26 letters
	case class == 'x':
		return -2.3 // 0.1
	}
	return 0
}

// guesses weighs what a place may hold: symbols within near of the best one. sum is the log of all symbols' weight before that.
func guesses(s *score, class byte, evidence float64) (out []guess, total float64) {
	may := allowed(class)
	best := math.Inf(-1)
	var like [len(symbols)]float64
	for i, fit := range s.fit {
		f := float64(min(1, max(0, fit)))
		like[i] = -evidence / 2 * math.Log(1.02-f*f)
		like[i] += usual(class, i)
		if may[i] {
			best = max(best, like[i])
		}
	}
	var sum float64
	for i := range like {
		if may[i] {
			sum += math.Exp(like[i] - best)
		} else if t := twin(symbols[i]); t == 0 || !may[strings.IndexByte(symbols, t)] {
			sum += math.Exp(min(40, like[i]-best+outOfPlace))
		}
	}
	for i := range like {
		if may[i] && like[i] > best-near {
			out = append(out, guess{i, like[i] - best - math.Log(sum)})
		}
	}
	slices.SortStableFunc(out, func(a, b guess) int { return cmp.Compare(b.logp, a.logp) })
	return out[:min(len(out), mostGuesses)], best
}

// twin is the symbol that printers and pictures make like c: where one cannot stand, its shape says the other. 0 when there is none.
func twin(c byte) byte {
	switch c {
	case '0':
		return 'O'
	case 'O':
		return '0'
	case '1':
		return 'I'
	case 'I':
		return '1'
	}
	return 0
}

// left is the chance that what is weighed together holds the truth: nearly 1 where the candidates that were left out are each unlikely
// and would have to pass a check digit or a list besides; what was seen where the candidates are so unlikely is something else.
func left(guesses []guess) float64 {
	var kept float64
	for _, g := range guesses {
		kept += math.Exp(g.logp)
	}
	if kept < 0.5 {
		return kept
	}
	return 1 - 0.03*max(0, 1-kept)
}

// judge finds the most likely zone of a layout in the cells' scores, [line][column]; blur is how much less they say for being blurred, 1 for sharp.
func judge(l layout, cells [][]score, blur float64) verdict {
	v := verdict{layout: l, chance: 1, fits: true}
	contrast := typicalContrast(cells)
	all := make([][][]guess, len(l.lines))
	chosen := make([][]byte, len(l.lines))
	for line, classes := range l.lines {
		all[line] = make([][]guess, len(classes))
		chosen[line] = make([]byte, len(classes))
		v.sure = append(v.sure, make([]float32, len(classes)))
		for column := range classes {
			cell := &cells[line][column]
			g, support := guesses(cell, classes[column], evidence*blur*pale(float64(cell.contrast)/contrast))
			all[line][column] = g
			v.support += support
			chosen[line][column] = symbols[g[0].symbol]
			v.sure[line][column] = float32(math.Exp(g[0].logp))
		}
	}
	guided := v.guide(all, chosen)
	for _, at := range l.states {
		v.state(all, chosen, at)
		for i := range 3 {
			guided[place{at.line, at.column + i}] = true
		}
	}
	for line := range v.sure {
		for column, p := range v.sure[line] {
			if !guided[place{line, column}] {
				v.chance *= float64(p)
			}
		}
		v.lines = append(v.lines, string(chosen[line]))
	}
	for _, at := range l.dates {
		v.fits = v.fits && dateLike(v.lines[at.line][at.column:at.column+6])
	}
	return v
}

// pale is how much less a cell says that glare or wear has paled: what is gone there may be a stroke.
func pale(contrast float64) float64 { return min(1, max(0.15, 1.6*contrast)) }

// typicalContrast is the median contrast of the cells.
func typicalContrast(cells [][]score) float64 {
	var all []float32
	for _, line := range cells {
		for i := range line {
			all = append(all, line[i].contrast)
		}
	}
	slices.Sort(all)
	return max(1, float64(all[len(all)/2]))
}

// state chooses a code of three letters, on the list where the letters allow it.
func (v *verdict) state(all [][][]guess, chosen [][]byte, at place) {
	type code struct {
		text [3]byte
		logp float64
	}
	var codes []code
	var sum float64
	for _, a := range all[at.line][at.column] {
		for _, b := range all[at.line][at.column+1] {
			for _, c := range all[at.line][at.column+2] {
				o := code{[3]byte{symbols[a.symbol], symbols[b.symbol], symbols[c.symbol]}, a.logp + b.logp + c.logp}
				if !papers.StateKnown(trimmed(o.text[:])) {
					o.logp += wrongState
				}
				sum += math.Exp(o.logp)
				codes = append(codes, o)
			}
		}
	}
	best := slices.MaxFunc(codes, func(a, b code) int { return cmp.Compare(a.logp, b.logp) })
	v.chance *= math.Exp(best.logp) / sum
	for i := range 3 {
		v.chance *= left(all[at.line][at.column+i])
	}
	v.fits = v.fits && papers.StateKnown(trimmed(best.text[:]))
	for i, c := range best.text {
		var right float64 // the weight of codes with this letter here
		for _, o := range codes {
			if o.text[i] == c {
				right += math.Exp(o.logp)
			}
		}
		chosen[at.line][at.column+i] = c
		v.sure[at.line][at.column+i] = float32(right / sum * left(all[at.line][at.column+i]))
	}
}

func trimmed(code []byte) string {
	n := len(code)
	for n > 1 && code[n-1] == '<' {
		n--
	}
	return string(code[:n])
}

// dateLike takes YYMMDD with parts that may be unknown.
func dateLike(s string) bool {
	two := func(s string, least, most int) bool {
		if s == "<<" {
			return true
		}
		if s[0] == '<' || s[1] == '<' {
			return false
		}
		n := int(s[0]-'0')*10 + int(s[1]-'0')
		return n >= least && n <= most
	}
	return two(s[0:2], 0, 99) && two(s[2:4], 1, 12) && two(s[4:6], 1, 31)
}
