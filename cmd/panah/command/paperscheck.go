package command

import (
	"context"
	"flag"
	"slices"
	"strings"
	"time"

	"panah/core/rulebook"
	"panah/rules"
)

func papersCheck() command {
	return command{
		name: "papers check", args: "--kind K [--round N] [--printed DATE] [--on DAY] [--known DAY]", short: "what published rules say about a kind of paper on a day",
		long: `Says what the rulebook says about a kind of paper on a day: in force, extended, ended, revoked, conflict, unknown or stale, with the rule,
its sources and what to ask next. It takes no number and no name, keeps nothing, and says nothing about whether a paper is real.
"unknown" does not mean that the paper has ended. Every answer is exit code 0: none of them is a yes or a no.`,
		example: "panah papers check --kind pk-por --printed 2023-06-30 --on 2023-08-15 --known 2023-11-10 --json",
		prepare: func(flags *flag.FlagSet) runner {
			var a askFlags
			a.define(flags)
			asJSON := flags.Bool("json", false, "print JSON")
			return func(_ context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				book, err := rules.Rulebook()
				if err != nil {
					return err
				}
				q, answer, err := a.ask(book)
				if err != nil {
					return err
				}
				if *asJSON {
					return writeJSON(s, checkedJSON(q, answer))
				}
				tellCheck(s, book, answer)
				return nil
			}
		},
	}
}

// tellCheck prints the answer without the trace; "rules explain" has that.
func tellCheck(s Streams, book *rulebook.Book, a rulebook.Answer) {
	s.data("%s", a.Sentence())
	if a.Verdict == rulebook.Stale {
		would := a
		would.Verdict = a.Would
		s.data("It would be: %s", would.Sentence())
	}
	if a.Rule != nil {
		s.data("Rule: %s (%s)%s", a.Rule.ID, words("; ", a.Rule.Span(), labelled("confidence: ", a.Confidence)), remarks(*a.Rule))
	}
	for _, r := range a.Conflicts {
		s.data("Disagrees: %s (%s, %s)%s", r.ID, r.Effect, r.Span(), remarks(r))
	}
	for _, c := range a.Sources {
		s.data("Source: %s (%s) %s", c.Title, c.Kind, c.URL)
	}
	for _, r := range a.Also {
		s.data("Beside it: %s, %s%s", r.Effect, r.Span(), remarks(r))
	}
	for _, k := range a.Ask {
		s.data("Ask next: %s", k.Text)
	}
	s.data("Rulebook: %s", book.Version())
}

// remarks are what a rule says in words, behind a colon: what is to be done, for whom, what is doubtful, and that its sources disagree. "" when it says nothing.
func remarks(r rulebook.Rule) string {
	disagree := ""
	if r.Conflict {
		disagree = "its sources disagree"
	}
	return labelled(": ", words("; ", r.What, labelled("for ", r.Who), r.Note, disagree))
}

// words joins those that are not empty.
func words(between string, each ...string) string {
	return strings.Join(slices.DeleteFunc(each, func(w string) bool { return w == "" }), between)
}

// labelled is the label and what it is of; "" without that.
func labelled(label, of string) string {
	if of == "" {
		return ""
	}
	return label + of
}

// A ruleJSON is a rule as --json prints it.
type ruleJSON struct {
	ID         string          `json:"id"`
	Effect     rulebook.Effect `json:"effect"`
	From       string          `json:"from,omitempty"`
	To         string          `json:"to,omitempty"`
	On         string          `json:"on,omitempty"`
	KnownOn    string          `json:"known_on,omitempty"`
	Assumed    bool            `json:"known_assumed,omitempty"` // no day was given: known_on is taken from from or on
	Who        string          `json:"who,omitempty"`
	What       string          `json:"what,omitempty"`
	Note       string          `json:"note,omitempty"`
	Confidence string          `json:"confidence,omitempty"`
	Conflict   bool            `json:"conflict,omitempty"`
	Sources    []string        `json:"sources,omitempty"`
}

type sourceJSON struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	URL   string `json:"url"`
	Kind  string `json:"kind"`
}

type askJSON struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Options []string `json:"options,omitempty"`
	Rules   []string `json:"rules,omitempty"`
}

type stepJSON struct {
	Rule   string       `json:"rule"`
	Why    rulebook.Why `json:"why"`
	Detail string       `json:"detail,omitempty"`
}

type printedJSON struct {
	Calendar string               `json:"calendar"`
	Date     string               `json:"date"`
	Day      string               `json:"day"` // Gregorian
	Within   int                  `json:"within,omitempty"`
	Standing rulebook.PrintedDate `json:"standing,omitempty"`
}

// A checkJSON is what papers check --json prints.
type checkJSON struct {
	Verdict    rulebook.Verdict `json:"verdict"`
	Would      rulebook.Verdict `json:"would,omitempty"`
	Text       string           `json:"text"`
	Kind       string           `json:"kind"`
	Round      int              `json:"round,omitempty"`
	Printed    *printedJSON     `json:"printed,omitempty"`
	On         string           `json:"on"`
	Known      string           `json:"known"`
	Rule       *ruleJSON        `json:"rule"`
	Since      string           `json:"since,omitempty"`
	Until      string           `json:"until,omitempty"`
	Confidence string           `json:"confidence,omitempty"`
	Newest     string           `json:"newest,omitempty"`
	Sources    []sourceJSON     `json:"sources"`
	Also       []ruleJSON       `json:"also"`
	Conflicts  []ruleJSON       `json:"conflicts"`
	Ask        []askJSON        `json:"ask"`
	Book       string           `json:"book"`
	Steps      []stepJSON       `json:"steps"`
}

func checkedJSON(q rulebook.Question, a rulebook.Answer) checkJSON {
	out := checkJSON{
		Verdict: a.Verdict, Would: a.Would, Text: a.Sentence(), Kind: q.Paper, Round: q.Round, On: isoDay(q.On), Known: isoDay(q.Known),
		Since: isoDay(a.Since), Until: isoDay(a.Until), Confidence: a.Confidence, Newest: isoDay(a.Newest), Book: a.Book,
		Sources: []sourceJSON{}, Also: []ruleJSON{}, Conflicts: []ruleJSON{}, Ask: []askJSON{}, Steps: []stepJSON{},
	}
	if !q.Printed.IsZero() {
		out.Printed = &printedJSON{string(q.Printed.In), q.Printed.String(), isoDay(q.Printed.Day), q.Printed.Within, a.Printed}
	}
	if a.Rule != nil {
		r := asRuleJSON(*a.Rule)
		out.Rule = &r
	}
	for _, c := range a.Sources {
		out.Sources = append(out.Sources, sourceJSON{c.ID, c.Title, c.URL, c.Kind})
	}
	for _, r := range a.Also {
		out.Also = append(out.Also, asRuleJSON(r))
	}
	for _, r := range a.Conflicts {
		out.Conflicts = append(out.Conflicts, asRuleJSON(r))
	}
	for _, k := range a.Ask {
		out.Ask = append(out.Ask, askJSON{k.ID, k.Text, k.Options, k.Rules})
	}
	for _, s := range a.Steps {
		out.Steps = append(out.Steps, stepJSON{s.Rule, s.Why, s.Detail})
	}
	return out
}

func asRuleJSON(r rulebook.Rule) ruleJSON {
	return ruleJSON{r.ID, r.Effect, isoDay(r.From), isoDay(r.To), isoDay(r.On), isoDay(r.KnownOn), !r.KnownGiven, r.Who, r.What, r.Note, r.Confidence, r.Conflict, r.Sources}
}

// isoDay is 2025-03-20; "" for no day.
func isoDay(d time.Time) string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}
