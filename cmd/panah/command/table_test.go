package command

import (
	"bytes"
	"context"
	"flag"
	"regexp"
	"strings"
	"testing"
)

// Every command can be understood from its own help: usage, words, an example that names it, every flag explained.
func TestEveryCommandHelps(t *testing.T) {
	secret := regexp.MustCompile(`pass|secret|code|private`)
	for _, c := range table() {
		var out bytes.Buffer
		if code := Run(context.Background(), append(strings.Fields(c.name), "-h"), Streams{Out: &out, Err: &out}); code != Done {
			t.Errorf("%s -h ends with %d", c.name, code)
		}
		group, _, _ := strings.Cut(c.name, " ")
		for _, want := range []string{"usage: panah " + c.name, "Example:\n", "panah " + group} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("help of %s lacks %q", c.name, want)
			}
		}
		if c.short == "" || len(c.long) < 60 || !strings.Contains(c.example, "panah "+group) {
			t.Errorf("%s is not explained", c.name)
		}
		flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
		c.prepare(flags)
		flags.VisitAll(func(f *flag.Flag) {
			if len(f.Usage) < 8 {
				t.Errorf("%s --%s is not explained", c.name, f.Name)
			}
			// What is on a command line can be read by every user of the machine.
			if secret.MatchString(f.Name) {
				t.Errorf("%s --%s looks like a secret", c.name, f.Name)
			}
		})
	}
}

func TestOutputOfHelpFitsAScreen(t *testing.T) {
	var out bytes.Buffer
	if code := Run(context.Background(), nil, Streams{Out: &out}); code != Done {
		t.Fatalf("panah alone ends with %d", code)
	}
	for line := range strings.Lines(out.String()) {
		if n := len([]rune(line)); n > 110 {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
	if n := strings.Count(out.String(), "\n"); n > 40 {
		t.Errorf("%d lines", n)
	}
}
