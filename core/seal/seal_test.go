package seal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"panah/core/seal"
	"panah/core/wire"
)

func identity(t testing.TB) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestEveryKindSurvivesSealing(t *testing.T) {
	id := identity(t)
	names, all := letters(t)
	for i, l := range all {
		sealed, err := seal.Seal(l, id.Recipient())
		if err != nil {
			t.Fatalf("%s: %v", names[i], err)
		}
		if err := seal.CheckShape(sealed); err != nil {
			t.Errorf("%s: a letter we sealed: %v", names[i], err)
		}
		got, err := seal.Open(sealed, id)
		if err != nil {
			t.Fatalf("%s: %v", names[i], err)
		}
		if diff := cmp.Diff(l, got); diff != "" {
			t.Errorf("%s changed on its way:\n%s", names[i], diff)
		}
	}
}

func TestLengthTellsOnlyTheClass(t *testing.T) {
	id, k := identity(t), person(t)
	lengths := map[int]bool{}
	for _, n := range []int{1, 100, 900} {
		sealed, err := seal.Seal(firstLetter(t, k, strings.Repeat("a", n)), id.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		lengths[len(sealed)] = true
	}
	if len(lengths) != 1 || !lengths[seal.SealedLen(4096)] {
		t.Errorf("short letters have lengths %v, want one", lengths)
	}
}

func TestLargestLetterFitsTheWire(t *testing.T) {
	if n := seal.SealedLen(2 << 20); n > wire.MaxLetter {
		t.Errorf("the largest letter has %d bytes, the wire takes %d", n, wire.MaxLetter)
	}
	l := firstLetter(t, person(t), "")
	l.Parts = append(l.Parts, seal.Part{Type: seal.TypeOctets, Data: make([]byte, 2<<20)})
	if _, err := seal.Pack(l); !errors.Is(err, seal.ErrTooLarge) {
		t.Errorf("packing 2 MiB and a header: %v, want ErrTooLarge", err)
	}
}

func TestPaddingLosesAtMostAQuarterAboveTheFloor(t *testing.T) {
	last := 0
	for n := 1; n <= 2<<20; n += 997 {
		p := seal.PaddedLen(n)
		if p < n || p < last || seal.PaddedLen(p) != p {
			t.Fatalf("PaddedLen(%d) = %d", n, p)
		}
		if n > 64<<10 && float64(p) > 1.25*float64(n) {
			t.Errorf("PaddedLen(%d) = %d: more than a quarter lost", n, p)
		}
		last = p
	}
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	id := identity(t)
	sealed, err := seal.Seal(firstLetter(t, person(t), "salaam"), id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	damaged := func(at int) []byte {
		b := bytes.Clone(sealed)
		b[at] ^= 1
		return b
	}
	for _, c := range []struct {
		name string
		in   []byte
		id   age.Identity
		want error
	}{
		{"another key", sealed, identity(t), seal.ErrNotForUs},
		{"payload changed", damaged(len(sealed) - 1), id, seal.ErrBroken},
		{"nonce changed", damaged(seal.HeaderLen), id, seal.ErrBroken},
		{"first byte changed", damaged(0), id, seal.ErrShape},
		{"cut", sealed[:len(sealed)-1], id, seal.ErrShape},
		{"longer", append(bytes.Clone(sealed), 0), id, seal.ErrShape},
		{"empty", nil, id, seal.ErrShape},
	} {
		if _, err := seal.Open(c.in, c.id); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// Two recipients, or a classic one, would let somebody else read along or record for a later computer.
func TestOnlyOneHybridRecipientPasses(t *testing.T) {
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	plain, err := seal.Pack(firstLetter(t, person(t), "salaam"))
	if err != nil {
		t.Fatal(err)
	}
	a, b := identity(t), identity(t)
	for name, to := range map[string][]age.Recipient{
		"two hybrids": {a.Recipient(), b.Recipient()},
		"classic":     {classic.Recipient()},
	} {
		var out bytes.Buffer
		w, err := age.Encrypt(&out, to...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := seal.CheckShape(out.Bytes()); !errors.Is(err, seal.ErrShape) {
			t.Errorf("%s: %v, want ErrShape", name, err)
		}
	}
}

func TestUnpackRefuses(t *testing.T) {
	good, err := seal.Pack(firstLetter(t, person(t), "salaam"))
	if err != nil {
		t.Fatal(err)
	}
	headerLen := int(binary.BigEndian.Uint32(good[4:]))
	withHeader := func(change func(string) string) []byte {
		h := change(string(good[8 : 8+headerLen]))
		out := binary.BigEndian.AppendUint32([]byte("PNH1"), uint32(len(h)))
		out = append(append(out, h...), good[8+headerLen:8+headerLen+300]...)
		return append(out, make([]byte, seal.PaddedLen(len(out))-len(out))...)
	}
	replace := func(old, new string) []byte {
		return withHeader(func(h string) string {
			if !strings.Contains(h, old) {
				t.Fatalf("the header has no %q", old)
			}
			return strings.Replace(h, old, new, 1)
		})
	}
	if _, err := seal.Unpack(withHeader(func(h string) string { return h })); err != nil {
		t.Fatalf("the unchanged header: %v", err)
	}
	dirty := bytes.Clone(good)
	dirty[len(dirty)-1] = 1
	for name, in := range map[string][]byte{
		"no magic":          append([]byte("PNH2"), good[4:]...),
		"not a class":       good[:len(good)-1],
		"header too long":   append([]byte("PNH1\xff\xff\xff\xff"), good[8:]...),
		"hidden in padding": dirty,
		"unknown key":       replace(`"v":1,`, `"v":1,"gps":"x",`),
		"version":           replace(`"v":1`, `"v":2`),
		"kind":              replace(`"kind":"letter"`, `"kind":"denunciation"`),
		"part type":         replace(`text/plain`, `text/html`),
		"negative length":   replace(`"len":6`, `"len":-1`),
		"length over end":   replace(`"len":6`, `"len":999999`),
		"time":              replace(`18:40Z`, `18:40:11Z`),
		"newline":           replace(`{"v"`, "{\n\"v\""),
		"trailing bytes":    withHeader(func(h string) string { return h + "{}" }),
		"empty":             nil,
	} {
		if _, err := seal.Unpack(in); !errors.Is(err, seal.ErrBroken) {
			t.Errorf("%s: %v, want ErrBroken", name, err)
		}
	}
}

func TestPackRefusesWhatUnpackRefuses(t *testing.T) {
	_, all := letters(t)
	for name, change := range map[string]func(*seal.Letter){
		"no mailbox":     func(l *seal.Letter) { l.Mailbox = wire.MailboxID{} },
		"no box":         func(l *seal.Letter) { l.Box = "" },
		"no key, no tag": func(l *seal.Letter) { l.MAC = nil },
		"key and tag":    func(l *seal.Letter) { l.Tag = make([]byte, 32) },
		"kind":           func(l *seal.Letter) { l.Kind = "" },
		"sealed where":   func(l *seal.Letter) { l.Sealed = "" },
		"part type":      func(l *seal.Letter) { l.Parts = []seal.Part{{Type: "text/html"}} },
		"parts":          func(l *seal.Letter) { l.Parts = make([]seal.Part, 17) },
		"epoch":          func(l *seal.Letter) { l.Epoch = -1 },
		"organisation":   func(l *seal.Letter) { l.Org = strings.Repeat("o", 65) },
	} {
		l := all[0]
		change(&l)
		if _, err := seal.Pack(l); err == nil {
			t.Errorf("%s: packed", name)
		}
	}
}

func TestThreadTags(t *testing.T) {
	names, all := letters(t)
	k := person(t)
	byName := map[string]seal.Letter{}
	for i, l := range all {
		byName[names[i]] = l
		if names[i] != "first" && k.MAC.Check(l) != nil {
			t.Errorf("%s: our own tag does not check", names[i])
		}
	}
	for name, change := range map[string]func(*seal.Letter){
		"number":    func(l *seal.Letter) { l.N++ },
		"text":      func(l *seal.Letter) { l.Parts = []seal.Part{{Type: seal.TypeText, Data: []byte("Pay us.")}} },
		"type":      func(l *seal.Letter) { l.Parts = []seal.Part{{Type: seal.TypeOctets, Data: l.Parts[0].Data}} },
		"direction": func(l *seal.Letter) { l.Kind = seal.KindLetter },
		"no tag":    func(l *seal.Letter) { l.Tag = nil },
		// The boundary between parts is part of what is signed.
		"split": func(l *seal.Letter) {
			d := l.Parts[0].Data
			l.Parts = []seal.Part{{Type: seal.TypeText, Data: d[:3]}, {Type: seal.TypeText, Data: d[3:]}}
		},
	} {
		l := byName["reply"]
		change(&l)
		if err := k.MAC.Check(l); !errors.Is(err, seal.ErrForged) {
			t.Errorf("%s changed: %v, want ErrForged", name, err)
		}
	}
	if !bytes.Equal(byName["reply"].Tag, byName["reply-copy"].Tag) {
		t.Error("a copy does not prove the reply it copies")
	}
}

func TestLaterNumbersGrow(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if n := seal.LaterNumber(start.Add(-time.Hour)); n != 1 {
		t.Errorf("a clock before 2026 gives %d, want 1", n)
	}
	if n := seal.LaterNumber(start.Add(61 * time.Second)); n != 61 {
		t.Errorf("a minute and a second in: %d, want 61", n)
	}
}

func TestIntakeAnswers(t *testing.T) {
	in := seal.Intake{Situations: []string{"s_detained", "s_medical"}, Who: "family", SafeWord: "انار"}
	p, err := in.Part()
	if err != nil {
		t.Fatal(err)
	}
	got, err := seal.Letter{Parts: []seal.Part{p}}.Intake()
	if err != nil || cmp.Diff(in, got) != "" {
		t.Errorf("answers changed: %v %s", err, cmp.Diff(in, got))
	}
	if _, err := (seal.Intake{District: strings.Repeat("a", 5000)}).Part(); err == nil {
		t.Error("5,000 characters of district were taken")
	}
	bad := seal.Letter{Parts: []seal.Part{{Type: seal.TypeIntake, Data: []byte("{")}}}
	if _, err := bad.Intake(); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("malformed answers: %v, want ErrBroken", err)
	}
}

func TestLettersAndKeysDoNotPrint(t *testing.T) {
	k := person(t)
	l := firstLetter(t, k, "secret words")
	printed := fmt.Sprintf("%v %+v %#v %s %v %#v %v %#v", l, l, l, l, k.MAC, k.MAC, k.Box, k.Box)
	for _, secret := range []string{"secret words", k.Box.Reveal(), fmt.Sprint(k.MAC[0], k.MAC[1])} {
		if strings.Contains(printed, secret) {
			t.Errorf("a secret prints: %s", printed)
		}
	}
}

func ExampleSeal() {
	// The organisation's key of this month; only its desks hold it.
	organisation, _ := age.GenerateHybridIdentity()
	mac := seal.ThreadKey{1}
	letter := seal.Letter{
		Kind: seal.KindLetter, Org: "abcdefghjkmnpqrstvwx", Epoch: 1, Sealed: seal.SealedBrowser,
		Box: organisation.Recipient().String(), Mailbox: wire.MailboxID{1}, MAC: &mac,
		Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("They took my brother.")}},
	}
	sealed, _ := seal.Seal(letter, organisation.Recipient())
	fmt.Println(len(sealed), seal.CheckShape(sealed))
	opened, _ := seal.Open(sealed, organisation)
	fmt.Println(opened, opened.Text())
	// Output:
	// 5755 <nil>
	// [letter] They took my brother.
}
