package command

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"panah/core/rulebook"
)

const shelfWords = `Without FILE or --dir it is the rulebook that this program was built with. Files are called papers.yaml, rules.yaml,
sources.yaml and questions.yaml; a file that is not given is the program's own. docs/rulebook.md teaches how to write them.`

func rulesLint() command {
	return command{
		name: "rules lint", args: "[--dir DIR | FILE…]", short: "is a rulebook well made?",
		long: `Reads a rulebook and says what is wrong with it, with line, column and what to do next; and what may be wrong: rules that nobody
tests, papers without news, days that no rule says anything about. Errors make the exit code 1; warnings do not.
` + shelfWords,
		example: "panah rules lint rules.yaml",
		prepare: func(flags *flag.FlagSet) runner {
			dir := flags.String("dir", "", "`DIR` with the files of a rulebook")
			on := flags.String("on", "", "the `DAY` for which news are looked for (default today)")
			asJSON := flags.Bool("json", false, "print JSON")
			return func(_ context.Context, s Streams, args []string) error {
				day, err := dayFlag("on", *on, today())
				if err != nil {
					return err
				}
				sh, err := openShelf(s, *dir, args)
				if err != nil {
					return err
				}
				book, problems := rulebook.Parse(sh.src)
				if book != nil {
					posed, more := rulebook.ParseQuestions(sh.questions, book)
					problems = append(append(problems, more...), book.Lint(day, posed)...)
				}
				return tellProblems(s, ordered(problems), *asJSON)
			}
		},
	}
}

func tellProblems(s Streams, problems []rulebook.Problem, asJSON bool) error {
	if asJSON {
		if err := writeJSON(s, problemsJSON(problems)); err != nil {
			return err
		}
	} else {
		for _, p := range problems {
			s.data("%s", p)
		}
	}
	wrong := errorsIn(problems)
	words := fmt.Sprintf("%d errors, %d warnings", wrong, len(problems)-wrong)
	if wrong > 0 {
		return no("%s", words)
	}
	s.say("%s", words)
	return nil
}

func rulesTest() command {
	return command{
		name: "rules test", args: "[--dir DIR | FILE…]", short: "does a rulebook answer as its test book says?",
		long: `Asks every question of the test book (questions.yaml) and prints those that are not answered as they must be, each with the whole
explanation. One such makes the exit code 1.
` + shelfWords,
		example: "panah rules test --dir my-rulebook",
		prepare: func(flags *flag.FlagSet) runner {
			dir := flags.String("dir", "", "`DIR` with the files of a rulebook")
			asJSON := flags.Bool("json", false, "print JSON: one line for each question")
			return func(_ context.Context, s Streams, args []string) error {
				sh, err := openShelf(s, *dir, args)
				if err != nil {
					return err
				}
				book, err := sh.read(s)
				if err != nil {
					return err
				}
				posed, problems := rulebook.ParseQuestions(sh.questions, book)
				if errorsIn(problems) > 0 {
					return tellProblems(s, problems, false)
				}
				return testBook(s, book, posed, *asJSON)
			}
		},
	}
}

// testedJSON is one question of the test book as --json prints it.
type testedJSON struct {
	ID      string           `json:"id"`
	OK      bool             `json:"ok"`
	Verdict rulebook.Verdict `json:"verdict"`
	Off     []string         `json:"off,omitempty"`
}

func testBook(s Streams, book *rulebook.Book, posed []rulebook.Posed, asJSON bool) error {
	failed := 0
	for _, p := range posed {
		a, off := book.Pose(p)
		if len(off) > 0 {
			failed++
		}
		switch {
		case asJSON:
			if err := writeJSON(s, testedJSON{p.ID, len(off) == 0, a.Verdict, off}); err != nil {
				return err
			}
		case len(off) > 0:
			s.data("questions.yaml:%d: %s", p.Line, p.ID)
			for _, o := range off {
				s.data("    %s", o)
			}
			s.data("%s", book.Explain(p.Question, a))
		}
	}
	if failed > 0 {
		return no("%d questions, %d are not answered as the test book says", len(posed), failed)
	}
	s.say("%d questions, all are answered as the test book says", len(posed))
	return nil
}

func rulesExplain() command {
	return command{
		name: "rules explain", args: "--kind K [flags]", short: "which rule spoke, and why the others did not",
		long: `Answers as "papers check" does, and says of every rule about the paper why it spoke or not: another round, not known yet on that
day, not in force yet, over, condition not met, a fact is missing, replaced.
` + shelfWords,
		example: "panah rules explain --kind pk-por --printed 2023-06-30 --on 2023-08-15 --known 2023-11-10",
		prepare: func(flags *flag.FlagSet) runner {
			var a askFlags
			a.define(flags)
			dir := flags.String("dir", "", "`DIR` with the files of a rulebook")
			return func(_ context.Context, s Streams, args []string) error {
				sh, err := openShelf(s, *dir, args)
				if err != nil {
					return err
				}
				book, err := sh.read(s)
				if err != nil {
					return err
				}
				q, answer, err := a.ask(book)
				if err != nil {
					return err
				}
				fmt.Fprint(s.Out, book.Explain(q, answer))
				return nil
			}
		},
	}
}

func rulesCopy() command {
	return command{
		name: "rules copy", args: "DIR", short: "write the rulebook into a folder, to edit it",
		long: `Writes the four files of the rulebook that this program was built with into a new folder, each with its JSON schema beside it, which
many editors show while one types.`,
		example: "panah rules copy my-rulebook",
		prepare: func(*flag.FlagSet) runner {
			return func(_ context.Context, s Streams, args []string) error {
				if len(args) != 1 {
					return misuse("into which folder? panah rules copy DIR")
				}
				return copyBook(s, args[0])
			}
		},
	}
}

func copyBook(s Streams, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("making %s: %w; choose a name that is not there yet", dir, bare(err))
	}
	own := ownShelf()
	for _, name := range bookFiles {
		if err := writeNew(filepath.Join(dir, name), *own.file(name)); err != nil {
			return err
		}
		schema, err := rulebook.Schema(name)
		if err != nil {
			return err
		}
		if err := writeNew(filepath.Join(dir, schemaName(name)), schema); err != nil {
			return err
		}
	}
	s.say("The rulebook is in %s. Edit it; then: panah rules lint --dir %s", dir, dir)
	return nil
}

// schemaName is rules.schema.json for rules.yaml.
func schemaName(file string) string {
	return file[:len(file)-len(filepath.Ext(file))] + ".schema.json"
}
