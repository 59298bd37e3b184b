//go:build !unix

package gate

import (
	"fmt"
	"os"
	"path/filepath"
)

// lock only makes the file here: two gates on one folder are kept apart by the address they listen on.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	return f, nil
}
