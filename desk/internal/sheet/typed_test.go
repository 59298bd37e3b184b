package sheet

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"filippo.io/age"

	"panah/core/recovery"
)

// newKey returns an identity and its characters after the prefix.
func newKey(tb testing.TB) (id *age.HybridIdentity, data string) {
	tb.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		tb.Fatal(err)
	}
	return id, strings.TrimPrefix(id.String(), keyPrefix)
}

func TestReadTakesWhatPeopleType(t *testing.T) {
	id, data := newKey(t)
	grouped := strings.Join(groups(data), " ")
	for _, typed := range []string{
		id.String(), strings.ToLower(id.String()), "  " + id.String() + "\r\n", data, grouped, keyPrefix + "\n" + grouped + "\n",
		"AGE SECRET KEY PQ 1 " + strings.ToLower(grouped), "# sheet a of Example\n" + id.String() + "\n", strings.Join(groups(data), "-"),
	} {
		got, err := Read(typed)
		if err != nil {
			t.Errorf("a good key was refused: %v", err)
		} else if got.String() != id.String() {
			t.Error("another key was read")
		}
	}
}

func TestReadSaysWhereToLook(t *testing.T) {
	_, data := newKey(t)
	other := func(place int) string { // another character at the place
		c := bech32Alphabet[(strings.IndexByte(bech32Alphabet, strings.ToLower(data)[place])+7)%32]
		return data[:place] + string(c) + data[place+1:]
	}
	for place := range dataLength {
		want := fmt.Sprintf("look again at group %d", place/groupLength+1)
		if _, err := Read(other(place)); !errors.Is(err, recovery.ErrSheet) || !strings.Contains(err.Error(), want) {
			t.Errorf("character %d: got %v, want %q", place, err, want)
		}
		second := (place + 21) % dataLength
		twice := []byte(other(place))
		twice[second] = other(second)[second]
		lo, hi := min(place, second)/groupLength+1, max(place, second)/groupLength+1
		if _, err := Read(string(twice)); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("groups %d and %d", lo, hi)) {
			t.Errorf("characters %d and %d: got %v", place, second, err)
		}
	}
	for name, c := range map[string]struct{ typed, want string }{
		"torn":           {keyPrefix + data[:30], "28 characters are missing"},
		"no such letter": {keyPrefix + data[:9] + "O" + data[10:], "in group 3 there is a character that no sheet has"},
		"empty":          {" \n# nothing\n", "nothing was typed"},
		"public key":     {"age1pq1" + strings.ToLower(data), "it begins with"},
		"two sheets":     {keyPrefix + data + data, "58 characters too many"},
		"something long": {strings.Repeat("q", MaxTyped+1), "much too long"},
	} {
		if _, err := Read(c.typed); !errors.Is(err, recovery.ErrSheet) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// A lost or doubled character is told, and mostly where; the key never stands in the words.
func TestReadTellsLostAndDoubledCharacters(t *testing.T) {
	_, data := newKey(t)
	placed := 0
	for place := range dataLength {
		_, err := Read(keyPrefix + data[:place] + data[place+1:])
		if err == nil || !strings.Contains(err.Error(), " missing") {
			t.Fatalf("without character %d: %v", place, err)
		}
		if strings.Contains(err.Error(), fmt.Sprintf("group %d", place/groupLength+1)) {
			placed++
		}
		_, err = Read(keyPrefix + data[:place] + data[place:place+1] + data[place:])
		if err == nil || !strings.Contains(err.Error(), "too many") {
			t.Fatalf("character %d twice: %v", place, err)
		}
		if strings.Contains(strings.ToUpper(err.Error()), data[:8]) {
			t.Fatal("the key is in the words")
		}
	}
	if placed < dataLength/2 {
		t.Errorf("the group of a missing character was told %d times of %d", placed, dataLength)
	}
}

func FuzzRead(f *testing.F) {
	id, data := newKey(f)
	f.Add(id.String())
	f.Add(data[1:])
	f.Add("# x\nage1pq1")
	f.Fuzz(func(t *testing.T, typed string) {
		got, err := Read(typed)
		if (err == nil) == (got == nil) || (err != nil && !errors.Is(err, recovery.ErrSheet)) {
			t.Fatalf("got %v, %v", got, err)
		}
	})
}

// What a page says in the reader's language agrees with the error that a terminal shows.
func TestFaultOf(t *testing.T) {
	id, data := newKey(t)
	wrong := func(place int) string {
		c := bech32Alphabet[(strings.IndexByte(bech32Alphabet, strings.ToLower(data)[place])+7)%32]
		return data[:place] + string(c) + data[place+1:]
	}
	for name, c := range map[string]struct {
		typed string
		want  Fault
	}{
		"good":            {id.String(), Fault{}},
		"one wrong":       {wrong(9), Fault{Kind: "group", N: 3}},
		"with its prefix": {keyPrefix + wrong(9), Fault{Kind: "group", N: 3}},
		"torn":            {keyPrefix + data[:30], Fault{Kind: "short", N: 28}},
		"typed twice":     {data + data, Fault{Kind: "long", N: 58}},
		"a strange one":   {data[:5] + "b" + data[6:], Fault{Kind: "strange", N: 2}},
		"a torn prefix":   {"AGE-SECRET-KEI-PQ-1" + data, Fault{Kind: "prefix"}},
	} {
		if got := FaultOf(c.typed); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func FuzzFaultOf(f *testing.F) {
	_, data := newKey(f)
	f.Add(data)
	f.Add(keyPrefix + data[1:])
	f.Add("# a comment\nage secret key pq 1\n" + data + "q")
	f.Fuzz(func(t *testing.T, typed string) {
		_, err := Read(typed)
		if fault := FaultOf(typed); (fault == Fault{}) != (err == nil) {
			t.Errorf("fault %+v, error %v", fault, err)
		}
	})
}
