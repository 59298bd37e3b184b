package wipe

import (
	"bytes"
	"crypto/rand"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

// size of the database in the test; bench/purge measures a large one.
const size = 32 << 20

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newDesk makes a folder with keys, what a save that broke off left behind, a database, and a file of somebody's.
func newDesk(t *testing.T, dir string) *keyring.Keyring {
	t.Helper()
	k, err := keyring.Found("Legal aid of Testville")
	must(t, err)
	must(t, keyring.Create(dir, k, "four plain words here", 10))
	must(t, k.AddPasskey(keyring.Passkey{ID: []byte{1}, Salt: make([]byte, 32), Name: "p", Added: time.Unix(1, 0)}, make([]byte, 32)))
	db, err := casedb.Open(t.Context(), filepath.Join(dir, casedb.FileName), k.Database())
	must(t, err)
	must(t, db.Close())
	f, err := os.OpenFile(filepath.Join(dir, casedb.FileName), os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	defer f.Close()
	noise := make([]byte, 1<<20)
	for range size / len(noise) {
		rand.Read(noise)
		_, err := f.Write(noise)
		must(t, err)
	}
	must(t, os.WriteFile(filepath.Join(dir, ".keyring-123"), []byte("left over"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, keyring.BegunFile), []byte("a desk that was being made"), 0o600))
	must(t, os.MkdirAll(filepath.Join(dir, "prints"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "prints", "sheet.html"), []byte("a sheet"), 0o600))
	return k
}

// A purge must not only unlink: another name of the same file shows what is on the disk.
func TestFolderOverwritesKeysAndLeavesNothing(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "desk")
	k := newDesk(t, dir)
	before := map[string][]byte{}
	for _, name := range []string{keyring.FileName, keyring.UnlockFile, keyring.PasskeysFile, keyring.BegunFile, ".keyring-123"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		before[name] = b
		must(t, os.Link(filepath.Join(dir, name), filepath.Join(root, "inode-"+name)))
	}
	start := time.Now()
	must(t, Folder(dir))
	t.Logf("purged %d MB in %v", size>>20, time.Since(start))
	if _, err := os.Lstat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is there: %v", err)
	}
	for name, was := range before {
		is, err := os.ReadFile(filepath.Join(root, "inode-"+name))
		must(t, err)
		for i := 0; i+8 <= len(was); i += 8 {
			if bytes.Contains(is, was[i:i+8]) {
				t.Fatalf("%s: bytes %d to %d were not overwritten", name, i, i+8)
			}
		}
	}
	// The desk that was still running cannot bring its keys back.
	if err := k.Save(); err == nil {
		t.Error("a running desk saved its keys again")
	}
	must(t, Folder(dir)) // twice does no harm
}

func TestFolderOfManyThingsLosesTheDeskOnly(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	newDesk(t, home)
	must(t, Folder(home))
	var left []string
	must(t, filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			left = append(left, filepath.Base(path))
		}
		return err
	}))
	if len(left) != 1 || left[0] != "sheet.html" {
		t.Errorf("left: %v", left)
	}
}
