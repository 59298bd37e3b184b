package command

import (
	"context"
	"errors"
	"flag"
	"strings"
	"time"

	"panah/core/roster"
	"panah/desk"
)

func deskJoin() command {
	return command{
		name: "desk join", args: "--gate URL [--desk NAME] [--data DIR]", short: "make this computer a desk of an organisation",
		long: `Asks an organisation to take this computer among its desks. A keeper makes a code of nine digits ("panah desk invite", or on
the keeper's pages) and tells it by telephone or in person; it is good for ten minutes. Both desks then show the same six words:
compare them aloud. Only when they are the same may the keeper let this desk in; when they differ, somebody stands between
the two. It waits until the keeper decides. What breaks off goes on with the same command.`,
		example: "panah desk join --gate https://help.example.org --desk 'Front desk'",
		prepare: func(flags *flag.FlagSet) runner {
			c := desk.JoinConfig{}
			var lang string
			flags.StringVar(&c.Data, "data", deskDir(), "`DIR` to make")
			flags.StringVar(&c.GateURL, "gate", "", "`URL` of the gate")
			flags.StringVar(&c.DeskName, "desk", "New desk", "`NAME` of this desk, for the organisation's other desks")
			flags.StringVar(&lang, "lang", "en", "`LANGUAGE` of the six words: en, fa, fa-AF, ps, ur")
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				if c.GateURL == "" {
					return misuse("desk join needs --gate")
				}
				if err := desk.CheckLanguage(lang); err != nil {
					return misuse("%v", err)
				}
				c.GateURL = strings.TrimRight(c.GateURL, "/")
				return joinDesk(ctx, s, c, lang)
			}
		},
	}
}

// codeLife is how long a code is good for, and a little more.
const codeLife = 11 * time.Minute

func joinDesk(ctx context.Context, s Streams, c desk.JoinConfig, lang string) error {
	if desk.Exists(c.Data) && !desk.Begun(c.Data) {
		return no("%s holds a desk already; choose another folder with --data, or destroy that desk with: panah desk purge", c.Data)
	}
	var err error
	if c.Code, err = ask(s, "Code that the keeper tells (nine digits)", codeFile); err != nil {
		return err
	}
	if err := desk.CheckCode(c.Code); err != nil {
		return no("%v; nothing was sent", err)
	}
	if desk.Begun(c.Data) {
		s.say("%s holds a joining that broke off; going on with it.", c.Data)
		c.Passphrase, err = ask(s, "Its passphrase", passphraseFile)
	} else {
		c.Passphrase, err = newPassphrase(s)
	}
	if err != nil {
		return err
	}
	c.Words = func(w [6]byte) {
		s.say("The keeper's desk must show the same six words. Compare them aloud:")
		s.data("words:  %s", strings.Join(desk.SixWords(w, lang), " "))
		s.say("Waiting for the keeper to let this desk in …")
	}
	ctx, cancel := context.WithTimeout(ctx, codeLife)
	defer cancel()
	joined, err := desk.Join(ctx, c)
	for _, answer := range []error{
		desk.ErrExists, desk.ErrBegun, desk.ErrPassphrase, desk.ErrWeak, desk.ErrCode, desk.ErrNoRoom, desk.ErrTaken, desk.ErrRefused, desk.ErrBetween, desk.ErrNotYet,
	} {
		if errors.Is(err, answer) {
			return no("%v", err)
		}
	}
	if err != nil {
		return explainClock(err)
	}
	s.say("This computer is a desk of %s now.", joined.Name)
	s.data("fingerprint:  %s\nrole:         %s", roster.GroupOrgID(joined.Org), joined.Role)
	s.say("Next: panah desk serve")
	return nil
}
