//go:build unix

package gate

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock makes sure that one process uses the folder. The system gives the lock back when the process ends, however it ends.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("another gate is using %s: stop it first", dir)
	}
	return f, nil
}
