package web

import (
	"context"
	"net/http"
	"time"

	"panah/core/event"
	"panah/desk/internal/office"
)

// consents records consents, closes, keeps and erases: desk/internal/office.
type consents interface {
	consentKeeper
	caseEnder
	retainer
}

// consentKeeper reads a case and records what is said about consents.
type consentKeeper interface {
	Consents(ctx context.Context, thread int64) (office.ConsentFile, error)
	Do(ctx context.Context, thread int64, bodies ...event.Body) error
}

// caseEnder keeps a closed case, or destroys one.
type caseEnder interface {
	Hold(ctx context.Context, thread int64, reason string, until time.Time, basis *event.Basis) error
	EraseCase(ctx context.Context, thread int64) error
	DestroyReport(ctx context.Context, thread, letter int64) (whole bool, err error)
}

// retainer knows what goes when.
type retainer interface {
	Review(ctx context.Context) ([]office.Going, event.Retention, error)
	Kept(ctx context.Context) (event.Retention, error)
	SetKept(ctx context.Context, k event.Retention) error
}

func (s *server) consentRoutes() []route {
	when := func(pattern string, run func(http.ResponseWriter, *http.Request, visit) error) route {
		return route{pattern, unlocked, false, false, s.when(s.can.consents, run)}
	}
	return []route{
		when("GET /thread/{id}/consents", s.consentsShow),
		when("POST /thread/{id}/consents", s.consentsDo),
		when("GET /thread/{id}/close", s.closeShow),
		when("POST /thread/{id}/close", s.closeDo),
		when("GET /thread/{id}/report/{letter}", s.reportAsk),
		when("POST /thread/{id}/report/{letter}", s.reportDestroy),
		when("GET /retention", s.retentionShow),
		when("POST /retention", s.retentionSet),
	}
}
