package keyring

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
)

// folderOf makes a keyring in a new folder and lets go of it.
func folderOf(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "desk")
	k, err := Found("Test")
	if err != nil {
		t.Fatal(err)
	}
	if err := Create(dir, k, passphrase, minLogN); err != nil {
		t.Fatal(err)
	}
	k.Forget()
	return dir
}

func opened(t *testing.T, dir string) *Keyring {
	t.Helper()
	k, err := Open(dir, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Forget)
	return k
}

func addEpoch(t *testing.T, k *Keyring, n int) error {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return k.AddEpoch(n, id, time.Unix(1, 0))
}

// A command beside a desk that is open must not write what it read before over what the desk wrote since: an epoch's key would be gone.
func TestTwoProgramsDoNotWriteOverEachOther(t *testing.T) {
	dir := folderOf(t)
	first, second := opened(t, dir), opened(t, dir)
	if err := addEpoch(t, first, 2); err != nil {
		t.Fatal(err)
	}
	if err := second.Save(); !errors.Is(err, ErrInUse) {
		t.Errorf("while another has it: %v, want ErrInUse", err)
	}
	if err := second.Hold(); !errors.Is(err, ErrInUse) {
		t.Errorf("holding while another has it: %v, want ErrInUse", err)
	}
	first.Forget()
	if err := second.Save(); !errors.Is(err, ErrChanged) {
		t.Errorf("after another wrote: %v, want ErrChanged", err)
	}
	if third := opened(t, dir); third.Identity(2) == nil {
		t.Error("the key of epoch 2 is gone")
	} else if err := third.Save(); err != nil {
		t.Errorf("one that nobody disturbs: %v", err)
	}
}

// What a program that was killed had half written holds keys, some of them destroyed since.
func TestHalfWrittenKeysAreDestroyed(t *testing.T) {
	dir := folderOf(t)
	sealed, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, ".keyring-123456")
	if err := os.WriteFile(left, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	k := opened(t, dir)
	if err := k.Hold(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an older copy of the keys stays: %v", err)
	}
	if err := k.Save(); err != nil {
		t.Error(err)
	}
}
