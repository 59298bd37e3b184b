package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Header type flags of an Ogg page (RFC 3533, section 6).
const (
	pageContinued = 1
	pageFirst     = 2
	pageLast      = 4
)

const pageHeader = 27 // bytes before the segment table

// An oggPage is one page (RFC 3533, section 6); table and body are slices of the file.
type oggPage struct {
	flags  byte
	serial uint32
	seq    uint32
	table  []byte
	body   []byte
}

// readOgg takes the packets out of an Ogg file with one logical stream, Opus (RFC 7845, section 3). Pages must follow each
// other without loss and with right checksums: anything else is no recording of a browser.
func readOgg(data []byte) (track, error) {
	var packets [][]byte
	var open []byte // the packet that the last page left unfinished
	var serial uint32
	ended := false
	for seq := uint32(0); len(data) > 0; seq++ {
		page, rest, err := nextPage(data)
		if err != nil {
			return track{}, err
		}
		first := seq == 0
		if first {
			serial = page.serial
		}
		switch {
		case ended, page.serial != serial, (page.flags&pageFirst != 0) != first:
			return track{}, errors.New("more than one stream")
		case page.seq != seq:
			return track{}, errors.New("a page is missing")
		case (page.flags&pageContinued != 0) != (open != nil):
			return track{}, errors.New("a packet is torn")
		}
		if packets, open, err = splitPage(page, packets, open); err != nil {
			return track{}, err
		}
		ended = page.flags&pageLast != 0
		data = rest
	}
	// A recording that was cut off has no last page and may end in half a packet: what is whole is played.
	if len(packets) < 3 || !bytes.HasPrefix(packets[1], []byte("OpusTags")) { // RFC 7845, section 5.2; the comments are dropped
		return track{}, errors.New("no sound in it")
	}
	return track{head: packets[0], packets: packets[2:]}, nil
}

// nextPage reads one page and checks its CRC.
func nextPage(b []byte) (oggPage, []byte, error) {
	if len(b) < pageHeader || string(b[:4]) != "OggS" || b[4] != 0 {
		return oggPage{}, nil, errors.New("no page where one should be")
	}
	segments := int(b[26])
	if len(b) < pageHeader+segments {
		return oggPage{}, nil, errors.New("a page is cut")
	}
	table := b[pageHeader : pageHeader+segments]
	size := 0
	for _, n := range table {
		size += int(n)
	}
	end := pageHeader + segments + size
	if len(b) < end {
		return oggPage{}, nil, errors.New("a page is cut")
	}
	crc := oggCRC(0, b[:22])
	crc = oggCRC(crc, []byte{0, 0, 0, 0}) // the field itself counts as zero
	if crc = oggCRC(crc, b[26:end]); crc != binary.LittleEndian.Uint32(b[22:]) {
		return oggPage{}, nil, errors.New("a checksum is wrong")
	}
	return oggPage{
		flags: b[5], serial: binary.LittleEndian.Uint32(b[14:]), seq: binary.LittleEndian.Uint32(b[18:]),
		table: table, body: b[pageHeader+segments : end],
	}, b[end:], nil
}

// splitPage appends the packets that end in page to packets. open is the beginning of a packet from earlier pages, nil
// when there is none, and what is returned likewise: lacing values of 255 go on (RFC 3533, section 5).
func splitPage(page oggPage, packets [][]byte, open []byte) (_ [][]byte, stillOpen []byte, err error) {
	body := page.body
	size := 0
	for _, n := range page.table {
		size += int(n)
		if len(open)+size > maxPacket {
			return nil, nil, errors.New("a packet is too long")
		}
		if n == 255 {
			continue
		}
		packet := body[:size:size]
		if open != nil {
			packet, open = append(open, packet...), nil
		}
		packets = append(packets, packet)
		if len(packets) > maxPackets {
			return nil, nil, fmt.Errorf("more than %d packets", maxPackets)
		}
		body, size = body[size:], 0
	}
	if n := len(page.table); n > 0 && page.table[n-1] == 255 {
		open = append(append(make([]byte, 0, len(open)+size), open...), body[:size]...)
	}
	return packets, open, nil
}

// writeOgg writes a new Ogg Opus file (RFC 7845): an identification header of our own, an empty comment header, then
// pages of at most a second (section 3 advises that), each with the sample position of its last packet. Packets must have passed packetSamples.
func writeOgg(head opusHead, packets [][]byte) []byte {
	w := oggWriter{serial: serialOf(packets)}
	id := append([]byte("OpusHead\x01"), byte(head.channels))
	id = binary.LittleEndian.AppendUint16(id, uint16(head.preSkip))
	id = binary.LittleEndian.AppendUint32(id, sampleRate)
	id = append(id, 0, 0, 0) // output gain 0, mapping family 0
	w.page(pageFirst, 0, [][]byte{id})
	tags := append([]byte("OpusTags"), 5, 0, 0, 0)
	tags = append(tags, "panah\x00\x00\x00\x00"...)
	w.page(0, 0, [][]byte{tags})

	var position uint64
	start, segments, samples := 0, 0, 0
	for i, p := range packets {
		n, _ := packetSamples(p)
		need := len(p)/255 + 1
		if segments+need > 255 || samples+n > sampleRate {
			w.page(0, position, packets[start:i])
			start, segments, samples = i, 0, 0
		}
		segments += need
		samples += n
		position += uint64(n)
	}
	w.page(pageLast, position, packets[start:])
	return w.out
}

// serialOf draws the stream's serial number from its sound: nothing of the old file survives in it, and the same
// recording always becomes the same bytes.
func serialOf(packets [][]byte) uint32 {
	h := sha256.New()
	for _, p := range packets {
		h.Write(p)
	}
	return binary.LittleEndian.Uint32(h.Sum(nil))
}

type oggWriter struct {
	serial, seq uint32
	out         []byte
}

// page appends one page that holds packets whole: at most 255 lacing values in all.
func (w *oggWriter) page(flags byte, position uint64, packets [][]byte) {
	start := len(w.out)
	b := append(w.out, "OggS\x00"...)
	b = append(b, flags)
	b = binary.LittleEndian.AppendUint64(b, position)
	b = binary.LittleEndian.AppendUint32(b, w.serial)
	b = binary.LittleEndian.AppendUint32(b, w.seq)
	b = append(b, 0, 0, 0, 0) // checksum, below
	at := len(b)
	b = append(b, 0)
	for _, p := range packets {
		for range len(p) / 255 {
			b = append(b, 255)
		}
		b = append(b, byte(len(p)%255))
	}
	b[at] = byte(len(b) - at - 1)
	for _, p := range packets {
		b = append(b, p...)
	}
	binary.LittleEndian.PutUint32(b[start+22:], oggCRC(0, b[start:]))
	w.out, w.seq = b, w.seq+1
}

// oggCRC continues a page's checksum: CRC-32 of polynomial 0x04C11DB7, high bit first, nothing inverted (RFC 3533,
// section 6, field 7). hash/crc32 only knows the reflected kind.
func oggCRC(crc uint32, b []byte) uint32 {
	for _, v := range b {
		crc = crc<<8 ^ crcTable[byte(crc>>24)^v]
	}
	return crc
}

// crcTable is computed once and never written again.
var crcTable = func() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			if c&(1<<31) != 0 {
				c = c<<1 ^ 0x04C11DB7
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return t
}()
