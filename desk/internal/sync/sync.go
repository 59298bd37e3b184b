// Package sync follows the gate's log: it fetches entries, checks every one against the log and the log against its own
// past, opens letters on all cores, and stores what came with the place it came from in one transaction.
//
// It believes no entry that the signed log does not prove, drops none that it cannot open, and reports whatever does
// not fit as an alarm with its evidence.
package sync

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/roster"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/desk/internal/wraps"
)

// ErrLog says that a round ended because the gate's log does not fit; the alarm says how.
var ErrLog = errors.New("the gate's log does not fit what this desk has seen")

// Bounds of one transaction: large enough that the commit does not count, small enough that pages are not kept waiting. Ids are random, so each commit
// of a first sync writes every page of their indices anew: half as many commits took 7 % off its processor time.
const (
	batchLetters = 4000
	batchBytes   = 32 << 20
)

// Config is what a Syncer works with. The caller owns all of it.
type Config struct {
	DB      *casedb.DB
	Line    *line.Line
	Keys    *keyring.Keyring
	Urgency func(situations []string) casedb.Urgency // nil: days
	Now     func() time.Time
	Changed func(casedb.Applied) // after each batch; may be nil
}

// A Syncer runs rounds. Not for concurrent use.
type Syncer struct {
	c     Config
	gate  note.Verifier
	wraps *wraps.Wrapper
	keys  keys
	me    roster.DeviceHash
	roles map[casedb.Device]string // as the database was told
	late  bool                     // something came that was sealed to an earlier epoch than the one in force
}

// New makes a Syncer. It fails when the keyring has no gate.
func New(c Config) (*Syncer, error) {
	gate, err := c.Keys.GateVerifier()
	if err != nil {
		return nil, err
	}
	me, ok := c.Keys.Device().Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("this desk has no key")
	}
	return &Syncer{c: c, gate: gate, me: roster.HashDevice(me), wraps: wraps.New(wraps.Config{DB: c.DB, Gate: c.Line, Keys: c.Keys, Now: c.Now})}, nil
}

// Round brings the desk up to the gate's newest checkpoint and returns the size of the log it has verified. The error wraps ErrLog, or
// what desk/internal/line says of the connection; everything stored until then stays.
func (s *Syncer) Round(ctx context.Context) (size int64, err error) {
	// At most once more: an entry may be empty because of a notice that stands after this round's checkpoint.
	for once := false; ; once = true {
		var again bool
		size, again, err = s.round(ctx)
		if errors.Is(err, casedb.ErrStartedOver) {
			size, again, err = s.round(ctx)
		}
		if err != nil {
			return size, err
		}
		if !again || once {
			return size, s.settle(ctx)
		}
	}
}

// settle does what a finished round asks for: what wraps opened late, what other desks saw, and wraps of what came late.
func (s *Syncer) settle(ctx context.Context) error {
	if err := s.c.DB.QueueReady(ctx); err != nil {
		return err
	}
	wants, since, err := s.c.DB.WantsCaseKey(ctx)
	if err != nil {
		return err
	}
	if wants {
		if _, err := s.wraps.Load(ctx, s.keys.newest); err != nil && !errors.Is(err, wraps.ErrKey) {
			return err
		}
	}
	had := len(s.keys.cases)
	if err := s.takeKeys(ctx); err != nil {
		return err
	}
	if err := s.reopen(ctx); err != nil {
		return err
	}
	if wants && len(s.keys.cases) > had {
		if err := s.fetchPassedOver(ctx, since); err != nil {
			return err
		}
	}
	if s.keys.away {
		if err := s.c.DB.CameBack(ctx, s.c.Now()); err != nil {
			return err
		}
	}
	if err := s.wraps.SpecialistsLeft(ctx); err != nil {
		return err
	}
	if err := s.judge(ctx); err != nil || !s.late {
		return err
	}
	if err := s.wraps.TopUp(ctx); err != nil {
		return err
	}
	s.late = false
	return nil
}

func (s *Syncer) round(ctx context.Context) (size int64, again bool, err error) {
	cursor, err := s.c.DB.Cursor(ctx)
	if err != nil {
		return 0, false, err
	}
	if err := s.prepare(ctx, cursor.Edge.Size()); err != nil {
		return 0, false, err
	}
	f := &follower{s: s, edge: cursor.Edge, verified: cursor.Verified, expect: map[int64]signedTree{}, edges: make([]ledger.Edge, edgesKept)}
	if err := f.remember(cursor.Checkpoint); err != nil {
		return 0, false, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	items := s.fetch(ctx, cursor.Edge.Size())
	defer func() {
		cancel()
		for range items { // until the fetcher has gone
		}
	}()
	for it := range items {
		if err := f.item(ctx, it); err != nil {
			return f.verified.Size(), false, s.report(ctx, err)
		}
	}
	if err := f.flush(ctx); err != nil {
		return f.verified.Size(), false, err
	}
	if f.edge.Size() != f.target.Size || f.verified.Size() != f.edge.Size() {
		return f.verified.Size(), false, fmt.Errorf("%w: the stream ended early", line.ErrOffline)
	}
	again, err = s.c.DB.FinishRound(ctx, f.verified, s.c.Now())
	return f.verified.Size(), again, err
}

// A misfit is a finding that ends the round.
type misfit struct{ casedb.Finding }

// Error makes misfit an error; its words are for the log.
func (m misfit) Error() string { return string(m.Kind) }

// report turns a misfit into an alarm. What was stored since the last verified checkpoint loses its place in the log.
func (s *Syncer) report(ctx context.Context, err error) error {
	var m misfit
	if !errors.As(err, &m) {
		return err
	}
	if err := s.c.DB.Raise(ctx, m.Finding, s.c.Now()); err != nil {
		return err
	}
	if err := s.c.DB.StepBack(ctx); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s", ErrLog, m.Kind)
}

// signedTree is a tree as the gate signed it.
type signedTree struct {
	ledger.Tree
	signed []byte
}

// A follower is one round's progress along the log.
type follower struct {
	s        *Syncer
	edge     ledger.Edge // after the batch
	verified ledger.Edge
	known    signedTree           // largest tree the gate ever signed for us
	target   signedTree           // of the last stream
	expect   map[int64]signedTree // checkpoints ahead of edge, by size
	batch    []casedb.Incoming
	bytes    int
	edges    []ledger.Edge  // the last ones, each at its size modulo edgesKept
	shown    []casedb.Shown // what other desks saw, of the batch
}

// remember starts from the newest checkpoint of earlier rounds.
func (f *follower) remember(signed []byte) error {
	if signed == nil {
		return nil
	}
	t, err := ledger.ParseCheckpoint(signed, f.s.gate)
	if err != nil {
		return fmt.Errorf("reading the stored checkpoint: %w", err)
	}
	f.known = signedTree{t, signed}
	if t.Size > f.edge.Size() {
		f.expect[t.Size] = f.known
	}
	return nil
}

// item handles a checkpoint or a chunk of entries.
func (f *follower) item(ctx context.Context, it item) error {
	switch {
	case it.err != nil:
		return errors.Join(f.flush(ctx), it.err)
	case it.checkpoint != nil:
		return f.checkpoint(ctx, it.checkpoint)
	}
	select {
	case <-it.chunk.done:
		it.chunk.room.Release(it.chunk.charge)
	case <-ctx.Done():
		return ctx.Err()
	}
	for i := range it.chunk.opened {
		if err := f.entry(ctx, &it.chunk.opened[i]); err != nil {
			return err
		}
	}
	f.bytes += it.chunk.bytes
	if len(f.batch) >= batchLetters || f.bytes >= batchBytes {
		return f.flush(ctx)
	}
	return nil
}

// checkpoint holds a new checkpoint against everything signed before.
func (f *follower) checkpoint(ctx context.Context, signed []byte) error {
	t, err := ledger.ParseCheckpoint(signed, f.s.gate)
	if err != nil {
		return misfit{casedb.Finding{Kind: casedb.AlarmSignature, Evidence: []string{string(signed)}}}
	}
	both := []string{string(f.known.signed), string(signed)}
	switch {
	case f.known.signed == nil || t.Size > f.known.Size:
		if err := f.s.c.DB.SawCheckpoint(ctx, signed); err != nil {
			return err
		}
		f.known = signedTree{t, signed}
	case t.Size < f.known.Size:
		return misfit{casedb.Finding{Kind: casedb.AlarmRollback, Args: map[string]int64{"had": f.known.Size, "has": t.Size}, Evidence: both}}
	case t.Root != f.known.Root:
		return misfit{casedb.Finding{Kind: casedb.AlarmFork, Args: map[string]int64{"size": t.Size}, Evidence: both}}
	}
	f.target = signedTree{t, signed}
	f.expect[t.Size] = f.target
	return f.verify()
}

// verify compares the tree that the entries make with the one that was signed for this size, when there is one.
func (f *follower) verify() error {
	want, ok := f.expect[f.edge.Size()]
	if !ok {
		return nil
	}
	got, err := f.edge.Tree()
	if err != nil {
		return err
	}
	if got.Root != want.Root {
		return misfit{casedb.Finding{
			Kind: casedb.AlarmRoot, Args: map[string]int64{"from": f.verified.Size(), "size": want.Size},
			Evidence: []string{string(want.signed), string(f.known.signed), fmt.Sprintf("%x", got.Root[:])},
		}}
	}
	delete(f.expect, f.edge.Size())
	f.verified = f.edge
	return nil
}

// entry appends one entry to the tree and the batch.
func (f *follower) entry(ctx context.Context, e *casedb.Incoming) error {
	if e.Index != f.edge.Size() {
		return misfit{casedb.Finding{Kind: casedb.AlarmGap, Args: map[string]int64{"want": f.edge.Size(), "got": e.Index}, Evidence: []string{string(f.known.signed)}}}
	}
	f.edge = f.edge.Append(ledger.LeafHash(e.Commitment))
	f.edges[f.edge.Size()%edgesKept] = f.edge
	if err := f.verify(); err != nil {
		return err // the batch is not stored: nothing proves it
	}
	if e.Problem == casedb.ProblemChanged {
		finding := casedb.Finding{Kind: casedb.AlarmEntry, Args: map[string]int64{"index": e.Index}, Evidence: []string{fmt.Sprintf("%x", e.Commitment[:]), e.ID.String()}}
		if err := f.s.c.DB.Raise(ctx, finding, f.s.c.Now()); err != nil {
			return err
		}
	}
	if e.DeskOK && e.Letter.Seen != "" && !e.Wrapped {
		if err := f.seen(e); err != nil {
			return err
		}
	}
	f.s.late = f.s.late || e.Epoch > 0 && e.Epoch < f.s.keys.newest
	f.batch = append(f.batch, *e)
	return nil
}

// flush stores the batch.
func (f *follower) flush(ctx context.Context) error {
	if len(f.batch) == 0 {
		return nil
	}
	if err := f.s.meet(ctx, f.batch); err != nil {
		return err
	}
	applied, err := f.s.c.DB.Apply(ctx, f.batch, f.edge, f.s.c.Now())
	if err != nil {
		return fmt.Errorf("storing letters: %w", err)
	}
	clear(f.batch)
	f.batch, f.bytes = f.batch[:0], 0
	if len(f.shown) > 0 {
		if err := f.s.c.DB.SawShown(ctx, f.shown, f.s.c.Now()); err != nil {
			return err
		}
		f.shown = f.shown[:0]
	}
	if f.s.c.Changed != nil {
		f.s.c.Changed(applied)
	}
	return nil
}
