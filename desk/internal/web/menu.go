package web

// A menuItem is one line of the menu on every page.
type menuItem struct {
	Path  string
	Nav   string // as page.Nav says where one is
	Words string // id
}

// menu lists the pages that this office has.
func (s *server) menu() (items []menuItem) {
	for _, m := range [...]struct {
		menuItem
		there bool
	}{
		{menuItem{"/", "queue", "cases.nav_queue"}, s.can.cases != nil},
		{menuItem{"/", "queue", "layout.letters"}, s.can.cases == nil},
		{menuItem{"/tasks", "tasks", "cases.nav_tasks"}, s.can.cases != nil},
		{menuItem{"/search", "search", "cases.nav_search"}, s.can.searcher != nil},
		{menuItem{"/papers", "papers", "papers.nav"}, s.can.papers != nil},
		{menuItem{"/figures", "figures", "cases.nav_figures"}, s.can.figures != nil},
		{menuItem{"/duty", "duty", "cases.nav_duty"}, s.can.duties != nil},
		{menuItem{"/retention", "retention", "consents.nav"}, s.can.consents != nil},
		{menuItem{"/people", "people", "cases.nav_people"}, s.can.people != nil},
		{menuItem{"/desks", "desks", "layout.desks"}, s.can.council != nil},
		{menuItem{"/about", "about", "layout.about"}, true},
	} {
		if m.there {
			items = append(items, m.menuItem)
		}
	}
	return items
}
