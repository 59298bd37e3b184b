package web

import (
	"context"
	"time"

	"panah/core/roster"
)

// A duty is what waits for a keeper's desk, said on every page: other pages than the one of desks are where people are.
type duty struct {
	Overdue time.Time // when the key of letters should have changed; zero: it has
	Sign    bool      // a change waits for this desk's signature
}

// duty is nothing on a desk that is no keeper's, and where the list of desks cannot be read: that page says why.
func (s *server) duty(ctx context.Context) (d duty) {
	if s.can.council == nil {
		return d
	}
	k, err := s.can.council.Keys(ctx)
	if err != nil || k.Role != roster.RoleKeeper {
		return d
	}
	if k.Overdue {
		d.Overdue = k.Due
	}
	for _, p := range k.Proposals {
		d.Sign = d.Sign || !p.Ours
	}
	return d
}
