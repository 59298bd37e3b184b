package web

// searcher finds.
type searcher interface{ neverSearcher() }

func (s *server) searchRoutes() []route { return nil }
