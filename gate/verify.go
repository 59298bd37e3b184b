package gate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate/internal/organisation"
	"panah/gate/internal/store/sqlite"
)

// A Report is what Verify found.
type Report struct {
	Origin   string   `json:"origin"`
	Rosters  int      `json:"rosters"` // of the chain, each signed as it must be
	Size     int64    `json:"size"`    // entries of the log
	Present  int64    `json:"present"` // letters that are there
	Erased   int64    `json:"erased"`  // entries whose letter was erased: their commitments stay
	Root     string   `json:"root"`    // base64, of the tree as recomputed
	Problems []string `json:"problems"`
}

// OK reports whether nothing is wrong.
func (r Report) OK() bool { return len(r.Problems) == 0 }

// maxProblems bounds a report: a broken disk has more than anybody reads.
const maxProblems = 100

func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	}
}

// Verify checks the chain of rosters and the whole log in a data folder again, off line: every letter against its commitment, every promise, every tree
// hash, and the latest checkpoint that desks were shown. An error means that it could not look; what it found is in the report.
func Verify(dir string) (Report, error) {
	k, err := loadKeys(dir)
	if err != nil {
		return Report{}, err
	}
	if _, err := os.Stat(filepath.Join(dir, sqlite.FileName)); err != nil {
		return Report{}, fmt.Errorf("looking for the gate's store (a gate makes it when it first runs): %w", err)
	}
	db, err := openStore(dir, sqlite.Options{ReadOnly: true})
	if err != nil {
		return Report{}, err
	}
	r, err := verify(dir, k, db)
	return r, errors.Join(err, db.Close())
}

func verify(dir string, k keys, db *sqlite.DB) (Report, error) {
	r := Report{Origin: k.verifier.Name()}
	seen, err := lastCheckpoint(dir, k)
	if err != nil {
		r.problem("the checkpoint that desks were shown: %v", err)
	}
	r.chain(db)
	size, err := db.Size(context.Background())
	if err != nil {
		return r, err
	}
	for r.Size < size {
		entries, err := db.Entries(context.Background(), r.Size, 64, 4<<20)
		if err != nil {
			return r, err
		}
		if len(entries) == 0 {
			return r, fmt.Errorf("entry %d of the log is missing", r.Size)
		}
		for _, e := range entries {
			if e.Index != r.Size {
				return r, fmt.Errorf("entry %d of the log is missing", r.Size)
			}
			if err := r.entry(k, db, e); err != nil {
				return r, err
			}
		}
	}
	return r, r.tree(db, seen)
}

// chain checks all rosters.
func (r *Report) chain(db *sqlite.DB) {
	o, err := organisation.Open(context.Background(), db, time.Now)
	if err != nil {
		r.problem("the organisation's rosters: %v", err)
		return
	}
	_, last, _ := o.Roster()
	r.Rosters = last.Serial
}

// entry checks one entry, its promise and its hashes.
func (r *Report) entry(k keys, db *sqlite.DB, e wire.Entry) error {
	r.Size++
	r.hashes(db, e)
	if !e.Present {
		r.Erased++
		return nil
	}
	r.Present++
	rec, err := ledger.CheckEntry(e)
	if err != nil {
		r.problem("entry %d: %v", e.Index, err)
		return nil
	}
	known, err := db.Known(context.Background(), []wire.LetterID{rec.Letter})
	if err != nil {
		return err
	}
	p, err := ledger.CheckPromise(known[rec.Letter].Promise, k.verifier)
	switch {
	case err != nil:
		r.problem("entry %d: its promise: %v", e.Index, err)
	case p.Commitment != ledger.Commitment(e.Commitment):
		r.problem("entry %d: its promise is for another letter", e.Index)
	}
	return nil
}

// hashes recomputes what entry e added to the stored hashes. Those before it have been recomputed already.
func (r *Report) hashes(db *sqlite.DB, e wire.Entry) {
	want, err := tlog.StoredHashesForRecordHash(e.Index, ledger.LeafHash(ledger.Commitment(e.Commitment)), db)
	if err != nil {
		r.problem("entry %d: %v", e.Index, err)
		return
	}
	from := tlog.StoredHashIndex(0, e.Index)
	indexes := make([]int64, len(want))
	for i := range want {
		indexes[i] = from + int64(i)
	}
	have, err := db.ReadHashes(indexes)
	if err != nil {
		r.problem("entry %d: %v", e.Index, err)
		return
	}
	for i := range want {
		if have[i] != want[i] {
			r.problem("entry %d: stored hash %d is not that of the tree", e.Index, indexes[i])
		}
	}
}

// tree compares the tree with what desks were shown.
func (r *Report) tree(db *sqlite.DB, seen ledger.Tree) error {
	root, err := tlog.TreeHash(r.Size, db)
	if err != nil {
		return fmt.Errorf("hashing the log: %w", err)
	}
	r.Root = root.String()
	switch {
	case seen.Size > r.Size:
		r.problem("desks were shown %d entries, the log has %d: the folder comes from an older copy", seen.Size, r.Size)
	case seen.Size > 0:
		then, err := tlog.TreeHash(seen.Size, db)
		if err != nil {
			return fmt.Errorf("hashing the log at %d: %w", seen.Size, err)
		}
		if then != seen.Root {
			r.problem("the log was changed after desks had been shown its first %d entries", seen.Size)
		}
	}
	return nil
}

// lastCheckpoint is the latest that a desk was shown; size 0 when none was.
func lastCheckpoint(dir string, k keys) (ledger.Tree, error) {
	signed, err := os.ReadFile(filepath.Join(dir, checkpointFile))
	if errors.Is(err, fs.ErrNotExist) {
		return ledger.Tree{}, nil
	}
	if err != nil {
		return ledger.Tree{}, fmt.Errorf("reading the latest checkpoint: %w", err)
	}
	return ledger.ParseCheckpoint(signed, k.verifier)
}
