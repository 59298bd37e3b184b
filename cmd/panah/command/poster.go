package command

import (
	"context"
	"errors"
	"flag"
	"strings"

	"panah/core/poster"
	"panah/core/typeset"
	"panah/i18n"
	webfonts "panah/web/fonts"
)

type posterFlags struct {
	langs, officials, out, address, sms, size, name, kind string
}

func posterCommand() command {
	return command{
		name: "poster", args: "--lang L,… --address URL -o FILE", short: "posters and rights cards to print",
		long: `Writes a PDF to print. A poster has the helpline's address, as text and as a QR code, its number for SMS and the same words in every
language asked for. A rights card has five sentences to say when stopped, in the holder's language and, beside it, in the officials';
it names nobody, and the address only when you give one: whoever takes a card from its holder reads it. Fold along the middle.
Translations that no native speaker has checked are named: have somebody read them before many are printed.`,
		example: `panah poster --lang fa,fa-AF,ps,ur,en --address https://help.example.org --sms "+98 21 5550 0199" -o poster.pdf
  panah poster --kind rights-card --lang ps,ur --officials ur -o cards.pdf`,
		prepare: func(flags *flag.FlagSet) runner {
			var f posterFlags
			flags.StringVar(&f.langs, "lang", "", "`LANGUAGES` in the order of printing, with commas: fa, fa-AF, ps, ur, en")
			flags.StringVar(&f.kind, "kind", "poster", "`KIND`: poster or rights-card")
			flags.StringVar(&f.size, "size", "a4", "`PAPER`: a3, a4, or card (85 × 54 mm, a side on each page)")
			flags.StringVar(&f.address, "address", "", "`URL` of the helpline's public page, https://…")
			flags.StringVar(&f.sms, "sms", "", "`NUMBER` that takes SMS, if there is one")
			flags.StringVar(&f.name, "name", "", "`NAME` of the organisation, on posters only")
			flags.StringVar(&f.officials, "officials", "en", "`LANGUAGE` of the country's officials, for rights cards")
			flags.StringVar(&f.out, "o", "", "`FILE` to write, - for standard output")
			return func(_ context.Context, s Streams, args []string) error {
				if len(args) > 0 {
					return misuse("%.40q is one word too many; languages are written --lang fa,ps", args[0])
				}
				return f.run(s)
			}
		},
	}
}

func (f posterFlags) run(s Streams) error {
	if f.out == "" || f.langs == "" {
		return misuse("--lang and -o are needed. Try: panah poster --lang fa,ps,en --address https://help.example.org -o poster.pdf")
	}
	page, ok := map[string]typeset.Size{"a3": typeset.A3, "a4": typeset.A4, "card": typeset.Card}[strings.ToLower(f.size)]
	if !ok {
		return misuse("--size %.20q: a3, a4 or card", f.size)
	}
	o := poster.Order{
		Kind: poster.Kind(f.kind), Langs: strings.Split(f.langs, ","), Officials: f.officials, Address: f.address, SMS: f.sms, Name: f.name, Page: page,
		Version: i18n.PosterVersion,
	}
	words, err := i18n.Poster()
	if err != nil {
		return err
	}
	fonts, err := typeface()
	if err != nil {
		return err
	}
	b, err := poster.PDF(fonts, words, o)
	var wrong *poster.Mistake
	var missing *typeset.MissingError
	switch {
	case errors.As(err, &wrong):
		return misuse("--%s: %v", wrong.Field, wrong)
	case errors.As(err, &missing):
		return no("%v", missing)
	case err != nil:
		return err
	}
	for _, l := range poster.Drafts(words, o) {
		s.say("%s: no native speaker has checked these words; have somebody read them before many are printed.", l)
	}
	return s.deliver(f.out, b)
}

// typeface loads what letters and posters are set in.
func typeface() (*typeset.Fonts, error) {
	regular, err1 := webfonts.Regular()
	bold, err2 := webfonts.Bold()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return typeset.LoadFonts(regular, bold)
}
