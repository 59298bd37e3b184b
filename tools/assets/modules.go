package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// ensureModules runs `npm ci` when node_modules is missing or was installed from another package-lock.json, and says
// so on words. Two builds at once wait for each other.
func ensureModules(web string, words io.Writer) error {
	lock, err := os.ReadFile(filepath.Join(web, "package-lock.json"))
	if err != nil {
		return fmt.Errorf("reading the list of script packages: %w", err)
	}
	unlock, err := lockFile(filepath.Join(web, ".npm.lock"))
	if err != nil {
		return err
	}
	defer unlock()
	sum := sha256.Sum256(lock)
	want := []byte(hex.EncodeToString(sum[:]) + "\n")
	stamp := filepath.Join(web, "node_modules", ".panah-lock")
	have, err := os.ReadFile(stamp)
	if err == nil && bytes.Equal(have, want) {
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("reading %s: %w", stamp, err)
	}
	fmt.Fprintln(words, "assets: installing script packages (npm ci)")
	ci := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
	ci.Dir, ci.Stdout, ci.Stderr = web, words, words
	if err := ci.Run(); err != nil {
		return fmt.Errorf("npm ci in %s (Node 20 or newer is needed): %w", web, err)
	}
	if err := os.WriteFile(stamp, want, 0o644); err != nil {
		return fmt.Errorf("noting what was installed: %w", err)
	}
	return nil
}

func lockFile(name string) (unlock func(), err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("waiting for %s: %w", name, err), f.Close())
	}
	return func() { f.Close() }, nil
}
