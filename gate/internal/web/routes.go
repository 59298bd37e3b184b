package web

import (
	"net/http"
	"path"
	"strings"

	"panah/core/l10n"
)

// routes lists every route. All of them are public.
func (h *Handler) routes() {
	h.mux = http.NewServeMux()
	h.mux.HandleFunc("GET /", h.static)
	h.mux.HandleFunc("GET /a/{file}", h.asset)
	h.mux.HandleFunc("POST /{lang}/send", h.form(h.send))
	h.mux.HandleFunc("POST /{lang}/check", h.answerCheck)
	h.mux.HandleFunc("POST /{lang}/mailbox", h.form(h.open))
	h.mux.HandleFunc("POST /{lang}/mailbox/write", h.form(h.write))
	h.mux.HandleFunc("POST /{lang}/mailbox/erase", h.form(h.erase))
}

// ServeHTTP serves the pages, the assets and the forms.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// static serves the pages that are the same for everybody.
func (h *Handler) static(w http.ResponseWriter, r *http.Request) {
	now, err := h.current()
	if err != nil { // New has rendered once: only a roster with a name that breaks a template comes here
		guard(w.Header())
		http.Error(w, "This page cannot be shown at the moment. Try again in an hour.", http.StatusInternalServerError)
		return
	}
	if p, ok := now.closed[r.URL.Path]; ok && (now.org.ID == "" || !h.c.Taking()) {
		serveOnce(w, http.StatusServiceUnavailable, p.plain)
		return
	}
	p, ok, err := now.at(r.URL.Path)
	if err != nil { // the rules of a release are tested, and a keeper's were read when they came
		h.notice(w, http.StatusInternalServerError, h.c.Site.language(), now.org, "err_unknown")
		return
	}
	if ok {
		p.serve(w, r, false)
		return
	}
	// A form's address asked for again (reload, address bar) and a missing slash lead to the nearest page.
	if lang, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); len(r.URL.Path) < 100 {
		if l, ok := l10n.Find(lang); ok {
			if to, ok := nearest[rest]; ok {
				guard(w.Header())
				http.Redirect(w, r, "/"+l.Code+"/"+to, http.StatusSeeOther)
				return
			}
			h.notice(w, http.StatusNotFound, l, now.org, "err_not_found")
			return
		}
	}
	h.notice(w, http.StatusNotFound, h.c.Site.language(), now.org, "err_not_found")
}

// nearest says where addresses lead that only answer forms.
var nearest = map[string]string{
	"": "", "send": "", "mailbox/": "mailbox", "mailbox/write": "mailbox", "mailbox/erase": "mailbox", "help/": "help", "check/": "check",
}

func (h *Handler) asset(w http.ResponseWriter, r *http.Request) {
	p, ok := h.build.assets.files[path.Clean(r.URL.Path)]
	if !ok {
		guard(w.Header())
		http.Error(w, "There is no such file. Load the page again.", http.StatusNotFound)
		return
	}
	p.serve(w, r, true)
}

// notice answers with a page of one sentence.
func (h *Handler) notice(w http.ResponseWriter, status int, l l10n.Language, org Organisation, id string) {
	html, err := h.build.notice(l, org, id)
	if err != nil {
		guard(w.Header())
		http.Error(w, "Something went wrong on our side. Go back and try again.", http.StatusInternalServerError)
		return
	}
	serveOnce(w, status, html)
}
