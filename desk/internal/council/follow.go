package council

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// A view is what the gate served in one answer, as far as it was verified.
type view struct {
	link
	news wire.KeyNews
	fits bool // nothing was found wrong: a keeper's desk may act by itself
}

// maxClimbs bounds how often the rest of a long chain is asked for.
const maxClimbs = 64

// follow asks the gate, verifies, and stores what is new: rosters, the grant, cards. It is the only way by which anything of the gate comes into the key file.
func (c *Council) follow(ctx context.Context) (view, error) {
	for again := false; ; again = true {
		v, findings, err := c.fetch(ctx)
		if errors.Is(err, line.ErrDevice) {
			return v, c.outside(ctx, err)
		}
		if err != nil {
			return v, err
		}
		if !slices.Contains(v.now.Devices, c.me) {
			return v, c.out(ctx)
		}
		if len(findings) > 0 && (findings[0].Kind != casedb.AlarmRoster || findings[0].Args["serial"] > 0) { // the answer is not about the chain that this desk is in
			return v, errors.Join(fmt.Errorf("following the rosters: %w", ErrChain), c.tell(ctx, findings))
		}
		more, withheld, err := c.take(v)
		if err != nil {
			return v, err
		}
		if withheld && !again {
			continue // a gate may read its rosters and its grants one after the other
		}
		v.fits = len(findings) == 0
		c.remember(func(s *seen) { s.at, s.intake = c.c.Now(), v.news.Intake })
		if err := c.tell(ctx, append(findings, more...)); err != nil {
			return v, err
		}
		c.remember(func(s *seen) { s.proposals = c.describe(v) })
		return v, nil
	}
}

// fetch asks for keys and climbs the chain.
func (c *Council) fetch(ctx context.Context) (v view, findings []casedb.Finding, err error) {
	have := link{signed: c.c.Keys.Roster(), now: c.c.Keys.Newest()}
	from := max(1, have.now.Serial-1)
	if v.news, err = c.c.Line.Keys(ctx, from); err != nil {
		return v, nil, err
	}
	v.link, findings = climb(have, from, v.news.Rosters)
	for range maxClimbs {
		if len(findings) > 0 || len(v.news.Rosters) < wire.MaxRosters {
			break
		}
		if v.news, err = c.c.Line.Keys(ctx, v.now.Serial); err != nil {
			return v, nil, err
		}
		v.link, findings = climb(v.link, v.now.Serial, v.news.Rosters)
	}
	return v, findings, nil
}

// errSame keeps the key file as it is.
var errSame = errors.New("nothing is new")

// take stores what v brings, all of it or nothing. withheld says that the grant for the newest roster is not there.
func (c *Council) take(v view) (findings []casedb.Finding, withheld bool, err error) {
	var granted, won, ended bool
	err = c.update(func(s *keyring.State, m *memory) error {
		granted, withheld = false, false
		if m.Custody == "" && s.Custodians.Needed > 0 {
			m.Custody = custodyOf(c.c.Keys.Newest())
		}
		risen, had := v.now.Serial > c.c.Keys.Newest().Serial, m.Plan != nil
		var carded bool
		findings, carded = takeCards(s, m, v)
		var mine *plan
		mine, won = c.takePlan(s, m, v)
		ended = had && m.Plan == nil
		s.Roster = v.signed
		if risen {
			s.Name = v.now.Name
		}
		if v.now.Serial == 1 || m.Granted == v.now.Serial {
			if !risen && !carded && !ended {
				return errSame
			}
			return nil
		}
		found, opened, err := c.takeGrant(s, m, v, mine)
		findings, granted, withheld = append(findings, found...), opened || mine != nil, !opened
		return err
	})
	if err != nil && !errors.Is(err, errSame) {
		return nil, false, fmt.Errorf("keeping the organisation's keys: %w", err)
	}
	if ended {
		c.won = won
	}
	if granted {
		c.c.Changed()
	}
	return findings, withheld, nil
}

// takeGrant puts the grant for the newest roster into the state, and the device's next key beside it. When the gate has none that opens, what this desk's own plan granted stands in for it: the gate
// cannot keep that back; but the grant is still wanted, as it carries the renewal.
func (c *Council) takeGrant(s *keyring.State, m *memory, v view, mine *plan) (findings []casedb.Finding, opened bool, err error) {
	g, generation, err := c.openGrant(s, v)
	if err != nil {
		findings = []casedb.Finding{{Kind: casedb.AlarmGrant, Args: map[string]int64{"serial": int64(v.now.Serial)}, Evidence: []string{string(v.signed)}}}
		if mine == nil {
			return findings, false, nil
		}
		err := c.apply(s, m, c.grantOf(*s, mine), v.now)
		m.Granted = 0
		return findings, false, err
	}
	findings = c.heldCard(s, m, v, generation)
	m.Shed = m.Granted > 0 && (generation == m.Opened || v.now.Serial > m.Granted+1)
	m.Opened = generation
	if err := c.apply(s, m, g, v.now); err != nil {
		return findings, true, err
	}
	return findings, true, renew(s, generation)
}

// takePlan ends a change under way when a roster has its place, and returns it when v is what it wanted. won says whether it came into force.
func (c *Council) takePlan(s *keyring.State, m *memory, v view) (mine *plan, won bool) {
	p := m.Plan
	if p == nil || p.Serial > v.now.Serial {
		return nil, false
	}
	m.Plan = nil
	if won = inForce(p, v); won {
		if p.Serial == v.now.Serial {
			mine = p
		}
		return mine, true
	}
	if p.NewEpoch { // another keeper began the epoch of that number; its identity comes with the grant
		delete(s.Epochs, p.Epoch)
		delete(s.Began, p.Epoch)
	}
	return nil, false
}

// inForce looks for a plan's roster among those that were served and verified.
func inForce(p *plan, v view) bool {
	for _, signed := range v.news.Rosters {
		if r, err := roster.Reopen(signed); err == nil && r.Serial == p.Serial && r.Serial <= v.now.Serial {
			return r.TextHash() == p.Text
		}
	}
	return v.now.TextHash() == p.Text
}

func memberOf(members []roster.Member, hash roster.DeviceHash) (roster.Member, bool) {
	for _, m := range members {
		if m.Hash() == hash {
			return m, true
		}
	}
	return roster.Member{}, false
}
