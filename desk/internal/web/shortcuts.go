package web

import "net/http"

// A shortcutsPage lists the keys that the desk's module hears. It is a page, so that it is there without script; with script the same list opens over the page.
type shortcutsPage struct {
	*page
	Keys []shortcut
}

// A shortcut is what a key does.
type shortcut struct {
	Keys  []string
	Words string // id
}

func (s *server) shortcuts(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.titled(r, v, "cases.keys_title")
	if err != nil {
		return err
	}
	p.Path = "/keys"
	return s.show(w, http.StatusOK, "keys", &shortcutsPage{page: p, Keys: []shortcut{
		{[]string{"j", "k"}, "cases.key_move"},
		{[]string{"Enter"}, "cases.key_enter"},
		{[]string{"/"}, "cases.key_search"},
		{[]string{"g", "q"}, "cases.key_queue"},
		{[]string{"g", "t"}, "cases.key_tasks"},
		{[]string{"1", "…", "6"}, "cases.key_tabs"},
		{[]string{"r"}, "cases.key_reply"},
		{[]string{"n"}, "cases.key_note"},
		{[]string{"c"}, "cases.key_claim"},
		{[]string{"d"}, "consents.key_report"},
		{[]string{"p"}, "papers.key"},
		{[]string{"?"}, "cases.key_help"},
	}})
}
