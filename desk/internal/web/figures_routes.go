package web

import (
	"context"

	"panah/desk/internal/office"
)

// figures counts.
type figures interface {
	Figures(ctx context.Context, from, to office.Month) (office.Figures, error)
}

func (s *server) figureRoutes() []route {
	return []route{
		{"GET /figures", unlocked, false, false, s.when(s.can.figures, s.figuresShow)},
		{"GET /figures/file", unlocked, false, false, s.when(s.can.figures, s.figuresFile)},
		{"GET /knows", unlocked, false, false, s.when(s.can.inventory, s.knows)},
	}
}
