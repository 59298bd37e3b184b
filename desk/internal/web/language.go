package web

import (
	"net/http"

	"panah/core/l10n"
)

// language changes the language of this session. It is kept nowhere else.
func (s *server) language(w http.ResponseWriter, r *http.Request, v visit) error {
	if l, ok := l10n.Find(r.PostForm.Get("lang")); ok {
		s.sessions.change(v.key, func(se *session) { se.lang = l.Code })
	}
	http.Redirect(w, r, localPath(r.PostForm.Get("next")), http.StatusSeeOther)
	return nil
}
