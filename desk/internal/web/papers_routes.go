package web

import (
	"context"
	"net/http"

	"panah/core/event"
	"panah/core/rulebook"
	"panah/desk/internal/office"
)

// paperChecker asks the rulebook in use. There is no method that asks about more than one paper.
type paperChecker interface {
	Rulebook(ctx context.Context) (*rulebook.Book, error)
	CheckPaper(ctx context.Context, q rulebook.Question) (rulebook.Answer, error)
	SavePaperCheck(ctx context.Context, thread int64, q rulebook.Question) error
}

// bookkeeper shows which rulebook holds, and lets keepers put another in its place.
type bookkeeper interface {
	RulebookState(ctx context.Context) (office.RulebookState, error)
	TryRulebook(ctx context.Context, files rulebook.Source) (t office.BookTrial, whole rulebook.Source, err error)
	AdoptRulebook(ctx context.Context, files rulebook.Source, why string) error
	ShippedRulebook(ctx context.Context, why string) error
	PassedFiles(ctx context.Context, h event.Hash) (rulebook.Source, error)
}

func (s *server) paperRoutes() []route {
	check := func(pattern string, run func(http.ResponseWriter, *http.Request, visit) error) route {
		return route{pattern, unlocked, false, false, s.when(s.can.papers, run)}
	}
	book := func(pattern string, files bool, run func(http.ResponseWriter, *http.Request, visit) error) route {
		return route{pattern, unlocked, files, false, s.when(s.can.books, run)}
	}
	return []route{
		check("GET /papers", s.paperAsk),
		check("POST /papers", s.paperCheck),
		check("GET /thread/{id}/papers", s.paperAsk),
		check("POST /thread/{id}/papers", s.paperCheck),
		book("GET /rulebook", false, s.rulebookShow),
		book("GET /rulebook/file/{name}", false, s.rulebookFile),
		book("GET /rulebook/update", false, s.rulebookUpdate),
		book("POST /rulebook/update", true, s.rulebookTry),
		book("POST /rulebook/again", false, s.rulebookAgain),
		book("POST /rulebook/adopt", false, s.rulebookAdopt),
		book("GET /rulebook/adopt", false, s.rulebookUpdate), // where a reload ends
		book("GET /rulebook/again", false, s.rulebookUpdate),
		book("POST /rulebook/back", false, s.rulebookBack),
	}
}
