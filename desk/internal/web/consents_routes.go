package web

// consents records consents, closes, keeps and erases.
type consents interface{ neverConsents() }

func (s *server) consentRoutes() []route { return nil }
