package sqlite

import (
	"errors"
	"net/url"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// vfsName is how the writing connection asks for walVFS.
const vfsName = "panah-gate"

// A walVFS is the system's, but what a commit adds to the write-ahead log reaches the system in one call, not in two for each page.
type walVFS struct{ vfs.VFSFilename }

// registerVFS makes vfsName known; again changes nothing.
func registerVFS() {
	vfs.Register(vfsName, walVFS{vfs.Find("").(vfs.VFSFilename)})
}

// writerName is path as SQLite takes it with that VFS.
func writerName(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?vfs=" + vfsName
}

// OpenFilename implements vfs.VFSFilename.
func (v walVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := v.VFSFilename.OpenFilename(name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		f = &walFile{File: f}
	}
	return f, out, err
}

// walBuffer is how many bytes of a commit wait at most.
const walBuffer = 1 << 20

// A walFile holds back writes that follow each other until Sync, which every commit calls with synchronous=FULL before
// anybody is told where the new pages are: no other connection looks for what is held back.
type walFile struct {
	vfs.File
	at   int64 // offset of held[0]
	held []byte
}

// WriteAt holds p back when it follows what is held.
func (f *walFile) WriteAt(p []byte, at int64) (int, error) {
	if at != f.at+int64(len(f.held)) || len(f.held)+len(p) > walBuffer {
		if err := f.flush(); err != nil {
			return 0, err
		}
		f.at = at
	}
	f.held = append(f.held, p...)
	return len(p), nil
}

// flush writes what is held. After a fault it is dropped: SQLite undoes the commit, and writes its next there.
func (f *walFile) flush() error {
	if len(f.held) == 0 {
		return nil
	}
	_, err := f.File.WriteAt(f.held, f.at)
	f.at, f.held = f.at+int64(len(f.held)), f.held[:0]
	if err != nil {
		return sqlite3.IOERR_WRITE
	}
	return nil
}

// ReadAt reads, also what is held.
func (f *walFile) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > f.at {
		if err := f.flush(); err != nil {
			return 0, err
		}
	}
	return f.File.ReadAt(p, at)
}

// Sync writes what is held and makes it durable.
func (f *walFile) Sync(flags vfs.SyncFlag) error {
	if err := f.flush(); err != nil {
		return err
	}
	return f.File.Sync(flags)
}

// Truncate cuts the file after what is held has gone into it.
func (f *walFile) Truncate(size int64) error {
	if err := f.flush(); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

// Size is the size with what is held.
func (f *walFile) Size() (int64, error) {
	if err := f.flush(); err != nil {
		return 0, err
	}
	return f.File.Size()
}

// Close writes what is held.
func (f *walFile) Close() error { return errors.Join(f.flush(), f.File.Close()) }
