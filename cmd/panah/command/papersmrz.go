package command

import (
	"context"
	"errors"
	"flag"
	"time"

	"panah/core/papers"
)

// papersMRZ reads the machine-readable zone of a paper.
func papersMRZ() command {
	return command{
		name: "papers mrz", short: "read the machine-readable lines of a passport, visa or card",
		long: `Reads the two or three lines with the many < from standard input and prints one line of JSON: type, valid, fields,
checks (each check digit and whether it fits), problems (what does not fit, and what to do), repairs (a slip like O for 0
that a check digit proves; never applied) and centuries (why a two-digit year was given its century).
Layouts: TD1, TD2, TD3, MRV-A, MRV-B of ICAO Doc 9303 and the French identity card of 1988 (FRA-ID).
Small letters, spaces, « for <<, Persian and Arabic digits are understood, and noted.
Exit 0 when the lines hold together, 1 when they do not, 2 when they are no machine-readable zone. None of that says
whether a paper is real or forged. Nothing is kept. Lines typed after the command are remembered by the shell: type or
paste them on standard input, and end with Ctrl-D.`,
		example: `printf 'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n' | panah papers mrz`,
		prepare: func(flags *flag.FlagSet) runner {
			on := flags.String("today", "", "the `day` that decides centuries, like 2026-11-24 (default: today)")
			flags.Bool("json", true, "print JSON; there is no other form")
			return func(_ context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				today := time.Now().UTC()
				if *on != "" {
					var err error
					if today, err = time.Parse(time.DateOnly, *on); err != nil {
						return misuse("--today is a day like 2026-11-24, not %q", *on)
					}
				}
				text, err := readBounded(s, "-", 1<<20)
				if err != nil {
					return err
				}
				return printMRZ(s, string(text), today)
			}
		},
	}
}

// The JSON of panah papers mrz, as docs/formats.md section 8 describes it.
type (
	mrzOut struct {
		Type      papers.Type       `json:"type"`
		Valid     bool              `json:"valid"`
		Fields    map[string]string `json:"fields"`
		Checks    []mrzCheck        `json:"checks"`
		Problems  []mrzProblem      `json:"problems"`
		Repairs   []mrzRepair       `json:"repairs,omitempty"`
		Centuries map[string]string `json:"centuries,omitempty"`
	}
	mrzCheck struct {
		Field string `json:"field"`
		OK    bool   `json:"ok"`
	}
	mrzProblem struct {
		ID     string `json:"id"`
		Text   string `json:"text"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Note   bool   `json:"note,omitempty"`
	}
	mrzRepair struct {
		Field string   `json:"field"`
		Text  string   `json:"text"`
		Lines []string `json:"lines"`
	}
)

func printMRZ(s Streams, text string, today time.Time) error {
	m, err := papers.Read(text, today)
	out := mrzOut{Type: m.Type, Valid: m.Valid, Fields: m.Fields.Map(), Checks: []mrzCheck{}, Problems: []mrzProblem{}, Centuries: m.Fields.Centuries()}
	if out.Fields == nil {
		out.Fields = map[string]string{}
	}
	for _, c := range m.Checks {
		out.Checks = append(out.Checks, mrzCheck{c.Field, c.OK})
	}
	for _, p := range m.Problems {
		out.Problems = append(out.Problems, mrzProblem{p.ID, p.Text, p.Line, p.Column, p.Note})
	}
	for _, r := range m.Repairs {
		out.Repairs = append(out.Repairs, mrzRepair{r.Field, r.Text, r.Apply(m.Lines)})
	}
	if werr := writeJSON(s, out); werr != nil {
		return werr
	}
	switch {
	case errors.Is(err, papers.ErrNotMRZ):
		return misuse("these are not the lines of a machine-readable zone: type the two or three lines with the many <, each on its own")
	case err != nil:
		return err
	case !m.Valid:
		return no("the lines do not hold together; \"problems\" says where to look")
	}
	return nil
}
