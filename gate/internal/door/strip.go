package door

import (
	"bytes"
	"encoding/binary"

	"panah/core/seal"
)

// maxSegments bounds the walks; a photo has some dozens of segments or chunks.
const maxSegments = 4_096

// strip removes what a camera wrote beside the picture (place, time, owner, thumbnails, trailers) from a JPEG, PNG or
// WebP file, in place, without decoding pixels: the gate does not open strangers' pictures, the desk does. It returns
// the part type and the remaining bytes, which alias data. A file whose segments it cannot follow to the end is
// returned whole as application/octet-stream: still sealed, but shown to nobody.
func strip(data []byte) (kind string, out []byte) {
	ok := false
	// Walked twice: the first time nothing moves, so that a file that breaks off in its middle stays whole.
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xD8, 0xFF}):
		kind = seal.TypeJPEG
		if _, ok = stripJPEG(data, false); ok {
			out, _ = stripJPEG(data, true)
		}
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		kind = seal.TypePNG
		if _, ok = stripPNG(data, false); ok {
			out, _ = stripPNG(data, true)
		}
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		kind = seal.TypeWebP
		if _, ok = stripWebP(data, false); ok {
			out, _ = stripWebP(data, true)
		}
	}
	if !ok {
		return seal.TypeOctets, data
	}
	return kind, out
}

// packer moves what stays of data to its front.
type packer struct {
	data []byte
	end  int
	move bool
}

func (p *packer) keep(b []byte) {
	if p.move {
		copy(p.data[p.end:], b)
	}
	p.end += len(b)
}

// done clears what is left behind and returns what stays.
func (p *packer) done() []byte {
	if p.move {
		clear(p.data[p.end:])
	}
	return p.data[:p.end]
}

// JPEG markers (ISO/IEC 10918-1, table B.1).
const (
	markSOI, markEOI, markSOS = 0xD8, 0xD9, 0xDA
	markAPP0, markAPP15       = 0xE0, 0xEF
	markCOM                   = 0xFE
	markAdobe                 = 0xEE
)

// stripJPEG drops all application segments and comments, and everything after the end of the picture (second pictures,
// films and trailers of phones). Two things come back: Adobe's colour transform, without which some pictures have
// wrong colours, and the orientation, in an EXIF segment of our own.
func stripJPEG(data []byte, move bool) ([]byte, bool) {
	p := packer{data: data, move: move}
	p.keep(data[:2])
	rest := data[2:]
	for range maxSegments {
		if len(rest) < 2 || rest[0] != 0xFF {
			return nil, false
		}
		switch marker := rest[1]; {
		case marker == 0xFF: // fill byte, B.1.1.2
			rest = rest[1:]
			continue
		case marker == markEOI:
			p.keep(rest[:2])
			return p.done(), true
		case marker == 0 || marker == 0x01 || marker >= 0xD0 && marker <= markSOI: // none of these stands between segments
			return nil, false
		}
		n := segmentLen(rest)
		if n == 0 {
			return nil, false
		}
		segment := rest[:n]
		rest = rest[n:]
		switch marker := segment[1]; {
		case marker == markAdobe && n == 16 && string(segment[4:9]) == "Adobe":
			p.keep(segment)
		case marker >= markAPP0 && marker <= markAPP15:
			if own := ownExif(segment); own != nil && len(own) <= n {
				p.keep(own)
			}
		case marker == markCOM:
		case marker == markSOS:
			scan := scanLen(rest)
			p.keep(segment)
			p.keep(rest[:scan])
			rest = rest[scan:]
		default:
			p.keep(segment)
		}
	}
	return nil, false
}

// segmentLen is the length of a segment with its marker, 0 when it is cut (B.1.1.4).
func segmentLen(b []byte) int {
	if len(b) < 4 {
		return 0
	}
	n := 2 + int(binary.BigEndian.Uint16(b[2:]))
	if n < 4 || n > len(b) {
		return 0
	}
	return n
}

// scanLen is the length of entropy-coded data: up to a marker that is neither a stuffed zero nor a restart (B.1.1.5).
func scanLen(b []byte) int {
	for i := 0; ; {
		n := bytes.IndexByte(b[i:], 0xFF)
		if n < 0 || i+n+1 >= len(b) {
			return len(b)
		}
		i += n
		if next := b[i+1]; next != 0 && (next < 0xD0 || next > 0xD7) {
			return i
		}
		i += 2
	}
}

// ownExif returns a new EXIF segment that says only how the picture of segment is turned, nil when it stands upright.
func ownExif(segment []byte) []byte {
	tiff, ok := bytes.CutPrefix(segment[4:], []byte("Exif\x00\x00"))
	if !ok || segment[1] != 0xE1 {
		return nil
	}
	turn := turnOf(tiff)
	if turn == 1 {
		return nil
	}
	// Segment length 34, TIFF header, one entry: tag 0x0112, SHORT, 1 value; no further directory.
	own := []byte("\xFF\xE1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00")
	own[29] = turn
	return own
}

// turnOf reads the orientation, 1 to 8, out of the first directory (TIFF 6.0, section 2; Exif 2.32, section 4.6.4).
// It is 1 for anything odd.
func turnOf(tiff []byte) byte {
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II*\x00")) {
		order = binary.LittleEndian
	} else if !bytes.HasPrefix(tiff, []byte("MM\x00*")) {
		return 1
	}
	if len(tiff) < 8 {
		return 1
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for n := min(int(order.Uint16(tiff[at:])), 512); n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == 0x0112 && order.Uint16(entries[2:]) == 3 && order.Uint32(entries[4:]) == 1 {
			if turn := order.Uint16(entries[8:]); turn >= 1 && turn <= 8 {
				return byte(turn)
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// stripPNG keeps the chunks that make the picture (PNG third edition, section 11.2, and colour and transparency of
// 11.3) and drops the others: text, time, EXIF, animation, what anyone may have invented.
func stripPNG(data []byte, move bool) ([]byte, bool) {
	p := packer{data: data, move: move}
	p.keep(data[:8])
	rest := data[8:]
	for range maxSegments {
		if len(rest) < 12 {
			return nil, false
		}
		n := 12 + uint64(binary.BigEndian.Uint32(rest))
		if n > uint64(len(rest)) {
			return nil, false
		}
		chunk := rest[:n]
		rest = rest[n:]
		switch string(chunk[4:8]) {
		case "IEND":
			p.keep(chunk)
			return p.done(), true
		case "IHDR", "PLTE", "IDAT", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT":
			p.keep(chunk)
		}
	}
	return nil, false
}

// stripWebP keeps the chunks of one still picture (RFC 9649, section 2.7) and writes the sizes and flags anew. A
// moving picture is not followed.
func stripWebP(data []byte, move bool) ([]byte, bool) {
	p := packer{data: data, move: move}
	end := 8 + uint64(binary.LittleEndian.Uint32(data[4:]))
	if end < 12 || end > uint64(len(data)) {
		return nil, false
	}
	p.keep(data[:12])
	rest := data[12:end] // what is appended behind the file is not kept
	picture := false
	for range maxSegments {
		if len(rest) < 8 {
			break
		}
		n := 8 + uint64(binary.LittleEndian.Uint32(rest[4:]))
		if n > uint64(len(rest)) {
			return nil, false
		}
		n = min(n+n%2, uint64(len(rest))) // padded to even length, section 2.3
		chunk := rest[:n]
		rest = rest[n:]
		switch string(chunk[:4]) {
		case "VP8X":
			const moves, xmp, exif, icc = 0x02, 0x04, 0x08, 0x20
			if len(chunk) != 18 || chunk[8]&moves != 0 {
				return nil, false
			}
			at := p.end
			p.keep(chunk)
			if move {
				data[at+8] &^= xmp | exif | icc
			}
		case "VP8 ", "VP8L":
			picture = true
			p.keep(chunk)
		case "ALPH":
			p.keep(chunk)
		}
	}
	if !picture {
		return nil, false
	}
	if move {
		binary.LittleEndian.PutUint32(data[4:], uint32(p.end-8))
	}
	return p.done(), true
}
