package seal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"panah/core/receipt"
	"panah/core/seal"
	"panah/internal/testkit"
)

type partVector struct {
	Type string `json:"type"`
	Data []byte `json:"data"` // base64 in JSON
}

// letterVector is a line of vectors/letter.json: a letter and the SHA-256 of its padded plaintext.
type letterVector struct {
	Name   string       `json:"name"`
	Header string       `json:"header"`
	Parts  []partVector `json:"parts"`
	Length int          `json:"length"`
	SHA256 string       `json:"sha256"`
}

// tagVector is a line of vectors/tag.json; mac and tag are base64url.
type tagVector struct {
	MAC   string       `json:"mac"`
	Kind  string       `json:"kind"`
	N     uint32       `json:"n"`
	Parts []partVector `json:"parts"`
	To    string       `json:"to,omitempty"`
	Tag   string       `json:"tag"`
}

// sealedVector is a line of vectors/seal.json. Sealing draws fresh randomness, so these are written once and from
// then on only opened.
type sealedVector struct {
	Name      string       `json:"name"`
	Identity  string       `json:"identity"`
	Recipient string       `json:"recipient"`
	Sealed    []byte       `json:"sealed"`
	ID        string       `json:"id"`
	Header    string       `json:"header"`
	Parts     []partVector `json:"parts"`
}

const testOrg = "abcdefghjkmnpqrstvwx"

// person derives the mailbox that the letters of these tests come from.
func person(t testing.TB) receipt.Keys {
	t.Helper()
	c, err := receipt.Parse("1234 5678 9012 3456 7891")
	if err != nil {
		t.Fatal(err)
	}
	k, err := receipt.Derive(c, testOrg)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func firstLetter(t testing.TB, k receipt.Keys, text string) seal.Letter {
	t.Helper()
	answers, err := seal.Intake{Situations: []string{"s_detained"}, Who: "family", District: "کوئٹہ", Lang: "fa-AF"}.Part()
	if err != nil {
		t.Fatal(err)
	}
	return seal.Letter{
		Kind: seal.KindLetter, Org: testOrg, Epoch: 3, Sealed: seal.SealedBrowser,
		Box: k.Recipient().String(), Mailbox: k.Mailbox.ID, MAC: &k.MAC,
		At:    time.Date(2026, 11, 23, 18, 40, 0, 0, time.UTC),
		Parts: []seal.Part{answers, {Type: seal.TypeText, Data: []byte(text)}},
	}
}

// letters are one of each kind.
func letters(t testing.TB) (names []string, all []seal.Letter) {
	t.Helper()
	k := person(t)
	first := firstLetter(t, k, "برادرم را در راه گرفتند. <b>\"&")
	later := seal.Letter{
		Kind: seal.KindLetter, Org: testOrg, Epoch: 3, Sealed: seal.SealedDoor, Box: k.Recipient().String(), Mailbox: k.Mailbox.ID,
		N: 28_000_000, Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("again")}, {Type: seal.TypeJPEG, Data: bytes.Repeat([]byte{0xff, 0xd8}, 4000)}},
	}
	erase := seal.Letter{Kind: seal.KindErase, Org: testOrg, Epoch: 3, Sealed: seal.SealedBrowser, Box: k.Recipient().String(), Mailbox: k.Mailbox.ID, N: 28_000_060}
	reply := seal.Letter{Kind: seal.KindReply, Org: testOrg, Sealed: seal.SealedDesk, N: 1, Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("We read your letter.")}}}
	copied := reply
	copied.Kind, copied.Epoch, copied.Mailbox = seal.KindReplyCopy, 3, k.Mailbox.ID
	onward := reply // of a locked case: the next letter goes to its specialists
	onward.N, onward.To = 2, k.Recipient().String()
	for _, l := range []*seal.Letter{&later, &erase, &reply, &copied, &onward} {
		l.Tag = k.MAC.Tag(*l)
	}
	return []string{"first", "later", "erase", "reply", "reply-copy", "reply-to"}, []seal.Letter{first, later, erase, reply, copied, onward}
}

func TestVectorsOfPadding(t *testing.T) {
	type line struct {
		N      int `json:"n"`
		Padded int `json:"padded"`
	}
	var out []line
	for _, n := range []int{
		0, 1, 4095, 4096, 4097, 8192, 8193, 16384, 16385, 32768, 32769, 65535, 65536, 65537, 81920, 81921, 98304,
		98305, 114688, 114689, 131072, 131073, 163840, 163841, 262144, 300000, 524289, 1048576, 1048577, 1310720, 1310721,
		2097151, 2097152, 2097153,
	} {
		out = append(out, line{n, seal.PaddedLen(n)})
	}
	testkit.Vectors(t, "padding.json", out)
}

func TestVectorsOfTags(t *testing.T) {
	names, all := letters(t)
	k := person(t)
	var out []tagVector
	for i, l := range all {
		if names[i] == "first" {
			continue
		}
		out = append(out, tagVector{
			base64.RawURLEncoding.EncodeToString(k.MAC[:]), l.Kind, l.N, partVectors(l), l.To,
			base64.RawURLEncoding.EncodeToString(k.MAC.Tag(l)),
		})
	}
	testkit.Vectors(t, "tag.json", out)
}

func TestVectorsOfPlaintexts(t *testing.T) {
	names, all := letters(t)
	var out []letterVector
	for i, l := range all {
		plain, err := seal.Pack(l)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(plain)
		out = append(out, letterVector{names[i], header(t, l), partVectors(l), len(plain), hex.EncodeToString(sum[:])})
	}
	testkit.Vectors(t, "letter.json", out)
}

func TestVectorsOfSealedLetters(t *testing.T) {
	if testkit.Updating() {
		testkit.WriteVectors(t, "seal.json", sealAll(t))
	}
	var lines []sealedVector
	testkit.ReadVectors(t, "seal.json", &lines)
	if len(lines) != 2 {
		t.Fatalf("%d sealed letters, want 2", len(lines))
	}
	for _, v := range lines {
		id, err := age.ParseHybridIdentity(v.Identity)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(v.Sealed)
		if id.Recipient().String() != v.Recipient || hex.EncodeToString(sum[:]) != v.ID {
			t.Errorf("%s: recipient or id does not fit", v.Name)
		}
		l, err := seal.Open(v.Sealed, id)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		if diff := cmp.Diff(v.Parts, partVectors(l)); diff != "" || header(t, l) != v.Header {
			t.Errorf("%s opens to something else:\n%s", v.Name, diff)
		}
	}
}

func sealAll(t *testing.T) []sealedVector {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	names, all := letters(t)
	var out []sealedVector
	for i, l := range all[:2] {
		sealed, err := seal.Seal(l, id.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(sealed)
		out = append(out, sealedVector{names[i], id.String(), id.Recipient().String(), sealed, hex.EncodeToString(sum[:]), header(t, l), partVectors(l)})
	}
	return out
}

func header(t *testing.T, l seal.Letter) string {
	t.Helper()
	h, err := l.HeaderJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

func partVectors(l seal.Letter) []partVector {
	out := []partVector{}
	for _, p := range l.Parts {
		out = append(out, partVector{p.Type, p.Data})
	}
	return out
}
