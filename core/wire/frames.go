package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Types of sync frames.
const (
	FrameCheckpoint byte = 'C' // signed checkpoint
	FrameEntry      byte = 'E' // one log entry
	FrameEnd        byte = 'Z' // the stream is whole
)

// maxFrame is the largest frame payload: an entry with the largest letter.
const maxFrame = MaxLetter + 8 + 32 + 1 + 32 + 2 + maxRecord + 4

const maxRecord = 512

// ErrFrame says that a stream does not hold well-formed frames.
var ErrFrame = errors.New("malformed frame")

// An Entry is one entry of a gate's log on its way to a desk. An erased letter has Present false and only its
// commitment.
type Entry struct {
	Index      int64
	Commitment [32]byte
	Present    bool
	Key        [32]byte
	Record     string
	Sealed     []byte
}

// WriteFrame writes one frame to w.
func WriteFrame(w io.Writer, kind byte, payload []byte) error {
	var head [5]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(payload)))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := w.Write(payload)
	return err
}

// ReadFrame reads one frame from r. io.EOF means that the stream ended between frames; the caller decides
// whether it had seen FrameEnd.
func ReadFrame(r io.Reader) (kind byte, payload []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, fmt.Errorf("%w: %d bytes", ErrFrame, n)
	}
	payload = make([]byte, n)
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, fmt.Errorf("reading a frame: %w", io.ErrUnexpectedEOF)
	}
	return head[0], payload, nil
}

// AppendEntry appends the payload of an entry frame to b.
func AppendEntry(b []byte, e Entry) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(e.Index))
	b = append(b, e.Commitment[:]...)
	if !e.Present {
		return append(b, 0)
	}
	b = append(b, 1)
	b = append(b, e.Key[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.Record)))
	b = append(b, e.Record...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.Sealed)))
	return append(b, e.Sealed...)
}

// ParseEntry reads the payload of an entry frame. Sealed aliases b.
func ParseEntry(b []byte) (Entry, error) {
	var e Entry
	if len(b) < 41 {
		return e, fmt.Errorf("%w: short entry", ErrFrame)
	}
	index := binary.BigEndian.Uint64(b)
	if index > 1<<62 {
		return e, fmt.Errorf("%w: entry index", ErrFrame)
	}
	e.Index = int64(index)
	copy(e.Commitment[:], b[8:])
	flag, b := b[40], b[41:]
	if flag == 0 && len(b) == 0 {
		return e, nil
	}
	if flag != 1 || len(b) < 34 {
		return e, fmt.Errorf("%w: entry", ErrFrame)
	}
	e.Present = true
	copy(e.Key[:], b)
	n := int(binary.BigEndian.Uint16(b[32:]))
	if b = b[34:]; n > maxRecord || len(b) < n+4 {
		return e, fmt.Errorf("%w: record of an entry", ErrFrame)
	}
	e.Record = string(b[:n])
	m := binary.BigEndian.Uint32(b[n:])
	if b = b[n+4:]; uint64(len(b)) != uint64(m) || m > MaxLetter {
		return e, fmt.Errorf("%w: sealed bytes of an entry", ErrFrame)
	}
	e.Sealed = b
	return e, nil
}

// AppendReply appends one reply of a mailbox stream: uint32 length, sealed bytes.
func AppendReply(b, sealed []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(sealed)))
	return append(b, sealed...)
}

// ParseReplies reads a whole mailbox stream. The replies alias b.
func ParseReplies(b []byte) ([][]byte, error) {
	var replies [][]byte
	for len(b) > 0 {
		if len(b) < 4 {
			return nil, fmt.Errorf("%w: cut reply", ErrFrame)
		}
		n := binary.BigEndian.Uint32(b)
		if b = b[4:]; n > MaxLetter || uint64(len(b)) < uint64(n) {
			return nil, fmt.Errorf("%w: cut reply", ErrFrame)
		}
		replies = append(replies, b[:n:n])
		b = b[n:]
	}
	return replies, nil
}
