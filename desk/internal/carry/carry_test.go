package carry_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/carry"
	"panah/desk/internal/casedb"
)

const org = "abcdefghjkmnpqrstvwx"

type stick struct {
	id   *age.HybridIdentity
	keys carry.Keys
}

func newStick(t testing.TB, org string) stick {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return stick{id, carry.Keys{Org: org, Epoch: 3, To: id.Recipient(), Desk: seal.DeskKey{5}}}
}

func (s stick) epochs() []carry.Epoch {
	return []carry.Epoch{{N: s.keys.Epoch, Opener: seal.NewOpener(s.id), Desk: s.keys.Desk}}
}

func (s stick) write(t testing.TB, pieces ...casedb.Carried) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := carry.NewWriter(&out, s.keys, time.Unix(1_795_500_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pieces {
		if err := w.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(b []byte, s stick) (out []casedb.Carried, err error) {
	err = carry.Read(bytes.NewReader(b), s.keys.Org, s.epochs(), func(c casedb.Carried) error { out = append(out, c); return nil })
	return out, err
}

func pieces() []casedb.Carried {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	letter := seal.Letter{Kind: seal.KindLetter, Epoch: 2, Sealed: seal.SealedBrowser, Box: "age1pq1box", Mailbox: wire.MailboxID{1}, N: 7, At: at.Add(90 * time.Second), Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("secretword")}, {Type: seal.TypeJPEG, Data: []byte{1, 0, 0}}}}
	reply := letter
	reply.Kind, reply.Box, reply.Sealed = seal.KindReplyCopy, "", seal.SealedDesk
	return []casedb.Carried{
		{What: casedb.CarriedLetter, Letter: letter, First: true, Key: seal.ThreadKey{2}, ID: wire.LetterID{3}, Commitment: [32]byte{4}, Hour: at},
		{What: casedb.CarriedReply, Letter: reply, Key: seal.ThreadKey{2}, Hour: at},
		{What: casedb.CarriedEvents, Notice: []byte(`{"do":"events"}`)},
		{What: casedb.CarriedErase, Notice: []byte(`{"do":"erase"}`)},
	}
}

func TestWhatIsWrittenIsReadAndNothingIsReadableOutside(t *testing.T) {
	s := newStick(t, org)
	file := s.write(t, pieces()...)
	got, err := read(file, s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pieces(), got, cmp.AllowUnexported()); diff != "" {
		t.Error(diff)
	}
	for _, word := range []string{"secretword", org, "events", "letter", "file"} {
		if bytes.Contains(file, []byte(word)) {
			t.Errorf("%q can be read outside", word)
		}
	}
	// Every frame is a letter of a shape that gates and desks know.
	rest := file[len("panah.stick/v1\n"):]
	frames := 0
	for ; len(rest) > 0; frames++ {
		n := binary.BigEndian.Uint32(rest)
		if err := seal.CheckShape(rest[4 : 4+n]); err != nil {
			t.Error(err)
		}
		rest = rest[4+n:]
	}
	if frames != 6 {
		t.Errorf("%d frames", frames)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	s, other := newStick(t, org), newStick(t, "zzzzzzzzzzzzzzzzzzzz")
	file := s.write(t, pieces()...)
	empty := s.write(t)
	frame := 4 + int(binary.BigEndian.Uint32(file[15:]))
	sameKeys := stick{s.id, s.keys}
	sameKeys.keys.Org = other.keys.Org
	noDesk := stick{s.id, s.keys}
	noDesk.keys.Desk = seal.DeskKey{6}
	changed := bytes.Clone(file)
	changed[len(changed)-100] ^= 1
	swapped := bytes.Clone(file[:15+frame])
	swapped = append(swapped, file[15+2*frame:15+3*frame]...)
	swapped = append(swapped, file[15+frame:15+2*frame]...)
	huge := append(bytes.Clone(file[:15]), 0xff, 0xff, 0xff, 0xff)
	for name, test := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":                      {nil, carry.ErrNoStick},
		"a photograph":                 {[]byte("\xff\xd8\xff\xe0 not a stick at all"), carry.ErrNoStick},
		"only the beginning":           {file[:15], carry.ErrDamaged},
		"cut in a frame":               {file[:len(file)-1], carry.ErrDamaged},
		"cut between frames":           {file[:15+2*frame], carry.ErrDamaged},
		"a bit changed":                {changed, carry.ErrDamaged},
		"frames in another order":      {swapped, carry.ErrDamaged},
		"a frame twice":                {append(bytes.Clone(file[:15+2*frame]), file[15+frame:]...), carry.ErrDamaged},
		"bytes behind the end":         {append(bytes.Clone(empty), 0), carry.ErrDamaged},
		"another file in this one":     {append(bytes.Clone(file[:15+frame]), empty[15+frame:]...), carry.ErrDamaged},
		"promises four gigabytes":      {huge, carry.ErrDamaged},
		"another organisation":         {other.write(t, pieces()...), carry.ErrForeign},
		"another one, same key":        {sameKeys.write(t), carry.ErrForeign},
		"sealed by who is no own desk": {noDesk.write(t), carry.ErrDamaged},
	} {
		if _, err := read(test.file, s); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestAPieceThatDoesNotFitIsToldAndTheFileGoesOn(t *testing.T) {
	s := newStick(t, org)
	var out bytes.Buffer
	w, err := carry.NewWriter(&out, s.keys, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	big, many := pieces()[0], pieces()[0]
	big.Letter.Parts = []seal.Part{{Type: seal.TypeJPEG, Data: make([]byte, 2<<20)}}
	many.Letter.Parts = make([]seal.Part, 16)
	for _, p := range []casedb.Carried{big, many} {
		if err := w.Add(p); !errors.Is(err, seal.ErrTooLarge) {
			t.Error(err)
		}
	}
	if err := errors.Join(w.Add(pieces()[2]), w.Close()); err != nil {
		t.Fatal(err)
	}
	if got, err := read(out.Bytes(), s); err != nil || len(got) != 1 {
		t.Errorf("%d pieces: %v", len(got), err)
	}
}

// FuzzRead: whatever a stick holds, reading ends, and gives nothing that was not sealed by an own desk.
func FuzzRead(f *testing.F) {
	s := newStick(f, org)
	file := s.write(f, pieces()...)
	f.Add(file, uint64(0))
	f.Add(file[:len(file)/2], uint64(0))
	f.Add([]byte("panah.stick/v1\n\x00\x00\x00\x01x"), uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		if _, err := read(b, s); err == nil && !bytes.Equal(b, file) {
			t.Error("another file is believed")
		}
		if seed == 0 {
			return
		}
		r := rand.New(rand.NewPCG(1, seed)) // #nosec G404 -- where to damage
		bad := bytes.Clone(file)
		bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
		if _, err := read(bad, s); err == nil {
			t.Error("a damaged file is believed")
		}
	})
}
