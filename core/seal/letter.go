package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"filippo.io/age"

	"panah/core/wire"
)

// Kinds of letters.
const (
	KindLetter    = "letter"     // a person to the organisation
	KindErase     = "erase"      // a person asks for erasure
	KindReply     = "reply"      // the organisation to a mailbox
	KindReplyCopy = "reply-copy" // the same, sealed to the organisation
	KindNotice    = "notice"     // a desk to the organisation's other desks: re-issue, join, erase, lock …
	KindWrap      = "wrap"       // file keys of an open case, at the gate beside the log: docs/formats-keys.md, section 7
	KindLocked    = "locked"     // a copy or notice of a locked case: its one part is an age file that only specialists open
)

// Where a letter was sealed.
const (
	SealedBrowser = "browser"
	SealedDoor    = "door" // at the gate, in memory: never called end-to-end
	SealedDesk    = "desk"
)

// Types of parts.
const (
	TypeIntake = "application/vnd.panah.intake+json"
	TypeText   = "text/plain"
	TypeWebM   = "audio/webm"
	TypeOgg    = "audio/ogg"
	TypeJPEG   = "image/jpeg"
	TypePNG    = "image/png"
	TypeWebP   = "image/webp"
	TypeOctets = "application/octet-stream"
)

const (
	magic     = "PNH1"
	maxHeader = 16 << 10
	maxParts  = 16
)

// A Part is one piece of content of a letter.
type Part struct {
	Type string
	Data []byte
}

// A Letter is a plaintext letter. It prints as "[letter]".
type Letter struct {
	Kind    string
	Org     string // 20-character fingerprint
	Epoch   int    // 0 for replies
	Sealed  string // SealedBrowser, SealedDoor, SealedDesk
	Box     string // age1pq1… of the mailbox; letters and erasures
	Mailbox wire.MailboxID
	MAC     *ThreadKey // only in the first letter of a thread
	N       uint32
	Tag     []byte // 32 bytes; absent in the first letter and in notices
	DeskTag []byte // 32 bytes; in what desks write to each other only: DeskKey
	To      string // replies and their copies: age1pq1… that the person's next letter is to be sealed to; "" for the organisation's
	Seen    string // reply-copies, notices, locked: which roster and tree the writing desk had seen; docs/formats-keys.md, section 9
	At      time.Time
	Parts   []Part
}

// header is the JSON of a letter, docs/formats.md section 2.
type header struct {
	V       int        `json:"v"`
	Kind    string     `json:"kind"`
	Org     string     `json:"org"`
	Epoch   int        `json:"epoch"`
	Sealed  string     `json:"sealed"`
	Box     string     `json:"box,omitempty"`
	Mailbox string     `json:"mailbox,omitempty"`
	MAC     string     `json:"mac,omitempty"`
	N       uint32     `json:"n"`
	Tag     string     `json:"tag,omitempty"`
	Desk    string     `json:"desk,omitempty"`
	To      string     `json:"to,omitempty"`
	Seen    string     `json:"seen,omitempty"`
	At      string     `json:"at,omitempty"`
	Parts   []partInfo `json:"parts"`
}

type partInfo struct {
	Type string `json:"type"`
	Len  int    `json:"len"`
}

// atLayout is RFC 3339 to the minute: seconds would help nobody but a correlator.
const atLayout = "2006-01-02T15:04Z07:00"

// String hides the letter.
func (Letter) String() string { return "[letter]" }

// GoString hides the letter.
func (Letter) GoString() string { return "[letter]" }

// Text returns the text parts, joined by blank lines.
func (l Letter) Text() string {
	var texts [][]byte
	for _, p := range l.Parts {
		if p.Type == TypeText {
			texts = append(texts, p.Data)
		}
	}
	return string(bytes.Join(texts, []byte("\n\n")))
}

// HeaderJSON returns the one-line JSON header of l, as Pack writes it.
func (l Letter) HeaderJSON() ([]byte, error) {
	h := header{V: 1, Kind: l.Kind, Org: l.Org, Epoch: l.Epoch, Sealed: l.Sealed, Box: l.Box, N: l.N, To: l.To, Seen: l.Seen, Parts: []partInfo{}}
	if !l.Mailbox.IsZero() {
		h.Mailbox = l.Mailbox.Reveal()
	}
	if l.MAC != nil {
		h.MAC = base64.RawURLEncoding.EncodeToString(l.MAC[:])
	}
	if l.Tag != nil {
		h.Tag = base64.RawURLEncoding.EncodeToString(l.Tag)
	}
	if l.DeskTag != nil {
		h.Desk = base64.RawURLEncoding.EncodeToString(l.DeskTag)
	}
	if !l.At.IsZero() {
		h.At = l.At.UTC().Format(atLayout)
	}
	for _, p := range l.Parts {
		h.Parts = append(h.Parts, partInfo{p.Type, len(p.Data)})
	}
	return json.Marshal(h)
}

// ErrTooLarge says that a letter does not fit the largest padding class, 2 MiB.
var ErrTooLarge = errors.New("the letter is larger than 2 MiB")

// Pack writes the padded plaintext of l. It checks what Unpack checks, so nothing is sealed that no desk opens.
func Pack(l Letter) ([]byte, error) {
	h, err := l.HeaderJSON()
	if err != nil {
		return nil, fmt.Errorf("packing a letter: %w", err)
	}
	if err := check(l, len(h)); err != nil {
		return nil, fmt.Errorf("packing a letter: %w", err)
	}
	n := len(magic) + 4 + len(h)
	for _, p := range l.Parts {
		n += len(p.Data)
	}
	padded := PaddedLen(n)
	if padded == 0 {
		return nil, fmt.Errorf("packing a letter: %w", ErrTooLarge)
	}
	out := make([]byte, 0, padded)
	out = append(out, magic...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(h)))
	out = append(out, h...)
	for _, p := range l.Parts {
		out = append(out, p.Data...)
	}
	return out[:padded], nil
}

// Unpack reads a padded plaintext. Parts alias plain. The error wraps ErrBroken.
func Unpack(plain []byte) (Letter, error) {
	rest, ok := bytes.CutPrefix(plain, []byte(magic))
	if !ok || len(rest) < 4 || PaddedLen(len(plain)) != len(plain) {
		return Letter{}, fmt.Errorf("%w: not a PNH1 plaintext", ErrBroken)
	}
	n := binary.BigEndian.Uint32(rest)
	if rest = rest[4:]; n > maxHeader || int(n) > len(rest) {
		return Letter{}, fmt.Errorf("%w: header length", ErrBroken)
	}
	raw := rest[:n]
	l, infos, err := parseHeader(raw)
	if err != nil {
		return Letter{}, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	rest = rest[n:]
	for _, p := range infos {
		if p.Len < 0 || p.Len > len(rest) {
			return Letter{}, fmt.Errorf("%w: part length", ErrBroken)
		}
		l.Parts = append(l.Parts, Part{p.Type, rest[:p.Len:p.Len]})
		rest = rest[p.Len:]
	}
	// Bytes hidden in the padding would be a channel that nobody sees.
	if len(bytes.TrimLeft(rest, "\x00")) > 0 {
		return Letter{}, fmt.Errorf("%w: padding is not zero", ErrBroken)
	}
	if err := check(l, len(raw)); err != nil {
		return Letter{}, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	return l, nil
}

// parseHeader reads the JSON header; unknown keys, trailing bytes and malformed fields are refused.
func parseHeader(raw []byte) (Letter, []partInfo, error) {
	if !utf8.Valid(raw) || bytes.IndexByte(raw, '\n') >= 0 {
		return Letter{}, nil, errors.New("header is not one line of UTF-8")
	}
	var h header
	raw, box := cutBox(raw)
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil {
		return Letter{}, nil, errors.New("header is not the JSON we know")
	}
	if _, err := d.Token(); err != io.EOF {
		return Letter{}, nil, errors.New("bytes after the header")
	}
	if box != "" {
		if h.Box != "" {
			return Letter{}, nil, errors.New("two boxes in the header")
		}
		h.Box = box
	}
	if h.V != 1 {
		return Letter{}, nil, fmt.Errorf("version %d of letters is not known here; a newer desk may open it", h.V)
	}
	l := Letter{Kind: h.Kind, Org: h.Org, Epoch: h.Epoch, Sealed: h.Sealed, Box: h.Box, N: h.N, To: h.To, Seen: h.Seen}
	var err error
	if h.Mailbox != "" {
		if l.Mailbox, err = wire.ParseMailboxID(h.Mailbox); err != nil {
			return Letter{}, nil, err
		}
	}
	if h.MAC != "" {
		l.MAC = new(ThreadKey)
		b, err := base64.RawURLEncoding.Strict().DecodeString(h.MAC)
		if err != nil || copy(l.MAC[:], b) != len(l.MAC) || len(b) != len(l.MAC) {
			return Letter{}, nil, errors.New("mac is not a key")
		}
	}
	if h.Tag != "" {
		if l.Tag, err = base64.RawURLEncoding.Strict().DecodeString(h.Tag); err != nil || len(l.Tag) != 32 {
			return Letter{}, nil, errors.New("tag is not 32 bytes")
		}
	}
	if h.Desk != "" {
		if l.DeskTag, err = base64.RawURLEncoding.Strict().DecodeString(h.Desk); err != nil || len(l.DeskTag) != 32 {
			return Letter{}, nil, errors.New("desk tag is not 32 bytes")
		}
	}
	if h.At != "" {
		if l.At, err = time.Parse(atLayout, h.At); err != nil {
			return Letter{}, nil, errors.New("at is not a time")
		}
	}
	return l, h.Parts, nil
}

// cutBox takes the value of "box" out of a header before it is parsed: it is four fifths of the header, nothing in it needs parsing, and a
// first sync reads it 20,000 times. An unescaped quote before and after the name makes it a key, never part of a string; a box in
// another spelling stays and is parsed like the rest.
func cutBox(raw []byte) (rest []byte, box string) {
	const key = `"box":"`
	at := bytes.Index(raw, []byte(key+"age1pq1"))
	if at < 0 {
		return raw, ""
	}
	value := raw[at+len(key):]
	end := 0
	for end < len(value) && (value[end] >= 'a' && value[end] <= 'z' || value[end] >= '0' && value[end] <= '9') {
		end++
	}
	if end == len(value) || value[end] != '"' {
		return raw, ""
	}
	rest = append(make([]byte, 0, len(raw)-end), raw[:at+len(key)]...)
	return append(rest, value[end:]...), string(value[:end])
}

// check is what both sides hold a letter to.
func check(l Letter, headerLen int) error {
	switch l.Kind {
	case KindLetter, KindErase:
		if l.Mailbox.IsZero() || l.Box == "" {
			return errors.New("a letter needs its mailbox")
		}
		if (l.MAC == nil) == (l.Tag == nil) {
			return errors.New("a letter carries its thread's key or a tag")
		}
	case KindReply:
		if l.Tag == nil {
			return errors.New("a reply needs a tag")
		}
	case KindReplyCopy:
		// Whether its desk tag is there and right is for the desk to judge: it shows such a copy as forged.
		if l.Mailbox.IsZero() || l.Tag == nil {
			return errors.New("a copy of a reply needs its mailbox and tag")
		}
	case KindNotice, KindWrap, KindLocked:
		if l.DeskTag == nil || l.Sealed != SealedDesk {
			return errors.New("what desks write to each other needs its tag")
		}
	default:
		return errors.New("a kind of letter not known here; a newer desk may open it")
	}
	if err := checkAsides(l); err != nil {
		return err
	}
	if l.Sealed != SealedBrowser && l.Sealed != SealedDoor && l.Sealed != SealedDesk {
		return errors.New("sealed says nothing we know")
	}
	if headerLen > maxHeader || len(l.Parts) > maxParts || l.Epoch < 0 || len(l.Org) > 64 {
		return errors.New("header is too large")
	}
	for _, p := range l.Parts {
		if !knownType(p.Type) {
			return errors.New("a part of a type not known here")
		}
	}
	return nil
}

// maxSeen bounds the header key "seen", bytes.
const maxSeen = 160

// checkAsides keeps "to" and "seen" to the kinds that carry them.
func checkAsides(l Letter) error {
	if l.To != "" {
		if l.Kind != KindReply && l.Kind != KindReplyCopy {
			return errors.New("only an answer says where to write next")
		}
		if _, err := age.ParseHybridRecipient(l.To); err != nil {
			return errors.New("an answer says where to write next, and that is no recipient")
		}
	}
	if l.Seen != "" && l.Kind != KindReplyCopy && l.Kind != KindNotice && l.Kind != KindLocked || len(l.Seen) > maxSeen {
		return errors.New("only desks tell each other what they saw")
	}
	return nil
}

func knownType(t string) bool {
	switch t {
	case TypeIntake, TypeText, TypeWebM, TypeOgg, TypeJPEG, TypePNG, TypeWebP, TypeOctets:
		return true
	}
	return false
}
