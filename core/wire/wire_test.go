package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/wire"
)

func entries() []wire.Entry {
	return []wire.Entry{
		{Index: 0, Commitment: [32]byte{1}},
		{Index: 1 << 40, Commitment: [32]byte{2}, Present: true, Key: [32]byte{3}, Record: "panah.record/v1\n", Sealed: []byte("sealed")},
		{Index: 9, Present: true, Sealed: []byte{}},
	}
}

func TestStreamsSurvive(t *testing.T) {
	var stream bytes.Buffer
	for _, e := range entries() {
		if err := wire.WriteFrame(&stream, wire.FrameEntry, wire.AppendEntry(nil, e)); err != nil {
			t.Fatal(err)
		}
	}
	if err := wire.WriteFrame(&stream, wire.FrameEnd, nil); err != nil {
		t.Fatal(err)
	}
	// One byte at a time: a network cuts where it likes.
	r := iotest.OneByteReader(&stream)
	for _, want := range entries() {
		kind, payload, err := wire.ReadFrame(r)
		if err != nil || kind != wire.FrameEntry {
			t.Fatalf("frame %q: %v", kind, err)
		}
		got, err := wire.ParseEntry(payload)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("entry changed:\n%s", diff)
		}
	}
	if kind, payload, err := wire.ReadFrame(r); kind != wire.FrameEnd || len(payload) != 0 || err != nil {
		t.Errorf("end frame: %q %d %v", kind, len(payload), err)
	}
	if _, _, err := wire.ReadFrame(r); err != io.EOF {
		t.Errorf("after the end: %v, want io.EOF", err)
	}
}

func TestCutStreamsAreNoticed(t *testing.T) {
	var stream bytes.Buffer
	if err := wire.WriteFrame(&stream, wire.FrameEntry, []byte("payload")); err != nil {
		t.Fatal(err)
	}
	for n := 1; n < stream.Len(); n++ {
		_, _, err := wire.ReadFrame(bytes.NewReader(stream.Bytes()[:n]))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d bytes: %v, want io.ErrUnexpectedEOF", n, err)
		}
	}
}

func TestFramesOverTheBoundAreRefusedUnread(t *testing.T) {
	head := []byte{wire.FrameEntry, 0xff, 0xff, 0xff, 0xff}
	if _, _, err := wire.ReadFrame(bytes.NewReader(head)); !errors.Is(err, wire.ErrFrame) {
		t.Errorf("a frame of 4 GiB: %v, want ErrFrame", err)
	}
	// The largest letter fits.
	largest := wire.AppendEntry(nil, wire.Entry{Present: true, Record: strings.Repeat("r", 512), Sealed: make([]byte, wire.MaxLetter)})
	var stream bytes.Buffer
	if err := wire.WriteFrame(&stream, wire.FrameEntry, largest); err != nil {
		t.Fatal(err)
	}
	_, payload, err := wire.ReadFrame(&stream)
	if err != nil {
		t.Fatalf("an entry with the largest letter: %v", err)
	}
	if _, err := wire.ParseEntry(payload); err != nil {
		t.Errorf("an entry with the largest letter: %v", err)
	}
}

func TestRepliesSurvive(t *testing.T) {
	want := [][]byte{[]byte("one"), {}, []byte("three")}
	var b []byte
	for _, r := range want {
		b = wire.AppendReply(b, r)
	}
	got, err := wire.ParseReplies(b)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("replies changed: %v\n%s", err, diff)
	}
	for n := 1; n < len(b); n++ {
		if got, err := wire.ParseReplies(b[:n]); err == nil && len(got) == len(want) {
			t.Errorf("a stream cut at %d reads whole", n)
		}
	}
}

func deskKey() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(make([]byte, 32)) }

var signedAt = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

func TestRequestsAreSigned(t *testing.T) {
	key := deskKey()
	body := []byte("sealed reply")
	s := wire.SignRequest(key, "POST", "/v1/desk/replies", body, "help.example.org", signedAt)
	pub, err := wire.CheckRequest(s, "POST", "/v1/desk/replies", body, "help.example.org", signedAt.Add(4*time.Minute))
	if err != nil || !pub.Equal(key.Public()) {
		t.Fatalf("our own request: %v", err)
	}
	for name, c := range map[string]struct {
		method, target, body, origin string
		at                           time.Time
		want                         error
	}{
		"method":      {"PUT", "/v1/desk/replies", "sealed reply", "help.example.org", signedAt, wire.ErrDevice},
		"query":       {"POST", "/v1/desk/replies?from=1", "sealed reply", "help.example.org", signedAt, wire.ErrDevice},
		"body":        {"POST", "/v1/desk/replies", "another reply", "help.example.org", signedAt, wire.ErrDevice},
		"gate":        {"POST", "/v1/desk/replies", "sealed reply", "other.example.org", signedAt, wire.ErrDevice},
		"too late":    {"POST", "/v1/desk/replies", "sealed reply", "help.example.org", signedAt.Add(6 * time.Minute), wire.ErrClock},
		"clock ahead": {"POST", "/v1/desk/replies", "sealed reply", "help.example.org", signedAt.Add(-6 * time.Minute), wire.ErrClock},
	} {
		if _, err := wire.CheckRequest(s, c.method, c.target, []byte(c.body), c.origin, c.at); !errors.Is(err, c.want) {
			t.Errorf("another %s: %v, want %v", name, err, c.want)
		}
	}
	for name, bad := range map[string]wire.Signed{
		"nothing":         {},
		"short key":       {Device: "AAAA", Date: s.Date, Signature: s.Signature},
		"short signature": {Device: s.Device, Date: s.Date, Signature: "AAAA"},
		"no date":         {Device: s.Device, Date: "", Signature: s.Signature},
	} {
		if _, err := wire.CheckRequest(bad, "POST", "/v1/desk/replies", body, "help.example.org", signedAt); !errors.Is(err, wire.ErrDevice) {
			t.Errorf("%s: %v, want ErrDevice", name, err)
		}
	}
}

func TestIDsHaveOneSpelling(t *testing.T) {
	id := wire.IDOf([]byte("x"))
	if got, err := wire.ParseLetterID(id.String()); err != nil || got != id {
		t.Errorf("an id does not read back: %v", err)
	}
	for _, s := range []string{"", id.String()[1:], strings.ToUpper(id.String()), id.String() + "0", strings.Repeat("g", 64)} {
		if _, err := wire.ParseLetterID(s); err == nil {
			t.Errorf("%q was read as an id", s)
		}
	}
	m := wire.MailboxID{1, 2, 3}
	if got, err := wire.ParseMailboxID(m.Reveal()); err != nil || got != m {
		t.Errorf("a mailbox id does not read back: %v", err)
	}
	// The last character has unused bits: only one spelling may pass, or two ids would name one mailbox.
	if _, err := wire.ParseMailboxID(m.Reveal()[:21] + "B"); err == nil {
		t.Error("a mailbox id with stray bits was read")
	}
}

func TestMailboxesDoNotPrint(t *testing.T) {
	k := wire.MailboxKey{ID: wire.MailboxID{1, 2, 3}, Auth: [32]byte{4, 5, 6}}
	printed := fmt.Sprintf("%v %+v %#v %s %v %#v %v", k, k, k, k, k.ID, k.ID, &k)
	for _, secret := range []string{k.ID.Reveal(), k.RevealAuth(), "1 2 3", "4 5 6", "0x4"} {
		if strings.Contains(printed, secret) {
			t.Errorf("a mailbox prints: %s", printed)
		}
	}
	got, err := wire.ParseMailboxKey(k.ID.Reveal(), k.RevealAuth())
	if err != nil || got != k {
		t.Errorf("the headers do not read back: %v", err)
	}
	if _, err := wire.ParseMailboxKey(k.ID.Reveal(), "secret!"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a wrong header: %v", err)
	}
}

func FuzzReadFrame(f *testing.F) {
	var stream bytes.Buffer
	for _, e := range entries() {
		if err := wire.WriteFrame(&stream, wire.FrameEntry, wire.AppendEntry(nil, e)); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(stream.Bytes())
	f.Add([]byte{'Z', 0, 0, 0, 0})
	f.Add([]byte{'C', 0, 0x1f, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		var again bytes.Buffer
		for {
			kind, payload, err := wire.ReadFrame(r)
			if err != nil {
				break
			}
			if err := wire.WriteFrame(&again, kind, payload); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.HasPrefix(b, again.Bytes()) {
			t.Fatal("frames read differ from the stream")
		}
	})
}

func FuzzParseEntry(f *testing.F) {
	for _, e := range entries() {
		f.Add(wire.AppendEntry(nil, e))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := wire.ParseEntry(b); err == nil && !bytes.Equal(wire.AppendEntry(nil, e), b) {
			t.Fatal("two spellings of one entry")
		}
	})
}

func FuzzParseReplies(f *testing.F) {
	f.Add(wire.AppendReply(wire.AppendReply(nil, []byte("one")), nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		replies, err := wire.ParseReplies(b)
		if err != nil {
			return
		}
		var again []byte
		for _, r := range replies {
			again = wire.AppendReply(again, r)
		}
		if !bytes.Equal(again, b) {
			t.Fatal("two spellings of one stream")
		}
	})
}

func FuzzCheckRequest(f *testing.F) {
	s := wire.SignRequest(deskKey(), "GET", "/v1/desk/sync?from=1", nil, "help.example.org", signedAt)
	f.Add(s.Device, s.Date, s.Signature)
	f.Add("", "99999999999999999999", "AA==")
	f.Fuzz(func(t *testing.T, device, date, signature string) {
		got, err := wire.CheckRequest(wire.Signed{Device: device, Date: date, Signature: signature}, "GET", "/v1/desk/sync?from=1", nil, "help.example.org", signedAt)
		if err == nil && (device != s.Device || !got.Equal(deskKey().Public())) && len(got) != ed25519.PublicKeySize {
			t.Fatal("a key of the wrong length")
		}
	})
}
