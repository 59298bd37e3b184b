package web

import (
	"context"
	"net/http"

	"panah/core/event"
	"panah/core/letters"
	"panah/desk/internal/office"
)

// letterWriter writes letters of a case: desk/internal/office.
type letterWriter interface {
	Letters(ctx context.Context, thread int64) (office.LetterFile, error)
	LetterValues(ctx context.Context, thread int64, t letters.Template, lang string) (map[string]string, error)
	MakeLetter(ctx context.Context, thread int64, m office.Making) (pdf []byte, blanked bool, err error)
	KeepLetter(ctx context.Context, thread int64, m office.Making) (blanked bool, err error)
	Do(ctx context.Context, thread int64, bodies ...event.Body) error
}

func (s *server) writingRoutes() []route {
	when := func(pattern string, run func(http.ResponseWriter, *http.Request, visit) error) route {
		return route{pattern, unlocked, false, false, s.when(s.can.writer, run)}
	}
	return []route{
		when("GET /thread/{id}/letters", s.writingShow),
		when("POST /thread/{id}/letters", s.writingDo),
		when("POST /thread/{id}/letters/talk", s.writingTalk),
	}
}
