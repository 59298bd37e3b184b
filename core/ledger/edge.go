package ledger

import (
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// An Edge is the right edge of a Merkle tree: the roots of its complete subtrees, largest first. It is all that a desk
// keeps to go on verifying a log: appending leaves and recomputing the root needs nothing else, and a root that comes out
// as the gate signed it proves that every earlier leaf is still where it was (RFC 6962, section 2.1).
type Edge struct {
	size  int64
	roots []tlog.Hash // one for each set bit of size, from the highest
}

// EdgeFrom restores an edge from its size and concatenated 32-byte roots, as Bytes wrote them.
func EdgeFrom(size int64, b []byte) (Edge, error) {
	if size < 0 || len(b) != bits.OnesCount64(uint64(size))*tlog.HashSize {
		return Edge{}, errors.New("restoring a log edge: wrong length")
	}
	e := Edge{size: size}
	for ; len(b) > 0; b = b[tlog.HashSize:] {
		e.roots = append(e.roots, tlog.Hash(b[:tlog.HashSize]))
	}
	return e, nil
}

// Bytes returns the concatenated roots.
func (e Edge) Bytes() []byte {
	b := make([]byte, 0, len(e.roots)*tlog.HashSize)
	for _, h := range e.roots {
		b = append(b, h[:]...)
	}
	return b
}

// Size is the number of leaves.
func (e Edge) Size() int64 { return e.size }

// Append returns the edge with one more leaf. e stays as it was.
func (e Edge) Append(leaf tlog.Hash) Edge {
	roots := append(make([]tlog.Hash, 0, len(e.roots)+1), e.roots...)
	h := leaf
	for s := e.size; s&1 == 1; s >>= 1 {
		h = tlog.NodeHash(roots[len(roots)-1], h)
		roots = roots[:len(roots)-1]
	}
	return Edge{e.size + 1, append(roots, h)}
}

// Tree returns size and root.
func (e Edge) Tree() (Tree, error) {
	if e.size == 0 {
		h, err := tlog.TreeHash(0, nil)
		if err != nil {
			return Tree{}, fmt.Errorf("root of the empty log: %w", err)
		}
		return Tree{0, h}, nil
	}
	h := e.roots[len(e.roots)-1]
	for i := len(e.roots) - 2; i >= 0; i-- {
		h = tlog.NodeHash(e.roots[i], h)
	}
	return Tree{e.size, h}, nil
}
