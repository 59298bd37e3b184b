package script

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A talker is a program that a scenario talks to while it runs: what it says can be read before it ends, and it can be answered.
type talker struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	done chan struct{}

	mu   sync.Mutex
	said bytes.Buffer // both streams; guarded by mu
}

// Write implements io.Writer.
func (t *talker) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.said.Write(b)
}

func (t *talker) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.said.String()
}

// talkers are the programs of one scenario, by name.
type talkers struct {
	mu  sync.Mutex
	all map[string]*talker
}

type talkersKey struct{}

func talkerOf(ts *testscript.TestScript, name string) *talker {
	all := ts.Value(talkersKey{}).(*talkers)
	all.mu.Lock()
	defer all.mu.Unlock()
	t := all.all[name]
	if t == nil {
		ts.Fatalf("nobody is called %s", name)
	}
	return t
}

// talk NAME COMMAND… starts a program. NAME+VAR=VALUE words before the command change its environment.
func talk(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: talk NAME [VAR=VALUE]… COMMAND…")
	}
	name, words := args[0], args[1:]
	var extra []string
	for strings.Contains(words[0], "=") {
		extra, words = append(extra, words[0]), words[1:]
	}
	path, err := exec.LookPath(words[0])
	ts.Check(err)
	t := &talker{cmd: exec.Command(path, words[1:]...), done: make(chan struct{})}
	t.cmd.Dir = ts.MkAbs(".")
	for _, v := range []string{"PATH", "HOME", "PANAH_PASSPHRASE_FILE", "PANAH_CODE_FILE", "PANAH_SETUP_FILE"} {
		t.cmd.Env = append(t.cmd.Env, v+"="+ts.Getenv(v))
	}
	t.cmd.Env = append(t.cmd.Env, extra...)
	t.cmd.Stdout, t.cmd.Stderr = t, t
	t.in, err = t.cmd.StdinPipe()
	ts.Check(err)
	ts.Check(t.cmd.Start())
	go func() {
		defer close(t.done)
		_ = t.cmd.Wait() // told by ends
	}()
	ts.Defer(func() {
		_ = t.cmd.Process.Kill() // it may have ended
		<-t.done
	})
	all := ts.Value(talkersKey{}).(*talkers)
	all.mu.Lock()
	defer all.mu.Unlock()
	all.all[name] = t
}

// hears NAME VAR REGEXP waits until the program has said something that matches, and sets VAR to the first group.
func hears(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: hears NAME VAR REGEXP")
	}
	t, want := talkerOf(ts, args[0]), regexp.MustCompile(args[2])
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline); <-tick.C {
		if m := want.FindStringSubmatch(t.text()); len(m) > 1 {
			ts.Setenv(args[1], m[1])
			return
		}
	}
	ts.Fatalf("%s did not say %s:\n%s", args[0], args[2], t.text())
}

// answer NAME TEXT types a line.
func answer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: answer NAME TEXT")
	}
	_, err := io.WriteString(talkerOf(ts, args[0]).in, args[1]+"\n")
	ts.Check(err)
}

// ends NAME CODE [REGEXP] waits for the end of a program, and checks its exit code and what it said.
func ends(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: ends NAME CODE [REGEXP]")
	}
	t := talkerOf(ts, args[0])
	select {
	case <-t.done:
	case <-time.After(startTime):
		ts.Fatalf("%s does not end:\n%s", args[0], t.text())
	}
	if code := fmt.Sprint(t.cmd.ProcessState.ExitCode()); code != args[1] {
		ts.Fatalf("%s ended with %s, want %s:\n%s", args[0], code, args[1], t.text())
	}
	if len(args) == 3 && !regexp.MustCompile(args[2]).MatchString(t.text()) {
		ts.Fatalf("%s did not say %s:\n%s", args[0], args[2], t.text())
	}
}

// kills NAME ends a program at once, as a power cut does.
func kills(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: kills NAME")
	}
	t := talkerOf(ts, args[0])
	ts.Check(t.cmd.Process.Kill())
	<-t.done
}

var (
	groupOnSheet   = regexp.MustCompile(`<code class="group">([^<]+)</code>`)
	prefixOnSheet  = regexp.MustCompile(`<code class="prefix">([^<]+)</code>`)
	commandOnSheet = regexp.MustCompile(`<code class="cmd stock">([^<]+)</code>`)
)

// copysheet SHEET FILE types the key of a printed sheet into a file, in one line, as the sheet tells.
func copysheet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: copysheet SHEET FILE")
	}
	page := ts.ReadFile(args[0])
	prefix := prefixOnSheet.FindStringSubmatch(page)
	if prefix == nil {
		ts.Fatalf("%s has no key on it", args[0])
	}
	key := prefix[1]
	for _, m := range groupOnSheet.FindAllStringSubmatch(page, -1) {
		key += m[1]
	}
	writeFile(ts, args[1], []byte(key+"\n"))
}

// follow SHEET LETTER runs the commands for age and curl that stand on a sheet, word for word but for LETTER, with a shell; the last one's output is stdout.
func follow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: follow SHEET LETTER")
	}
	var script []string
	for _, m := range commandOnSheet.FindAllStringSubmatch(ts.ReadFile(args[0]), -1) {
		script = append(script, html.UnescapeString(m[1]))
	}
	if len(script) != 3 {
		ts.Fatalf("%s has %d commands on it", args[0], len(script))
	}
	last := len(script) - 1
	script[last] = strings.Replace(script[last], "LETTER", args[1], 1)
	err := ts.Exec("bash", "-euo", "pipefail", "-c", strings.Join(script, "\n"))
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		ts.Fatalf("the sheet's own commands fail")
	}
	ts.Check(err)
}

// typo KEY FILE copies the key of a sheet with another character in the middle of its third group.
func typo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: typo KEY FILE")
	}
	b := []byte(ts.ReadFile(args[0]))
	at := len("AGE-SECRET-KEY-PQ-1") + 9
	if b[at] == 'Q' {
		b[at] = 'P'
	} else {
		b[at] = 'Q'
	}
	writeFile(ts, args[1], b)
}
