package media

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// The builders below write containers by the standards, apart from the code under test.

// ebml writes one element: id bytes as in the standard, eight-byte size.
func ebml(id uint32, children ...[]byte) []byte {
	body := bytes.Join(children, nil)
	return slices.Concat(ebmlID(id), []byte{0x01}, binary.BigEndian.AppendUint64(nil, uint64(len(body)))[1:], body)
}

// ebmlOpen writes an element of unknown size, as MediaRecorder does for segments and clusters.
func ebmlOpen(id uint32, children ...[]byte) []byte {
	return slices.Concat(ebmlID(id), []byte{0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, bytes.Join(children, nil))
}

func ebmlID(id uint32) []byte {
	return bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, id), "\x00")
}

const monoHead = "OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00" // pre-skip 312

type webmOptions struct {
	doc, codec, head string
	kind             byte
	extra            []byte // more elements in the track entry
	blockFlags       byte
	blockTrack       byte
	closed           bool // known sizes, block groups instead of simple blocks
}

func buildWebM(packets [][]byte, o webmOptions) []byte {
	o.doc, o.codec, o.head = or(o.doc, "webm"), or(o.codec, "A_OPUS"), or(o.head, monoHead)
	o.kind, o.blockTrack = or(o.kind, 2), or(o.blockTrack, 1)
	header := ebml(0x1A45DFA3, ebml(0x4286, []byte{1}), ebml(0x4282, []byte(o.doc)))
	tracks := ebml(0x1654AE6B, ebml(0xAE, ebml(0xD7, []byte{1}), ebml(0x83, []byte{o.kind}),
		ebml(0x86, []byte(o.codec)), ebml(0x63A2, []byte(o.head)), o.extra))
	blocks := [][]byte{ebml(0xE7, []byte{0})}
	for _, p := range packets {
		block := append([]byte{0x80 | o.blockTrack, 0, 0, o.blockFlags}, p...)
		if o.closed {
			blocks = append(blocks, ebml(0xA0, ebml(0xA1, block)))
		} else {
			blocks = append(blocks, ebml(0xA3, block))
		}
	}
	if o.closed {
		return slices.Concat(header, ebml(0x18538067, ebml(0xEC, make([]byte, 9)), tracks, ebml(0x1F43B675, blocks...)))
	}
	half := len(blocks) / 2
	return slices.Concat(header, ebmlOpen(0x18538067, tracks, ebmlOpen(0x1F43B675, blocks[:half]...), ebmlOpen(0x1F43B675, blocks[half:]...)))
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// oggSlow is the checksum as RFC 3533 describes it, bit by bit, apart from the table of the code under test.
func oggSlow(b []byte) uint32 {
	var crc uint32
	for _, v := range b {
		for bit := 7; bit >= 0; bit-- {
			in := uint32(v>>bit) & 1
			top := crc >> 31
			crc <<= 1
			if top^in == 1 {
				crc ^= 0x04C11DB7
			}
		}
	}
	return crc
}

func oggRaw(flags byte, position uint64, serial, seq uint32, table, body []byte) []byte {
	b := append([]byte("OggS\x00"), flags)
	b = binary.LittleEndian.AppendUint64(b, position)
	b = binary.LittleEndian.AppendUint32(b, serial)
	b = binary.LittleEndian.AppendUint32(b, seq)
	b = append(b, 0, 0, 0, 0, byte(len(table)))
	b = append(append(b, table...), body...)
	binary.LittleEndian.PutUint32(b[22:], oggSlow(b))
	return b
}

// buildOgg lays packets over pages of at most lacing values, so that packets continue over pages as Firefox writes them.
func buildOgg(head string, packets [][]byte, lacing int) []byte {
	const serial = 0x51A7
	out := oggRaw(2, 0, serial, 0, []byte{byte(len(head))}, []byte(head))
	tags := []byte("OpusTags\x07\x00\x00\x00Mozilla\x01\x00\x00\x00\x0b\x00\x00\x00ENCODER=abc")
	out = append(out, oggRaw(0, 0, serial, 1, []byte{byte(len(tags))}, tags)...)
	var table []byte
	for _, p := range packets {
		table = append(append(table, bytes.Repeat([]byte{255}, len(p)/255)...), byte(len(p)%255))
	}
	body := bytes.Join(packets, nil)
	flags := byte(0)
	for seq := uint32(2); len(table) > 0; seq++ {
		n := min(lacing, len(table))
		size := 0
		for _, v := range table[:n] {
			size += int(v)
		}
		if n == len(table) {
			flags |= 4
		}
		out = append(out, oggRaw(flags, 0, serial, seq, table[:n], body[:size])...)
		flags = 0
		if table[n-1] == 255 {
			flags = 1
		}
		table, body = table[n:], body[size:]
	}
	return out
}

// opusPackets makes n packets of 20 ms (configuration 16+3: CELT, 20 ms; code 0) of different lengths.
func opusPackets(n int) [][]byte {
	var out [][]byte
	for i := range n {
		out = append(out, append([]byte{31 << 3}, bytes.Repeat([]byte{byte(i)}, 3+i*37%700)...))
	}
	return out
}
