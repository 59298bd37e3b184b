//go:build unix

package sqlite

import "syscall"

// room returns how many bytes an ordinary program may still write under dir.
func room(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
