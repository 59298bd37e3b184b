package command

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"panah/core/l10n"
	"panah/core/letters"
	"panah/core/poster"
	"panah/core/typeset"
	"panah/i18n"
	"panah/rules"
)

// maxLetterData bounds the values of a letter, bytes.
const maxLetterData = 256 << 10

type letterFlags struct {
	lang, to, data, out, day, templates string
	fields                              bool
}

func letterPDF() command {
	return command{
		name: "letter-pdf", args: "KIND --lang L --data FILE -o FILE", short: "fill in a letter and write it as PDF",
		long: `Fills in a letter of rules/letters with the values of a JSON file and writes it as PDF: {"to":"counsel","name":"…"}. Values that
the template does not name are left out, and said. What is required and missing is a gap in the letter, to be written in by hand.
--fields prints an empty data file with what the letter asks for. --templates takes the templates of a folder and says what is wrong
with them, by file, line and column. Every template is a draft until somebody has reviewed it: that is said each time.
Kinds: see rules/letters, and rights-card, which takes no data (panah poster has more choices for it).`,
		example: `panah letter-pdf wage-claim --fields > data.json; panah letter-pdf wage-claim --lang fa --data data.json -o letter.pdf`,
		prepare: func(flags *flag.FlagSet) runner {
			var f letterFlags
			flags.StringVar(&f.lang, "lang", "", "`L`anguage: fa, fa-AF, ps, ur, en")
			flags.StringVar(&f.to, "to", "", "kind of `READER`: person, counsel, court … (default: the data file's, or the template's first)")
			flags.StringVar(&f.data, "data", "", "JSON `FILE` with the values, - for standard input")
			flags.StringVar(&f.out, "o", "", "`FILE` to write, - for standard output")
			flags.StringVar(&f.day, "day", "", "`DAY` of the letter, like 2026-11-24 (default: today)")
			flags.StringVar(&f.templates, "templates", "", "`FOLDER` of templates to use in place of the program's own")
			flags.BoolVar(&f.fields, "fields", false, "print an empty data file and write no letter")
			return func(_ context.Context, s Streams, args []string) error {
				if len(args) != 1 {
					return misuse("which letter? Try: panah letter-pdf wage-claim --fields")
				}
				return f.run(s, args[0])
			}
		},
	}
}

func (f letterFlags) run(s Streams, kind string) error {
	book, err := f.book()
	if err != nil {
		return err
	}
	t, ok := book.Template(kind)
	if !ok {
		if book.Elsewhere(kind) != "" {
			return f.card(s)
		}
		var kinds []string
		for _, k := range book.Kinds() {
			kinds = append(kinds, k.Letter)
		}
		return misuse("there is no letter %.40q; there are %s", kind, strings.Join(kinds, ", "))
	}
	if f.fields {
		return emptyData(s, t)
	}
	l, err := f.fill(s, t)
	if err != nil {
		return err
	}
	pdf, err := printed(l)
	if err != nil {
		return err
	}
	return s.deliver(f.out, pdf)
}

// card makes the one letter that has no template: the pocket card without a name, as panah poster does. It takes no data: there is nothing in it about anybody.
func (f letterFlags) card(s Streams) error {
	if f.fields {
		s.say("The card names nobody and takes no data: panah letter-pdf rights-card --lang fa -o card.pdf, or panah poster --kind rights-card.")
		s.data("{}")
		return nil
	}
	if f.out == "" {
		return misuse("-o is needed: panah letter-pdf rights-card --lang fa -o card.pdf")
	}
	if _, ok := l10n.Find(f.lang); !ok {
		return misuse("--lang %.20q: the languages are fa, fa-AF, ps, ur, en", f.lang)
	}
	officials := "en"
	if f.lang == officials {
		officials = "fa"
	}
	return posterFlags{langs: f.lang, officials: officials, kind: string(poster.RightsCard), size: "a4", out: f.out}.run(s)
}

// book reads the templates: the program's own, or those of a folder.
func (f letterFlags) book() (*letters.Book, error) {
	words, err := i18n.Catalogue(true)
	if err != nil {
		return nil, err
	}
	pathways, err := rules.Pathways(i18n.Situations(words))
	if err != nil {
		return nil, err
	}
	if f.templates == "" {
		return rules.Letters(pathways)
	}
	_, v, err := rules.LetterFiles(pathways)
	if err != nil {
		return nil, err
	}
	files, err := templateFiles(f.templates)
	if err != nil {
		return nil, err
	}
	book, problems := letters.Parse(files, v)
	if len(problems) == 0 {
		return book, nil
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.String())
	}
	return nil, no("%s", strings.Join(lines, "\n"))
}

func templateFiles(dir string) (map[string][]byte, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("listing templates: %w", err)
	}
	if len(names) == 0 {
		return nil, misuse("there are no templates (*.yaml) in %s", dir)
	}
	files := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading a template: %w", err)
		}
		files[filepath.Base(name)] = b
	}
	return files, nil
}

// emptyData prints what a letter asks for, as a data file to be filled in.
func emptyData(s Streams, t letters.Template) error {
	values := map[string]string{"to": string(t.To[0])}
	for _, f := range t.Fields {
		values[f.ID] = ""
		need := "may be left out"
		if f.Required {
			need = "required"
		}
		s.say("%s: %s (%s, %s)", f.ID, f.Label.In(l10n.English), f.Kind, need)
	}
	b, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		return err
	}
	s.data("%s", b)
	return nil
}

func (f letterFlags) fill(s Streams, t letters.Template) (letters.Letter, error) {
	lang, ok := l10n.Find(f.lang)
	if !ok {
		return letters.Letter{}, misuse("--lang %.20q: the languages are fa, fa-AF, ps, ur, en", f.lang)
	}
	if f.data == "" || f.out == "" {
		return letters.Letter{}, misuse("--data and -o are needed; panah letter-pdf %s --fields prints an empty data file", t.Letter)
	}
	day := time.Now()
	if f.day != "" {
		var err error
		if day, err = time.Parse(time.DateOnly, f.day); err != nil {
			return letters.Letter{}, misuse("--day %.20q is no day like 2026-11-24", f.day)
		}
	}
	b, err := readBounded(s, f.data, maxLetterData)
	if err != nil {
		return letters.Letter{}, err
	}
	values, to, err := letterData(s, t, b)
	if err != nil {
		return letters.Letter{}, err
	}
	if f.to != "" {
		to = f.to
	}
	if to == "" {
		to = string(t.To[0])
	}
	l, err := letters.Fill(t, letters.Addressee(to), lang.Code, values, day)
	switch {
	case errors.Is(err, letters.ErrAddressee):
		return l, misuse("a %s is not addressed to %.20q; its readers are %v", t.Letter, to, t.To)
	case errors.Is(err, letters.ErrLong):
		return l, misuse("%v", err)
	case err != nil:
		return l, err
	}
	for _, id := range l.Missing {
		s.say("Missing: %s. The letter has a gap there, to be written in by hand.", id)
	}
	if l.Draft {
		s.say("The text in %s is a draft that nobody has reviewed: let somebody who knows the language read it first.", lang.Name)
	}
	return l, nil
}

// letterData reads the values. One that the template does not name is left out, and said: by its name, which is not a person's.
func letterData(s Streams, t letters.Template, b []byte) (values map[string]string, to string, err error) {
	var raw map[string]any
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	if err := d.Decode(&raw); err != nil {
		return nil, "", misuse("the data file is no JSON object like {\"name\": \"…\"}: %v", err)
	}
	values = map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(raw)) {
		text, ok := dataText(raw[id])
		if !ok {
			return nil, "", misuse("%.40q in the data file is no text, number or list of texts", id)
		}
		if id == "to" {
			to = text
			continue
		}
		if _, named := t.Field(id); !named {
			s.say("Left out: %.40q, which a %s does not ask for.", id, t.Letter)
			continue
		}
		values[id] = text
	}
	return values, to, nil
}

// dataText is a value as one text; a list has a line for each.
func dataText(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case []any:
		var lines []string
		for _, one := range v {
			line, ok := dataText(one)
			if !ok {
				return "", false
			}
			lines = append(lines, strings.ReplaceAll(line, "\n", " "))
		}
		return strings.Join(lines, "\n"), true
	}
	return "", false
}

// printed sets a letter.
func printed(l letters.Letter) ([]byte, error) {
	fonts, err := typeface()
	if err != nil {
		return nil, err
	}
	pdf, err := fonts.PDF(l.Document())
	var missing *typeset.MissingError
	if errors.As(err, &missing) {
		return nil, no("%v", missing)
	}
	return pdf, err
}
