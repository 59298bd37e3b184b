package office

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"panah/core/seal"
	"panah/desk/internal/keyring"
)

func TestPurgeLeavesNothingOfAWorkingDesk(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	w.person().writes(0, seal.KindLetter, text("pomegranate"))
	d.the("pomegranate")
	s := w.keys.State()
	db := w.keys.Database()
	secrets := map[string]string{"device seed": string(w.keys.Device().Seed()), "database key": string(db[:]), "database key, hex": hex.EncodeToString(db[:]), "keeper": s.Keeper}
	for n, id := range s.Epochs {
		secrets["epoch "+string(rune('0'+n))] = id.String()
	}
	inodes := otherNames(t, d.dir)
	start := time.Now()
	if err := d.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	t.Logf("purged in %v", took)
	if took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, secret := range secrets {
		grep(t, inodes, secret)
	}
	grep(t, inodes, "pomegranate", "age-encryption.org")
	if _, err := os.Lstat(d.dir); !os.IsNotExist(err) {
		t.Errorf("the folder: %v", err)
	}
	if !d.Locked() {
		t.Error("the desk is still open")
	}
	if err := d.Unlock(t.Context(), passphrase); !errors.Is(err, ErrGone) {
		t.Errorf("unlocking: %v, want ErrGone", err)
	}
	if keyring.Exists(d.dir) {
		t.Error("the keys came back")
	}
}

// otherNames gives each file of dir a second name, so that a test sees what a purge did to its bytes.
func otherNames(t *testing.T, dir string) string {
	t.Helper()
	other := t.TempDir()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.Link(filepath.Join(dir, e.Name()), filepath.Join(other, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return other
}
