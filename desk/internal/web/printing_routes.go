package web

func (s *server) printingRoutes() []route {
	return []route{
		{"GET /printing", unlocked, false, false, s.printingAsk},
		{"POST /printing", unlocked, false, false, s.printing},
	}
}
