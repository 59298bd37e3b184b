package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// maxScans bounds the scans of a progressive JPEG (ISO/IEC 10918-1, annex G). Encoders write about ten; a file of
// thousands of nearly empty scans would pass over all its pixels once for every few bytes.
const maxScans = 64

// maxSegments bounds the walks below; a photo has some dozens of segments or chunks.
const maxSegments = 4_096

// inspect tells the format of data by its first bytes and walks its segments: how it is turned, and that it is one
// still picture. It decodes no pixels. Errors wrap ErrNotPhoto or ErrBroken.
func inspect(data []byte) (format, orientation, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xD8, 0xFF}):
		turn, err := inspectJPEG(data)
		return jpegFormat(), turn, err
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		turn, err := inspectPNG(data)
		return pngFormat(), turn, err
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		turn, err := inspectWebP(data)
		return webpFormat(), turn, err
	}
	return format{}, upright, ErrNotPhoto
}

// inspectJPEG reads the segments up to the first scan (ISO/IEC 10918-1, B.1.1) for the orientation, and counts scans.
func inspectJPEG(data []byte) (orientation, error) {
	// In entropy-coded data 0xFF is followed by 0x00 or RST (B.1.1.5), so FF DA there is a new scan; a thumbnail in a
	// segment may add one or two to the count.
	if bytes.Count(data, []byte{0xFF, 0xDA}) > maxScans {
		return upright, fmt.Errorf("%w: too many scans", ErrBroken)
	}
	turn := upright
	for rest, n := data[2:], 0; n < maxSegments; n++ {
		if len(rest) < 4 || rest[0] != 0xFF {
			return upright, fmt.Errorf("%w: no segment where one should be", ErrBroken)
		}
		marker := rest[1]
		if marker == 0xFF { // fill byte, B.1.1.2
			rest = rest[1:]
			continue
		}
		size := int(binary.BigEndian.Uint16(rest[2:]))
		if size < 2 || len(rest) < 2+size {
			return upright, fmt.Errorf("%w: a segment is cut", ErrBroken)
		}
		if marker == 0xDA {
			return turn, nil
		}
		if body, ok := bytes.CutPrefix(rest[4:2+size], []byte("Exif\x00\x00")); ok && marker == 0xE1 {
			turn = exifOrientation(body)
		}
		rest = rest[2+size:]
	}
	return upright, fmt.Errorf("%w: too many segments", ErrBroken)
}

// inspectPNG reads the chunks (PNG third edition, section 5.3), refuses animations (acTL, section 11.3.6) and finds
// the orientation (eXIf, section 11.3.4).
func inspectPNG(data []byte) (orientation, error) {
	turn := upright
	for rest, n := data[8:], 0; n < maxSegments; n++ {
		if len(rest) < 12 {
			return upright, fmt.Errorf("%w: a chunk is cut", ErrBroken)
		}
		size := uint64(binary.BigEndian.Uint32(rest))
		if uint64(len(rest)) < 12+size {
			return upright, fmt.Errorf("%w: a chunk is cut", ErrBroken)
		}
		switch string(rest[4:8]) {
		case "acTL":
			return upright, fmt.Errorf("%w: it moves", ErrNotPhoto)
		case "eXIf":
			turn = exifOrientation(rest[8 : 8+size])
		case "IEND":
			return turn, nil
		}
		rest = rest[12+size:]
	}
	return upright, fmt.Errorf("%w: too many chunks", ErrBroken)
}

// inspectWebP reads the chunks (RFC 9649, section 2.3), refuses animations (section 2.7.1.1) and finds the orientation (section 2.7.1.5).
func inspectWebP(data []byte) (orientation, error) {
	turn := upright
	rest := data[12:]
	for n := 0; n < maxSegments && len(rest) >= 8; n++ {
		size := uint64(binary.LittleEndian.Uint32(rest[4:]))
		if uint64(len(rest)) < 8+size {
			return upright, fmt.Errorf("%w: a chunk is cut", ErrBroken)
		}
		body := rest[8 : 8+size]
		switch string(rest[:4]) {
		case "ANIM", "ANMF":
			return upright, fmt.Errorf("%w: it moves", ErrNotPhoto)
		case "EXIF":
			body = bytes.TrimPrefix(body, []byte("Exif\x00\x00")) // some writers keep the JPEG prefix
			turn = exifOrientation(body)
		}
		rest = rest[min(uint64(len(rest)), 8+size+size&1):] // chunks are padded to even length, section 2.3
	}
	if len(rest) >= 8 {
		return upright, fmt.Errorf("%w: too many chunks", ErrBroken)
	}
	return turn, nil
}
