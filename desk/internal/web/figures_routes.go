package web

// figures counts.
type figures interface{ neverFigures() }

func (s *server) figureRoutes() []route { return nil }
