package gate

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate/internal/mailbox"
	"panah/gate/internal/store/sqlite"
)

// Files of a data folder, beside the database. All are 0600, the folder 0700.
const (
	keyFile        = "gate.key"   // two lines: signing key, verifier key (sumdb/note)
	pepperFile     = "pepper"     // hex; outside the database, so that a copy of that alone links no mailbox
	setupFile      = "setup.key"  // hex of wire.SetupKey; the code itself is nowhere
	rosterDir      = "rosters"    // of older gates: the chain, which is in the database now
	pieceDir       = "pieces"     // unfinished uploads
	tlsDir         = "tls"        // certificates and the account at the authority
	checkpointFile = "checkpoint" // the latest that a desk was shown
	lockFile       = "lock"
)

// ErrExists says that a folder holds a gate already.
var ErrExists = errors.New("the folder holds a gate already")

// An Identity is what `panah gate init` tells the operator, once.
type Identity struct {
	Origin string
	VKey   string // verifier key: the desks' and everybody's way to check promises
	// SetupCode gives the gate its organisation. It is stored nowhere; print it once.
	SetupCode string
}

// Init makes the data folder of a new gate named origin: its host name, or any word without spaces and "+". The error wraps
// ErrExists when dir holds a gate; nothing is changed then.
func Init(dir, origin string) (Identity, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Identity{}, fmt.Errorf("making the data folder: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, keyFile)); err == nil {
		return Identity{}, fmt.Errorf("%w: %s", ErrExists, dir)
	}
	skey, vkey, err := ledger.NewGateKey(origin)
	if err != nil {
		return Identity{}, err
	}
	id := Identity{Origin: origin, VKey: vkey, SetupCode: wire.NewSetupCode()}
	setup, err := wire.ParseSetupCode(id.SetupCode)
	if err != nil {
		return Identity{}, err
	}
	var pepper mailbox.Pepper
	_, _ = rand.Read(pepper[:]) // never fails since Go 1.24
	for _, f := range []struct {
		name string
		data []byte
	}{
		{pepperFile, []byte(hex.EncodeToString(pepper[:]) + "\n")},
		{setupFile, []byte(hex.EncodeToString(setup[:]) + "\n")},
		{keyFile, []byte(skey + "\n" + vkey + "\n")}, // last: a folder with a key is whole
	} {
		if err := writeFile(filepath.Join(dir, f.name), f.data); err != nil {
			return Identity{}, fmt.Errorf("writing %s: %w", f.name, err)
		}
	}
	return id, nil
}

// keys are the secrets of a gate. They print as "[gate keys]".
type keys struct {
	signer   note.Signer
	verifier note.Verifier
	vkey     string
	pepper   mailbox.Pepper
	setup    wire.SetupKey
}

// String hides the keys.
func (keys) String() string { return "[gate keys]" }

// loadKeys reads what Init wrote. Errors name files, never content.
func loadKeys(dir string) (k keys, err error) {
	lines, err := os.ReadFile(filepath.Join(dir, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return keys{}, fmt.Errorf("%s is not the folder of a gate: run `panah gate init` first", dir)
	}
	if err != nil {
		return keys{}, fmt.Errorf("reading the gate's key: %w", err)
	}
	skey, vkey, _ := strings.Cut(strings.TrimSpace(string(lines)), "\n")
	signer, err1 := note.NewSigner(skey)
	verifier, err2 := note.NewVerifier(vkey)
	if err1 != nil || err2 != nil {
		return keys{}, fmt.Errorf("reading the gate's key: %s is damaged", keyFile)
	}
	k = keys{signer: signer, verifier: verifier, vkey: vkey}
	if signer.Name() != verifier.Name() || signer.KeyHash() != verifier.KeyHash() {
		return keys{}, fmt.Errorf("reading the gate's key: the two lines of %s do not belong together", keyFile)
	}
	return k, errors.Join(readSecret(k.pepper[:], dir, pepperFile), readSecret(k.setup[:], dir, setupFile))
}

// readSecret fills into from a file of hex.
func readSecret(into []byte, dir, name string) error {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return fmt.Errorf("reading a secret of the gate: %w", err)
	}
	b = bytes.TrimSpace(b)
	if n, err := hex.Decode(make([]byte, len(b)), b); err != nil || n != len(into) {
		return fmt.Errorf("reading a secret of the gate: %s is damaged", name)
	}
	_, err = hex.Decode(into, b)
	return err
}

// writeFile writes a whole synced file of mode 0600, or leaves what was there.
func writeFile(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// openStore opens the database of a data folder.
func openStore(dir string, o sqlite.Options) (*sqlite.DB, error) {
	db, err := sqlite.Open(dir, o)
	if err != nil {
		return nil, fmt.Errorf("opening the gate's store: %w", err)
	}
	return db, nil
}
