package script

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"panah/internal/testkit"
)

// The walk through docs/rulebook.md is walked: its YAML is put where it says, its commands are run, and what it shows is what they print.
func TestTheRulebookGuideIsTrue(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join(testkit.Root(), "docs", "rulebook.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "guide.txtar"), []byte(walk(t, string(guide))), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, RequireExplicitExec: true, Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "says": says, "adds": adds}})
}

var guideBlock = regexp.MustCompile("(?ms)^```(console|yaml \\S+(?: instead of \\S+)?)\n(.*?)^```$")

// walk makes a script of the guide's blocks: "```console" has commands after "$ " and lines that they print; "```yaml FILE" is added to a file, with
// "instead of ID" after the line of that id is taken out.
func walk(t *testing.T, guide string) string {
	t.Helper()
	var script, files strings.Builder
	steps := 0
	for i, m := range guideBlock.FindAllStringSubmatch(guide, -1) {
		if where, yaml := strings.CutPrefix(m[1], "yaml "); yaml {
			file, old, _ := strings.Cut(where, " instead of ")
			fmt.Fprintf(&script, "adds %s block%d %s\n", file, i, old)
			fmt.Fprintf(&files, "-- block%d --\n%s", i, m[2])
			continue
		}
		for _, line := range strings.Split(strings.TrimSpace(m[2]), "\n") {
			if command, run := strings.CutPrefix(line, "$ "); run {
				steps++
				command, code, said := strings.Cut(command, "   # exit code ")
				if !said {
					code = "0"
				}
				fmt.Fprintf(&script, "exits %s %s\n", code, strings.ReplaceAll(command, `"`, "'"))
			} else {
				fmt.Fprintf(&script, "says '%s'\n", strings.ReplaceAll(line, "'", "''"))
			}
		}
	}
	if steps < 5 {
		t.Fatalf("the guide has %d commands", steps)
	}
	return script.String() + files.String()
}

// grows is what may be another number when the rulebook has grown.
var grows = regexp.MustCompile(`\.yaml:[0-9]+:[0-9]+:|^[0-9]+ questions`)

// says LINE: the last command printed this line, to standard output or standard error.
func says(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: says LINE")
	}
	want := grows.ReplaceAllString(args[0], "")
	for _, line := range strings.Split(ts.ReadFile("stdout")+ts.ReadFile("stderr"), "\n") {
		if grows.ReplaceAllString(line, "") == want {
			return
		}
	}
	ts.Fatalf("nothing says %q:\n%s%s", args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
}

// adds FILE BLOCK [ID] adds a file's text to the end of another one, after taking out the line of an id.
func adds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: adds FILE BLOCK [ID]")
	}
	kept := ts.ReadFile(args[0])
	if len(args) == 3 {
		line := regexp.MustCompile(`(?m)^.*\{id: ` + regexp.QuoteMeta(args[2]) + `,.*\n`)
		if !line.MatchString(kept) {
			ts.Fatalf("%s has no %s", args[0], args[2])
		}
		kept = line.ReplaceAllString(kept, "")
	}
	writeFile(ts, args[0], []byte(kept+ts.ReadFile(args[1])))
}
