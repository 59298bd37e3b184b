package gate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate/internal/api"
	"panah/gate/internal/organisation"
)

// openOrganisation reads and checks the chain of rosters in the store, after moving those of an older gate into it.
func (g *Gate) openOrganisation(ctx context.Context) error {
	var err error
	if g.org, err = organisation.Open(ctx, g.db, time.Now); err != nil {
		return fmt.Errorf("reading the rosters: %w", err)
	}
	if err := moveRosters(ctx, filepath.Join(g.c.DataDir, rosterDir), g.org); err != nil {
		return err
	}
	if g.c.Roster == nil {
		return nil
	}
	// Configured by whoever runs the gate: nobody else will open intake.
	if _, err := g.org.Follow(ctx, g.c.Roster, true); err != nil {
		return fmt.Errorf("taking the configured roster: %w", err)
	}
	return nil
}

// moveRosters puts the files that gates kept rosters in, until they had a place in the store, into it, and then removes them. Such a
// gate has been taking letters, so intake stays open.
func moveRosters(ctx context.Context, dir string, org *organisation.Organisation) error {
	for serial := 1; ; serial++ {
		signed, err := os.ReadFile(filepath.Join(dir, strconv.Itoa(serial)))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading roster %d: %w", serial, err)
		}
		if _, err := org.Follow(ctx, signed, true); err != nil {
			return fmt.Errorf("moving roster %d into the store: %w", serial, err)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("removing the folder that rosters were in: %w", err)
	}
	return nil
}

// setup takes the organisation of somebody who proves to know the setup code; see api.Config. Its intake is closed until a desk opens it.
func (g *Gate) setup(ctx context.Context, signed []byte, proof string) (api.SetupAnswer, bool, error) {
	if !wire.SameProof(proof, g.keys.setup.RosterProof(signed)) {
		return api.SetupAnswer{}, false, &wire.Error{
			Code: wire.CodeSetup, Status: 401,
			Say: "that is not the setup code of this gate; look at what `panah gate init` printed",
		}
	}
	first, err := g.org.Follow(ctx, signed, false)
	switch _, _, founded := g.org.Roster(); {
	case err == nil:
		return api.SetupAnswer{VKey: g.keys.vkey, Proof: g.keys.setup.GateProof(g.keys.vkey)}, first, nil
	case !errors.Is(err, roster.ErrMalformed) && !errors.Is(err, roster.ErrUnsigned):
		return api.SetupAnswer{}, false, err
	case founded:
		return api.SetupAnswer{}, false, &wire.Error{
			Code: wire.CodeSetup, Status: 409,
			Say: "this gate serves an organisation already; make a new gate for another",
		}
	}
	return api.SetupAnswer{}, false, &wire.Error{
		Code: wire.CodeShape, Status: 422,
		Say: "that is not the founding roster of an organisation: " + err.Error(),
	}
}
