package wire_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/wire"
	"panah/internal/testkit"
)

var bookSigned = time.Date(2026, 11, 24, 6, 30, 0, 0, time.UTC)

func someRulebook(t testing.TB, o testkit.Organisation) wire.Rulebook {
	t.Helper()
	b, err := wire.SignRulebook(o.Keeper, o.Roster.Org, bookSigned, []byte("papers: []\n"), []byte("rules: <a> & \"b\"\n"), []byte("sources: کارت\n"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRulebookThereAndBack(t *testing.T) {
	o := testkit.NewOrganisation(t)
	b := someRulebook(t, o)
	got, err := wire.ParseRulebook(b.Bytes())
	if err != nil || !cmp.Equal(got, b) {
		t.Fatalf("%v, %s", err, cmp.Diff(b, got))
	}
	s, err := got.Open(o.Roster)
	if err != nil || s.Org != o.Roster.Org || !s.At.Equal(bookSigned) || s.By != o.Roster.Keepers[0] {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestRulebookOfNobody changes who signed, what was signed, and for whom.
func TestRulebookOfNobody(t *testing.T) {
	o, other := testkit.NewOrganisation(t), testkit.NewOrganisation(t)
	b := someRulebook(t, o)
	changed := b
	changed.Rules += "# and more\n"
	redated := b
	redated.Note = strings.Replace(b.Note, "at 17", "at 18", 1)
	forged, err := wire.SignRulebook(other.Keeper, o.Roster.Org, bookSigned, []byte("a"), []byte("b"), []byte("c"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		b    wire.Rulebook
		want error
	}{
		"another file":                   {changed, wire.ErrRulebook},
		"another time":                   {redated, wire.ErrRulebookUnsigned},
		"another keeper":                 {forged, wire.ErrRulebookUnsigned},
		"another organisation":           {someRulebook(t, other), wire.ErrRulebookUnsigned},
		"a note of something else":       {wire.Rulebook{Note: string(o.Signed), Papers: "a", Rules: "b", Sources: "c"}, wire.ErrRulebook},
		"nothing":                        {wire.Rulebook{}, wire.ErrRulebook},
		"a second text in front of that": {wire.Rulebook{Note: "x\n" + b.Note, Papers: b.Papers, Rules: b.Rules, Sources: b.Sources}, wire.ErrRulebook},
	} {
		if _, err := c.b.Open(o.Roster); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseRulebookRefuses(t *testing.T) {
	good := string(someRulebook(t, testkit.NewOrganisation(t)).Bytes())
	for name, b := range map[string]string{
		"nothing":           "",
		"spaces":            " " + good,
		"twice":             good + good,
		"one more key":      strings.TrimSuffix(good, "}") + `,"x":1}`,
		"a key twice":       strings.Replace(good, `{"note"`, `{"note":"","note"`, 1),
		"not UTF-8":         strings.Replace(good, "papers: []", "papers: \xff\xff", 1),
		"other spelling":    strings.Replace(good, "<a>", `\u003ca\u003e`, 1),
		"too long a file":   strings.Replace(good, "papers: []", strings.Repeat("a", wire.MaxRulebookFile+1), 1),
		"the files swapped": strings.NewReplacer(`"papers":`, `"rules":`, `"rules":`, `"papers":`).Replace(good),
	} {
		if _, err := wire.ParseRulebook([]byte(b)); !errors.Is(err, wire.ErrRulebook) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := testkit.NewOrganisation(t)
	if _, err := wire.SignRulebook(o.Keeper, o.Roster.Org, bookSigned, []byte("\xff"), []byte("b"), []byte("c")); !errors.Is(err, wire.ErrRulebook) {
		t.Errorf("signing what is not UTF-8: %v", err)
	}
}

// FuzzParseRulebook checks that what is accepted has one form.
func FuzzParseRulebook(f *testing.F) {
	f.Add(someRulebook(f, testkit.NewOrganisation(f)).Bytes())
	f.Add([]byte(`{"note":"panah.rulebook/v1\norg a\nat 1\n\n","papers":"a","rules":"b","sources":"c"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := wire.ParseRulebook(data)
		if err == nil && !bytes.Equal(b.Bytes(), data) {
			t.Errorf("%q", data)
		}
	})
}
