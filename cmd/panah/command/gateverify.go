package command

import (
	"context"
	"flag"
	"strings"

	"panah/gate"
)

func gateVerify() command {
	return command{
		name: "gate verify", args: "[--data DIR]", short: "check a gate's whole log again, off line",
		long: `Checks everything in a gate's data folder again: each roster against the keepers of the one before, each letter against
its entry in the log, every promise, every hash of the tree, and that the log still begins with what desks were last shown.
It needs no key that opens letters and no network. What does not verify is exit code 1, with a line for each problem.
It cannot find letters that were dropped before they were logged.`,
		example: "panah gate verify --data /var/lib/panah",
		prepare: func(flags *flag.FlagSet) runner {
			data := flags.String("data", stateDir("gate-data"), "`DIR` of the gate")
			asJSON := flags.Bool("json", false, "print JSON")
			return func(_ context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				r, err := gate.Verify(*data)
				if err != nil {
					return err
				}
				return tellVerified(s, r, *asJSON)
			}
		},
	}
}

func tellVerified(s Streams, r gate.Report, asJSON bool) error {
	if asJSON {
		if err := writeJSON(s, struct {
			OK bool `json:"ok"`
			gate.Report
		}{r.OK(), r}); err != nil {
			return err
		}
	} else {
		s.data("%s: %d entries, %d letters there, %d erased\nroot %s\nrosters %d", r.Origin, r.Size, r.Present, r.Erased, r.Root, r.Rosters)
	}
	if !r.OK() {
		return no("the log or the rosters do not verify:\n  %s", strings.Join(r.Problems, "\n  "))
	}
	if !asJSON {
		s.data("the log verifies")
	}
	return nil
}
