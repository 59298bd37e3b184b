package gate

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate/internal/api"
)

// An organisation is whom the gate serves: the newest roster of a chain that starts with the founding one. Every roster is
// checked against the one before, when it comes and again at each start.
type organisation struct {
	dir string // DataDir/rosters
	k   keys

	mu  sync.Mutex // one change at a time
	now atomic.Pointer[current]
}

type current struct {
	signed []byte
	roster roster.Roster
}

// loadOrganisation reads the chain that the folder holds; none is no error.
func loadOrganisation(dataDir string, k keys) (*organisation, error) {
	o := &organisation{dir: filepath.Join(dataDir, rosterDir), k: k}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of rosters: %w", err)
	}
	for serial := 1; ; serial++ {
		signed, err := os.ReadFile(o.path(serial))
		if errors.Is(err, fs.ErrNotExist) {
			return o, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading roster %d: %w", serial, err)
		}
		c, err := o.follow(signed)
		if err != nil {
			return nil, fmt.Errorf("checking roster %d: %w", serial, err)
		}
		o.now.Store(c)
	}
}

func (o *organisation) path(serial int) string { return filepath.Join(o.dir, strconv.Itoa(serial)) }

// follow checks that signed comes after the current roster, or founds the organisation.
func (o *organisation) follow(signed []byte) (*current, error) {
	var r roster.Roster
	var err error
	if c := o.now.Load(); c != nil {
		r, err = roster.OpenNext(signed, c.signed, c.roster)
	} else {
		r, err = roster.OpenFounding(signed)
	}
	return &current{bytes.Clone(signed), r}, err
}

// put makes signed the current roster, durably; changed is false when it was already part of the chain.
func (o *organisation) put(signed []byte) (changed bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c := o.now.Load(); c != nil {
		for serial := 1; serial <= c.roster.Serial; serial++ {
			if have, err := os.ReadFile(o.path(serial)); err == nil && bytes.Equal(have, signed) {
				return false, nil
			}
		}
	}
	c, err := o.follow(signed)
	if err != nil {
		return false, err
	}
	if err := writeFile(o.path(c.roster.Serial), signed); err != nil {
		return false, fmt.Errorf("keeping a roster: %w", err)
	}
	o.now.Store(c)
	return true, nil
}

// Roster implements api.Organisation.
func (o *organisation) Roster() (signed []byte, r roster.Roster, ok bool) {
	c := o.now.Load()
	if c == nil {
		return nil, roster.Roster{}, false
	}
	return c.signed, c.roster, true
}

// Setup implements api.Organisation.
func (o *organisation) Setup(signed []byte, proof string) (api.SetupAnswer, bool, error) {
	if !wire.SameProof(proof, o.k.setup.RosterProof(signed)) {
		return api.SetupAnswer{}, false, &wire.Error{
			Code: wire.CodeSetup, Status: 401,
			Say: "that is not the setup code of this gate; look at what `panah gate init` printed",
		}
	}
	first, err := o.put(signed)
	switch {
	case err == nil:
		return api.SetupAnswer{VKey: o.k.vkey, Proof: o.k.setup.GateProof(o.k.vkey)}, first, nil
	case o.now.Load() != nil:
		return api.SetupAnswer{}, false, &wire.Error{
			Code: wire.CodeSetup, Status: 409,
			Say: "this gate serves an organisation already; make a new gate for another",
		}
	case errors.Is(err, roster.ErrMalformed), errors.Is(err, roster.ErrUnsigned):
		return api.SetupAnswer{}, false, &wire.Error{
			Code: wire.CodeShape, Status: 422,
			Say: "that is not the founding roster of an organisation: " + err.Error(),
		}
	}
	return api.SetupAnswer{}, false, err
}
