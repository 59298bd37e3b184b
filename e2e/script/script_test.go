// Package script runs the command line of panah as people and scripts run it: txtar scenarios in testdata, each in an
// empty folder of its own. Stock age and age-keygen are built from filippo.io/age, at the release that go.mod names.
package script

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"panah/cmd/panah/command"
	"panah/internal/testkit"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"panah": panah})
}

// panah is the program, as cmd/panah/main.go runs it.
func panah() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command.Run(ctx, os.Args[1:], command.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

func TestScripts(t *testing.T) {
	tools := buildAge(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", tools+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("HOME", env.WorkDir)
			env.Values[talkersKey{}] = &talkers{all: map[string]*talker{}}
			env.Values[watchKey{}] = &stopwatch{}
			for _, name := range []string{"GATE_ADDR", "DESK_ADDR", "GATE_ADDR2", "DESK_ADDR2"} {
				env.Setenv(name, freeAddr(t))
			}
			return writePhoto(filepath.Join(env.WorkDir, "photo.png"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"capture": capture,
			"flip":    flip,
			"await":   await,
			"secret":  secret,
			"put":     put,
			"get":     get,
			"sql":     sqlExec,
			"cheat":   cheat,
			"mode":    mode,

			"talk": talk, "hears": hears, "answer": answer, "ends": ends, "kills": kills,
			"copysheet": copysheet, "typo": typo, "follow": follow, "step": step, "journey": journey, "deskanswers": deskanswers, "mailbox": mailbox, "sends": sends,
		},
	})
}

// buildAge builds stock age and age-keygen into a folder and returns it.
func buildAge(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir, "filippo.io/age/cmd/age", "filippo.io/age/cmd/age-keygen")
	build.Dir = testkit.Root()
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building stock age: %v\n%s", err, out)
	}
	return dir
}

// writePhoto writes a small picture: a txtar archive cannot hold one.
func writePhoto(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, image.NewGray(image.Rect(0, 0, 8, 8))), f.Close())
}

// freeAddr returns a loopback address whose port was free a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// exits CODE COMMAND… runs a command that must end with that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("running %s: %v", args[1], err)
		}
		code = exit.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// capture NAME FILE REGEXP sets the variable NAME to the first group that REGEXP matches in FILE (or stdout, stderr).
func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: capture NAME FILE REGEXP")
	}
	m := regexp.MustCompile(args[2]).FindStringSubmatch(ts.ReadFile(args[1]))
	if len(m) < 2 {
		ts.Fatalf("%s does not match %s:\n%s", args[1], args[2], ts.ReadFile(args[1]))
	}
	ts.Setenv(args[0], m[1])
}

// secret FILE TEXT writes a file that only its owner can read.
func secret(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: secret FILE TEXT")
	}
	writeFile(ts, args[0], []byte(args[1]+"\n"))
}

// mode WANT FILE checks a file's permissions, octal.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode WANT FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

func writeFile(ts *testscript.TestScript, name string, b []byte) {
	ts.Check(os.WriteFile(ts.MkAbs(name), b, 0o600))
}

// flip FILE OFFSET changes one bit of a file; a negative offset counts from the end.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flip FILE OFFSET")
	}
	var offset int
	if _, err := fmt.Sscan(args[1], &offset); err != nil {
		ts.Fatalf("offset: %v", err)
	}
	name := ts.MkAbs(args[0])
	b, err := os.ReadFile(name)
	ts.Check(err)
	if offset < 0 {
		offset += len(b)
	}
	b[offset] ^= 1
	ts.Check(os.WriteFile(name, b, 0o600))
}
