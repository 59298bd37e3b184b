package command

import (
	"context"
	"flag"
	"strings"
	"time"

	"panah/core/roster"
	"panah/gate"
)

func gateVerifyPages() command {
	return command{
		name: "gate verify-pages", args: "URL [--org FINGERPRINT]", short: "does a gate serve this build's pages?",
		long: `Fetches every public page and script of the gate at URL, in each encoding, and compares them byte for byte with what
this build serves for the same organisation and settings. It also follows the organisation's rosters from the founding one
on, each signed by the keepers of the one before, to the key that letters are sealed to. Run it with the release that the gate should run, from
different places and networks. A difference is exit code 1, with a line for each.
It cannot show that the gate serves everybody what it served you: a gate could single out a visitor.`,
		example: "panah gate verify-pages https://help.example.org --org 'abcd efgh jkmn pqrs tvwx'",
		prepare: func(flags *flag.FlagSet) runner {
			org := flags.String("org", "", "`FINGERPRINT` of the organisation that the gate should serve")
			asJSON := flags.Bool("json", false, "print JSON")
			return func(ctx context.Context, s Streams, args []string) error {
				if len(args) != 1 {
					return misuse("gate verify-pages needs one URL")
				}
				return verifyPages(ctx, s, args[0], strings.ReplaceAll(*org, " ", ""), *asJSON)
			}
		},
	}
}

// visitTime is how long a look at all pages of a gate may take.
const visitTime = 5 * time.Minute

func verifyPages(ctx context.Context, s Streams, url, org string, asJSON bool) error {
	ctx, cancel := context.WithTimeout(ctx, visitTime)
	defer cancel()
	r, err := gate.VerifyPages(ctx, url)
	if err != nil {
		return err
	}
	wrongOrg := org != "" && org != r.Org && r.Serial > 0
	if asJSON {
		if err := writeJSON(s, struct {
			OK bool `json:"ok"`
			gate.PageReport
		}{len(r.Different) == 0 && len(r.Chain) == 0 && !wrongOrg, r}); err != nil {
			return err
		}
	} else if r.Serial > 0 {
		s.data("%s, %s: %d answers compared", r.Name, roster.GroupOrgID(r.Org), r.Checked)
		s.data("words: %s", strings.Join(r.Words, " "))
		s.data("letters are sealed to key %d, by roster %d, which the keepers signed", r.Epoch, r.Serial)
	}
	switch {
	case wrongOrg:
		return no("the gate serves another organisation: %s", roster.GroupOrgID(r.Org))
	case len(r.Chain) > 0:
		return no("the key that letters are sealed to is not what the keepers signed:\n  %s", strings.Join(append(r.Chain, r.Different...), "\n  "))
	case len(r.Different) > 0:
		return no("the gate serves other pages than this build:\n  %s", strings.Join(r.Different, "\n  "))
	}
	if !r.Taking {
		s.say("The gate takes no letters at the moment; the pages that say so were compared.")
	}
	if org == "" {
		s.say("Compare the fingerprint above with the one that the organisation gives you, or use --org.")
	}
	return nil
}
