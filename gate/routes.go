package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"panah/core/roster"
	"panah/core/rulebook"
	"panah/core/wire"
	"panah/gate/internal/api"
	"panah/gate/internal/door"
	"panah/gate/internal/mailbox"
	"panah/gate/internal/store"
	"panah/gate/internal/web"
	webgate "panah/web/gate"
)

// routes joins the interface for programs and the pages for people.
func (g *Gate) routes() (http.Handler, error) {
	pages, err := web.New(web.Config{
		Roster: func() (roster.Roster, bool) { _, r, ok := g.org.Roster(); return r, ok },
		Taking: g.org.Taking,
		Shifts: func() (wire.Duty, bool) { n, ok := g.board.Newest(); return n.Duty, ok },
		Rules: func() *rulebook.Table {
			if b := g.board.Rulebook(); b != nil {
				return b.Table
			}
			return nil
		},
		Site:   g.c.Site,
		Assets: webgate.Assets(),
		Intake: intake{g.api},
		Door:   door.New(door.Config{Mailboxes: doorBoxes{g.boxes}}),
		Now:    time.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the pages: %w", err)
	}
	mux := http.NewServeMux()
	for _, path := range api.Paths() {
		mux.Handle(path, g.api)
	}
	mux.Handle("/", pages)
	return g.pace.keep(g.recovered(mux)), nil
}

// intake is how the pages put letters in.
type intake struct{ api *api.API }

// Accept implements web.Intake.
func (i intake) Accept(ctx context.Context, sealed []byte, box *wire.MailboxKey) (wire.Accepted, error) {
	a, _, err := i.api.Accept(ctx, sealed, box)
	return a, err
}

// doorBoxes is how the door reads mailboxes.
type doorBoxes struct{ m *mailbox.Mailboxes }

// Replies implements door.Mailboxes.
func (d doorBoxes) Replies(ctx context.Context, key wire.MailboxKey) ([][]byte, error) {
	replies, err := d.m.Replies(ctx, key)
	return replies, noMailbox(err)
}

// Erase implements door.Mailboxes.
func (d doorBoxes) Erase(ctx context.Context, key wire.MailboxKey) error {
	return noMailbox(d.m.Erase(ctx, key))
}

func noMailbox(err error) error {
	if errors.Is(err, store.ErrNoMailbox) {
		return fmt.Errorf("%w: %w", door.ErrNoMailbox, err)
	}
	return err
}
