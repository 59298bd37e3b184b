package media

import (
	"encoding/binary"
	"image"
)

// An orientation is the EXIF tag 0x0112 (Exif 2.32, section 4.6.4): where row 0 and column 0 of the stored picture are.
type orientation uint16

const upright orientation = 1

// exifOrientation reads the orientation out of a TIFF header and its first directory (TIFF 6.0, section 2). Anything
// odd is upright: no other tag is looked at, no other directory followed.
func exifOrientation(tiff []byte) orientation {
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for n := min(int(order.Uint16(tiff[at:])), 512); n > 0 && len(entries) >= 12; n-- {
		const tag, short = 0x0112, 3
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short && order.Uint32(entries[4:]) == 1 {
			if v := orientation(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}

// apply turns and mirrors m so that it stands upright.
func (o orientation) apply(m *image.RGBA) *image.RGBA {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	// from tells where the pixel at x, y of the upright picture is stored; 5 to 8 swap the sides.
	var from func(x, y int) (int, int)
	switch o {
	case 2:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return m
	}
	across, down := w, h
	if o >= 5 {
		across, down = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, across, down))
	for y := range down {
		for x := range across {
			sx, sy := from(x, y)
			copy(out.Pix[out.PixOffset(x, y):][:4], m.Pix[m.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
