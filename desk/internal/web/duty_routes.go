package web

// duties knows who is on duty, and calls them.
type duties interface{ neverDuties() }

func (s *server) dutyRoutes() []route { return nil }
