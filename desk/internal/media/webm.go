package media

import (
	"errors"
	"fmt"
)

// Element ids (RFC 9559, section 5.1; RFC 8794, section 8), with their length markers.
const (
	idEBML             = 0x1A45DFA3
	idDocType          = 0x4282
	idSegment          = 0x18538067
	idTracks           = 0x1654AE6B
	idTrackEntry       = 0xAE
	idTrackNumber      = 0xD7
	idTrackType        = 0x83
	idCodecID          = 0x86
	idCodecPrivate     = 0x63A2
	idContentEncodings = 0x6D80
	idCluster          = 0x1F43B675
	idSimpleBlock      = 0xA3
	idBlockGroup       = 0xA0
	idBlock            = 0xA1
)

// unknownSize is the size of an element that goes on until the next one of its level: MediaRecorder cannot go back to
// fill a size in (RFC 8794, section 6.2).
const unknownSize = -1

const maxElements = 200_000 // in one file; three for each packet would be many

// An element is one EBML element (RFC 8794, section 3).
type element struct {
	id   uint32
	size int // bytes of body, or unknownSize
	body []byte
}

// webm is a WebM file being taken apart.
type webm struct {
	head     []byte // CodecPrivate of the track
	track    uint64 // its number, 0 until it is known
	packets  [][]byte
	elements int
}

// readWebM takes the packets out of a WebM file with one track, Opus, as browsers record it. Lacing, encryption,
// compression and second tracks are refused: no browser writes them here.
func readWebM(data []byte) (track, error) {
	var w webm
	header, rest, err := w.next(data)
	if err != nil {
		return track{}, err
	}
	if header.id != idEBML || header.size == unknownSize {
		return track{}, errors.New("no EBML header")
	}
	doc, err := w.child(header.body, idDocType)
	if err != nil || string(doc) != "webm" {
		return track{}, errors.New("another kind of Matroska file")
	}
	segment, _, err := w.next(rest)
	if err != nil {
		return track{}, err
	}
	if segment.id != idSegment {
		return track{}, errors.New("no segment")
	}
	if err := w.walk(segment.body, 0); err != nil {
		return track{}, err
	}
	if w.head == nil || len(w.packets) == 0 {
		return track{}, errors.New("no sound in it")
	}
	return track{head: w.head, packets: w.packets}, nil
}

// walk reads the children of a segment or of clusters. A cluster of unknown size has no end of its own: its children
// are read as if they stood in the segment, which their ids allow. A file cut in the middle of its last element keeps what is whole.
func (w *webm) walk(b []byte, depth int) error {
	if depth > 2 {
		return errors.New("nested too deep")
	}
	for len(b) > 0 {
		e, rest, err := w.next(b)
		if errors.Is(err, errCut) && w.head != nil {
			return nil
		}
		if err != nil {
			return err
		}
		switch e.id {
		case idTracks:
			err = w.readTracks(e)
		case idCluster:
			if e.size == unknownSize {
				rest = e.body
			} else {
				err = w.walk(e.body, depth+1)
			}
		case idBlockGroup:
			err = w.walk(e.body, depth+1)
		case idSimpleBlock, idBlock:
			err = w.readBlock(e.body)
		}
		if err != nil {
			return err
		}
		b = rest
	}
	return nil
}

// readTracks takes the one track entry.
func (w *webm) readTracks(tracks element) error {
	if tracks.size == unknownSize || w.track != 0 {
		return errors.New("more than one list of tracks")
	}
	for b := tracks.body; len(b) > 0; {
		e, rest, err := w.next(b)
		if err != nil {
			return err
		}
		if e.id == idTrackEntry {
			if w.track != 0 {
				return errors.New("more than one track")
			}
			if err := w.readEntry(e.body); err != nil {
				return err
			}
		}
		b = rest
	}
	if w.track == 0 {
		return errors.New("no track")
	}
	return nil
}

// readEntry checks that the track is Opus sound in the clear (RFC 9559, section 5.1.4.1).
func (w *webm) readEntry(b []byte) error {
	var kind uint64
	var codec string
	for len(b) > 0 {
		e, rest, err := w.next(b)
		if err != nil {
			return err
		}
		switch e.id {
		case idTrackNumber:
			w.track, err = unsigned(e.body)
		case idTrackType:
			kind, err = unsigned(e.body)
		case idCodecID:
			codec = string(e.body[:min(len(e.body), 16)])
		case idCodecPrivate:
			w.head = e.body
		case idContentEncodings:
			err = errors.New("its track is encrypted or packed")
		}
		if err != nil {
			return err
		}
		b = rest
	}
	const sound = 2
	if kind != sound || codec != "A_OPUS" || w.track == 0 || w.head == nil {
		return errors.New("its track is not Opus sound")
	}
	return nil
}

// readBlock takes the packet out of a block: track number, two bytes of time, flags, data (RFC 9559, section 10.1 and 10.2).
func (w *webm) readBlock(b []byte) error {
	number, n, err := vint(b)
	if err != nil || len(b) < n+3 {
		return errors.New("a block is cut")
	}
	if w.track == 0 || number != w.track {
		return errors.New("a block of another track")
	}
	const lacing = 0x06
	if b[n+2]&lacing != 0 {
		return errors.New("a block with lacing")
	}
	if len(w.packets) == maxPackets {
		return fmt.Errorf("more than %d packets", maxPackets)
	}
	w.packets = append(w.packets, b[n+3:])
	return nil
}

// child returns the body of the first child with that id.
func (w *webm) child(b []byte, id uint32) ([]byte, error) {
	for len(b) > 0 {
		e, rest, err := w.next(b)
		if err != nil {
			return nil, err
		}
		if e.id == id {
			return e.body, nil
		}
		b = rest
	}
	return nil, errors.New("a part is missing")
}

var errCut = errors.New("the file is cut")

// next reads the element at the start of b. Only segments and clusters may have an unknown size; their body is all
// that follows.
func (w *webm) next(b []byte) (element, []byte, error) {
	if w.elements++; w.elements > maxElements {
		return element{}, nil, errors.New("too many elements")
	}
	id, n, err := elementID(b)
	if err != nil {
		return element{}, nil, err
	}
	size, m, err := vint(b[n:])
	if err != nil {
		return element{}, nil, err
	}
	b = b[n+m:]
	if size == 1<<(7*m)-1 { // all ones, RFC 8794, section 6.2
		if id != idSegment && id != idCluster {
			return element{}, nil, errors.New("an element without end")
		}
		return element{id: id, size: unknownSize, body: b}, nil, nil
	}
	if size > uint64(len(b)) {
		if id == idSegment || id == idCluster { // cut off while recording: read what is there
			return element{id: id, size: len(b), body: b}, nil, nil
		}
		return element{}, nil, errCut
	}
	return element{id: id, size: int(size), body: b[:size]}, b[size:], nil
}

// elementID reads an id of one to four bytes, marker included (RFC 8794, section 5).
func elementID(b []byte) (uint32, int, error) {
	if len(b) == 0 {
		return 0, 0, errCut
	}
	for n := 1; n <= 4; n++ {
		if b[0]&(0x80>>(n-1)) == 0 {
			continue
		}
		if len(b) < n {
			return 0, 0, errCut
		}
		var id uint32
		for _, v := range b[:n] {
			id = id<<8 | uint32(v)
		}
		return id, n, nil
	}
	return 0, 0, errors.New("no element where one should be")
}

// vint reads a variable-size integer of one to eight bytes without its marker (RFC 8794, section 4).
func vint(b []byte) (uint64, int, error) {
	if len(b) == 0 {
		return 0, 0, errCut
	}
	for n := 1; n <= 8; n++ {
		marker := byte(0x80 >> (n - 1))
		if b[0]&marker == 0 {
			continue
		}
		if len(b) < n {
			return 0, 0, errCut
		}
		v := uint64(b[0] &^ marker)
		for _, c := range b[1:n] {
			v = v<<8 | uint64(c)
		}
		return v, n, nil
	}
	return 0, 0, errors.New("a number is too long")
}

// unsigned reads an unsigned integer element (RFC 8794, section 7.2).
func unsigned(b []byte) (uint64, error) {
	if len(b) > 8 {
		return 0, errors.New("a number is too long")
	}
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v, nil
}
