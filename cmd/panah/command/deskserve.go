package command

import (
	"context"
	"flag"
	"log/slog"
	"time"

	"panah/desk"
)

func deskServe() command {
	return command{
		name: "desk serve", args: "[--data DIR]", short: "run a desk (also: panah desk)",
		long: `Runs the caseworker's side on this machine and prints the address to open in a browser here. The address carries a launch
token, so that no other program or page can talk to the desk; open it once, and do not send it on. The desk is locked until
the passphrase is typed in the browser, and locks itself when nobody uses it. It goes on working without a network.
Where DIR holds no desk yet, the browser asks whether to found an organisation, join one, or bring one back.`,
		example: "panah desk serve",
		prepare: func(flags *flag.FlagSet) runner {
			data := flags.String("data", deskDir(), "`DIR` of the desk")
			listen := flags.String("listen", "127.0.0.1:8401", "`ADDR` on this machine to listen on")
			lockAfter := flags.Duration("lock-after", 15*time.Minute, "`TIME` without use after which the desk locks itself")
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				if desk.Removed(*data) {
					s.say("The organisation took the desk in this folder off its list, and the desk erased itself. A keeper can let it in again with a new code.")
				}
				return busy(desk.Run(ctx, desk.Config{
					Data: *data, Listen: *listen, LockAfter: *lockAfter, Version: Version(), Log: slog.New(slog.NewTextHandler(s.Err, nil)),
					Ready: func(url string) {
						s.say("Open this address in a browser on this machine:")
						s.data("%s", url)
					},
				}), "--listen")
			}
		},
	}
}
