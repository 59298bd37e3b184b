package bidi

// weak is rules W1 to W7.
func (s *sequence) weak() {
	s.marks()
	s.numbers()
	s.separators()
	s.terminators()
	strong := s.sos
	for _, i := range s.at {
		switch c := s.work[i]; {
		case c == L || c == R:
			strong = c
		case c == EN && strong == L: // W7
			s.work[i] = L
		}
	}
}

// marks is W1: a nonspacing mark is what it stands on.
func (s *sequence) marks() {
	before := s.sos
	for _, i := range s.at {
		c := s.work[i]
		if c == NSM {
			s.work[i] = before
			continue
		}
		before = c
		if c.opensIsolate() || c == PDI {
			before = ON
		}
	}
}

// numbers is W2, a number after an Arabic letter is Arabic, and W3.
func (s *sequence) numbers() {
	strong := s.sos
	for _, i := range s.at {
		switch c := s.work[i]; {
		case c == L || c == R:
			strong = c
		case c == AL:
			strong = AL
			s.work[i] = R
		case c == EN && strong == AL:
			s.work[i] = AN
		}
	}
}

// separators is W4: one separator between two numbers of a kind joins them.
func (s *sequence) separators() {
	for k := 1; k+1 < len(s.at); k++ {
		c, before, after := s.work[s.at[k]], s.work[s.at[k-1]], s.work[s.at[k+1]]
		if before == after && (before == EN && (c == ES || c == CS) || before == AN && c == CS) {
			s.work[s.at[k]] = before
		}
	}
}

// terminators is W5, terminators beside a European number belong to it, and W6, every other separator and terminator is neutral.
func (s *sequence) terminators() {
	for k := 0; k < len(s.at); k++ {
		switch s.work[s.at[k]] {
		case ES, CS:
			s.work[s.at[k]] = ON
		case ET:
			end := k
			for end < len(s.at) && s.work[s.at[end]] == ET {
				end++
			}
			become := ON
			if k > 0 && s.work[s.at[k-1]] == EN || end < len(s.at) && s.work[s.at[end]] == EN {
				become = EN
			}
			for ; k < end; k++ {
				s.work[s.at[k]] = become
			}
			k--
		}
	}
}
