package web

// cases works cases: desk/internal/office.
type cases interface{ neverCases() }

func (s *server) caseRoutes() []route { return nil }
