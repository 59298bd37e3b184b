package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Continuation is what a gate tells a witness: its newest checkpoint, and the proof that it continues the log as the witness last cosigned it. Its bytes
// are those of C2SP tlog-witness's add-checkpoint; docs/formats-keys.md, section 10.
type Continuation struct {
	Old        int64 // size that the proof starts from
	Proof      []tlog.Hash
	Checkpoint []byte // signed by the gate
}

// Bytes writes c.
func (c Continuation) Bytes() []byte {
	b := fmt.Appendf(nil, "old %d\n", c.Old)
	for _, h := range c.Proof {
		b = append(base64.StdEncoding.AppendEncode(b, h[:]), '\n')
	}
	return append(append(b, '\n'), c.Checkpoint...)
}

// maxContinuation bounds the bytes of a Continuation.
const maxContinuation = 32 + maxProof*45 + maxNote

// ParseContinuation reads a Continuation. It proves nothing: CheckConsistency and ParseCheckpoint do.
func ParseContinuation(b []byte) (Continuation, error) {
	bad := errors.New("reading a checkpoint with its proof: malformed")
	head, checkpoint, ok := bytes.Cut(b, []byte("\n\n"))
	if len(b) > maxContinuation || !ok {
		return Continuation{}, bad
	}
	lines := strings.Split(string(head), "\n")
	digits, ok := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || old < 0 || strconv.FormatInt(old, 10) != digits || len(lines)-1 > maxProof {
		return Continuation{}, bad
	}
	c := Continuation{Old: old, Checkpoint: checkpoint}
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return Continuation{}, bad
		}
		c.Proof = append(c.Proof, tlog.Hash(h))
	}
	return c, nil
}

// Check reports which tree c brings a witness to that last cosigned the tree last (zero Tree: none yet). The error wraps ErrSignature when the gate did
// not sign the checkpoint, and ErrInconsistent when it is signed and is not proved to continue last: then Checkpoint, beside the
// cosigned one, is evidence.
func (c Continuation) Check(last Tree, gate note.Verifier) (Tree, error) {
	t, err := ParseCheckpoint(c.Checkpoint, gate)
	if err != nil {
		return Tree{}, err
	}
	if last.Size == 0 {
		if last, err = (Edge{}).Tree(); err != nil {
			return Tree{}, err
		}
	}
	return t, CheckConsistency(last, t, c.Proof)
}
