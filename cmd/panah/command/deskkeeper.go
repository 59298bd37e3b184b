package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"panah/desk"
)

// keeperTime is how long a keeper's command may take, with a slow gate.
const keeperTime = 10 * time.Minute

// withDesk opens the desk in a folder for one command.
func withDesk(ctx context.Context, s Streams, data string, f func(context.Context, *desk.Opened) error) error {
	if !desk.Exists(data) {
		return no("there is no desk in %s; name its folder with --data, or make one with panah desk init or panah desk join", data)
	}
	passphrase, err := ask(s, "Passphrase of this desk", passphraseFile)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, keeperTime)
	defer cancel()
	o, err := desk.Open(ctx, data, passphrase)
	if err == nil {
		defer o.Close()
		err = f(ctx, o)
	}
	return explainKeeper(err)
}

// explainKeeper says which failures are answers, and what to do about a desk that is running.
func explainKeeper(err error) error {
	var use wrongUse
	switch {
	case err == nil || errors.As(err, &use):
		return err
	case errors.Is(err, desk.ErrInUse):
		return fmt.Errorf("%w: lock it in the browser, or do this on its pages", err)
	}
	for _, answer := range []error{
		desk.ErrPassphrase, desk.ErrKeeper, desk.ErrRemoved, desk.ErrConflict, desk.ErrNotFound, desk.ErrAmbiguous, desk.ErrThis, desk.ErrThreshold, desk.ErrRehearsal,
	} {
		if errors.Is(err, answer) {
			return no("%v", err)
		}
	}
	return explainClock(err)
}

// A keeperRun is the work of a keeper's command.
type keeperRun func(ctx context.Context, s Streams, o *desk.Opened, args []string) error

// keeperCommand makes the runner of a command without flags of its own. words is how many arguments it takes.
func keeperCommand(words int, missing string, run keeperRun) func(*flag.FlagSet) runner {
	return func(flags *flag.FlagSet) runner {
		data := flags.String("data", deskDir(), "`DIR` of the desk")
		return func(ctx context.Context, s Streams, args []string) error {
			if len(args) < words {
				return misuse("%s", missing)
			}
			if err := noArgs(args[words:]); err != nil {
				return err
			}
			return withDesk(ctx, s, *data, func(ctx context.Context, o *desk.Opened) error { return run(ctx, s, o, args) })
		}
	}
}

func deskRoll() command {
	return command{
		name: "desk roll", args: "[--data DIR]", short: "begin a new epoch of an organisation's keys",
		long: `Begins a new epoch now: letters are sealed to a new key, every desk gets it when it next talks to the gate, and the key of the epoch
before the last is destroyed. Keepers' desks do this by themselves once a month, and whenever a desk is removed. Only a keeper's
desk can.`,
		example: "panah desk roll",
		prepare: keeperCommand(0, "", func(ctx context.Context, s Streams, o *desk.Opened, _ []string) error {
			if err := o.Roll(ctx); err != nil {
				return err
			}
			k, err := o.Keys(ctx)
			if err != nil {
				return err
			}
			tellWaiting(s, k)
			s.data("roster:  %d, epoch %d", k.Serial, k.Epoch)
			return nil
		}),
	}
}

// tellWaiting says when other keepers must sign.
func tellWaiting(s Streams, k desk.Keys) {
	if k.Waiting != "" {
		s.say("It is proposed now, and comes into force when %d keepers have signed.", k.Threshold)
	}
}

func deskIntake() command {
	return command{
		name: "desk intake", args: "open|close [--data DIR]", short: "open or close the door to the public's letters",
		long: `Opens or closes intake: while it is closed, the public pages take no new letter and say so; answers, mailboxes and the
organisation's own work go on. It opens by itself after the first rehearsed recovery, and not before. Only a keeper's desk can.`,
		example: "panah desk intake close",
		prepare: keeperCommand(1, "desk intake needs a word: open or close", func(ctx context.Context, s Streams, o *desk.Opened, args []string) error {
			if args[0] != "open" && args[0] != "close" {
				return misuse("desk intake takes open or close, not %q", args[0])
			}
			if err := o.SetIntake(ctx, args[0] == "open"); err != nil {
				return err
			}
			s.data("intake:  %s", map[string]string{"open": "open", "close": "closed"}[args[0]])
			return nil
		}),
	}
}

func deskSheets() command {
	return command{
		name: "desk sheets", args: "--sheets DIR [--needed K --of N] [--data DIR]", short: "make the custodians' recovery sheets anew",
		long: `Makes new recovery sheets, as "panah desk init" does, and makes the old ones worthless: for a custodian who left, a sheet that was lost or
copied, or another number of sheets. Print them, give one to each custodian, delete the files, and destroy the old paper. Rehearse:
a sheet that nobody has tried is a hope. Only a keeper's desk can.`,
		example: "panah desk sheets --sheets new-sheets/ --needed 3 --of 5",
		prepare: func(flags *flag.FlagSet) runner {
			var f deskInitFlags
			flags.StringVar(&f.data, "data", deskDir(), "`DIR` of the desk")
			sheetFlags(flags, &f.sheets, &f.lang, &f.needed, &f.of)
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				if err := f.checkSheets(f.data); err != nil {
					return err
				}
				return withDesk(ctx, s, f.data, func(ctx context.Context, o *desk.Opened) error { return f.renew(ctx, s, o) })
			}
		},
	}
}

// renew makes new sheets. The folder is tried first: sheets that were made and cannot be written are lost.
func (f *deskInitFlags) renew(ctx context.Context, s Streams, o *desk.Opened) error {
	if err := freshFolder(f.sheets); err != nil {
		return err
	}
	made, err := o.NewSheets(ctx, f.needed, f.of, f.lang)
	if err != nil {
		return err
	}
	if err := writeSheets(f.sheets, made); err != nil {
		return fmt.Errorf("%w\nThe old sheets are worthless already: run this command again for others", err)
	}
	for _, sheet := range made {
		s.data("sheet:  %s/%s", f.sheets, sheet.FileName())
	}
	k, err := o.Keys(ctx)
	if err != nil {
		return err
	}
	tellWaiting(s, k)
	s.say("%s\nThe sheets made before open nothing any more: collect and destroy them.", sheetsAdvice)
	return nil
}
