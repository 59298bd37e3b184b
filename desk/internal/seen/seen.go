// Package seen is what desks tell each other of what the gate showed them: the header key "seen" of docs/formats-keys.md, section 9.
//
// It believes nothing: desk/internal/sync holds it against the desk's own chain and log.
package seen

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
)

// A Seen is the newest roster and the newest verified tree of a desk. Before the first tree, Tree is zero.
type Seen struct {
	Serial int      // of the roster
	Roster [32]byte // SHA-256 of the signed roster
	Tree   ledger.Tree
}

// String is the header's form.
func (s Seen) String() string {
	e := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("%d %s %d %s", s.Serial, e(s.Roster[:]), s.Tree.Size, e(s.Tree.Root[:]))
}

// Parse reads what String wrote, in no other spelling.
func Parse(header string) (Seen, error) {
	bad := errors.New("reading what another desk saw: malformed")
	fields := strings.Split(header, " ")
	if len(header) > 160 || len(fields) != 4 {
		return Seen{}, bad
	}
	var s Seen
	var err1, err2 error
	s.Serial, err1 = strconv.Atoi(fields[0])
	s.Tree.Size, err2 = strconv.ParseInt(fields[2], 10, 64)
	roster, err3 := base64.StdEncoding.Strict().DecodeString(fields[1])
	root, err4 := base64.StdEncoding.Strict().DecodeString(fields[3])
	if errors.Join(err1, err2, err3, err4) != nil || copy(s.Roster[:], roster) != len(roster) || len(root) != tlog.HashSize {
		return Seen{}, bad
	}
	copy(s.Tree.Root[:], root)
	if s.Serial < 1 || s.Tree.Size < 0 || s.String() != header {
		return Seen{}, bad
	}
	return s, nil
}
