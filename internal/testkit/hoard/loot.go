package hoard

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"panah/core/wire"
)

// ageMagic begins every age file, noteMark every signature line of a note.
const (
	ageMagic = "age-encryption.org/v1\n"
	noteMark = "\n\n— "
)

// AgeFiles returns every different age file that passed, either way: letters whole and in pieces, replies, grants, recovery files, wraps, also
// inside of proposals. What is sealed inside of another is not among them until that is opened.
func (g *Gate) AgeFiles() [][]byte {
	var loot pile
	for _, leaf := range g.leaves() {
		if at := bytes.Index(leaf, []byte(ageMagic)); at >= 0 {
			loot.add(leaf[at:])
		}
	}
	return loot.all
}

// Notes returns every different signed note that passed, either way: rosters, cards, checkpoints, promises.
func (g *Gate) Notes() [][]byte {
	var loot pile
	for _, leaf := range g.leaves() {
		for mark := bytes.Index(leaf, []byte(noteMark)); mark >= 0; {
			start := max(bytes.LastIndex(leaf[:mark], []byte("panah.")), 0)
			end := mark + 2
			for bytes.HasPrefix(leaf[end:], []byte("— ")) {
				line := bytes.IndexByte(leaf[end:], '\n')
				if line < 0 {
					break
				}
				end += line + 1
			}
			loot.add(leaf[start:end])
			next := bytes.Index(leaf[end:], []byte(noteMark))
			if next < 0 {
				break
			}
			mark, leaf = next, leaf[end:]
		}
	}
	return loot.all
}

// Rosters returns the notes that are rosters, in the order in which they first passed.
func (g *Gate) Rosters() (rosters [][]byte) {
	for _, n := range g.Notes() {
		if bytes.HasPrefix(n, []byte("panah.roster/v1\n")) {
			rosters = append(rosters, n)
		}
	}
	return rosters
}

// A pile is different things in the order in which they came.
type pile struct {
	all  [][]byte
	have map[[32]byte]bool
}

func (p *pile) add(b []byte) {
	if p.have == nil {
		p.have = map[[32]byte]bool{}
	}
	if sum := sha256.Sum256(b); !p.have[sum] {
		p.have[sum] = true
		p.all = append(p.all, bytes.Clone(b))
	}
}

// leaves are all bodies, taken out of the frames that they travel in. JSON, which holds promises with escaped line ends, has those undone.
func (g *Gate) leaves() (leaves [][]byte) {
	uploads := map[string][]byte{}
	for _, e := range g.Seen() {
		bodies := [][]byte{e.Body, e.Answer.Body}
		if r := e.Header.Get("Content-Range"); r != "" {
			leaves = append(leaves, piece(uploads, e, r)...)
			bodies = bodies[1:]
		}
		for _, body := range bodies {
			if bytes.HasPrefix(body, []byte("{")) {
				body = bytes.ReplaceAll(body, []byte(`\n`), []byte("\n"))
			}
			leaves = append(leaves, unframe(body)...)
		}
	}
	return leaves
}

// piece puts a letter together; it returns the whole after its last piece.
func piece(uploads map[string][]byte, e Exchange, contentRange string) [][]byte {
	var from, to, total int
	if n, err := fmt.Sscanf(contentRange, "bytes %d-%d/%d", &from, &to, &total); n != 3 || err != nil {
		return nil
	}
	if have := uploads[e.Target]; len(have) == from {
		uploads[e.Target] = slices.Concat(have, e.Body)
	}
	if have := uploads[e.Target]; len(have) == total {
		return [][]byte{have}
	}
	return nil
}

// unframe takes a stream of frames, or of replies, apart; anything else is one leaf.
func unframe(b []byte) (leaves [][]byte) {
	rest := b
	for len(rest) >= 5 {
		kind, n := rest[0], uint64(binary.BigEndian.Uint32(rest[1:]))
		if kind < 'A' || kind > 'Z' || n > uint64(len(rest)-5) {
			break
		}
		payload := rest[5 : 5+n]
		if kind == wire.FrameProposal {
			leaves = append(leaves, unframe(payload)...)
		} else {
			leaves = append(leaves, payload)
		}
		rest = rest[5+n:]
	}
	if len(leaves) > 0 { // a cut stream has a rest
		return append(leaves, rest)
	}
	if replies, err := wire.ParseReplies(b); err == nil && len(replies) > 0 {
		return replies
	}
	return [][]byte{b}
}
