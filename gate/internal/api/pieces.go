package api

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"panah/core/wire"
	"panah/gate/internal/store"
)

// keepPieces is how long an unfinished upload waits for its next piece.
const keepPieces = 24 * time.Hour

// pieces are the unfinished uploads: one file each, named by the letter's id, holding the first bytes of ciphertext. They live in
// files because people with bad connections come back after hours, and memory is for those who are sending now. Nothing of them
// is promised: a piece lost in a power cut is sent again.
type pieces struct {
	dir      string
	max      int
	maxBytes int64
	room     func(bytes int) error
	now      func() time.Time

	mu    sync.Mutex // guards the two below and all uploads
	all   map[wire.LetterID]*upload
	bytes int64
}

// An upload is one unfinished letter.
type upload struct {
	have     int64
	total    int64 // 0 when an earlier run left it: the next piece tells
	reserved int64 // bytes that the request at work may add, counted already
	busy     bool  // a request is adding to it, or accepting it
	seen     time.Time
}

// openPieces finds what an earlier run left in dir.
func openPieces(dir string, maxUploads int, maxBytes int64, room func(int) error, now func() time.Time) (*pieces, error) {
	p := &pieces{dir: dir, max: maxUploads, maxBytes: maxBytes, room: room, now: now, all: map[wire.LetterID]*upload{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of unfinished uploads: %w", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the unfinished uploads: %w", err)
	}
	for _, f := range files {
		id, err := wire.ParseLetterID(f.Name())
		info, err2 := f.Info()
		if err != nil || err2 != nil || info.Size() == 0 {
			continue
		}
		p.all[id] = &upload{have: info.Size(), seen: info.ModTime()}
		p.bytes += info.Size()
	}
	p.sweep()
	return p, nil
}

// load is how full the uploads are, 0 to 1.
func (p *pieces) load() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(float64(len(p.all))/float64(p.max), float64(p.bytes)/float64(p.maxBytes))
}

// have returns how many bytes of id are here.
func (p *pieces) have(id wire.LetterID) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u := p.all[id]; u != nil {
		return u.have
	}
	return 0
}

// begin takes id for one request that carries sp. Another request for the same id, or bytes that do not follow, get CodeOffset
// with what is here. done is true when all bytes are here already. end must follow.
func (p *pieces) begin(id wire.LetterID, sp span) (done bool, err *wire.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.all[id]
	var have, total int64
	if u != nil {
		have, total = u.have, u.total
	}
	complete := u != nil && u.have == sp.total && (total == 0 || total == sp.total)
	switch {
	case u != nil && u.busy, !complete && sp.first != have, total != 0 && total != sp.total:
		e := refuse(wire.CodeOffset, "go on from the byte that is asked for")
		e.Have = have
		return false, e
	case u == nil:
		u = &upload{}
	}
	u.busy = true // not to be dropped for its own sake
	if !complete {
		// Also for one that is here: many begun with a byte could grow without bound.
		if err := p.makeRoom(id, int64(sp.len())); err != nil {
			u.busy = false
			return false, err
		}
		u.reserved = int64(sp.len())
		p.bytes += u.reserved
	}
	p.all[id] = u
	u.total, u.seen = sp.total, p.now()
	return complete, nil
}

// makeRoom drops the uploads that have waited longest until id and its bytes fit: who is sending now goes first. The caller holds mu.
func (p *pieces) makeRoom(id wire.LetterID, bytes int64) *wire.Error {
	more := 1
	if p.all[id] != nil {
		more = 0
	}
	for len(p.all)+more > p.max || p.bytes+bytes > p.maxBytes {
		var oldest *wire.LetterID
		for id, u := range p.all {
			if !u.busy && (oldest == nil || u.seen.Before(p.all[*oldest].seen)) {
				oldest = &id
			}
		}
		if oldest == nil {
			return errBusy()
		}
		p.drop(*oldest)
	}
	return nil
}

// add appends b, between begin and end, and returns how many bytes are here now.
func (p *pieces) add(id wire.LetterID, b []byte) (have int64, err error) {
	if err := p.room(len(b)); err != nil {
		return 0, err
	}
	p.mu.Lock()
	at := p.all[id].have
	p.mu.Unlock()
	if err := writeAt(p.path(id), b, at, p.now()); err != nil {
		if errors.Is(err, syscall.ENOSPC) {
			err = store.ErrFull
		}
		// The path names the letter: it has no place in a log.
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			err = at.Err
		}
		return 0, fmt.Errorf("keeping a piece of a letter: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.all[id]
	u.have += int64(len(b))
	p.bytes += int64(len(b)) - u.reserved
	u.reserved = 0
	return u.have, nil
}

// writeAt writes b at offset at, after cutting what a failed write may have left there. The file's time is rounded to the hour, so
// that the disk does not tell when somebody wrote.
func writeAt(path string, b []byte, at int64, now time.Time) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		hour := now.Truncate(time.Hour)
		err = errors.Join(err, f.Close(), os.Chtimes(path, hour, hour))
	}()
	if err := f.Truncate(at); err != nil {
		return err
	}
	_, err = f.WriteAt(b, at)
	return err
}

// whole returns all bytes of id.
func (p *pieces) whole(id wire.LetterID) ([]byte, error) {
	b, err := os.ReadFile(p.path(id))
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		err = at.Err // without the path, which names the letter
	}
	if err != nil {
		return nil, fmt.Errorf("putting the pieces of a letter together: %w", err)
	}
	return b, nil
}

// end gives id back after begin; with forget the upload is gone, accepted or not a letter.
func (p *pieces) end(id wire.LetterID, forget bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.all[id]
	if u == nil {
		return
	}
	p.bytes -= u.reserved
	u.busy, u.reserved = false, 0
	if forget || u.have == 0 {
		p.drop(id)
	}
}

// drop removes an upload. The caller holds mu.
func (p *pieces) drop(id wire.LetterID) {
	p.bytes -= p.all[id].have
	delete(p.all, id)
	if err := os.Remove(p.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		// It is found and swept at the next start; until then it costs its bytes.
		return
	}
}

// sweep forgets uploads that waited too long.
func (p *pieces) sweep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, u := range p.all {
		if !u.busy && p.now().Sub(u.seen) > keepPieces {
			p.drop(id)
		}
	}
}

func (p *pieces) path(id wire.LetterID) string { return filepath.Join(p.dir, id.String()) }
