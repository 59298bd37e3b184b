package consent_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/consent"
	"panah/core/pathway"
	"panah/i18n"
	"panah/rules"
)

func TestShippedTextsFitTheConsents(t *testing.T) {
	b, err := rules.Consents()
	if err != nil {
		t.Fatal(err)
	}
	c, err := i18n.Catalogue(true)
	if err != nil {
		t.Fatal(err)
	}
	book, err := rules.Pathways(i18n.Situations(c))
	if err != nil {
		t.Fatal(err)
	}
	s := b.For("fa")
	if s.Lang != "en" || !s.Draft() || s.Status != "draft: needs review" || len(s.Rules) != 6 {
		t.Errorf("the shipped texts are %q, %q with %d rules", s.Lang, s.Status, len(s.Rules))
	}
	for id := range s.Texts {
		if _, known := book.Common.Consents[id]; !known && id != "limits" {
			t.Errorf("%s is read aloud for no consent", id)
		}
	}
	if got := s.Name("tell-partner"); got != "tell-partner.en v1 draft" {
		t.Errorf("a record would name %q", got)
	}
	if len(book.Common.LegalBases) != 6 {
		t.Error(book.Common.LegalBases)
	}
	if got := book.Common.Retention[pathway.KeepText].Hours() / 24; got != 30 {
		t.Errorf("text is kept for %v days", got)
	}
}

const english = `
version: 2
lang: en
status: reviewed
rules: [ask]
scripts: {tell: "{who} learns {what}. Yes?"}
safe_identity: [word]
`

func TestFill(t *testing.T) {
	b, err := consent.New([]byte(english))
	if err != nil {
		t.Fatal(err)
	}
	got, ok := b.For("ps").Fill("tell", map[string]string{"who": "Sara"})
	want := []consent.Piece{{Text: "Sara", Blank: "who"}, {Text: " learns "}, {Blank: "what"}, {Text: ". Yes?"}}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Error(ok, diff)
	}
	if _, ok := b.For("en").Fill("other", nil); ok {
		t.Error("a text that is not there was filled")
	}
}

func TestTranslationsAreReadWhenReviewed(t *testing.T) {
	persian := strings.NewReplacer("lang: en", "lang: fa", "learns", "می\u200cداند", "Yes?", "؟").Replace(english)
	for status, want := range map[string]string{"reviewed": "fa", "draft": "en"} {
		b, err := consent.New([]byte(english), []byte(strings.Replace(persian, "reviewed", status, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if got := b.For("fa").Lang; got != want {
			t.Errorf("%s: %s", status, got)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	persian := strings.Replace(english, "lang: en", "lang: fa", 1)
	for name, files := range map[string][]string{
		"nothing":            {},
		"no English":         {persian},
		"twice":              {english, english},
		"unknown key":        {english + "more: 1\n"},
		"two documents":      {english + "---\n" + english},
		"no status":          {strings.Replace(english, "reviewed", `""`, 1)},
		"open brace":         {strings.Replace(english, "{what}", "{what", 1)},
		"blank that is lost": {english, strings.Replace(persian, "{what}", "it", 1)},
		"another text":       {english, strings.Replace(persian, "tell:", "ask:", 1)},
		"too long":           {english + strings.Repeat("#\n", 40_000)},
	} {
		var data [][]byte
		for _, f := range files {
			data = append(data, []byte(f))
		}
		if _, err := consent.New(data...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzNew(f *testing.F) {
	f.Add([]byte(english))
	f.Add([]byte("version: 1\nscripts: {a: \"{\"}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := consent.New(data)
		if err != nil {
			return
		}
		s := b.For("en")
		for id, text := range s.Texts {
			pieces, _ := s.Fill(id, nil)
			var got strings.Builder
			for _, p := range pieces {
				if p.Blank != "" {
					got.WriteString("{" + p.Blank + "}")
				}
				got.WriteString(p.Text)
			}
			if got.String() != text {
				t.Fatalf("%q was cut into %q", text, got.String())
			}
		}
	})
}
