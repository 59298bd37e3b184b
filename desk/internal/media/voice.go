package media

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// Bounds of a recording.
const (
	MaxVoiceBytes = 2 << 20                        // of the file as it came
	MaxVoice      = 3*time.Minute + 10*time.Second // the page stops at 3 minutes; phones run over
	maxPackets    = 80_000                         // 190 s of the shortest Opus packets, 2.5 ms
)

// A Recording is a voice letter in an Ogg Opus container that this desk wrote.
type Recording struct {
	Ogg      []byte        // type audio/ogg
	Duration time.Duration // what will be heard
	Channels int           // 1 or 2
}

// VoiceType is the media type of Recording.Ogg.
const VoiceType = "audio/ogg"

// A track is what the container parsers hand on: the identification header and the packets, slices of the file.
type track struct {
	head    []byte
	packets [][]byte
}

// Voice takes data apart (WebM as MediaRecorder of Chromium and Firefox writes it, or Ogg), checks that it is exactly
// one Opus track whose packets are framed as RFC 6716 says, and puts the packets into a new Ogg file. The sound itself is
// not decoded: that remains to the browser that plays it. Time stamps of the file are not used, so a pause while
// recording closes up. Errors wrap ErrTooLarge or ErrNotPlayed.
func Voice(data []byte) (Recording, error) {
	if len(data) > MaxVoiceBytes {
		return Recording{}, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(data))
	}
	t, err := demux(data)
	if err != nil {
		return Recording{}, fmt.Errorf("%w: %v", ErrNotPlayed, err)
	}
	head, err := parseHead(t.head)
	if err != nil {
		return Recording{}, fmt.Errorf("%w: %v", ErrNotPlayed, err)
	}
	samples := 0
	for i, p := range t.packets {
		n, err := packetSamples(p)
		if err != nil {
			return Recording{}, fmt.Errorf("%w: packet %d: %v", ErrNotPlayed, i, err)
		}
		samples += n
	}
	heard := samples - head.preSkip
	if heard <= 0 {
		return Recording{}, fmt.Errorf("%w: it is empty", ErrNotPlayed)
	}
	duration := time.Duration(heard) * time.Second / sampleRate
	if duration > MaxVoice {
		return Recording{}, fmt.Errorf("%w: %s", ErrTooLarge, duration.Round(time.Second))
	}
	return Recording{Ogg: writeOgg(head, t.packets), Duration: duration, Channels: head.channels}, nil
}

func demux(data []byte) (track, error) {
	switch {
	case bytes.HasPrefix(data, []byte("OggS")):
		return readOgg(data)
	case bytes.HasPrefix(data, []byte{0x1A, 0x45, 0xDF, 0xA3}):
		return readWebM(data)
	}
	return track{}, errors.New("neither WebM nor Ogg")
}
