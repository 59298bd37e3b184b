package command

import (
	"context"
	"errors"
	"flag"
	"strings"

	"panah/core/calendar"
)

func dateCommand() command {
	return command{
		name: "date", args: "DATE", short: "a date of one calendar in another",
		long: `Reads a date as it is written in one calendar and prints it in another: solar (Solar Hijri: Iran, Afghanistan),
gregorian, or lunar (lunar Hijri by the Umm al-Qura table of 1300 to 1600). Digits may be Latin, Persian or Arabic, the
month a number or its name in Persian, Dari, Pashto, Urdu or English; the year stands first or last, with four digits.
Lunar dates may be a day off, because in many places somebody has to see the moon: that is said each time.
What is no date, or can be read in two ways, is exit code 1 with the reason.`,
		example: "panah date '۲۹ حوت ۱۴۰۳' --from solar --to gregorian",
		prepare: func(flags *flag.FlagSet) runner {
			from := flags.String("from", "", "calendar of DATE: solar, gregorian, lunar")
			to := flags.String("to", "", "calendar to print it in: solar, gregorian, lunar")
			lang := flags.String("lang", "en", "language of the words: en, en-AF (Hamal to Hut), fa, fa-AF, ps, ur")
			asJSON := flags.Bool("json", false, "print JSON")
			return func(_ context.Context, s Streams, args []string) error {
				text := strings.Join(args, " ")
				if text == "" {
					return misuse("which date? Try: panah date 1403/12/29 --from solar --to gregorian")
				}
				for _, c := range []string{*from, *to} {
					if !calendar.Name(c).Known() {
						return misuse("calendar %.20q: --from and --to are solar, gregorian or lunar", c)
					}
				}
				return turnDate(s, text, calendar.Name(*from), calendar.Name(*to), *lang, *asJSON)
			}
		},
	}
}

// A writtenDate is one end of the answer.
type writtenDate struct {
	Calendar string `json:"calendar"`
	Date     string `json:"date"` // year-month-day
	Words    string `json:"words"`
}

// A dateAnswer is what --json prints; either Error or the rest is there.
type dateAnswer struct {
	From   *writtenDate `json:"from,omitempty"`
	To     *writtenDate `json:"to,omitempty"`
	Within int          `json:"within"` // days that sources differ by, when one of the calendars is lunar
	Error  *dateProblem `json:"error,omitempty"`
}

type dateProblem struct {
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"`
	Try    string `json:"try,omitempty"` // the calendar that is perhaps meant
	Text   string `json:"text"`
	Next   string `json:"next"`
}

func turnDate(s Streams, text string, from, to calendar.Name, lang string, asJSON bool) error {
	w, err := calendar.ParseWritten(text, from)
	var out calendar.Written
	if err == nil {
		out, err = calendar.In(w.Day, to)
	}
	var wrong *calendar.DateError
	if errors.As(err, &wrong) {
		if asJSON {
			if err := writeJSON(s, dateAnswer{Error: &dateProblem{wrong.Reason, wrong.Detail, string(wrong.Try), wrong.Text, wrong.Next}}); err != nil {
				return err
			}
		}
		return no("%v", wrong)
	}
	if err != nil {
		return err
	}
	within := 0
	if from != to { // the same date again needs no table
		within = max(w.Within, out.Within)
	}
	if try := w.Rather(); try != "" {
		s.say("The year %d looks like one of the %s calendar: is --from right?", w.Y, try.Title())
	}
	if asJSON {
		return writeJSON(s, dateAnswer{
			From: &writtenDate{string(from), w.String(), w.Words(lang)}, To: &writtenDate{string(to), out.String(), out.Words(lang)}, Within: within,
		})
	}
	s.data("%s", out)
	s.say("%s is %s, a %s.", w.Words(lang), out.Words(lang), w.Day.Weekday())
	if within != 0 {
		s.say("± a day: the lunar months are those of the Umm al-Qura table, and where the moon is watched they may begin a day earlier or later.")
	}
	return nil
}
