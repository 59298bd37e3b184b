package letters_test

import (
	"maps"
	"strings"
	"testing"

	"panah/core/letters"
	"panah/rules"
)

// A mistake in a template is said with its file, line and column, and what to do; and nothing is printed from the rest.
func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	files, v, err := rules.LetterFiles(pathways(t))
	if err != nil {
		t.Fatal(err)
	}
	const wage = "wage-claim.yaml"
	for _, test := range []struct{ name, file, old, new, want string }{
		{"an unknown key", wage, "version: 1", "version: 1\nsubject: x", "wage-claim.yaml:4:1: the file has an unknown key \"subject\""},
		{"no YAML", wage, "letter: wage-claim", "letter: [wage-claim", "wage-claim.yaml:"},
		{"a language less", wage, `ur: "واجب الادا اجرت کا مطالبہ"}`, "}", "title is missing in ur"},
		{"a place less in one language", wage, "Sum that is still owed: {amount}.", "Sum that is still owed.", "the text in fa has the places amount"},
		{"a place of no field", wage, "{from_day} to {to_day}.\"", "{from_day} to {to_day} {x}.\"", "the text in fa has the places"},
		{"a field that nobody prints", wage, "pay_by, answer_to]", "pay_by, answer_to, district]", "the field district is asked for and not used"},
		{"a field there is not", wage, "fields: [org!", "fields: [address", "there is no field \"address\""},
		{"what is never collected", wage, `en: "Kind of work"`, `en: "Religion"`, "asks for religion"},
		{"an address", wage, `en: "Kind of work"`, `en: "Home address"`, "asks for home address"},
		{"a paper's number", wage, `en: "Kind of work"`, `en: "Number of the paper"`, "asks for number of the paper"},
		{"no sources", wage, "sources: [ilo-143, ir-legal-unhcr, ir-dsc-bafia]", "sources: []", "sources may not be empty"},
		{"a source there is not", wage, "sources: [ilo-143", "sources: [ilo-144", "there is no source \"ilo-144\""},
		{"a consent there is not", wage, "body: complaint", "body: complain", "there is no consent \"complain\""},
		{"a reader there is not", wage, "to: [employer, body, court]", "to: [employer, body, court, boss]", "there is no reader \"boss\""},
		{"taken from elsewhere", wage, `from: "answer:wages-deposit/amount"`, `from: "summary"`, "would be filled from \"summary\""},
		{"an answer that nobody asks", wage, `wages-deposit/amount`, `wages-deposit/father`, "which nobody asks"},
		{"optional and not left out", wage, "name!, work!", "name!, work", "{work} may be empty, and the part stays"},
		{"a status", wage, "status: {en: draft", "status: {en: done", "the status in en is \"done\""},
		{"a brace", wage, "Please pay by {pay_by}", "Please pay } by {pay_by}", "a brace that belongs to no place"},
		{"cells", wage, "Month | Days worked | Agreed wage | Still owed", "Month | Days worked | Agreed wage", "line 1 has other cells in fa"},
		{"twice", wage, "version: 1", "version: 1\nversion: 2", "has \"version\" twice"},
		{"another file name", wage, "letter: wage-claim", "letter: deposit-claim", "the file of deposit-claim has another name"},
		{"a direction mark", wage, "Wages for work", "\u202eWages for work", "has a direction mark"},
		{"an alias", wage, "letter: wage-claim", "letter: &a wage-claim\ntitle2: *a", "anchors and aliases are not read"},
		{"a talk without a question", "risk-talk.fa.yaml", "check: ", "chek: ", "unknown key"},
		{"a shared part", wage, "use: head", "use: heads", "there is no shared part \"heads\""},
	} {
		broken := maps.Clone(files)
		text := strings.Replace(string(files[test.file]), test.old, test.new, 1)
		if text == string(files[test.file]) {
			t.Errorf("%s: nothing was changed", test.name)
			continue
		}
		broken[test.file] = []byte(text)
		b, problems := letters.Parse(broken, v)
		var said []string
		for _, p := range problems {
			said = append(said, p.String())
		}
		if b != nil || !strings.Contains(strings.Join(said, "\n"), test.want) {
			t.Errorf("%s: a book %v, and not %q:\n%s", test.name, b != nil, test.want, strings.Join(said, "\n"))
		}
	}
	less := maps.Clone(files)
	delete(less, wage)
	if b, problems := letters.Parse(less, v); b != nil || len(problems) != 1 || !strings.Contains(problems[0].String(), "the letter wage-claim has no template") {
		t.Errorf("%v", problems)
	}
}

// FuzzParse: whatever a template is, it is read or refused with a sentence.
func FuzzParse(f *testing.F) {
	files, v, err := rules.LetterFiles(pathways(f))
	if err != nil {
		f.Fatal(err)
	}
	for _, data := range files {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		all := maps.Clone(files)
		all["wage-claim.yaml"] = data
		b, problems := letters.Parse(all, v)
		if (b == nil) != (len(problems) > 0) {
			t.Fatal("neither a book nor a reason")
		}
		for _, p := range problems {
			if p.Text == "" || p.Next == "" {
				t.Fatal("a problem that says nothing")
			}
		}
	})
}

// FuzzText: what is kept holds no number, and keeping it again changes nothing; pieces hold no mark.
func FuzzText(f *testing.F) {
	f.Add("card 123456789012 \u2068x\u2069")
	f.Add("42101-1234567-1 | ۱۲۳ ۴۵۶ ۷۸۹ ۱۲۳")
	f.Add("\u2069\u2068\u2068")
	f.Fuzz(func(t *testing.T, s string) {
		kept, _ := letters.WithoutNumbers(s)
		if again, more := letters.WithoutNumbers(kept); more || again != kept {
			t.Fatalf("%q is kept as %q, and then as %q", s, kept, again)
		}
		for _, p := range letters.Pieces(s) {
			if strings.ContainsAny(p.Text, "\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e") || p.Text == "" {
				t.Fatalf("%q", p.Text)
			}
		}
	})
}
