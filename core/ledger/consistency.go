package ledger

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrInconsistent says that of two trees the older is not the beginning of the newer, or that nothing proves it is.
var ErrInconsistent = errors.New("the log of this size does not continue the earlier one")

// maxProof bounds a consistency proof: a tree of 2^62 leaves needs no more hashes than this (RFC 6962, section 2.1.2).
const maxProof = 2 * 64

// CheckConsistency reports whether newer continues older: its first leaves are those of older, none changed, none taken out. Every tree continues
// the empty one and itself; then proof must be empty. The error wraps ErrInconsistent.
func CheckConsistency(older, newer Tree, proof []tlog.Hash) error {
	switch {
	case older.Size < 0 || newer.Size < older.Size:
		return fmt.Errorf("%w: %d entries after %d", ErrInconsistent, newer.Size, older.Size)
	case len(proof) > maxProof:
		return fmt.Errorf("%w: a proof of %d hashes", ErrInconsistent, len(proof))
	case older.Size == newer.Size:
		if older.Root != newer.Root || len(proof) != 0 {
			return fmt.Errorf("%w: two roots for %d entries", ErrInconsistent, older.Size)
		}
		return nil
	case older.Size == 0:
		empty, err := (Edge{}).Tree()
		if err != nil || older.Root != empty.Root || len(proof) != 0 {
			return fmt.Errorf("%w: not the root of the empty log", ErrInconsistent)
		}
		return nil
	}
	if err := tlog.CheckTree(proof, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return fmt.Errorf("%w: %v", ErrInconsistent, err)
	}
	return nil
}

// ProveConsistency is what CheckConsistency accepts for the first older and the first newer entries of the log that hashes holds.
func ProveConsistency(older, newer int64, hashes tlog.HashReader) ([]tlog.Hash, error) {
	if older < 0 || newer < older {
		return nil, fmt.Errorf("proving that %d entries continue %d: %w", newer, older, ErrInconsistent)
	}
	if older == 0 || older == newer {
		return nil, nil
	}
	proof, err := tlog.ProveTree(newer, older, hashes)
	if err != nil {
		return nil, fmt.Errorf("proving that %d entries continue %d: %w", newer, older, err)
	}
	return proof, nil
}
