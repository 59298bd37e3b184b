package web

import (
	"context"
	"fmt"
	"net/http"

	"panah/desk/internal/office"
)

// inventory says what the desk knows and where it is.
type inventory interface {
	Inventory(ctx context.Context) (office.Inventory, error)
}

// A knowsPage lists every file and every key in plain words.
type knowsPage struct {
	*page
	Here    office.Inventory
	Unknown int      // files that are not the desk's
	Never   []string // what is never collected, from the rules
}

func (s *server) knows(w http.ResponseWriter, r *http.Request, v visit) error {
	here, err := s.can.inventory.Inventory(r.Context())
	if err != nil {
		return fmt.Errorf("looking at what is here: %w", err)
	}
	p, err := s.titled(r, v, "figures.knows_title")
	if err != nil {
		return err
	}
	p.Nav = "about"
	data := &knowsPage{page: p, Here: here, Never: s.book.Common.NeverCollect}
	for _, f := range here.Files {
		if f.What == "" {
			data.Unknown++
		}
	}
	return s.show(w, http.StatusOK, "knows", data)
}
