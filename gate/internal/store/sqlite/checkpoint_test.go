package sqlite

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"

	"panah/gate/internal/store/storetest"
)

// TestLogStaysShort writes several times what the write-ahead log may hold, without a pause.
func TestLogStaysShort(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir, Options{})
	const most = 4 * checkpointPages * DefaultPageSize
	longest, written := int64(0), 0
	for n := 0; written < 5*checkpointPages*DefaultPageSize; n++ {
		l := storetest.Letter(n, 1<<20)
		if err := db.Append(context.Background(), storetest.Batch(t, db, int64(n), l)); err != nil {
			t.Fatal(err)
		}
		written += len(l.Sealed)
		info, err := os.Stat(filepath.Join(dir, FileName+"-wal"))
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, info.Size())
	}
	if longest > most {
		t.Errorf("the write-ahead log grew to %d bytes, at most %d expected", longest, most)
	}
}

// memoryFile is a file whose writes can be refused.
type memoryFile struct {
	vfs.File
	b      []byte
	writes int
	full   bool
}

var errNoSpace = errors.New("no space")

func (m *memoryFile) WriteAt(p []byte, at int64) (int, error) {
	m.writes++
	if m.full {
		return 0, errNoSpace
	}
	if grow := int(at) + len(p) - len(m.b); grow > 0 {
		m.b = append(m.b, make([]byte, grow)...)
	}
	return copy(m.b[at:], p), nil
}

func (m *memoryFile) ReadAt(p []byte, at int64) (int, error) { return copy(p, m.b[at:]), nil }
func (m *memoryFile) Sync(vfs.SyncFlag) error                { return nil }
func (m *memoryFile) Size() (int64, error)                   { return int64(len(m.b)), nil }

// TestWALFile: writes that follow each other are one, nothing is held back from a sync or a read, and a full disk is told.
func TestWALFile(t *testing.T) {
	m := &memoryFile{}
	f := &walFile{File: m}
	write := func(s string, at int64) {
		t.Helper()
		if n, err := f.WriteAt([]byte(s), at); n != len(s) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	write("head", 0)
	write("page", 4)
	write("more", 8)
	if m.writes != 0 {
		t.Errorf("%d writes before the sync", m.writes)
	}
	if err := f.Sync(0); err != nil || m.writes != 1 || string(m.b) != "headpagemore" {
		t.Errorf("after the sync: %d writes, %q, %v", m.writes, m.b, err)
	}
	write("PAGE", 4) // elsewhere
	write("HEAD", 0)
	p := make([]byte, 12)
	if n, err := f.ReadAt(p, 0); n != 12 || err != nil || string(p) != "HEADPAGEmore" {
		t.Errorf("read %q, %v", p[:n], err)
	}
	write("end", 12)
	if n, err := f.Size(); n != 15 || err != nil {
		t.Errorf("size %d, %v", n, err)
	}
	large := bytes.Repeat([]byte("x"), walBuffer)
	write(string(large), 15)
	write("y", 15+walBuffer)
	if err := f.Sync(0); err != nil || len(m.b) != 16+walBuffer || m.b[len(m.b)-1] != 'y' {
		t.Errorf("more than is held: %d bytes, %v", len(m.b), err)
	}
	m.full = true
	write("lost", 0)
	if err := f.Sync(0); !errors.Is(err, sqlite3.IOERR_WRITE) {
		t.Errorf("a full disk: %v", err)
	}
	m.full = false
	if err := f.Sync(0); err != nil || string(m.b[:4]) != "HEAD" {
		t.Errorf("what a commit undid was written: %q, %v", m.b[:4], err)
	}
}
