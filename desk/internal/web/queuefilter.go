package web

import (
	"net/url"
	"strconv"
	"time"

	"panah/core/l10n"
	"panah/core/pathway"
	"panah/desk/internal/casedb"
)

// A queueFilter is what the address of the queue says: ids and numbers only, never a word about a person.
type queueFilter struct {
	View    string // "", "mine", "new", "open", "waiting", "late", "closed"
	Urgency string // "", "minutes", "hours", "days"
	Pathway string
	Lang    string
	Newest  bool
	Page    int
}

// views are the lists that the queue has, in order.
var views = [...]string{"", "mine", "new", "open", "waiting", "late", "closed"}

func readFilter(q url.Values) queueFilter {
	f := queueFilter{Page: 1, Newest: q.Get("order") == "newest"}
	for _, v := range views {
		if v == q.Get("view") {
			f.View = v
		}
	}
	if u := pathway.Urgency(q.Get("urgency")); u == pathway.Minutes || u == pathway.Hours || u == pathway.Days {
		f.Urgency = string(u)
	}
	if p := q.Get("pathway"); len(p) <= 40 {
		f.Pathway = p
	}
	if l, ok := l10n.Find(q.Get("lang")); ok {
		f.Lang = l.Code
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 && n <= 10_000 {
		f.Page = n
	}
	return f
}

// casedb is the filter as the database takes it; the office fills in whose queue it is.
func (f queueFilter) casedb(now time.Time) casedb.CaseFilter {
	c := casedb.CaseFilter{Pathway: f.Pathway, Lang: f.Lang, Newest: f.Newest, Limit: perPage, Offset: (f.Page - 1) * perPage}
	c.Urgency = map[string]casedb.Urgency{"minutes": casedb.UrgencyMinutes, "hours": casedb.UrgencyHours, "days": casedb.UrgencyDays}[f.Urgency]
	switch f.View {
	case "mine":
		c.Mine = true
	case "waiting":
		c.Waiting = true
	case "late":
		c.Late = now
	case "new", "open", "closed":
		c.Stage = casedb.Stage(f.View)
	}
	return c
}

// address is the queue's address for a filter.
func (f queueFilter) address() string {
	q := url.Values{}
	for name, value := range map[string]string{"view": f.View, "urgency": f.Urgency, "pathway": f.Pathway, "lang": f.Lang} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Newest {
		q.Set("order", "newest")
	}
	if f.Page > 1 {
		q.Set("page", strconv.Itoa(f.Page))
	}
	if len(q) == 0 {
		return "/"
	}
	return "/?" + q.Encode()
}

func (f queueFilter) at(page int) string { f.Page = page; return f.address() }

// To is the address of a view with the other filters kept.
func (f queueFilter) To(view string) string { f.View, f.Page = view, 1; return f.address() }

// Only is the address that adds an urgency, or takes it off when it is chosen already.
func (f queueFilter) Only(urgency string) string {
	if f.Urgency == urgency {
		urgency = ""
	}
	f.Urgency, f.Page = urgency, 1
	return f.address()
}

// Narrowed reports whether something besides the view is chosen.
func (f queueFilter) Narrowed() bool {
	return f.Urgency != "" || f.Pathway != "" || f.Lang != "" || f.Newest
}

// Views lists the views.
func (queueFilter) Views() []string { return views[:] }

// Count is how many cases a view has; -1 where nobody counts.
func (p *queuePage) Count(view string) int {
	switch c := p.Counts; view {
	case "":
		return c.New + c.Open
	case "mine":
		return c.Mine
	case "new":
		return c.New
	case "open":
		return c.Open
	case "late":
		return c.Late
	}
	return -1
}

func (s *server) pathwayChoices(chosen ...string) (list []choice) {
	for _, p := range s.book.Pathways() {
		c := choice{Value: p.ID, Words: p.Title, Lang: l10n.English}
		for _, id := range chosen {
			c.Chosen = c.Chosen || id == p.ID
		}
		list = append(list, c)
	}
	return list
}

func languageChoices(chosen string) (list []choice) {
	for _, l := range l10n.Languages() {
		list = append(list, choice{Value: l.Code, Words: l.Name, Lang: l.Code, Chosen: l.Code == chosen})
	}
	return list
}
