package web

import (
	"context"
	"net/http"

	"panah/desk/internal/office"
)

// searcher finds: desk/internal/office.
type searcher interface {
	Search(ctx context.Context, q office.Query) (office.Results, error)
	Suggest(ctx context.Context, thread int64) ([]office.Suggestion, error)
}

// linker makes two conversations one matter, and takes them apart.
type linker interface {
	Link(ctx context.Context, thread, to int64) error
	Split(ctx context.Context, thread int64) error
}

// The words of a search are personal data: they come in a form's body, stay in the session's memory, and are in no address.
func (s *server) searchRoutes() []route {
	when := func(pattern string, able any, run func(http.ResponseWriter, *http.Request, visit) error) route {
		return route{pattern, unlocked, false, false, s.when(able, run)}
	}
	return []route{
		when("GET /search", s.can.searcher, s.searchShow),
		when("POST /search", s.can.searcher, s.searchFor),
		when("POST /search/more", s.can.searcher, s.searchMore),
		when("POST /search/clear", s.can.searcher, s.searchClear),
		when("GET /thread/{id}/same", s.can.searcher, s.same),
		when("POST /thread/{id}/link", s.can.linker, s.link),
		when("POST /thread/{id}/split", s.can.linker, s.split),
	}
}
