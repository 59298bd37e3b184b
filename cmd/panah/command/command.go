// Package command is the command line of panah: a table of subcommands, their flags and their words.
//
// Data goes to standard output, words to standard error. It takes no secret from a flag, where other users of the
// machine could read it, and prints none that it was not asked for.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Exit codes.
const (
	Done       = 0
	AnswerIsNo = 1 // the question was understood, and the answer is no
	WrongUse   = 2
	WorldFails = 3 // disk, network, a file that is not there
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// say writes a line of words.
func (s Streams) say(format string, args ...any) { fmt.Fprintf(s.Err, format+"\n", args...) }

// data writes a line of data.
func (s Streams) data(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }

// A command is one entry of the table.
type command struct {
	name    string // one or two words: "letter open"
	args    string // what follows the flags, for the usage line
	short   string // one line for the list
	long    string // paragraphs of help
	example string
	// prepare defines the flags and returns what runs after they are parsed.
	prepare func(*flag.FlagSet) runner
}

// A runner does the work of a command with its positional arguments.
type runner func(ctx context.Context, s Streams, args []string) error

// errNo says that the answer is no; what is wrapped around it says why.
var errNo = errors.New("no")

// no wraps a sentence as the answer no.
func no(format string, args ...any) error { return answer{fmt.Sprintf(format, args...)} }

type answer struct{ words string }

func (a answer) Error() string { return a.words }
func (answer) Unwrap() error   { return errNo }

// wrongUse is a mistake on the command line; the words say what to type instead.
type wrongUse struct{ words string }

func (w wrongUse) Error() string { return w.words }

func misuse(format string, args ...any) error { return wrongUse{fmt.Sprintf(format, args...)} }

// Run runs the command that args name, without the program's own name, and returns the exit code.
func Run(ctx context.Context, args []string, s Streams) int {
	c, rest, err := find(args)
	if err == nil && c == nil {
		err = help(ctx, s, rest)
	} else if err == nil {
		err = c.run(ctx, s, rest)
	}
	return report(s, c, err)
}

// report tells what went wrong and chooses the exit code.
func report(s Streams, c *command, err error) int {
	var use wrongUse
	switch {
	case err == nil:
		return Done
	case errors.Is(err, flag.ErrHelp):
		c.printHelp(s.Out)
		return Done
	case errors.As(err, &use):
		s.say("panah: %s", use.words)
		if c != nil {
			s.say("usage: %s\nMore: panah help %s", c.usage(), c.name)
		}
		return WrongUse
	case errors.Is(err, errNo):
		s.say("panah: %v", err)
		return AnswerIsNo
	}
	s.say("panah: %v", err)
	return WorldFails
}

// find returns the command that args start with, and the arguments left. No command and no error means help.
func find(args []string) (*command, []string, error) {
	if len(args) == 0 {
		return nil, nil, nil
	}
	switch args[0] {
	case "help":
		return nil, args[1:], nil
	case "-h", "-help", "--help":
		return nil, nil, nil
	}
	if len(args) > 1 {
		if c := lookup(args[0] + " " + args[1]); c != nil {
			return c, args[2:], nil
		}
	}
	if c := lookup(args[0]); c != nil {
		return c, args[1:], nil
	}
	group := members(args[0])
	switch {
	case len(group) == 0:
		return nil, nil, misuse("there is no command %q%s\n%s", args[0], nearest(args[0], firstWords()), "All commands: panah help")
	case len(args) > 1 && isHelpFlag(args[1]):
		return nil, args[:1], nil
	case len(args) > 1 && !strings.HasPrefix(args[1], "-"):
		return nil, nil, misuse("there is no command \"%s %s\"%s\nCommands of %s: panah help %s", args[0], args[1], nearest(args[1], group), args[0], args[0])
	}
	// "panah gate --domain …" is "panah gate serve --domain …".
	if c := lookup(args[0] + " serve"); c != nil {
		return c, args[1:], nil
	}
	return nil, nil, misuse("%s needs one of: %s", args[0], strings.Join(group, ", "))
}

func isHelpFlag(s string) bool { return s == "-h" || s == "-help" || s == "--help" }

// run parses the flags, which may stand before, between and after the arguments, and runs the command.
func (c *command) run(ctx context.Context, s Streams, args []string) error {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	run := c.prepare(flags)
	var positional, literal []string
	for i, a := range args {
		if a == "--" {
			args, literal = args[:i], args[i+1:]
			break
		}
	}
	for {
		if err := flags.Parse(args); err != nil {
			return flagError(flags, err)
		}
		if flags.NArg() == 0 {
			break
		}
		positional, args = append(positional, flags.Arg(0)), flags.Args()[1:]
	}
	return run(ctx, s, append(positional, literal...))
}

// flagError puts a mistake in the flags into words, with the flag that was probably meant.
func flagError(flags *flag.FlagSet, err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	const unknown = "flag provided but not defined: -"
	name, ok := strings.CutPrefix(err.Error(), unknown)
	if !ok {
		return misuse("%v", err)
	}
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	return misuse("there is no flag --%s%s", strings.TrimPrefix(name, "-"), nearest(strings.TrimPrefix(name, "-"), names))
}

// noArgs refuses positional arguments.
func noArgs(args []string) error {
	if len(args) > 0 {
		return misuse("%q is one word too many", args[0])
	}
	return nil
}
