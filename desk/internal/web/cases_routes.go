package web

import (
	"context"
	"net/http"
	"time"

	"panah/core/event"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// cases works cases: desk/internal/office.
type cases interface {
	caseReader
	caseOpener
	caseWorker
}

// caseReader shows cases.
type caseReader interface {
	Queue(ctx context.Context, f casedb.CaseFilter) (office.Queue, error)
	Case(ctx context.Context, thread int64) (office.CaseFile, error)
	Tasks(ctx context.Context, before time.Time, mine bool) ([]casedb.TaskRow, error)
	People(ctx context.Context) (map[event.Staff]string, error)
}

// caseOpener begins cases.
type caseOpener interface {
	OpenCase(ctx context.Context, thread int64, o office.Opening) error
	BeginCase(ctx context.Context, o office.Opening) (thread int64, err error)
}

// caseWorker writes into cases.
type caseWorker interface {
	Do(ctx context.Context, thread int64, bodies ...event.Body) error
	Follow(ctx context.Context, thread int64, pathway string, on bool) error
	Answer(ctx context.Context, thread int64, pathway, question, value string) error
}

func (s *server) caseRoutes() []route {
	when := func(pattern string, run func(http.ResponseWriter, *http.Request, visit) error) route {
		return route{pattern, unlocked, false, false, s.when(s.can.cases, run)}
	}
	return []route{
		when("GET /tasks", s.tasks),
		{"GET /keys", unlocked, false, false, s.shortcuts},
		when("GET /new", s.newCaseAsk),
		when("POST /new", s.newCase),
		when("POST /thread/{id}/open", s.openCase),
		when("POST /thread/{id}/take", s.takeCase),
		when("POST /thread/{id}/follow", s.follow),
		when("POST /thread/{id}/answers", s.answers),
		when("POST /thread/{id}/note", s.note),
		when("POST /thread/{id}/details", s.details),
		when("POST /thread/{id}/moment", s.moment),
		when("POST /thread/{id}/settle", s.settle),
		when("POST /thread/{id}/task", s.taskAdd),
		when("POST /thread/{id}/task/state", s.taskState),
		when("POST /thread/{id}/task/move", s.taskMove),
	}
}
