package l10n

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const english = `msgid ""
msgstr ""
"Language: en\n"

#. icon: hands; a, b
msgctxt "t.hello"
msgid "Hello {name}, within {time}."
msgstr "Hello {name}, within {time}."

msgctxt "t.bye"
msgid "Goodbye"
msgstr ""
"Good"
"bye"
`

const persian = `#. icon: hands
#, fuzzy, python-brace-format
msgctxt "t.hello"
msgid "Hello {name}, within {time}."
msgstr "سلام {name}، تا {time}."
#~ msgid "old"
#~ msgstr "کهنه"

msgctxt "t.bye"
msgid "Goodbye"
msgstr "خدانگهدار"
`

func TestParsePO(t *testing.T) {
	got, err := ParsePO([]byte(persian))
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{
		{ID: "t.hello", Source: "Hello {name}, within {time}.", Text: "سلام {name}، تا {time}.", Note: "icon: hands", Fuzzy: true},
		{ID: "t.bye", Source: "Goodbye", Text: "خدانگهدار"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParsePORefuses(t *testing.T) {
	for name, data := range map[string]string{
		"no msgstr":       "msgctxt \"a\"\nmsgid \"b\"\n",
		"no msgctxt":      "msgid \"b\"\nmsgstr \"c\"\n",
		"no msgid":        "msgctxt \"a\"\nmsgstr \"c\"\n",
		"twice":           "msgctxt \"a\"\nmsgid \"b\"\nmsgstr \"c\"\n\nmsgctxt \"a\"\nmsgid \"b\"\nmsgstr \"c\"\n",
		"field twice":     "msgctxt \"a\"\nmsgid \"b\"\nmsgid \"b\"\nmsgstr \"c\"\n",
		"plural":          "msgctxt \"a\"\nmsgid \"b\"\nmsgid_plural \"bs\"\nmsgstr[0] \"c\"\n",
		"loose string":    "\"a\"\n",
		"single quotes":   "msgctxt 'a'\nmsgid \"b\"\nmsgstr \"c\"\n",
		"unclosed":        "msgctxt \"a\nmsgid \"b\"\nmsgstr \"c\"\n",
		"not utf-8":       "msgctxt \"a\"\nmsgid \"\xff\"\nmsgstr \"c\"\n",
		"escaped latin-1": "msgctxt \"a\"\nmsgid \"\\xff\"\nmsgstr \"c\"\n",
		"too long a text": "msgctxt \"a\"\nmsgid \"" + strings.Repeat("x", maxText+1) + "\"\nmsgstr \"c\"\n",
		"too long a file": strings.Repeat("# comment\n", maxFile/10+1),
	} {
		if _, err := ParsePO([]byte(data)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestTextNeverShowsADraftAsFinal(t *testing.T) {
	files := map[string][]byte{"en": []byte(english), "fa": []byte(persian), "ur": nil}
	c, err := New(files, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		c        *Catalogue
		lang, id string
		want     Text
	}{
		{c, "en", "t.bye", Text{"Goodbye", "en", Reviewed}},
		{c, "fa", "t.bye", Text{"خدانگهدار", "fa", Reviewed}},
		{c, "fa", "t.hello", Text{"Hello {name}, within {time}.", "en", Fallback}},
		{c.WithDrafts(true), "fa", "t.hello", Text{"سلام {name}، تا {time}.", "fa", Draft}},
		{c.WithDrafts(true), "ur", "t.bye", Text{"Goodbye", "en", Fallback}},
	} {
		got, ok := test.c.Text(test.lang, test.id)
		if diff := cmp.Diff(test.want, got); diff != "" || !ok {
			t.Errorf("%s %s: %v %s", test.lang, test.id, ok, diff)
		}
	}
	if _, ok := c.Text("fa", "t.none"); ok {
		t.Error("an unknown id was found")
	}
	if diff := cmp.Diff([]string{"t.hello", "t.bye"}, c.IDs()); diff != "" {
		t.Error(diff)
	}
	if got := c.Note("t.hello"); got != "icon: hands; a, b" {
		t.Errorf("note %q", got)
	}
	if c.Has("ur", "t.bye") || !c.Has("fa", "t.hello") {
		t.Error("Has is wrong")
	}
}

func TestNewRefuses(t *testing.T) {
	entry := func(id, source, text string) []byte {
		return []byte("msgctxt \"" + id + "\"\nmsgid \"" + source + "\"\nmsgstr \"" + text + "\"\n")
	}
	for name, files := range map[string]map[string][]byte{
		"no English":         {"fa": []byte(persian)},
		"unknown id":         {"en": []byte(english), "fa": entry("t.other", "x", "y")},
		"stale translation":  {"en": []byte(english), "fa": entry("t.bye", "Good day", "y")},
		"lost a placeholder": {"en": []byte(english), "fa": entry("t.hello", "Hello {name}, within {time}.", "سلام {name}")},
	} {
		if _, err := New(files, true); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestFill(t *testing.T) {
	got := Fill("تا {time} از {org}، {other}", map[string]string{"time": "12:00", "org": "Demo"})
	want := []Piece{{"تا ", false}, {"12:00", true}, {" از ", false}, {"Demo", true}, {"، {other}", false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// A value that looks like a placeholder is not filled again.
	got = Fill("{a}", map[string]string{"a": "{b}", "b": "x"})
	if diff := cmp.Diff([]Piece{{"{b}", true}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDigits(t *testing.T) {
	if got := FoldDigits("۱۲۳ ٤٥٦ 789 کد"); got != "123 456 789 کد" {
		t.Errorf("folded to %q", got)
	}
	if got := ExtendedArabic.Shape("4 KiB, ٤"); got != "۴ KiB, ۴" {
		t.Errorf("shaped to %q", got)
	}
	if got := Latin.Shape("۰۹"); got != "09" {
		t.Errorf("shaped to %q", got)
	}
}

func TestLanguages(t *testing.T) {
	for _, l := range Languages() {
		if got, ok := Find(l.Code); !ok || got != l {
			t.Errorf("%s is not found", l.Code)
		}
		if (l.Dir == RightToLeft) == (l.Code == English) {
			t.Errorf("%s is written %s", l.Code, l.Dir)
		}
	}
	if _, ok := Find("FA"); ok {
		t.Error("codes are written one way only")
	}
}

func FuzzParsePO(f *testing.F) {
	f.Add([]byte(english))
	f.Add([]byte(persian))
	f.Add([]byte("msgctxt \"a\"\nmsgid \"b\\n\\u06cc\"\nmsgstr \"c\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := ParsePO(data)
		if err != nil {
			return
		}
		for _, e := range entries {
			if e.ID == "" || e.Source == "" || len(e.Text) > maxText {
				t.Fatalf("accepted %+v", e)
			}
		}
		files := map[string][]byte{English: data, "fa": data}
		if c, err := New(files, true); err == nil && len(c.IDs()) != len(entries) {
			t.Fatalf("%d ids of %d entries", len(c.IDs()), len(entries))
		}
	})
}
