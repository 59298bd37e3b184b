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

// minPassphrase is the shortest passphrase taken, characters: it is all that stands between a stolen laptop and the letters.
const minPassphrase = 12

func deskInit() command {
	return command{
		name: "desk init", args: "--gate URL --name NAME [--data DIR]", short: "found an organisation and join it to its gate",
		long: `Founds an organisation on this desk: makes its keys, asks for a passphrase for them, and tells the gate at URL whom
letters are sealed to. It asks for the setup code that "panah gate init" printed. NAME is what people read on the
public pages. The keys stay in DIR on this machine, sealed with the passphrase: nobody can open a letter without both, and
nobody can bring back a lost one. Copy DIR to a second place that is locked.`,
		example: "panah desk init --gate https://help.example.org --name 'Example Legal Aid'",
		prepare: func(flags *flag.FlagSet) runner {
			data := flags.String("data", deskDir(), "`DIR` to make")
			gateURL := flags.String("gate", "", "`URL` of the gate")
			name := flags.String("name", "", "`NAME` of the organisation")
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				if *gateURL == "" || *name == "" {
					return misuse("desk init needs --gate and --name")
				}
				return initDesk(ctx, s, *data, strings.TrimRight(*gateURL, "/"), *name)
			}
		},
	}
}

// joinTime is how long the gate may take to answer.
const joinTime = time.Minute

func initDesk(ctx context.Context, s Streams, data, gateURL, name string) error {
	setup, err := ask(s, "Setup code of the gate", setupFile)
	if err != nil {
		return err
	}
	if _, err := wire.ParseSetupCode(setup); err != nil {
		return no("%v; nothing was made", err)
	}
	passphrase, org, err := found(s, data, name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	g, err := desk.Connect(ctx, data, passphrase, gateURL, setup)
	if err != nil {
		return fmt.Errorf("%w\nThe keys are kept in %s: mend what is wrong and run the same command again", err, data)
	}
	s.say("Founded %s; the gate %s takes letters for it from now on.\nIts keys are in %s: copy that folder to a second place.", name, g.Origin, data)
	s.data("fingerprint:  %s", roster.GroupOrgID(org))
	s.say("Next: panah desk serve")
	return nil
}

// found makes the organisation, or takes up one whose gate could not be reached the first time. It returns the passphrase and the
// fingerprint.
func found(s Streams, data, name string) (passphrase, org string, err error) {
	if desk.Exists(data) {
		s.say("%s holds the keys of an organisation already; joining it to the gate.", data)
		return takeUp(s, data, name)
	}
	passphrase, err = askNew(s, "New passphrase for this desk (six words or more)", passphraseFile)
	if err != nil {
		return "", "", err
	}
	if len([]rune(passphrase)) < minPassphrase {
		return "", "", no("a passphrase has at least %d characters; six words from a dictionary are good", minPassphrase)
	}
	founded, err := desk.Init(desk.FoundConfig{Data: data, Name: name, Passphrase: passphrase})
	return passphrase, founded.Org, err
}

// takeUp opens an organisation that is there and checks that it is the one that was named.
func takeUp(s Streams, data, name string) (passphrase, org string, err error) {
	passphrase, err = ask(s, "Its passphrase", passphraseFile)
	if err != nil {
		return "", "", err
	}
	signed, err := desk.Roster(data, passphrase)
	if errors.Is(err, desk.ErrPassphrase) {
		return "", "", no("%v", err)
	}
	if err != nil {
		return "", "", err
	}
	r, err := roster.OpenFounding(signed)
	if err == nil && r.Name != name {
		err = no("%s holds the keys of another organisation, %s; choose another folder with --data", data, r.Name)
	}
	return passphrase, r.Org, err
}
