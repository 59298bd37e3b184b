package photo

import "panah/core/papers"

// A layout says which symbols each place of a zone may hold, and what its check digits cover (ICAO Doc 9303-4 to -7).
type layout struct {
	kind      papers.Type
	lines     []string // a class for each place, see allowed
	checked   []span   // each with its check digit behind it
	composite []span   // what the last check digit covers; none on visas
	digit     place    // of the composite
	states    []place  // where codes of three letters stand
	dates     []place  // where YYMMDD stands
}

type place struct{ line, column int }

// A span is the places from from to before to of a line.
type span struct{ line, from, to int }

// Classes of a place: A letter, a letter or filler, m the same in a name, n digit or filler, d digit, x any, k any but seldom a digit, s sex, and some letters for themselves.
func allowed(class byte) (from [len(symbols)]bool) {
	for i := range symbols {
		c := symbols[i]
		letter, digit := c >= 'A' && c <= 'Z', c <= '9' && c >= '0'
		switch class {
		case 'A':
			from[i] = letter
		case 'a', 'm':
			from[i] = !digit
		case 'n':
			from[i] = !letter
		case 'd':
			from[i] = digit
		case 'x', 'k':
			from[i] = true
		case 's':
			from[i] = c == 'M' || c == 'F' || c == 'X' || c == '<'
		case 'c': // the first letter of a card
			from[i] = letter && c != 'P' && c != 'V'
		default:
			from[i] = c == class
		}
	}
	return from
}

func repeat(class byte, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = class
	}
	return string(b)
}

// layouts are the layouts of so many lines of so many columns.
func layouts(rows, columns int) []layout {
	upper := func(first string) string { return first + "kaaa" + repeat('m', columns-5) }
	lower := func(rest string) string { return repeat('x', 9) + "d" + "aaa" + "nnnnnnd" + "s" + "nnnnnnd" + rest }
	checked := []span{{1, 0, 9}, {1, 13, 19}, {1, 21, 27}}
	states, dates := []place{{0, 2}, {1, 10}}, []place{{1, 13}, {1, 21}}
	switch [2]int{rows, columns} {
	case [2]int{3, 30}:
		return []layout{{
			papers.TD1,
			[]string{"ckaaa" + repeat('x', 9) + "n" + repeat('x', 15), "nnnnnnd" + "s" + "nnnnnnd" + "aaa" + repeat('x', 11) + "d", repeat('m', 30)},
			[]span{{0, 5, 14}, {1, 0, 6}, {1, 8, 14}},
			[]span{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}},
			place{1, 29},
			[]place{{0, 2}, {1, 15}},
			[]place{{1, 0}, {1, 8}},
		}}
	case [2]int{2, 36}:
		return []layout{
			{papers.TD2, []string{upper("c"), lower(repeat('x', 7) + "d")}, checked, []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 35}}, place{1, 35}, states, dates},
			{papers.MRVB, []string{upper("V"), lower(repeat('x', 8))}, checked, nil, place{}, states, dates},
			{
				papers.FraID,
				[]string{"IDFRA" + repeat('m', 25) + repeat('x', 6), repeat('x', 12) + "d" + repeat('m', 14) + "ddddddd" + "s" + "d"},
				[]span{{1, 0, 12}, {1, 27, 33}},
				[]span{{0, 0, 36}, {1, 0, 35}},
				place{1, 35},
				nil,
				[]place{{1, 27}},
			},
		}
	case [2]int{2, 44}:
		return []layout{
			{papers.TD3, []string{upper("P"), lower(repeat('x', 14) + "nd")}, append(checked[:3:3], span{1, 28, 42}), []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 43}}, place{1, 43}, states, dates},
			{papers.MRVA, []string{upper("V"), lower(repeat('x', 16))}, checked, nil, place{}, states, dates},
		}
	}
	return nil
}
