package media

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// sampleRate is the clock of Opus: lengths and granule positions count 48 kHz samples whatever was recorded (RFC 7845, section 4).
const sampleRate = 48_000

// maxPacket is the longest packet that RFC 7845, section 6 asks a reader to accept for two channels at most: 61,440 bytes.
const maxPacket = 61_440

// maxFrame is the longest Opus frame in bytes (RFC 6716, section 3.2.1, requirement R2 in section 3.4).
const maxFrame = 1_275

// An opusHead is the identification header (RFC 7845, section 5.1), as far as we keep it: gain and input rate are
// dropped, so that no file plays louder than it was recorded.
type opusHead struct {
	channels int // 1 or 2
	preSkip  int // samples to drop at the start
}

// parseHead reads an identification header of mapping family 0: mono or stereo, one stream.
func parseHead(b []byte) (opusHead, error) {
	switch {
	case len(b) != 19 || string(b[:8]) != "OpusHead":
		return opusHead{}, errors.New("no Opus header")
	case b[8]&0xF0 != 0: // section 5.1: the high four bits are the incompatible version
		return opusHead{}, errors.New("an Opus header of a later version")
	case b[9] != 1 && b[9] != 2, b[18] != 0:
		return opusHead{}, errors.New("neither mono nor stereo")
	}
	h := opusHead{channels: int(b[9]), preSkip: int(binary.LittleEndian.Uint16(b[10:]))}
	if h.preSkip > sampleRate {
		return opusHead{}, errors.New("more than a second to skip")
	}
	return h, nil
}

// packetSamples checks the framing of one packet and returns how many samples it lasts. Each condition is one of R1 to
// R7 of RFC 6716, section 3.4; the frame packing codes are section 3.2.2 to 3.2.5.
func packetSamples(p []byte) (int, error) {
	if len(p) == 0 { // R1
		return 0, errors.New("it is empty")
	}
	if len(p) > maxPacket {
		return 0, errors.New("it is too long")
	}
	frame := frameSamples(p[0] >> 3)
	count, err := 1, error(nil)
	switch body := p[1:]; p[0] & 3 {
	case 0:
		err = fits(len(body))
	case 1:
		count = 2
		if len(body)%2 != 0 { // R3
			return 0, errors.New("two frames of one length in an odd number of bytes")
		}
		err = fits(len(body) / 2)
	case 2:
		count = 2
		err = checkTwo(body)
	case 3:
		count, err = checkMany(body, frame)
	}
	return count * frame, err
}

// frameSamples is the length of a frame by its configuration number (RFC 6716, section 3.1, table 2).
func frameSamples(config byte) int {
	const ms = sampleRate / 1000
	switch {
	case config < 12: // SILK
		return [4]int{10 * ms, 20 * ms, 40 * ms, 60 * ms}[config%4]
	case config < 16: // hybrid
		return [2]int{10 * ms, 20 * ms}[config%2]
	default: // CELT
		return [4]int{ms * 5 / 2, 5 * ms, 10 * ms, 20 * ms}[config%4]
	}
}

func fits(frame int) error {
	if frame > maxFrame { // R2
		return fmt.Errorf("a frame of %d bytes", frame)
	}
	return nil
}

// checkTwo checks two frames of different length (code 2, section 3.2.4).
func checkTwo(body []byte) error {
	first, rest, err := frameLength(body)
	if err != nil {
		return err
	}
	if first > len(rest) { // R4
		return errors.New("the first frame is cut")
	}
	return fits(len(rest) - first)
}

// checkMany checks one to 48 frames (code 3, section 3.2.5) of the given length in samples.
func checkMany(body []byte, frame int) (int, error) {
	if len(body) == 0 { // R6
		return 0, errors.New("no frame count")
	}
	flags, body := body[0], body[1:]
	count := int(flags & 0x3F)
	if count == 0 || count*frame > sampleRate*120/1000 { // R5: at least one, at most 120 ms
		return 0, fmt.Errorf("%d frames", count)
	}
	if flags&0x40 != 0 {
		var err error
		if body, err = dropPadding(body); err != nil {
			return 0, err
		}
	}
	if flags&0x80 == 0 { // constant bit rate, R6
		if len(body)%count != 0 {
			return 0, errors.New("frames of one length do not divide the packet")
		}
		return count, fits(len(body) / count)
	}
	sum := 0
	for range count - 1 { // variable bit rate, R7
		n, rest, err := frameLength(body)
		if err != nil {
			return 0, err
		}
		sum, body = sum+n, rest
	}
	if sum > len(body) {
		return 0, errors.New("a frame is cut")
	}
	return count, fits(len(body) - sum)
}

// frameLength reads one length of one or two bytes (section 3.2.1) and returns what follows it. A length that is read cannot exceed 1,275.
func frameLength(b []byte) (int, []byte, error) {
	switch {
	case len(b) == 0:
		return 0, nil, errors.New("a frame length is missing")
	case b[0] < 252:
		return int(b[0]), b[1:], nil
	case len(b) == 1:
		return 0, nil, errors.New("a frame length is cut")
	}
	return int(b[1])*4 + int(b[0]), b[2:], nil
}

// dropPadding reads the padding length of a code 3 packet (section 3.2.5) and cuts that many bytes off its end.
func dropPadding(b []byte) ([]byte, error) {
	pad := 0
	for {
		if len(b) == 0 {
			return nil, errors.New("the padding length is cut")
		}
		v := int(b[0])
		b = b[1:]
		if v < 255 {
			pad += v
			break
		}
		pad += 254
	}
	if pad > len(b) {
		return nil, errors.New("more padding than packet")
	}
	return b[:len(b)-pad], nil
}
