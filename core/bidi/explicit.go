package bidi

// status is an entry of the directional status stack, rule X1.
type status struct {
	level    Level
	override Class // L, R, or ON for neutral
	isolate  bool
}

// explicit gives levels by rules X1 to X8; what X9 removes gets Removed.
func (p *Paragraph) explicit(work []Class, match []int) {
	x := explicitRun{stack: []status{{p.base, ON, false}}}
	for i, c := range p.classes {
		switch {
		case c >= LRE && c <= RLO:
			p.levels[i] = Removed
			x.embed(c)
		case c.opensIsolate():
			x.apply(p.levels, work, i)
			if c == FSI {
				c = LRI
				if firstStrong(p.classes, match, i+1, match[i]) == 1 {
					c = RLI
				}
			}
			x.isolate(c)
		case c == PDI:
			x.endIsolate()
			x.apply(p.levels, work, i)
		case c == PDF:
			p.levels[i] = Removed
			x.endEmbedding()
		case c == B:
			p.levels[i] = p.base
		case c == BN:
			p.levels[i] = Removed
		default:
			x.apply(p.levels, work, i)
		}
	}
}

// explicitRun is the state of rules X1 to X8.
type explicitRun struct {
	stack                              []status
	tooManyIsolates, tooManyEmbeddings int
	validIsolates                      int
}

func (x *explicitRun) top() status { return x.stack[len(x.stack)-1] }

func (x *explicitRun) apply(levels []Level, work []Class, i int) {
	levels[i] = x.top().level
	if o := x.top().override; o != ON {
		work[i] = o
	}
}

// next is the least odd level above the present one, or the least even.
func (x *explicitRun) next(odd bool) Level {
	if odd {
		return (x.top().level + 1) | 1
	}
	return (x.top().level + 2) &^ 1
}

// embed is rules X2 to X5.
func (x *explicitRun) embed(c Class) {
	level := x.next(c == RLE || c == RLO)
	if level > maxDepth || x.tooManyIsolates > 0 || x.tooManyEmbeddings > 0 {
		if x.tooManyIsolates == 0 {
			x.tooManyEmbeddings++
		}
		return
	}
	override := ON
	switch c {
	case LRO:
		override = L
	case RLO:
		override = R
	}
	x.stack = append(x.stack, status{level, override, false})
}

// isolate is rules X5a and X5b.
func (x *explicitRun) isolate(c Class) {
	level := x.next(c == RLI)
	if level > maxDepth || x.tooManyIsolates > 0 || x.tooManyEmbeddings > 0 {
		x.tooManyIsolates++
		return
	}
	x.validIsolates++
	x.stack = append(x.stack, status{level, ON, true})
}

// endIsolate is rule X6a.
func (x *explicitRun) endIsolate() {
	if x.tooManyIsolates > 0 {
		x.tooManyIsolates--
		return
	}
	if x.validIsolates == 0 {
		return
	}
	x.tooManyEmbeddings = 0
	for !x.top().isolate {
		x.stack = x.stack[:len(x.stack)-1]
	}
	x.stack = x.stack[:len(x.stack)-1]
	x.validIsolates--
}

// endEmbedding is rule X7.
func (x *explicitRun) endEmbedding() {
	switch {
	case x.tooManyIsolates > 0:
	case x.tooManyEmbeddings > 0:
		x.tooManyEmbeddings--
	case !x.top().isolate && len(x.stack) >= 2:
		x.stack = x.stack[:len(x.stack)-1]
	}
}

// sequence is an isolating run sequence (BD13): the indices of its characters, its level, and the classes at its ends.
type sequence struct {
	at       []int
	level    Level
	sos, eos Class
	work     []Class
}

// sequences are rule X10: level runs joined over isolates, with the direction at both ends.
func (p *Paragraph) sequences(match []int) (all []*sequence) {
	open := map[int]*sequence{} // by the isolate initiator that ended them
	var s *sequence
	last := -1 // the character before, removed ones left out
	for i, level := range p.levels {
		if level == Removed {
			continue
		}
		if last < 0 || p.levels[last] != level {
			if last >= 0 && p.classes[last].opensIsolate() {
				open[last] = s
			}
			s = nil
			if p.classes[i] == PDI && match[i] >= 0 {
				s = open[match[i]]
			}
			if s == nil {
				s = &sequence{level: level}
				all = append(all, s)
			}
		}
		s.at = append(s.at, i)
		last = i
	}
	for _, s := range all {
		p.ends(s, match)
	}
	return all
}

// ends sets sos and eos: the direction of the higher of the two levels that meet there.
func (p *Paragraph) ends(s *sequence, match []int) {
	before, after := p.base, p.base
	for i := s.at[0] - 1; i >= 0; i-- {
		if p.levels[i] != Removed {
			before = p.levels[i]
			break
		}
	}
	last := s.at[len(s.at)-1]
	if !(p.classes[last].opensIsolate() && match[last] == len(p.classes)) {
		for i := last + 1; i < len(p.levels); i++ {
			if p.levels[i] != Removed {
				after = p.levels[i]
				break
			}
		}
	}
	s.sos, s.eos = direction(max(before, s.level)), direction(max(after, s.level))
}

func direction(l Level) Class {
	if l&1 == 1 {
		return R
	}
	return L
}
