package watch

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
)

// Times of witnesses.
const (
	askEvery   = time.Hour          // a watched gate
	askAgain   = 10 * time.Minute   // one that did not answer
	SilentTime = 7 * 24 * time.Hour // without a cosignature that could be checked, a witness is silent
)

// Values of casedb.Watched.Problem.
const (
	ProblemOffline   = "offline"
	ProblemRefused   = "refused"   // our key is not registered there (any more)
	ProblemClock     = "clock"     // the two clocks differ
	ProblemSignature = "signature" // not signed by the key that we were given
	ProblemForked    = "forked"    // it does not continue what we cosigned
)

// An Identity is this desk as a witness. It prints as "[witness key]".
type Identity struct {
	key    ed25519.PrivateKey
	signer *torchwood.CosignatureSigner
}

// String hides the key.
func (Identity) String() string { return "[witness key]" }

// GoString hides the key.
func (Identity) GoString() string { return "[witness key]" }

// VKey is the verifier key that a partner registers at its gate.
func (i Identity) VKey() string { return i.signer.Verifier().String() }

// Self returns this desk's witness key, made on first use.
func Self(ctx context.Context, db *casedb.DB) (Identity, error) {
	seed, err := db.WitnessSeed(ctx)
	if err != nil {
		return Identity{}, err
	}
	key := ed25519.NewKeyFromSeed(seed[:])
	sum := sha256.Sum256(key.Public().(ed25519.PublicKey))
	signer, err := torchwood.NewCosignatureSigner(fmt.Sprintf("panah-witness-%x", sum[:4]), key)
	if err != nil {
		return Identity{}, fmt.Errorf("making the witness key: %w", err)
	}
	return Identity{key, signer}, nil
}

// cosign asks every watched gate whose time has come.
func (w *Watcher) cosign(ctx context.Context) error {
	gates, err := w.c.DB.Watched(ctx)
	if err != nil || len(gates) == 0 {
		return err
	}
	self, err := Self(ctx, w.c.DB)
	if err != nil {
		return err
	}
	var errs []error
	for _, g := range gates {
		wait := askEvery
		if g.Problem != "" {
			wait = askAgain
		}
		if w.c.Now().Sub(g.Asked).Abs() < wait {
			continue
		}
		problem, err := w.witness(ctx, self, g)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if problem != g.Problem {
			w.changes++
		}
		errs = append(errs, err, w.c.DB.AskedWatched(ctx, g.ID, problem, problem == "" && err == nil, w.c.Now()))
	}
	return errors.Join(errs...)
}

// witness asks one gate for its newest checkpoint and cosigns it when it continues what was cosigned before. problem says why it did not.
func (w *Watcher) witness(ctx context.Context, self Identity, g casedb.Watched) (problem string, err error) {
	gate, err := CheckGateKey(g.Key)
	if err != nil {
		return ProblemSignature, err
	}
	l, err := line.New(g.URL, gate.Name(), self.key, w.c.Now)
	if err != nil {
		return ProblemOffline, err
	}
	defer l.Close()
	c, err := l.Continuation(ctx, g.Last.Size)
	if err != nil {
		return problemOf(err), nil
	}
	tree, err := c.Check(g.Last, gate)
	switch {
	case errors.Is(err, ledger.ErrSignature):
		return ProblemSignature, nil
	case errors.Is(err, ledger.ErrInconsistent):
		f := casedb.Finding{Kind: casedb.AlarmWatched, Args: map[string]int64{"watched": g.ID, "had": g.Last.Size, "has": tree.Size}}
		f.Evidence = []string{g.Cosigned, string(c.Checkpoint)}
		return ProblemForked, w.raise(ctx, f)
	case err != nil:
		return ProblemSignature, nil // signed, and malformed all the same
	}
	both, err := self.cosign(c.Checkpoint, gate)
	if err != nil {
		return ProblemSignature, err
	}
	// Kept first: a desk that dies here has cosigned nothing that it does not remember.
	if err := w.c.DB.Cosign(ctx, g, tree, string(c.Checkpoint)); err != nil {
		return g.Problem, err
	}
	if err := l.Cosigned(ctx, both); err != nil {
		return problemOf(err), nil
	}
	return "", nil
}

// cosign adds this witness's signature to a checkpoint that the gate signed, and drops those of others.
func (i Identity) cosign(checkpoint []byte, gate note.Verifier) ([]byte, error) {
	n, err := note.Open(checkpoint, note.VerifierList(gate))
	if err != nil {
		return nil, fmt.Errorf("cosigning: %w", err)
	}
	n.UnverifiedSigs = nil
	both, err := note.Sign(n, i.signer)
	if err != nil {
		return nil, fmt.Errorf("cosigning: %w", err)
	}
	return both, nil
}

func problemOf(err error) string {
	switch {
	case errors.Is(err, line.ErrClock):
		return ProblemClock
	case errors.Is(err, line.ErrDevice):
		return ProblemRefused
	}
	return ProblemOffline
}
