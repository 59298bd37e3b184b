//go:build linux

package script

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"panah/cmd/panah/command"
	"panah/desk"
	"panah/gate"
)

// shows waits until the screen shows want, n times.
func (s *screen) shows(t *testing.T, want string, n int) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline); <-tick.C {
		if strings.Count(s.String(), want) >= n {
			return
		}
	}
	t.Fatalf("the terminal does not show %q:\n%s", want, s)
}

// Sheets are typed at the terminal, group by group: a slip is told by its group and asked for again, before anything else happens.
func TestSheetsAreTyped(t *testing.T) {
	const passphrase = "correct horse battery staple nine"
	dir := t.TempDir()
	id, err := gate.Init(filepath.Join(dir, "gate"), "gate.test")
	if err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Config{DataDir: filepath.Join(dir, "gate"), Addr: "127.0.0.1:0", Site: gate.Site{Leave: "https://example.org/"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	<-g.Ready()
	founded, err := desk.Found(t.Context(), desk.FoundConfig{
		Data: filepath.Join(dir, "lost"), Name: "Legal aid", Passphrase: passphrase, LogN: 10, GateURL: g.URL(), SetupCode: id.SetupCode,
	})
	if err != nil {
		t.Fatal(err)
	}
	groups := func(s desk.Sheet) []string {
		var out []string
		for _, m := range groupOnSheet.FindAllStringSubmatch(string(s.HTML), -1) {
			out = append(out, strings.ToLower(m[1]))
		}
		return out
	}
	data := filepath.Join(dir, "new")
	person, program := openTerminal(t)
	cmd := exec.Command("panah", "desk", "recover", "--data", data, "--gate", g.URL(), "--org", founded.Org)
	cmd.Env = append(os.Environ(), "PANAH_PASSPHRASE_FILE=")
	cmd.Stdin, cmd.Stderr, cmd.Stdout = program, program, program
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	screen := watch(person)
	screen.shows(t, "Sheet 1 (empty line: no more): ", 1)
	slip, other := groups(founded.Sheets[0]), "q"
	if slip[6][:1] == other {
		other = "p"
	}
	slip[6] = other + slip[6][1:]
	typeLine(t, person, strings.Join(slip, " "))
	screen.shows(t, "look again at group 7", 1)
	screen.shows(t, "Sheet 1 (empty line: no more): ", 2)
	typeLine(t, person, strings.Join(groups(founded.Sheets[0]), " "))
	screen.shows(t, "Sheet 2 (empty line: no more): ", 1)
	typeLine(t, person, strings.Join(groups(founded.Sheets[1]), ""))
	screen.shows(t, "Sheet 3 (empty line: no more): ", 1)
	typeLine(t, person, "")
	screen.await(t, person, "New passphrase")
	typeLine(t, person, passphrase)
	screen.await(t, person, "The same again")
	typeLine(t, person, passphrase)
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != command.Done || !desk.Exists(data) {
		t.Fatalf("the recovery: %v\n%s", err, screen)
	}
	screen.shows(t, "intake is open", 1)
	if strings.Contains(screen.String(), "horse") {
		t.Errorf("the passphrase was shown:\n%s", screen)
	}
}
