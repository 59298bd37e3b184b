package typeset

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf16"

	"panah/core/typeset/internal/pdf"
)

// writeFonts embeds what was used of each weight and gives the entries of the pages' font resources.
func (s *setter) writeFonts(out *pdf.File, seen *[2]used) (string, error) {
	entries := ""
	for i := range seen {
		if len(seen[i].list) == 0 {
			continue
		}
		r, err := writeFont(out, s.set.fonts.faces[i], seen[i].list)
		if err != nil {
			return "", fmt.Errorf("embedding %s: %w", s.set.fonts.faces[i].name, err)
		}
		entries += fmt.Sprintf("/F%d %s", i, r)
	}
	return entries, nil
}

// writeFont embeds a weight as a composite font (ISO 32000-1, 9.7) with a CID for each glyph and what it stands for.
func writeFont(out *pdf.File, f face, list []drawn) (pdf.Ref, error) {
	gids := make([]uint16, len(list))
	for i, d := range list {
		gids[i] = d.id
	}
	file, renumbered, err := f.file.Subset(gids)
	if err != nil {
		return 0, err
	}
	toGlyph := make([]byte, 2, 2*len(list)+2) // CID 0 is glyph 0
	var widths strings.Builder
	for _, d := range list {
		toGlyph = binary.BigEndian.AppendUint16(toGlyph, renumbered[d.id])
		fmt.Fprintf(&widths, "%d ", width(f, d.id))
	}
	name := subsetTag(file) + "+" + f.name
	unit := func(n int) int { return n * 1000 / f.file.UnitsPerEm }
	embedded := out.Stream(fmt.Sprintf("/Length1 %d", len(file)), file)
	b := f.file.Box
	descriptor := out.Add(fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV %d/FontFile2 %s>>",
		name, unit(b[0]), unit(b[1]), unit(b[2]), unit(b[3]), unit(f.file.Ascent), unit(f.file.Descent), unit(f.file.CapHeight), f.file.Weight/5, embedded))
	descendant := out.Add(fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %s/CIDToGIDMap %s/W[1[%s]]>>",
		name, descriptor, out.Stream("", toGlyph), widths.String()))
	return out.Add(fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%s]/ToUnicode %s>>",
		name, descendant, out.Stream("", toUnicode(list)))), nil
}

// subsetTag is six capital letters that depend on the subset, ISO 32000-1, 9.6.4.
func subsetTag(file []byte) string {
	sum := sha256.Sum256(file)
	var tag [6]byte
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag[:])
}

// perBlock is how many entries a bfchar block may have.
const perBlock = 100

// toUnicode is the CMap by which programs read text out of a file, ISO 32000-1, 9.10.3.
func toUnicode(list []drawn) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	var lines []string
	for i, d := range list {
		if d.text == "" {
			continue
		}
		hex := ""
		for _, u := range utf16.Encode([]rune(d.text)) {
			hex += fmt.Sprintf("%04X", u)
		}
		lines = append(lines, fmt.Sprintf("<%04X> <%s>\n", i+1, hex))
	}
	for len(lines) > 0 {
		n := min(perBlock, len(lines))
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", n, strings.Join(lines[:n], ""))
		lines = lines[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// xmp is the metadata stream: title and language, nothing else.
func xmp(d Document) []byte {
	var title bytes.Buffer
	_ = xml.EscapeText(&title, []byte(d.Title)) // a buffer takes everything
	return []byte("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>application/pdf</dc:format>` +
		`<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + title.String() + `</rdf:li></rdf:Alt></dc:title>` +
		`<dc:language><rdf:Bag><rdf:li>` + tagOf(d.Lang) + `</rdf:li></rdf:Bag></dc:language></rdf:Description></rdf:RDF></x:xmpmeta>` +
		"\n<?xpacket end=\"r\"?>")
}
