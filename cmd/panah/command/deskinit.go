package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"panah/core/roster"
	"panah/core/wire"
	"panah/desk"
)

// deskDir is where a desk keeps its data without --data.
func deskDir() string {
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		return dir
	}
	base := os.Getenv("XDG_DATA_HOME")
	if home, err := os.UserHomeDir(); base == "" && err == nil {
		base = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(base, "panah", "desk")
}

type deskInitFlags struct {
	data, gateURL, name, deskName, sheets, lang string
	needed, of                                  int
}

func deskInit() command {
	return command{
		name: "desk init", args: "--gate URL --name NAME --sheets DIR [--needed K --of N] [--data DIR]", short: "found an organisation and join it to its gate",
		long: `Founds an organisation on this desk: makes its keys, asks for a passphrase for them, and tells the gate at URL whom
letters are sealed to. It asks for the setup code that "panah gate init" printed. NAME is what people read on the
public pages. The keys stay on this machine, sealed with the passphrase.

It writes one recovery sheet for each of N custodians into the folder that --sheets names: pages to print, sheet-a.html and so on. Any K
of them bring the organisation back when every desk is lost; fewer open nothing. Print them, give one to each custodian, then
delete the files: they hold the secrets, and nobody else keeps them.

Intake stays closed until one recovery was rehearsed: panah desk purge, then panah desk recover with K sheets.
What breaks off goes on with the same command.`,
		example: "panah desk init --gate https://help.example.org --name 'Example Legal Aid' --sheets sheets/",
		prepare: func(flags *flag.FlagSet) runner {
			var f deskInitFlags
			flags.StringVar(&f.data, "data", deskDir(), "`DIR` to make")
			flags.StringVar(&f.gateURL, "gate", "", "`URL` of the gate")
			flags.StringVar(&f.name, "name", "", "`NAME` of the organisation")
			flags.StringVar(&f.deskName, "desk", "Desk 1", "`NAME` of this desk, for the organisation's other desks")
			sheetFlags(flags, &f.sheets, &f.lang, &f.needed, &f.of)
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				if f.gateURL == "" || f.name == "" {
					return misuse("desk init needs --gate and --name")
				}
				if err := f.checkSheets(f.data); err != nil {
					return err
				}
				f.gateURL = strings.TrimRight(f.gateURL, "/")
				return f.run(ctx, s)
			}
		},
	}
}

// sheetFlags are the flags of the commands that make sheets.
func sheetFlags(flags *flag.FlagSet, dir, lang *string, needed, of *int) {
	flags.StringVar(dir, "sheets", "", "`DIR` for the custodians' sheets, outside the desk's folder")
	flags.StringVar(lang, "lang", "en", "`LANGUAGE` of the sheets beside English: fa, fa-AF, ps, ur")
	flags.IntVar(needed, "needed", desk.DefaultNeeded, "`K` sheets that are needed: 2 or 3")
	flags.IntVar(of, "of", desk.DefaultOf, "`N` sheets to make: at most 5")
}

func (f *deskInitFlags) checkSheets(data string) error {
	return checkSheets(f.sheets, data, f.lang, f.needed, f.of)
}

// checkSheets refuses what cannot become sheets, before anything is made.
func checkSheets(dir, data, lang string, needed, of int) error {
	if dir == "" {
		return misuse("name a folder for the custodians' sheets with --sheets; they hold secrets, so print them and delete the files")
	}
	if err := desk.CheckSplit(needed, of); err != nil {
		return misuse("%v", err)
	}
	if err := desk.CheckLanguage(lang); err != nil {
		return misuse("%v", err)
	}
	sheets, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	inside, err := filepath.Abs(data)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(inside, sheets); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return misuse("the sheets cannot go into the desk's own folder: a purge destroys it; choose another with --sheets")
	}
	return nil
}

// joinTime is how long the gate may take to answer.
const joinTime = 2 * time.Minute

func (f *deskInitFlags) run(ctx context.Context, s Streams) error {
	setup, err := ask(s, "Setup code of the gate", setupFile)
	if err != nil {
		return err
	}
	if _, err := wire.ParseSetupCode(setup); err != nil {
		return no("%v; nothing was made", err)
	}
	passphrase, err := f.passphrase(s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	founded, err := desk.Found(ctx, desk.FoundConfig{
		Data: f.data, Name: f.name, Passphrase: passphrase, GateURL: f.gateURL, SetupCode: setup, Needed: f.needed, Of: f.of,
		DeskName: f.deskName, Lang: f.lang, Deliver: func(sheets []desk.Sheet) error { return writeSheets(f.sheets, sheets) },
	})
	switch {
	case errors.Is(err, desk.ErrWeak), errors.Is(err, desk.ErrPassphrase), errors.Is(err, desk.ErrOther), errors.Is(err, desk.ErrFounded):
		return no("%v", err)
	case err != nil && desk.Exists(f.data):
		return fmt.Errorf("%w\nThe keys are kept in %s: mend what is wrong and run the same command again", err, f.data)
	case err != nil:
		return err
	}
	f.tell(s, founded)
	return nil
}

// passphrase asks for a new one, or for that of a founding that broke off.
func (f *deskInitFlags) passphrase(s Streams) (string, error) {
	if desk.Exists(f.data) {
		s.say("%s holds the keys of an organisation already; going on with them.", f.data)
		return ask(s, "Its passphrase", passphraseFile)
	}
	return newPassphrase(s)
}

// newPassphrase asks for the passphrase of a desk that is being made.
func newPassphrase(s Streams) (string, error) {
	return askNew(s, "New passphrase for this desk (six words or more)", passphraseFile)
}

func (f *deskInitFlags) tell(s Streams, founded desk.Founded) {
	s.say("Founded %s at the gate %s. Its keys are in %s.", f.name, founded.Gate.Origin, f.data)
	s.data("fingerprint:  %s", roster.GroupOrgID(founded.Org))
	if words, err := orgWords(founded.Org, f.lang); err == nil {
		s.data("words:        %s", words)
	}
	for _, sheet := range founded.Sheets {
		s.data("sheet:        %s", filepath.Join(f.sheets, sheet.FileName()))
	}
	s.say("%s", sheetsAdvice)
	s.say(`Intake is closed until a recovery was rehearsed, with the printed sheets:
    panah desk purge
    panah desk recover --gate %s --org %s
Then: panah desk serve`, f.gateURL, founded.Org)
}
