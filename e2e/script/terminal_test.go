//go:build linux

package script

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"panah/cmd/panah/command"
	"panah/core/wire"
	"panah/desk"
)

// A passphrase typed at a terminal is asked for twice and never shown.
func TestPassphraseIsNotShown(t *testing.T) {
	const passphrase = "correct horse battery staple nine"
	dir := t.TempDir()
	setup := filepath.Join(dir, "setup.txt")
	if err := os.WriteFile(setup, []byte(wire.NewSetupCode()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "d")
	master, side := openTerminal(t)
	// No gate is there: the keys are made all the same, and the exit code says that the world failed.
	cmd := exec.Command("panah", "desk", "init", "--data", data, "--gate", "http://"+freeAddr(t), "--name", "Example Legal Aid", "--sheets", filepath.Join(dir, "s"))
	cmd.Env = append(os.Environ(), "PANAH_SETUP_FILE="+setup, "PANAH_PASSPHRASE_FILE=")
	cmd.Stdin, cmd.Stderr, cmd.Stdout = side, side, side
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	screen := watch(master)
	screen.await(t, master, "New passphrase")
	typeLine(t, master, passphrase)
	screen.await(t, master, "The same again")
	typeLine(t, master, passphrase)
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != command.WorldFails {
		t.Errorf("desk init without its gate: %v\n%s", err, screen)
	}
	if bytes.Contains([]byte(screen.String()), []byte("horse")) {
		t.Errorf("the passphrase was shown:\n%s", screen)
	}
	if !desk.Exists(data) {
		t.Errorf("no keys were made:\n%s", screen)
	}
}

// openTerminal opens a pseudo-terminal: the side that a person sits at, and the side that a program sees.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetUint32(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

// A screen is everything that a terminal has shown.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func watch(master *os.File) *screen {
	s := &screen{}
	go func() { _, _ = io.Copy(s, master) }() // ends when the terminal is closed
	return s
}

// Write implements io.Writer.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// String implements fmt.Stringer.
func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits until the screen shows want and the terminal no longer echoes.
func (s *screen) await(t *testing.T, master *os.File, want string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline); <-tick.C {
		state, err := unix.IoctlGetTermios(int(master.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains([]byte(s.String()), []byte(want)) && state.Lflag&unix.ECHO == 0 {
			return
		}
	}
	t.Fatalf("the terminal does not ask for %q without echo:\n%s", want, s)
}

func typeLine(t *testing.T, master *os.File, line string) {
	t.Helper()
	if _, err := master.WriteString(line + "\n"); err != nil {
		t.Fatal(err)
	}
}
