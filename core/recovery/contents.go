package recovery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/core/wire"
)

// Authority is what lets custodians sign a roster, and open locked cases. It prints as "[authority]".
type Authority struct {
	Org        string
	Name       string
	Keepers    []string            // signing keys, "PRIVATE+KEY+recovery+…": at least as many as the roster's threshold
	Identity   *age.HybridIdentity // that locked cases are also wrapped to
	Needed     int
	Recipients []string    // of the sheets
	Made       time.Time   // when the sheets were made, to the second
	Gate       roster.Gate // where the organisation's gate is, and what it signs with: a new desk cannot ask a gate for its own key
}

// String hides the authority.
func (Authority) String() string { return "[authority]" }

// GoString hides the authority.
func (Authority) GoString() string { return "[authority]" }

type authorityJSON struct {
	V          int         `json:"v"`
	Org        string      `json:"org"`
	Name       string      `json:"name"`
	Keepers    []string    `json:"keepers"`
	Identity   string      `json:"identity"`
	Needed     int         `json:"needed"`
	Recipients []string    `json:"recipients"`
	Made       int64       `json:"made"` // unix seconds
	Gate       roster.Gate `json:"gate"`
}

const (
	authorityHead = "panah.recovery-authority/v1\n"
	epochHead     = "# panah.recovery-epoch/v1\n"
	maxKeepers    = 8
)

// AuthorityFiles seals a for every subset of its custodians.
func AuthorityFiles(a Authority) ([]wire.File, error) {
	line, err := json.Marshal(authorityJSON{1, a.Org, a.Name, a.Keepers, a.Identity.String(), a.Needed, a.Recipients, a.Made.Unix(), a.Gate})
	if err != nil {
		return nil, errors.New("writing the authority: it does not encode")
	}
	plain := []byte(authorityHead + string(line) + "\n")
	defer clear(plain)
	if _, err := parseAuthority(plain); err != nil {
		return nil, fmt.Errorf("writing the authority: %w", err)
	}
	return files(KindAuthority, plain, a.Needed, a.Recipients)
}

// OpenAuthority opens whichever authority file the sheets at hand open. The error wraps ErrFew or ErrFile. Whether its keepers are those of the
// roster is for the caller to check.
func OpenAuthority(files []wire.File, sheets []*age.HybridIdentity) (Authority, error) {
	plain, err := find(files, KindAuthority, sheets)
	if err != nil {
		return Authority{}, err
	}
	defer clear(plain)
	return parseAuthority(plain)
}

func parseAuthority(plain []byte) (Authority, error) {
	line, ok := strings.CutPrefix(string(plain), authorityHead)
	if !ok || len(plain) > maxPlain {
		return Authority{}, ErrFile
	}
	var j authorityJSON
	d := json.NewDecoder(strings.NewReader(line))
	d.DisallowUnknownFields()
	if d.Decode(&j) != nil || j.V != 1 || len(j.Keepers) == 0 || len(j.Keepers) > maxKeepers || CheckNumbers(j.Needed, len(j.Recipients)) != nil {
		return Authority{}, ErrFile
	}
	for _, k := range j.Keepers {
		if _, err := note.NewSigner(k); err != nil {
			return Authority{}, ErrFile // note's error might quote the key
		}
	}
	id, err := age.ParseHybridIdentity(j.Identity)
	if err != nil {
		return Authority{}, ErrFile
	}
	for _, r := range j.Recipients {
		if _, err := age.ParseHybridRecipient(r); err != nil {
			return Authority{}, ErrFile
		}
	}
	return Authority{j.Org, j.Name, j.Keepers, id, j.Needed, j.Recipients, time.Unix(j.Made, 0).UTC(), j.Gate}, nil
}

// An Epoch is the key of the current epoch as custodians can bring it back. It prints as "[epoch]".
type Epoch struct {
	Org      string
	Serial   int // of the roster it belongs to
	Epoch    int
	Identity *age.HybridIdentity
}

// String hides the epoch.
func (Epoch) String() string { return "[epoch]" }

// GoString hides the epoch.
func (Epoch) GoString() string { return "[epoch]" }

// text is an identity file of the stock age tool.
func (e Epoch) text() string {
	return fmt.Sprintf("%s# org %s\n# serial %d\n# epoch %d\n%s\n", epochHead, e.Org, e.Serial, e.Epoch, e.Identity.String())
}

// EpochFiles seals e for every subset of needed of the custodians.
func EpochFiles(e Epoch, needed int, recipients []string) ([]wire.File, error) {
	plain := []byte(e.text())
	defer clear(plain)
	return files(KindEpoch, plain, needed, recipients)
}

// OpenEpoch opens whichever epoch file the sheets at hand open. The error wraps ErrFew or ErrFile. Whether its key is that of the roster's recipient
// is for the caller to check.
func OpenEpoch(files []wire.File, sheets []*age.HybridIdentity) (Epoch, error) {
	plain, err := find(files, KindEpoch, sheets)
	if err != nil {
		return Epoch{}, err
	}
	defer clear(plain)
	return parseEpoch(plain)
}

func parseEpoch(plain []byte) (Epoch, error) {
	lines := strings.Split(string(plain), "\n")
	if len(plain) > maxPlain || len(lines) != 6 || lines[0]+"\n" != epochHead {
		return Epoch{}, ErrFile
	}
	e := Epoch{Org: strings.TrimPrefix(lines[1], "# org ")}
	var err [3]error
	e.Serial, err[0] = strconv.Atoi(strings.TrimPrefix(lines[2], "# serial "))
	e.Epoch, err[1] = strconv.Atoi(strings.TrimPrefix(lines[3], "# epoch "))
	e.Identity, err[2] = age.ParseHybridIdentity(lines[4])
	if errors.Join(err[:]...) != nil || e.Serial < 1 || e.Epoch < 1 || !bytes.Equal([]byte(e.text()), plain) {
		return Epoch{}, ErrFile
	}
	return e, nil
}
