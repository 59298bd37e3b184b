package gate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"panah/core/wire"
	"panah/gate/internal/api"
)

// witnessDir holds a file for each registered witness, named by the hash of its key: the key, a newline, the newest cosigned checkpoint.
const witnessDir = "witnesses"

// witnesses are the partners' desks that cosign this gate's checkpoints. It implements api.Witnesses over files.
type witnesses struct {
	dir  string
	gate note.Verifier

	mu  sync.Mutex
	all []api.Witness // sorted by key; guarded by mu
}

// loadWitnesses reads what the folder holds; none is no error.
func loadWitnesses(dataDir string, gate note.Verifier) (*witnesses, error) {
	ws := &witnesses{dir: filepath.Join(dataDir, witnessDir), gate: gate}
	if err := os.MkdirAll(ws.dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of witnesses: %w", err)
	}
	files, err := os.ReadDir(ws.dir)
	if err != nil {
		return nil, fmt.Errorf("reading the folder of witnesses: %w", err)
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") { // a file that a killed gate had not finished
			continue
		}
		b, err := os.ReadFile(filepath.Join(ws.dir, f.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading a witness: %w", err)
		}
		key, cosigned, _ := bytes.Cut(b, []byte("\n"))
		if api.WitnessPublic(string(key)) == "" {
			return nil, fmt.Errorf("reading a witness: %s is damaged; remove the file and register the witness again", f.Name())
		}
		ws.all = append(ws.all, api.Witness{Key: string(key), Cosigned: cosigned})
	}
	ws.sort()
	return ws, nil
}

func (ws *witnesses) sort() {
	slices.SortFunc(ws.all, func(a, b api.Witness) int { return strings.Compare(a.Key, b.Key) })
}

func (ws *witnesses) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(ws.dir, hex.EncodeToString(sum[:8]))
}

// at is the place of a key in all, or -1. The caller holds mu.
func (ws *witnesses) at(key string) int {
	return slices.IndexFunc(ws.all, func(w api.Witness) bool { return w.Key == key })
}

// All implements api.Witnesses.
func (ws *witnesses) All() []api.Witness {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return slices.Clone(ws.all)
}

// Add implements api.Witnesses.
func (ws *witnesses) Add(key string) (bool, error) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.at(key) >= 0 {
		return false, nil
	}
	if len(ws.all) >= wire.MaxWitnesses {
		return false, &wire.Error{
			Code: wire.CodeTooLarge, Status: 413,
			Say: fmt.Sprintf("a gate has at most %d witnesses; remove one that is silent", wire.MaxWitnesses),
		}
	}
	if err := writeFile(ws.path(key), []byte(key+"\n")); err != nil {
		return false, fmt.Errorf("keeping a witness: %w", err)
	}
	ws.all = append(ws.all, api.Witness{Key: key})
	ws.sort()
	return true, nil
}

// Remove implements api.Witnesses. One that is not there is no error.
func (ws *witnesses) Remove(key string) error {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	i := ws.at(key)
	if i < 0 {
		return nil
	}
	if err := os.Remove(ws.path(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing a witness: %w", err)
	}
	ws.all = slices.Delete(ws.all, i, i+1)
	return nil
}

// Keep implements api.Witnesses: what is signed later replaces what was signed earlier, never the other way round.
func (ws *witnesses) Keep(key string, cosigned []byte) error {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	i := ws.at(key)
	if i < 0 {
		return &wire.Error{Code: wire.CodeDevice, Status: 401, Say: "this key is not one of this gate's witnesses any more"}
	}
	_, at, err := api.OpenCosigned(cosigned, key, ws.gate)
	if err != nil {
		return err
	}
	if _, had, err := api.OpenCosigned(ws.all[i].Cosigned, key, ws.gate); err == nil && had > at {
		return nil
	}
	if err := writeFile(ws.path(key), append([]byte(key+"\n"), cosigned...)); err != nil {
		return fmt.Errorf("keeping a cosignature: %w", err)
	}
	ws.all[i].Cosigned = bytes.Clone(cosigned)
	return nil
}
