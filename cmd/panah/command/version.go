package command

import (
	"context"
	"flag"
	"runtime"
	"runtime/debug"
)

// Version names this build: a release's version, or the revision it was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", changed"
		}
	}
	if revision == "" {
		return "development build"
	}
	return "revision " + revision[:min(12, len(revision))] + changed
}

func version() command {
	return command{
		name: "version", short: "which build this is",
		long:    "Prints the version, the Go release it was built with, and the system it runs on.",
		example: "panah version --json",
		prepare: func(flags *flag.FlagSet) runner {
			asJSON := flags.Bool("json", false, "print JSON")
			return func(_ context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				if *asJSON {
					return writeJSON(s, map[string]string{"version": Version(), "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH})
				}
				s.data("panah %s, %s, %s/%s", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return nil
			}
		},
	}
}
