package chrome

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A World is one running demonstration: gate, desk, made-up organisation.
type World struct {
	Gate, Desk, Passphrase string // Desk carries the launch token
	Data                   string
	cmd                    *exec.Cmd
}

var (
	urlLine        = regexp.MustCompile(`https?://[0-9a-z.:\[\]]+\S*`)
	passphraseLine = regexp.MustCompile(`(?i)passphrase:?\s+(.+?)\s*$`)
)

// Root is the folder of the module.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "panah-e2e-*")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "panah")
	cmd := exec.Command("go", "build", "-o", bin, "panah/cmd/panah")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building panah: %w\n%s", err, out)
	}
	return bin, nil
})

// StartWorld runs `panah demo` in a fresh data folder and waits for its URLs. It is stopped by its process id.
func StartWorld(t testing.TB) *World {
	t.Helper()
	bin, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Data: t.TempDir()}
	w.run(t, bin)
	return w
}

// run starts the demo on w's data folder and reads what it prints.
func (w *World) run(t testing.TB, bin string) {
	t.Helper()
	w.cmd = exec.Command(bin, "demo", "--data", w.Data, "--gate", "127.0.0.1:0", "--desk", "127.0.0.1:0")
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.cmd.Stderr = w.cmd.Stdout
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		seen := false
		var text strings.Builder
		for sc := bufio.NewScanner(out); sc.Scan(); {
			text.WriteString(sc.Text() + "\n")
			w.read(sc.Text())
			if !seen && w.Gate != "" && w.Desk != "" && w.Passphrase != "" {
				seen = true
				close(ready)
			}
		}
		if !seen {
			t.Logf("panah demo said:\n%s", text.String())
		}
	}()
	t.Cleanup(func() {
		_ = w.cmd.Process.Signal(syscall.SIGTERM)
		<-done
		_ = w.cmd.Wait()
	})
	select {
	case <-ready:
	case <-done:
		t.Fatal("panah demo ended before it was ready")
	case <-time.After(30 * time.Second):
		t.Fatal("panah demo was not ready within 30 s")
	}
}

// read picks gate URL, desk URL and passphrase out of one line.
func (w *World) read(line string) {
	if m := passphraseLine.FindStringSubmatch(line); m != nil && w.Passphrase == "" {
		w.Passphrase = m[1]
	}
	u := urlLine.FindString(line)
	switch {
	case u == "":
	case strings.Contains(strings.ToLower(line), "desk") && w.Desk == "":
		w.Desk = u
	case w.Gate == "":
		w.Gate = strings.TrimRight(u, "/")
	}
}

// At is the address of a path at the gate.
func (w *World) At(path string) string { return w.Gate + path }

// DeskAt is the address of a path at the desk.
func (w *World) DeskAt(t testing.TB, path string) string {
	u, err := url.Parse(w.Desk)
	if err != nil {
		t.Fatal(err)
	}
	return u.Scheme + "://" + u.Host + path
}
