// Package wraps keeps open cases readable when the epochs that their letters were sealed to are gone: it puts the letters' file keys at the gate,
// sealed to the newest epoch, and reads there what other desks put (docs/formats-keys.md, section 7).
//
// It wraps nothing of a thread that was erased or locked, believes no wrap without the desk tag of its epoch, and never replaces what another desk wrote.
package wraps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

// A Gate is what this package asks of the gate: *line.Line.
type Gate interface {
	Wraps(ctx context.Context, epoch int, after [16]byte) (wraps []wire.Wrap, more bool, err error)
	PutWraps(ctx context.Context, epoch int, wraps []wire.Wrap) error
	DropWraps(ctx context.Context, epoch int) error
}

// Config is what a Wrapper works with. The caller owns all of it.
type Config struct {
	DB   *casedb.DB
	Gate Gate
	Keys *keyring.Keyring
	Now  func() time.Time
}

// A Wrapper makes and reads wraps. Its methods may be called at once.
type Wrapper struct{ c Config }

// New makes a Wrapper.
func New(c Config) *Wrapper { return &Wrapper{c} }

var (
	// ErrKey says that this desk has no key of the epoch.
	ErrKey = errors.New("this desk has no key of that epoch")
	// ErrWithheld says that the gate does not serve wraps that it has taken: the keys that they make dispensable must stay.
	ErrWithheld = errors.New("the gate does not keep what opens the open cases; this desk keeps the old keys until it does")
)

// Bounds of one step: what is in memory at once, and what one request carries (at most wire.MaxWraps and 8 MiB).
const (
	stepThreads = 100
	stepBytes   = 6 << 20
	maxPages    = 1 << 16
	passes      = 4 // desks that write at the same moment may undo each other's work once or twice
)

// keys is what an epoch's wraps are made and read with.
type keys struct {
	epoch    int
	identity *age.HybridIdentity
	to       *age.HybridRecipient
	desk     seal.DeskKey
}

func (w *Wrapper) keys(epoch int) (keys, error) {
	k := keys{epoch: epoch, identity: w.c.Keys.Identity(epoch)}
	desk, ok := w.c.Keys.DeskKey(epoch)
	if k.identity == nil || !ok {
		return k, fmt.Errorf("wrapping open cases: %w", ErrKey)
	}
	k.to, k.desk = k.identity.Recipient(), desk
	return k, nil
}

// WrapPass sees to it that the gate serves, for the epoch, what opens every entry of every open thread that was sealed to an earlier one. Nil
// means: all that this desk knows of is there, read back and checked, so older keys may be destroyed; once the epoch is in force, wraps of earlier ones are deleted.
// It goes on where it was interrupted. The error wraps ErrKey, ErrWithheld, casedb.ErrBehind, or what desk/internal/line says.
func (w *Wrapper) WrapPass(ctx context.Context, epoch int) error {
	k, err := w.keys(epoch)
	if err != nil || epoch == 1 {
		return err
	}
	for range passes {
		if _, err := w.load(ctx, k); err != nil {
			return err
		}
		if err := w.caseKeys(ctx, k); err != nil {
			return err
		}
		added, err := w.add(ctx, k)
		if err != nil {
			return err
		}
		if added > 0 {
			continue // read them back
		}
		if w.c.Keys.Epoch() < epoch {
			return nil // about to begin: wraps of the epoch in force are still what counts
		}
		return w.drop(ctx, epoch)
	}
	f := casedb.Finding{Kind: casedb.AlarmWithheld, Args: map[string]int64{"epoch": int64(epoch)}}
	if err := w.c.DB.Raise(ctx, f, w.c.Now()); err != nil {
		return err
	}
	return fmt.Errorf("wrapping open cases: %w", ErrWithheld)
}

func (w *Wrapper) drop(ctx context.Context, epoch int) error {
	if err := w.c.Gate.DropWraps(ctx, epoch); err != nil {
		return fmt.Errorf("deleting the wraps of earlier epochs: %w", err)
	}
	return w.c.DB.DropWraps(ctx, epoch)
}

// TopUp adds what came for open threads since the epoch in force began and was sealed to the one before: phones keep a page open for days.
func (w *Wrapper) TopUp(ctx context.Context) error {
	epoch := w.c.Keys.Epoch()
	k, err := w.keys(epoch)
	if errors.Is(err, ErrKey) || epoch == 1 {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = w.add(ctx, k)
	if errors.Is(err, casedb.ErrBehind) {
		return nil
	}
	return err
}

// add wraps what stands in no wrap of the epoch, as far as this desk knows, and returns how many wraps that were.
func (w *Wrapper) add(ctx context.Context, k keys) (added int, err error) {
	for after, more := int64(0), true; more; more = after != 0 {
		var some []casedb.Wrap
		before := after
		if some, after, err = w.c.DB.ToWrap(ctx, k.epoch, after, stepThreads); err != nil {
			return added, err
		}
		if len(some) == 0 {
			continue
		}
		if err := w.put(ctx, k, some); err != nil {
			return added, err
		}
		added += len(some)
		if full(some) { // a long thread has more than one wrap holds
			after = before
			if after == 0 {
				after = -1
			}
		}
	}
	return added, nil
}

func full(some []casedb.Wrap) bool {
	for _, w := range some {
		if len(w.Entries) >= maxEntries {
			return true
		}
	}
	return false
}

// put names wraps, seals them, and sends them in requests of a bounded size.
func (w *Wrapper) put(ctx context.Context, k keys, some []casedb.Wrap) error {
	naming := func(first wire.MailboxID, number uint32) [16]byte { return name(k.desk, first, number) }
	if err := w.c.DB.PlanWraps(ctx, k.epoch, some, naming); err != nil {
		return err
	}
	for len(some) > 0 {
		var sealed []wire.Wrap
		size := 0
		for _, one := range some {
			s, err := w.seal(k, one)
			if err != nil {
				return err
			}
			if len(sealed) > 0 && (size+len(s) > stepBytes || len(sealed) == wire.MaxWraps) {
				break
			}
			sealed, size = append(sealed, wire.Wrap{Name: one.Name, Sealed: s}), size+len(s)
		}
		if err := w.c.Gate.PutWraps(ctx, k.epoch, sealed); err != nil {
			return fmt.Errorf("sending wraps: %w", err)
		}
		if err := w.c.DB.PutWraps(ctx, k.epoch, some[:len(sealed)]); err != nil {
			return err
		}
		some = some[len(sealed):]
	}
	return nil
}

func (w *Wrapper) seal(k keys, one casedb.Wrap) ([]byte, error) {
	b, err := encodeBody(one)
	if err != nil {
		return nil, err
	}
	defer clear(b)
	return w.sealPart(k, b)
}

func (w *Wrapper) sealPart(k keys, part []byte) ([]byte, error) {
	l := seal.Letter{
		Kind: seal.KindWrap, Org: w.c.Keys.Org, Epoch: k.epoch, Sealed: seal.SealedDesk,
		Parts: []seal.Part{{Type: seal.TypeOctets, Data: part}},
	}
	l.DeskTag = k.desk.Tag(l)
	sealed, err := seal.Seal(l, k.to)
	if err != nil {
		return nil, fmt.Errorf("sealing a wrap: %w", err)
	}
	return sealed, nil
}

// Load reads every wrap of an epoch from the gate. news says that it brought keys of entries that this desk has not opened.
func (w *Wrapper) Load(ctx context.Context, epoch int) (news bool, err error) {
	k, err := w.keys(epoch)
	if err != nil {
		return false, err
	}
	return w.load(ctx, k)
}

// Regain takes, in a recovery, the keys of locked cases that are wrapped for the custodians. epoch is the one that their sheets brought back, of which the keyring has
// the key.
func (w *Wrapper) Regain(ctx context.Context, epoch int, custodians age.Identity) error {
	k, err := w.keys(epoch)
	if err != nil {
		return err
	}
	_, err = w.load(ctx, k, custodians)
	return err
}

func (w *Wrapper) load(ctx context.Context, k keys, more ...age.Identity) (news bool, err error) {
	ids := append([]age.Identity{w.c.Keys.GrantOpener()}, more...)
	if err := w.c.DB.RereadWraps(ctx, k.epoch); err != nil {
		return false, err
	}
	opener := seal.NewOpener(k.identity)
	var after [16]byte
	for range maxPages {
		page, more, err := w.c.Gate.Wraps(ctx, k.epoch, after)
		if err != nil {
			return news, fmt.Errorf("reading wraps: %w", err)
		}
		var read []casedb.Wrap
		for _, sealed := range page {
			after = sealed.Name
			one, ok, fresh, err := w.open(ctx, k, opener, sealed, ids)
			if err != nil {
				return news, err
			}
			if ok {
				read = append(read, one)
			}
			news = news || fresh
		}
		fresh, err := w.c.DB.SawWraps(ctx, k.epoch, read)
		if err != nil {
			return news, err
		}
		news = news || fresh
		if !more {
			return news, nil
		}
	}
	return news, errors.New("reading wraps: no end of them")
}

// open reads one wrap. ok is false for one that is passed over: sealed by a keeper whose epoch of this number did not come, or forged, which is an alarm.
// A key wrap of a locked case is taken when one of ids opens it: news says that it brought something.
func (w *Wrapper) open(ctx context.Context, k keys, o seal.Opener, sealed wire.Wrap, ids []age.Identity) (one casedb.Wrap, ok, news bool, err error) {
	l, err := o.Open(sealed.Sealed)
	if errors.Is(err, seal.ErrNotForUs) {
		return one, false, false, nil
	}
	if err == nil && l.Kind == seal.KindWrap && l.Org == w.c.Keys.Org && k.desk.Check(l) == nil && len(l.Parts) == 1 {
		if bytes.HasPrefix(l.Parts[0].Data, []byte(ageIntro)) {
			news, err = w.takeCaseKey(ctx, l, sealed, k.epoch, ids)
			return one, false, news, err
		}
		if one, err = parseBody(l.Parts[0].Data); err == nil {
			one.Name = sealed.Name
			return one, true, false, nil
		}
	}
	f := casedb.Finding{Kind: casedb.AlarmWrap, Evidence: []string{fmt.Sprintf("%x", sealed.Name), wire.IDOf(sealed.Sealed).String()}}
	return one, false, false, w.c.DB.Raise(ctx, f, w.c.Now())
}
