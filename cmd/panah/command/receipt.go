package command

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"strings"

	"panah/core/receipt"
)

func receiptNew() command {
	return command{
		name: "receipt new", short: "draw a receipt code",
		long: `Draws a receipt code: 19 random digits and a check digit, in groups of four. It belongs to no mailbox yet;
a mailbox comes into being with the first letter that is sent under a code.`,
		example: "panah receipt new",
		prepare: func(flags *flag.FlagSet) runner {
			asJSON := flags.Bool("json", false, "print JSON")
			return func(_ context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				c, err := receipt.New(rand.Reader)
				if err != nil {
					return err
				}
				if *asJSON {
					return writeJSON(s, map[string]string{"code": c.Reveal()})
				}
				s.data("%s", c.Grouped())
				return nil
			}
		},
	}
}

func receiptCheck() command {
	return command{
		name: "receipt check", args: "[CODE]", short: "is a typed code well formed?",
		long: `Says whether a code is well formed: 20 digits whose last one confirms the others. ASCII, Persian and Arabic digits,
spaces, hyphens and direction marks are understood. It does not ask any gate whether the code has a mailbox.
Without CODE it reads standard input: better for a real code, because a shell remembers what was typed.
The answer no is exit code 1, and says what is wrong: length, character or check.`,
		example: "panah receipt check '۱۲۳۴ ۵۶۷۸ ۹۰۱۲ ۳۴۵۶ ۷۸۹۱'",
		prepare: func(flags *flag.FlagSet) runner {
			asJSON := flags.Bool("json", false, "print JSON")
			return func(_ context.Context, s Streams, args []string) error {
				typed := strings.Join(args, " ")
				if len(args) == 0 {
					b, err := readBounded(s, "-", 4<<10)
					if err != nil {
						return err
					}
					typed = string(b)
				}
				return checkCode(s, typed, *asJSON)
			}
		},
	}
}

func checkCode(s Streams, typed string, asJSON bool) error {
	_, err := receipt.Parse(typed)
	why := ""
	switch {
	case errors.Is(err, receipt.ErrLength):
		why = "length"
	case errors.Is(err, receipt.ErrCharacter):
		why = "character"
	case err != nil:
		why = "check"
	}
	if asJSON {
		if werr := writeJSON(s, struct {
			OK  bool   `json:"ok"`
			Why string `json:"why,omitempty"`
		}{err == nil, why}); werr != nil {
			return werr
		}
	}
	if err != nil {
		return no("not a receipt code: %v", err)
	}
	if !asJSON {
		s.data("well formed")
	}
	return nil
}
