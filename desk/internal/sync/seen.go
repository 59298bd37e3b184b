package sync

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
	"panah/desk/internal/seen"
)

// Bounds of comparing what other desks saw.
const (
	edgesKept   = 4096 // of the last entries: what a desk saw is seldom older, and needs no proof by the gate then
	judgeAtOnce = 32   // proofs asked for in one round
	maxTries    = 3    // refusals to prove before people hear of it
)

// seen compares what the desk that wrote e had seen with our own log where the round has just passed it; the rest is for a proof.
func (f *follower) seen(e *casedb.Incoming) error {
	told, err := seen.Parse(e.Letter.Seen)
	if err != nil {
		return nil // of a newer version, perhaps: its tag is good
	}
	shown := casedb.Shown{Serial: told.Serial, Roster: told.Roster, Tree: told.Tree, By: e.ID.String()}
	at := f.edges[told.Tree.Size%edgesKept]
	if told.Tree.Size > 0 && at.Size() == told.Tree.Size {
		ours, err := at.Tree()
		if err != nil {
			return err
		}
		shown.Judged = true
		if ours.Root != told.Tree.Root {
			finding := forked(told.Tree, e.ID.String(), f.known.signed)
			shown.Fork = &finding
		}
	}
	f.shown = append(f.shown, shown)
	return nil
}

// forked is the finding that the gate showed another desk a log that is not the beginning of ours.
func forked(theirs ledger.Tree, by string, ours []byte) casedb.Finding {
	return casedb.Finding{
		Kind: casedb.AlarmFork, Args: map[string]int64{"size": theirs.Size},
		Evidence: []string{string(ours), fmt.Sprintf("shown to another of our desks: size %d, root %s; said in letter %s", theirs.Size, theirs.Root, by)},
	}
}

// judge asks the gate to prove that what other desks saw of its log is the beginning of what this desk sees.
func (s *Syncer) judge(ctx context.Context) error {
	cursor, err := s.c.DB.Cursor(ctx)
	if err != nil {
		return err
	}
	ours, err := cursor.Verified.Tree()
	if err != nil || ours.Size == 0 {
		return err
	}
	claims, err := s.c.DB.Claims(ctx, ours.Size, judgeAtOnce)
	if err != nil {
		return err
	}
	for _, c := range claims {
		if err := s.judgeOne(ctx, c, ours, cursor.Checkpoint); err != nil {
			return err
		}
	}
	return nil
}

func (s *Syncer) judgeOne(ctx context.Context, c casedb.Claim, ours ledger.Tree, checkpoint []byte) error {
	var proof tlog.TreeProof
	if c.Size < ours.Size {
		var err error
		proof, err = s.c.Line.Consistency(ctx, c.Size, ours.Size)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, line.ErrDevice), errors.Is(err, line.ErrClock):
			return err
		case err != nil: // it has just served the log, so it is not out of reach
			return s.unproved(ctx, c, checkpoint)
		}
	}
	if ledger.CheckConsistency(c.Tree, ours, proof) != nil {
		finding := forked(c.Tree, c.By, checkpoint)
		return s.c.DB.Judge(ctx, c, false, &finding, s.c.Now())
	}
	return s.c.DB.Judge(ctx, c, false, nil, s.c.Now())
}

// unproved counts that the gate gave no proof, and raises the alarm the third time.
func (s *Syncer) unproved(ctx context.Context, c casedb.Claim, checkpoint []byte) error {
	if c.Tries+1 < maxTries {
		return s.c.DB.Judge(ctx, c, true, nil, s.c.Now())
	}
	finding := casedb.Finding{
		Kind: casedb.AlarmProof, Args: map[string]int64{"size": c.Size},
		Evidence: []string{string(checkpoint), fmt.Sprintf("seen by another of our desks: size %d, root %s; said in letter %s", c.Size, c.Root, c.By)},
	}
	return s.c.DB.Judge(ctx, c, true, &finding, s.c.Now())
}
