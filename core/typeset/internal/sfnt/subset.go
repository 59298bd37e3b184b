package sfnt

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Flags of a component of a composite glyph, OpenType glyf table.
const (
	argsAreWords  = 0x0001
	hasScale      = 0x0008
	moreFollow    = 0x0020
	hasTwoScales  = 0x0040
	hasMatrix     = 0x0080
	maxComponents = 64
)

// Subset writes a font with glyph 0, the glyphs asked for and the parts that they are made of. It gives the new number of every old one. The same glyphs, in
// any order, give the same bytes. There is no cmap: a PDF finds glyphs of a CIDFontType2 by number (ISO 32000-1, 9.7.4.2).
func (f *Font) Subset(gids []uint16) (file []byte, renumbered map[uint16]uint16, err error) {
	all, err := f.closure(gids)
	if err != nil {
		return nil, nil, err
	}
	renumbered = map[uint16]uint16{}
	for i, g := range all {
		renumbered[g] = uint16(i)
	}
	var glyf, loca, hmtx []byte
	for _, g := range all {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(f.Advance(g)))
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(f.sideBearing(int(g))))
		glyf = append(glyf, f.outline(int(g))...)
		if err := eachComponent(glyf[len(glyf)-len(f.outline(int(g))):], func(at []byte) {
			binary.BigEndian.PutUint16(at, renumbered[binary.BigEndian.Uint16(at)])
		}); err != nil {
			return nil, nil, err
		}
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head, hhea, maxp := slices.Clone(f.tables["head"]), slices.Clone(f.tables["hhea"]), slices.Clone(f.tables["maxp"])
	binary.BigEndian.PutUint32(head[8:], 0)  // checkSumAdjustment, set by assemble
	binary.BigEndian.PutUint16(head[50:], 1) // long loca
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(all)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(all)))
	tables := map[string][]byte{"glyf": glyf, "head": head, "hhea": hhea, "hmtx": hmtx, "loca": loca, "maxp": maxp}
	for _, name := range []string{"cvt ", "fpgm", "prep"} { // what hinting needs, if there
		if t, ok := f.tables[name]; ok {
			tables[name] = t
		}
	}
	return assemble(tables), renumbered, nil
}

// closure is the sorted set of glyph 0, gids and everything they are made of.
func (f *Font) closure(gids []uint16) ([]uint16, error) {
	set := map[uint16]bool{}
	todo := append([]uint16{0}, gids...)
	for len(todo) > 0 {
		g := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if set[g] {
			continue
		}
		if int(g) >= f.Glyphs {
			return nil, fmt.Errorf("%w: there is no glyph %d", ErrFont, g)
		}
		set[g] = true
		if err := eachComponent(f.outline(int(g)), func(at []byte) { todo = append(todo, binary.BigEndian.Uint16(at)) }); err != nil {
			return nil, err
		}
	}
	all := make([]uint16, 0, len(set))
	for g := range set {
		all = append(all, g)
	}
	slices.Sort(all)
	return all, nil
}

// eachComponent calls f with the two bytes of every glyph number in a composite outline.
func eachComponent(outline []byte, f func(at []byte)) error {
	if len(outline) < 10 || i16(outline, 0) >= 0 {
		return nil
	}
	at := 10
	for range maxComponents {
		if at+4 > len(outline) {
			return fmt.Errorf("%w: a composite glyph is cut", ErrFont)
		}
		flags := u16(outline, at)
		f(outline[at+2 : at+4])
		at += 6
		if flags&argsAreWords != 0 {
			at += 2
		}
		switch {
		case flags&hasScale != 0:
			at += 2
		case flags&hasTwoScales != 0:
			at += 4
		case flags&hasMatrix != 0:
			at += 8
		}
		if flags&moreFollow == 0 {
			return nil
		}
	}
	return fmt.Errorf("%w: a glyph of more than %d parts", ErrFont, maxComponents)
}

func sum(b []byte) (s uint32) {
	for i := 0; i < len(b); i += 4 {
		var word [4]byte
		copy(word[:], b[i:])
		s += binary.BigEndian.Uint32(word[:])
	}
	return s
}

// assemble writes tables as a file, with their checksums (OpenType, "Organization of an OpenType Font").
func assemble(tables map[string][]byte) []byte {
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	power, log := 1, 0
	for power*2 <= len(names) {
		power, log = power*2, log+1
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, n := range []int{len(names), power * 16, log, (len(names) - power) * 16} {
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	at := len(out) + 16*len(names)
	headAt := 0
	var body []byte
	for _, name := range names {
		t := tables[name]
		if name == "head" {
			headAt = at + len(body)
		}
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, sum(t))
		out = binary.BigEndian.AppendUint32(out, uint32(at+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t)))
		body = append(body, t...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[headAt+8:], 0xB1B0AFBA-sum(out))
	return out
}
