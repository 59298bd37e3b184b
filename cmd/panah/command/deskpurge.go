package command

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"strings"
	"time"

	"panah/desk"
)

// purgeWord is what must be typed. The folder does not tell the organisation's name without the passphrase, and a purge must not need that.
const purgeWord = "purge"

func deskPurge() command {
	return command{
		name: "desk purge", args: "[--yes] [--data DIR]", short: "destroy this desk: its keys, then its letters",
		long: `Destroys the desk in DIR: overwrites and removes its keys, then removes its database and everything else in DIR. It needs no
passphrase and no network, and works while the desk is running.

Lost for ever are drafts and replies that were not sent, and the keys of this desk. Letters at the gate are not touched:
the organisation's other desks read them as before. To come back, a keeper's desk gives a new code ("panah desk join"); tell
the keepers, so that they remove this desk and begin a new epoch. When this is the organisation's only desk, only the
custodians' sheets bring it back ("panah desk recover"): without them nobody ever reads its letters again.

Flash storage may keep old blocks that no program can reach. Whoever copied DIR earlier, and knows the passphrase, opens the copy.`,
		example: "panah desk purge",
		prepare: func(flags *flag.FlagSet) runner {
			data := flags.String("data", deskDir(), "`DIR` of the desk")
			yes := flags.Bool("yes", false, "do not ask")
			return func(_ context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				return purgeDesk(s, *data, *yes)
			}
		},
	}
}

func purgeDesk(s Streams, data string, yes bool) error {
	if !yes {
		s.say("This destroys the desk in %s: its keys, and everything in that folder. It cannot be taken back.\nLost: replies that were not sent, and this desk's keys. Kept: letters at the gate, for the organisation's other desks.\nTo come back: a new code from a keeper; or, when this is the only desk, the custodians' sheets.", data)
		s.say("Type %q to destroy it, anything else to keep it:", purgeWord)
		typed, err := bufio.NewReader(io.LimitReader(s.In, 100)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if strings.TrimSpace(typed) != purgeWord {
			return no("nothing was destroyed")
		}
	}
	start := time.Now()
	if err := desk.Purge(data); errors.Is(err, desk.ErrNone) {
		return no("%v; name its folder with --data", err)
	} else if err != nil {
		return err
	}
	s.say("The desk is destroyed; it took %d ms. Tell a keeper, so that this desk is removed.", time.Since(start).Milliseconds())
	return nil
}
