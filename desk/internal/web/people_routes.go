package web

// people knows who works at this desk.
type people interface{ neverPeople() }

func (s *server) peopleRoutes() []route { return nil }
