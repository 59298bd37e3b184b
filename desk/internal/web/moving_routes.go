package web

import (
	"context"

	"panah/core/pathway"
	"panah/desk/internal/casedb"
	"panah/desk/internal/moving"
	"panah/desk/internal/office"
)

// mover brings cases in.
type mover interface {
	importer
	ImportBatches(ctx context.Context) ([]casedb.ImportBatch, error)
	ImportUndo(ctx context.Context, batch int64) (int, error)
}

// importer holds one list at a time.
type importer interface {
	Import(ctx context.Context) (office.Import, error)
	ImportRead(ctx context.Context, data []byte) error
	ImportPlan(ctx context.Context, chosen moving.Mapping, options office.ImportOptions, book *pathway.Book) error
	ImportRun(ctx context.Context, by office.Beginner) error
	ImportForget(ctx context.Context) error
}

func (s *server) movingRoutes() []route {
	var able any // it takes both: a list, and an office that opens cases
	if s.can.cases != nil && s.can.mover != nil {
		able = s.can.mover
	}
	return []route{
		{"GET /import", unlocked, false, false, s.when(able, s.importShow)},
		{"POST /import", unlocked, true, false, s.when(able, s.importRead)},
		{"POST /import/plan", unlocked, false, false, s.when(able, s.importPlan)},
		{"POST /import/run", unlocked, false, false, s.when(able, s.importRun)},
		{"POST /import/forget", unlocked, false, false, s.when(able, s.importForget)},
		{"GET /import/undo/{id}", unlocked, false, false, s.when(able, s.importUndoAsk)},
		{"POST /import/undo/{id}", unlocked, false, false, s.when(able, s.importUndo)},
		{"GET /thread/{id}/primero", unlocked, false, false, s.when(s.can.cases, s.primeroShow)},
		{"POST /thread/{id}/primero", unlocked, false, false, s.when(s.can.cases, s.primeroDo)},
	}
}
