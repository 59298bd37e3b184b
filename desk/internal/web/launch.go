package web

import (
	"net/http"
)

// launch exchanges the token for a session cookie, once for each browser, and leads to an address without it.
func (s *server) launch(w http.ResponseWriter, r *http.Request) {
	if !s.token.matches(r.URL.Query().Get("token")) {
		s.outside(w, r)
		return
	}
	if _, ok := s.visit(r, false); !ok {
		http.SetCookie(w, &http.Cookie{
			Name: s.cookie, Value: s.sessions.open(chooseLanguage(r.Header.Get("Accept-Language"))),
			Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		})
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		// The address was clicked on another page. A redirect would count as that page's request, and carry no strict
		// cookie; a step from our own page does.
		w.Header().Set("Refresh", "0; url=/")
		s.plainPage(w, r, http.StatusOK, "open")
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// An outsidePage is what a browser without a session sees: how to get in, and nothing of the desk.
type outsidePage struct {
	*page
	Open  bool   // the token was right; go on
	Typed string // what was in a form that came too late, handed back
}

// outside answers a browser that has no session: usually because the program was started anew.
func (s *server) outside(w http.ResponseWriter, r *http.Request) {
	s.plainPage(w, r, http.StatusUnauthorized, "outside")
}

func (s *server) plainPage(w http.ResponseWriter, r *http.Request, status int, kind string) {
	p := &outsidePage{page: s.newPage(r, visit{Lang: chooseLanguage(r.Header.Get("Accept-Language"))}), Open: kind == "open"}
	if r.PostForm != nil {
		p.Typed = r.PostForm.Get("text")
	}
	if err := s.show(w, status, "outside", p); err != nil {
		s.log.Error("showing the page for browsers without a session", "err", err)
		http.Error(w, "The desk could not make this page.", http.StatusInternalServerError)
	}
}

// healthz says that the desk answers; locked or not is nobody's business.
func (s *server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write([]byte("ok\n"))
}
