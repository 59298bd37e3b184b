// Package pdf writes the objects of a PDF 1.7 file (ISO 32000-1): numbering, object streams, compression and the cross-reference stream. It knows nothing of
// what the objects mean, and it writes no time, no machine and no program into a file: the same objects give the same bytes.
package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Ref is the number of an object; 0 is none.
type Ref int

// String is how other objects name it.
func (r Ref) String() string { return strconv.Itoa(int(r)) + " 0 R" }

type object struct {
	dict   string
	body   []byte // of a stream, as it is written
	stream bool
}

// File is a PDF under construction. Its zero value is an empty one.
type File struct{ objects []object }

// New reserves the number of an object; Set or Stream must follow.
func (f *File) New() Ref {
	f.objects = append(f.objects, object{})
	return Ref(len(f.objects))
}

// Set gives a reserved object its value, any PDF object but a stream.
func (f *File) Set(r Ref, value string) { f.objects[r-1] = object{dict: value} }

// Add is New and Set.
func (f *File) Add(value string) Ref {
	r := f.New()
	f.Set(r, value)
	return r
}

// Stream adds a compressed stream; entries go into its dictionary.
func (f *File) Stream(entries string, body []byte) Ref {
	small := deflate(body)
	r := f.New()
	f.objects[r-1] = object{dict: fmt.Sprintf("<<%s/Filter/FlateDecode/Length %d>>", entries, len(small)), body: small, stream: true}
	return r
}

// Plain adds a stream that any program can read without unpacking it.
func (f *File) Plain(entries string, body []byte) Ref {
	r := f.New()
	f.objects[r-1] = object{dict: fmt.Sprintf("<<%s/Length %d>>", entries, len(body)), body: body, stream: true}
	return r
}

// perStream is how many objects go into one object stream.
const perStream = 200

// place is an entry of the cross-reference stream: kind 1 at an offset, kind 2 in an object stream.
type place struct {
	kind    byte
	at      int
	another int
}

// Bytes is the file. root is the catalogue; info is the information dictionary, or 0.
func (f *File) Bytes(root, info Ref) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	places := make([]place, len(f.objects), len(f.objects)+16)
	var packed []Ref
	for i, o := range f.objects {
		if !o.stream {
			packed = append(packed, Ref(i+1))
			continue
		}
		places[i] = place{kind: 1, at: out.Len()}
		writeStream(&out, Ref(i+1), o)
	}
	for len(packed) > 0 {
		n := min(perStream, len(packed))
		number := Ref(len(places) + 1)
		places = append(places, place{kind: 1, at: out.Len()})
		writeStream(&out, number, f.pack(packed[:n]))
		for i, r := range packed[:n] {
			places[r-1] = place{kind: 2, at: int(number), another: i}
		}
		packed = packed[n:]
	}
	start := out.Len()
	places = append(places, place{kind: 1, at: start})
	writeStream(&out, Ref(len(places)), crossReference(places, root, info))
	fmt.Fprintf(&out, "startxref\n%d\n%%%%EOF\n", start)
	return out.Bytes()
}

func writeStream(out *bytes.Buffer, r Ref, o object) {
	fmt.Fprintf(out, "%d 0 obj\n%s\nstream\n", r, o.dict)
	out.Write(o.body)
	out.WriteString("\nendstream\nendobj\n")
}

// pack is an object stream, ISO 32000-1, 7.5.7.
func (f *File) pack(refs []Ref) object {
	var index, body bytes.Buffer
	for _, r := range refs {
		fmt.Fprintf(&index, "%d %d ", r, body.Len())
		body.WriteString(f.objects[r-1].dict)
		body.WriteByte('\n')
	}
	small := deflate(append(index.Bytes(), body.Bytes()...))
	return object{dict: fmt.Sprintf("<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>", len(refs), index.Len(), len(small)), body: small}
}

// crossReference is a cross-reference stream, ISO 32000-1, 7.5.8.
func crossReference(places []place, root, info Ref) object {
	body := make([]byte, 7, 7*len(places)+7) // object 0 is free
	body[5], body[6] = 0xFF, 0xFF
	for _, p := range places {
		body = append(body, p.kind)
		body = binary.BigEndian.AppendUint32(body, uint32(p.at))
		body = binary.BigEndian.AppendUint16(body, uint16(p.another))
	}
	small := deflate(body)
	extra := ""
	if info != 0 {
		extra = "/Info " + info.String()
	}
	return object{dict: fmt.Sprintf("<</Type/XRef/Size %d/W[1 4 2]/Root %s%s/Filter/FlateDecode/Length %d>>", len(places)+1, root, extra, len(small)), body: small}
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w, err := zlib.NewWriterLevel(&out, zlib.BestCompression)
	if err != nil {
		panic(err) // only for a level that does not exist
	}
	_, _ = w.Write(b) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// Text is a text string: as it is when it is printable ASCII, else UTF-16 with its mark (ISO 32000-1, 7.9.2.2).
func Text(s string) string {
	plain := true
	for _, r := range s {
		plain = plain && r >= ' ' && r <= '~'
	}
	if plain {
		return literal([]byte(s))
	}
	out := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.BigEndian.AppendUint16(out, u)
	}
	return literal(out)
}

// literal writes a string between parentheses, ISO 32000-1, 7.3.4.2.
func literal(b []byte) string {
	var out strings.Builder
	out.WriteByte('(')
	for _, c := range b {
		switch c {
		case '(', ')', '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case '\r':
			out.WriteString(`\r`)
		case '\n':
			out.WriteString(`\n`)
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte(')')
	return out.String()
}

// Number writes a length with two decimals at most.
func Number(x float64) string {
	s := strconv.FormatFloat(x, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}
