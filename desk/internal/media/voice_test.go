package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestVoiceKeepsEveryPacket(t *testing.T) {
	packets := opusPackets(120)
	for name, file := range map[string][]byte{
		"webm, unknown sizes":       buildWebM(packets, webmOptions{}),
		"webm, block groups":        buildWebM(packets, webmOptions{closed: true}),
		"ogg, packets over pages":   buildOgg(monoHead, packets, 5),
		"ogg, full pages":           buildOgg(monoHead, packets, 255),
		"webm, cut while recording": append(buildWebM(packets, webmOptions{}), 0xA3, 0x41, 0x00, 0x81),
	} {
		t.Run(name, func(t *testing.T) {
			rec, err := Voice(file)
			if err != nil {
				t.Fatal(err)
			}
			if want := (120*960 - 312) * time.Second / 48_000; rec.Duration != want {
				t.Errorf("duration %v, want %v", rec.Duration, want)
			}
			checkOgg(t, rec.Ogg, packets)
		})
	}
}

// checkOgg reads a file of ours apart from readOgg, and holds it to RFC 7845.
func checkOgg(t *testing.T, ogg []byte, want [][]byte) {
	t.Helper()
	var packets [][]byte
	var last uint64
	var flags byte
	for seq := uint32(0); len(ogg) > 0; seq++ {
		table := ogg[27 : 27+int(ogg[26])]
		size := 0
		for _, v := range table {
			size += int(v)
		}
		end := 27 + len(table) + size
		page := slices.Clone(ogg[:end])
		crc := binary.LittleEndian.Uint32(page[22:])
		clear(page[22:26])
		if oggSlow(page) != crc {
			t.Errorf("page %d: checksum", seq)
		}
		if got := binary.LittleEndian.Uint32(page[18:]); got != seq {
			t.Errorf("page number %d, want %d", got, seq)
		}
		flags = page[5]
		if (flags&2 != 0) != (seq == 0) || flags&1 != 0 {
			t.Errorf("page %d: flags %x", seq, flags)
		}
		position := binary.LittleEndian.Uint64(page[6:])
		if seq < 2 && position != 0 || position < last || position-last > 48_000 {
			t.Errorf("page %d: position %d after %d", seq, position, last)
		}
		last = position
		body := page[27+len(table):]
		for start, n := 0, 0; len(table) > 0; {
			n += int(table[0])
			if table[0] < 255 {
				packets = append(packets, body[start:n])
				start = n
			}
			table = table[1:]
		}
		ogg = ogg[end:]
	}
	if flags&4 == 0 {
		t.Error("the last page does not say so")
	}
	if diff := cmp.Diff([]byte(monoHead), packets[0]); diff != "" {
		t.Errorf("head: %s", diff)
	}
	if diff := cmp.Diff([]byte("OpusTags\x05\x00\x00\x00panah\x00\x00\x00\x00"), packets[1]); diff != "" {
		t.Errorf("tags: %s", diff)
	}
	if diff := cmp.Diff(want, packets[2:]); diff != "" {
		t.Errorf("packets: %s", diff)
	}
	if last != uint64(len(want))*960 {
		t.Errorf("ends at sample %d", last)
	}
}

// The file in testdata was recorded by Chromium's MediaRecorder from its made-up microphone: beeps.
func TestVoiceOfARealBrowser(t *testing.T) {
	data, err := os.ReadFile("testdata/chromium.webm")
	if err != nil {
		t.Fatal(err)
	}
	rec, err := Voice(data)
	if err != nil {
		t.Fatal(err)
	}
	if rec.Duration < time.Second || rec.Duration > 2*time.Second || rec.Channels != 1 {
		t.Errorf("%v, %d channels", rec.Duration, rec.Channels)
	}
	again, err := Voice(rec.Ogg)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Ogg, rec.Ogg) {
		t.Error("what we wrote does not come back the same")
	}
}

func TestVoiceRefuses(t *testing.T) {
	packets := opusPackets(60)
	ogg := buildOgg(monoHead, packets, 255)
	flipped := slices.Clone(ogg)
	flipped[len(flipped)-1] ^= 1
	stereoSurround := "OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x01"
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":              {nil, ErrNotPlayed},
		"mp3":                  {[]byte("ID3\x04 and so on"), ErrNotPlayed},
		"matroska":             {buildWebM(packets, webmOptions{doc: "matroska"}), ErrNotPlayed},
		"vorbis":               {buildWebM(packets, webmOptions{codec: "A_VORBIS"}), ErrNotPlayed},
		"video":                {buildWebM(packets, webmOptions{kind: 1}), ErrNotPlayed},
		"encrypted":            {buildWebM(packets, webmOptions{extra: ebml(0x6D80, ebml(0x6240, nil))}), ErrNotPlayed},
		"laced":                {buildWebM(packets, webmOptions{blockFlags: 2}), ErrNotPlayed},
		"another track":        {buildWebM(packets, webmOptions{blockTrack: 2}), ErrNotPlayed},
		"surround":             {buildWebM(packets, webmOptions{head: stereoSurround}), ErrNotPlayed},
		"no packets":           {buildWebM(nil, webmOptions{}), ErrNotPlayed},
		"an empty packet":      {buildWebM([][]byte{{}}, webmOptions{}), ErrNotPlayed},
		"a torn frame":         {buildWebM([][]byte{{31<<3 | 1, 1, 2, 3}}, webmOptions{}), ErrNotPlayed},
		"shorter than preskip": {buildWebM([][]byte{{16 << 3, 1}}, webmOptions{}), ErrNotPlayed},
		"a flipped bit":        {flipped, ErrNotPlayed},
		"a lost page":          {append(slices.Clone(buildOgg(monoHead, packets[:10], 5)), ogg[len(ogg)/2:]...), ErrNotPlayed},
		"two streams":          {append(slices.Clone(ogg), ogg...), ErrNotPlayed},
		"too long":             {buildWebM(slices.Repeat([][]byte{{31 << 3, 1}}, 191*50), webmOptions{}), ErrTooLarge},
		"too many bytes":       {make([]byte, MaxVoiceBytes+1), ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if rec, err := Voice(c.file); !errors.Is(err, c.want) {
				t.Errorf("got %v, %v; want %v", rec.Duration, err, c.want)
			}
		})
	}
}

// The cases are drawn after RFC 6716, section 3.2 and 3.4.
func TestPacketSamples(t *testing.T) {
	frame := func(n int) []byte { return make([]byte, n) }
	packet := func(toc byte, more ...[]byte) []byte { return append([]byte{toc}, bytes.Join(more, nil)...) }
	for name, c := range map[string]struct {
		packet []byte
		want   int // 0: refused
	}{
		"code 0, SILK 60 ms":              {packet(3<<3, frame(9)), 2880},
		"code 0, CELT 2.5 ms":             {packet(16<<3, frame(9)), 120},
		"code 0, hybrid 20 ms":            {packet(13<<3, frame(9)), 960},
		"code 0, no data":                 {packet(31 << 3), 960},
		"code 0, longest frame":           {packet(31<<3, frame(1275)), 960},
		"code 0, longer":                  {packet(31<<3, frame(1276)), 0},
		"code 1":                          {packet(31<<3|1, frame(10)), 1920},
		"code 1, odd":                     {packet(31<<3|1, frame(11)), 0},
		"code 2":                          {packet(31<<3|2, []byte{4}, frame(10)), 1920},
		"code 2, two-byte length":         {packet(31<<3|2, []byte{252, 1}, frame(256+5)), 1920},
		"code 2, cut length":              {packet(31<<3|2, []byte{252}), 0},
		"code 2, no length":               {packet(31<<3 | 2), 0},
		"code 2, first frame cut":         {packet(31<<3|2, []byte{11}, frame(10)), 0},
		"code 3, CBR":                     {packet(31<<3|3, []byte{3}, frame(9)), 2880},
		"code 3, CBR uneven":              {packet(31<<3|3, []byte{3}, frame(10)), 0},
		"code 3, VBR":                     {packet(31<<3|3, []byte{0x80 | 3, 1, 2}, frame(9)), 2880},
		"code 3, VBR cut":                 {packet(31<<3|3, []byte{0x80 | 3, 5, 5}, frame(9)), 0},
		"code 3, VBR without lengths":     {packet(31<<3|3, []byte{0x80 | 3, 5}), 0},
		"code 3, padding":                 {packet(31<<3|3, []byte{0x40 | 2, 4}, frame(6+4)), 1920},
		"code 3, long padding":            {packet(31<<3|3, []byte{0x40 | 2, 255, 1}, frame(6+255)), 1920},
		"code 3, padding longer than all": {packet(31<<3|3, []byte{0x40 | 2, 4}, frame(3)), 0},
		"code 3, padding without end":     {packet(31<<3|3, []byte{0x40 | 2, 255}), 0},
		"code 3, no count":                {packet(31<<3 | 3), 0},
		"code 3, no frames":               {packet(31<<3|3, []byte{0}, frame(3)), 0},
		"code 3, 48 frames":               {packet(16<<3|3, []byte{48}, frame(48)), 5760},
		"code 3, longer than 120 ms":      {packet(31<<3|3, []byte{7}, frame(7)), 0},
		"code 3, 49 frames":               {packet(16<<3|3, []byte{49}, frame(49)), 0},
		"nothing":                         {nil, 0},
		"longer than any":                 {packet(31<<3, frame(70_000)), 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := packetSamples(c.packet)
			if (err != nil) != (c.want == 0) || err == nil && got != c.want {
				t.Errorf("got %d, %v; want %d", got, err, c.want)
			}
		})
	}
}

func FuzzVoice(f *testing.F) {
	real, err := os.ReadFile("testdata/chromium.webm")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(real)
	f.Add(buildWebM(opusPackets(4), webmOptions{}))
	f.Add(buildWebM(opusPackets(4), webmOptions{closed: true}))
	f.Add(buildOgg(monoHead, opusPackets(8), 3))
	f.Add(buildWebM([][]byte{{31<<3 | 3, 0x80 | 3, 1, 2, 0, 0, 0, 0}, {31<<3 | 3, 0x40 | 2, 4, 1, 2, 0, 0, 0, 0}, {31<<3 | 2, 1, 1, 1}}, webmOptions{}))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := Voice(data)
		if err != nil {
			if !errors.Is(err, ErrNotPlayed) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		again, err := Voice(rec.Ogg)
		if err != nil {
			t.Fatalf("what we wrote is refused: %v", err)
		}
		if !bytes.Equal(again.Ogg, rec.Ogg) || again.Duration != rec.Duration {
			t.Error("what we wrote does not come back the same")
		}
	})
}
