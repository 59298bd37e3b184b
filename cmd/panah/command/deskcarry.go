package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"panah/desk"
)

func deskExportSealed() command {
	return command{
		name: "desk export-sealed", args: "[--json] [--data DIR] -o FILE", short: "write what this desk knows to a USB stick, sealed for the others",
		long: `Writes letters, replies and everything done in cases to FILE, so that a desk of the same organisation that is cut off from the
network knows it too ("panah desk import-sealed" there). The file is sealed to the organisation's key: who finds the stick reads
nothing, and sees only how many pieces of which size it has. It needs no network. The desk must not be open meanwhile.

Locked cases are never written: they reach their specialists by the network only. What was erased here is told, so that the other desk
erases it as well. Carry sticks both ways as often as you like: what is there already is not taken twice. Destroy old sticks: when the
organisation's key of that time is stolen, they can be read.`,
		example: "panah desk export-sealed -o /media/stick/panah",
		prepare: func(flags *flag.FlagSet) runner {
			data := flags.String("data", deskDir(), "`DIR` of the desk")
			out := flags.String("o", "", "`FILE` to write; it must not exist yet")
			asJSON := flags.Bool("json", false, "print JSON")
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				if *out == "" {
					return misuse("desk export-sealed needs -o, the file to write")
				}
				return exportSealed(ctx, s, *data, *out, *asJSON)
			}
		},
	}
}

func exportSealed(ctx context.Context, s Streams, data, out string, asJSON bool) (err error) {
	passphrase, err := deskPassphrase(s, data)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return no("%s is there already and is not overwritten; choose another name", out)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", out, bare(err))
	}
	done, err := desk.ExportSealed(ctx, data, passphrase, f)
	// A stick is pulled out as soon as the command ends.
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return explainCarry(errors.Join(err, os.Remove(out)))
	}
	if asJSON {
		return writeJSON(s, carriedJSON{Letters: done.Letters, Replies: done.Replies, Notices: done.Notices, Erasures: done.Erasures, Locked: done.Locked, LeftOut: done.Unnamed + done.TooLarge})
	}
	s.data("letters:   %d\nreplies:   %d\nnotices:   %d (what was done in cases)\nerasures:  %d", done.Letters, done.Replies, done.Notices, done.Erasures)
	if done.Locked > 0 {
		s.say("%d locked cases are not in the file: they reach their specialists by the network only.", done.Locked)
	}
	if n := done.Unnamed + done.TooLarge; n > 0 {
		s.say("%d conversations or letters are not in the file: they could not be opened here, or are too large. They come by the network.", n)
	}
	return nil
}

// carriedJSON is what --json prints of an export.
type carriedJSON struct {
	Letters  int `json:"letters"`
	Replies  int `json:"replies"`
	Notices  int `json:"notices"`
	Erasures int `json:"erasures"`
	Locked   int `json:"locked"`
	LeftOut  int `json:"left_out"`
}

func deskImportSealed() command {
	return command{
		name: "desk import-sealed", args: "[--json] [--data DIR] FILE", short: "take in what another desk of the organisation wrote",
		long: `Reads a FILE that "panah desk export-sealed" wrote at another desk of the organisation, and takes in what is new. The whole file is
checked first; a file of another organisation, or a damaged one, changes nothing. Erasures in it are carried out here. It needs no
network, and when the network comes back nothing is there twice. The desk must not be open meanwhile.`,
		example: "panah desk import-sealed /media/stick/panah",
		prepare: func(flags *flag.FlagSet) runner {
			data := flags.String("data", deskDir(), "`DIR` of the desk")
			asJSON := flags.Bool("json", false, "print JSON")
			return func(ctx context.Context, s Streams, args []string) error {
				if len(args) != 1 {
					return misuse("desk import-sealed needs one file, the one that panah desk export-sealed wrote")
				}
				return importSealed(ctx, s, *data, args[0], *asJSON)
			}
		},
	}
}

func importSealed(ctx context.Context, s Streams, data, name string, asJSON bool) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, bare(err))
	}
	defer f.Close()
	passphrase, err := deskPassphrase(s, data)
	if err != nil {
		return err
	}
	done, err := desk.ImportSealed(ctx, data, passphrase, f)
	if err != nil {
		return explainCarry(err)
	}
	if asJSON {
		return writeJSON(s, takenJSON{done.Letters, done.Replies, done.Events, done.Erased, done.Known, done.Closed, done.Doubtful})
	}
	s.data("new letters:   %d\nnew replies:   %d\nnew events:    %d\nerased:        %d\nknown already: %d", done.Letters, done.Replies, done.Events, done.Erased, done.Known)
	if done.Closed > 0 {
		s.say("%d pieces were not taken: their cases are erased or locked here.", done.Closed)
	}
	if done.Doubtful > 0 {
		s.say("%d pieces were not taken: no desk of the organisation signed them. Ask who wrote this file.", done.Doubtful)
	}
	return nil
}

// takenJSON is what --json prints of an import.
type takenJSON struct {
	Letters  int `json:"letters"`
	Replies  int `json:"replies"`
	Events   int `json:"events"`
	Erased   int `json:"erased"`
	Known    int `json:"known"`
	Closed   int `json:"closed"`
	Doubtful int `json:"doubtful"`
}

// deskPassphrase asks for the passphrase of a desk that is there.
func deskPassphrase(s Streams, data string) (string, error) {
	if !desk.Exists(data) {
		return "", no("there is no desk in %s; name its folder with --data, or make one with panah desk init or panah desk join", data)
	}
	return ask(s, "Passphrase of this desk", passphraseFile)
}

// explainCarry says which failures are answers.
func explainCarry(err error) error {
	for _, answer := range []error{desk.ErrNoStick, desk.ErrForeign, desk.ErrStick} {
		if errors.Is(err, answer) {
			return no("%v", answer)
		}
	}
	return explainKeeper(err)
}
