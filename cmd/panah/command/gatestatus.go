package command

import (
	"context"
	"flag"

	"panah/core/roster"
	"panah/gate"
)

func gateStatus() command {
	return command{
		name: "gate status", args: "[--data DIR]", short: "a gate's name, key, organisation and log size",
		long: `Tells what is in a gate's data folder, whether the gate is running or not: its name and public key, the organisation
it serves, the entries of its log. It changes nothing and opens no letter.`,
		example: "panah gate status --data /var/lib/panah",
		prepare: func(flags *flag.FlagSet) runner {
			data := flags.String("data", stateDir("gate-data"), "`DIR` of the gate")
			asJSON := flags.Bool("json", false, "print JSON")
			return func(_ context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				st, err := gate.Look(*data)
				if err != nil {
					return err
				}
				if *asJSON {
					return writeJSON(s, st)
				}
				tellStatus(s, st)
				return nil
			}
		},
	}
}

func tellStatus(s Streams, st gate.Status) {
	running := "no"
	if st.Running {
		running = "yes"
	}
	s.data("gate:          %s\npublic key:    %s\nrunning:       %s\nlog entries:   %d", st.Origin, st.VKey, running, st.Entries)
	if st.Org == "" {
		s.data("organisation:  none yet (on the desk: panah desk init)")
		return
	}
	letters := "not taken yet; a desk opens the intake"
	if st.Open {
		letters = "taken"
	}
	s.data("organisation:  %s\nfingerprint:   %s\nroster:        %d, epoch %d\nletters:       %s", st.Name, roster.GroupOrgID(st.Org), st.Serial, st.Epoch, letters)
}
