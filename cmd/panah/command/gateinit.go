package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"panah/gate"
)

// siteFile is what the operator sets for the public pages, in the gate's data folder.
const siteFile = "site.json"

// stateDir is the folder a command uses without --data: that of the service under systemd, or one beside the caller.
func stateDir(name string) string {
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		return dir
	}
	return name
}

type gateInitFlags struct {
	data, origin string
	site         gate.Site
	asJSON       bool
}

func gateInit() command {
	return command{
		name: "gate init", args: "--origin NAME [--data DIR]", short: "make a new gate and its setup code",
		long: `Makes the data folder of a new gate: its signing key, its settings (site.json), and a setup code that lets one
organisation take the gate over, once. NAME is the gate's host name. It is part of every promise and every log
check and cannot be changed later. The setup code is shown once and kept nowhere: give it to the organisation's
caseworker by telephone or in person, for "panah desk init". Send the public key on as well: with it anybody can check promises.`,
		example: "panah gate init --origin help.example.org --data /var/lib/panah",
		prepare: func(flags *flag.FlagSet) runner {
			var f gateInitFlags
			flags.StringVar(&f.data, "data", stateDir("gate-data"), "`DIR` to make")
			flags.StringVar(&f.origin, "origin", "", "`NAME` of the gate: its host name")
			siteFlags(flags, &f.site)
			flags.BoolVar(&f.asJSON, "json", false, "print JSON")
			return func(_ context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				if f.origin == "" {
					return misuse("gate init needs --origin: the host name that people will type")
				}
				_, err := f.init(s)
				return err
			}
		},
	}
}

// siteFlags are the settings of the public pages.
func siteFlags(flags *flag.FlagSet, site *gate.Site) {
	flags.StringVar(&site.Leave, "leave", "https://www.wikipedia.org/", "`URL` that \"leave now\" goes to: harmless, and loads where people are")
	flags.StringVar(&site.LangDefault, "lang", "en", "`LANGUAGE` of the first page's own words: en, fa, fa-AF, ps, ur")
	flags.StringVar(&site.Name, "title", "", "`TITLE` of the pages (default Panah)")
	flags.BoolVar(&site.Drafts, "drafts", false, "show translations that no native speaker has checked, marked as such")
}

// init makes the gate's folder and tells what the operator must know.
func (f *gateInitFlags) init(s Streams) (gate.Identity, error) {
	site, err := f.site.JSON()
	if err == nil {
		err = f.site.Validate()
	}
	if err != nil {
		return gate.Identity{}, misuse("%v", err)
	}
	if strings.ContainsAny(f.origin, " +/\n") || len(f.origin) > 200 {
		return gate.Identity{}, misuse("a gate's name is its host name, without spaces, + and /")
	}
	id, err := gate.Init(f.data, f.origin)
	if errors.Is(err, gate.ErrExists) {
		return gate.Identity{}, no("%v; its key and letters stay as they are", err)
	}
	if err != nil {
		return gate.Identity{}, err
	}
	if err := writeNew(filepath.Join(f.data, siteFile), site); err != nil {
		return gate.Identity{}, err
	}
	if f.asJSON {
		return id, writeJSON(s, map[string]string{"origin": id.Origin, "vkey": id.VKey, "setup": id.SetupCode, "data": f.data})
	}
	s.say("Made the gate %s in %s.", id.Origin, f.data)
	s.data("public key:  %s", id.VKey)
	s.data("setup code:  %s", id.SetupCode)
	s.say("The setup code is shown only now. Next: panah gate serve; then, on the desk, panah desk init.")
	return id, nil
}

// readSite reads the operator's settings.
func readSite(data string) (gate.Site, error) {
	name := filepath.Join(data, siteFile)
	b, err := readBounded(Streams{}, name, 8<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return gate.Site{}, fmt.Errorf("%s is missing: make a gate with panah gate init, or put the file back (docs/deploy.md shows one)", name)
	}
	if err != nil {
		return gate.Site{}, err
	}
	site, err := gate.ParseSite(b)
	if err != nil {
		return gate.Site{}, fmt.Errorf("%s: %w", name, err)
	}
	return site, nil
}
