package office

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"panah/core/roster"
	"panah/desk/internal/council"
	"panah/desk/internal/keyring"
)

// Keys tells how the organisation's keys stand, as far as this desk has verified.
func (o *Office) Keys(context.Context) (k Keys, err error) {
	err = o.in(func(r *room) error {
		k, err = r.keysNow()
		return err
	})
	return k, err
}

func (r *room) keysNow() (Keys, error) {
	s, now := r.keys.State(), r.keys.Newest()
	words, err := r.o.wordsOf(s.Org)
	if err != nil {
		return Keys{}, err
	}
	k := Keys{
		Org: s.Org, Words: words, Serial: now.Serial, Epoch: now.Epoch, Threshold: now.Threshold, Keepers: len(now.Keepers),
		Began: s.Began[now.Epoch], Role: s.Role, Custodians: s.Custodians,
	}
	if !k.Began.IsZero() {
		k.Due = k.Began.Add(council.EpochTime)
		k.Overdue = r.o.c.Now().After(k.Began.Add(council.OverdueTime))
	}
	for _, m := range s.Members {
		k.Desks = append(k.Desks, r.desk(s, m))
	}
	if r.keep == nil {
		return k, nil
	}
	intake, waiting := r.keep.Seen()
	k.Intake = intake
	for _, p := range waiting {
		k.Proposals = append(k.Proposals, r.proposal(s, p))
	}
	if r.keep.Waits() {
		k.Waiting = "proposal"
	}
	return k, nil
}

// wordsOf are the numbers of an organisation's words: the tenth of a second that they take is taken once.
func (o *Office) wordsOf(org string) ([8]byte, error) {
	o.words.Lock()
	defer o.words.Unlock()
	if o.words.org == org {
		return o.words.numbers, nil
	}
	w, err := roster.Words(org)
	if err != nil {
		return w, fmt.Errorf("finding the organisation's words: %w", err)
	}
	o.words.org, o.words.numbers = org, w
	return w, nil
}

// deskID is how addresses of pages name a desk.
func deskID(h roster.DeviceHash) string { return hex.EncodeToString(h[:8]) }

func (r *room) desk(s keyring.State, m roster.Member) Desk {
	d := Desk{
		ID: deskID(m.Hash()), Name: m.Name, Role: m.Role, Keeper: m.Keeper != "", This: m.Hash() == r.me(), Since: m.Since, Generation: m.Generation,
	}
	if card, err := roster.OpenCard(s.Cards[m.Hash()], s.Org, m.Device); err == nil {
		d.Generation, d.Behind = card.Generation, m.Generation > 0 && card.Generation <= m.Generation
	}
	return d
}

func (r *room) me() roster.DeviceHash { return roster.HashDevice(pubOf(r.keys)) }

func (r *room) proposal(s keyring.State, p council.Proposal) Proposal {
	out := Proposal{ID: p.ID, NewEpoch: p.NewEpoch, Threshold: p.Threshold, Signed: p.Signed, Needed: p.Needed, Ours: p.Ours}
	for _, m := range p.Added {
		out.Added = append(out.Added, r.named(s, m))
	}
	for _, m := range p.Removed {
		out.Removed = append(out.Removed, r.named(s, m))
	}
	return out
}

// named also takes members of whom only the hash is known, as their name.
func (r *room) named(s keyring.State, m roster.Member) Desk {
	if len(m.Device) == 0 {
		return Desk{ID: m.Name, Name: m.Name}
	}
	return r.desk(s, m)
}

// member finds a desk by what addresses of pages call it.
func (r *room) member(id string) (roster.Member, error) {
	s := r.keys.State()
	i := slices.IndexFunc(s.Members, func(m roster.Member) bool { return deskID(m.Hash()) == id })
	if i < 0 {
		return roster.Member{}, ErrNotFound
	}
	return s.Members[i], nil
}

// Exposure tells what a thief of a desk may have: what it could read when it was last let in, as far as this desk's own copy shows. The error wraps ErrNotFound.
func (o *Office) Exposure(ctx context.Context, desk string) (e Exposure, err error) {
	err = o.in(func(r *room) error {
		e, err = r.exposure(ctx, desk)
		return err
	})
	return e, err
}

func (r *room) exposure(ctx context.Context, desk string) (Exposure, error) {
	m, err := r.member(desk)
	if err != nil {
		return Exposure{}, err
	}
	s, now := r.keys.State(), r.keys.Newest()
	e := Exposure{Desk: r.desk(s, m), Since: s.Began[now.Epoch], Keeper: m.Keeper != ""}
	for n := max(1, now.Epoch-1); n <= now.Epoch; n++ {
		e.Epochs = append(e.Epochs, n)
		if began := s.Began[n]; !began.IsZero() && began.Before(e.Since) {
			e.Since = began
		}
	}
	e.Letters, e.Threads, e.Locked, err = r.db.Exposed(ctx, e.Epochs, m.Hash())
	return e, err
}
