package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"panah/core/l10n"
	"panah/desk/internal/office"
)

//go:embed templates/*.html templates/icons/*.svg
var templateFiles embed.FS

// pages are the parsed templates by name ("queue"), each with the layout around it.
type pages map[string]*template.Template

func readPages() (pages, error) {
	icons, err := readIcons()
	if err != nil {
		return nil, err
	}
	funcs := template.FuncMap{
		"icon": func(name string) (template.HTML, error) {
			if svg, ok := icons[name]; ok {
				return svg, nil
			}
			return "", fmt.Errorf("there is no icon %q", name)
		},
		// use draws an icon of the page's sprite: where fifty rows show the same few, it is sent once.
		"use": func(name string) (template.HTML, error) {
			if _, ok := icons[name]; !ok {
				return "", fmt.Errorf("there is no icon %q", name)
			}
			return template.HTML(`<svg class="icon" aria-hidden="true"><use href="#i-` + name + `"/></svg>`), nil
		},
		"sprite": func(names ...string) (template.HTML, error) { return sprite(icons, names) },
		"pass":   func(p *page, value any) piece { return piece{p, value} },
	}
	layout, err := template.New("layout.html").Funcs(funcs).Option("missingkey=error").
		ParseFS(templateFiles, "templates/layout.html", "templates/pieces*.html")
	if err != nil {
		return nil, fmt.Errorf("reading the layout: %w", err)
	}
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("listing pages: %w", err)
	}
	all := pages{}
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "layout" || strings.HasPrefix(name, "pieces") {
			continue
		}
		t, err := template.New("").Funcs(funcs).Option("missingkey=error").ParseFS(templateFiles, file)
		if err != nil {
			return nil, fmt.Errorf("reading the page %s: %w", name, err)
		}
		if all[name], err = furnish(t, layout); err != nil {
			return nil, fmt.Errorf("putting together the page %s: %w", name, err)
		}
	}
	return all, nil
}

// readIcons reads the drawings: our own files, set into pages as they are, so that they take the text's colour.
func readIcons() (map[string]template.HTML, error) {
	files, err := fs.Glob(templateFiles, "templates/icons/*.svg")
	if err != nil {
		return nil, fmt.Errorf("listing icons: %w", err)
	}
	icons := map[string]template.HTML{}
	for _, file := range files {
		svg, err := templateFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading an icon: %w", err)
		}
		icons[strings.TrimSuffix(path.Base(file), ".svg")] = template.HTML(bytes.TrimSpace(svg))
	}
	return icons, nil
}

// sprite holds the drawings that use refers to: each as a symbol that is not shown itself.
func sprite(icons map[string]template.HTML, names []string) (template.HTML, error) {
	var b strings.Builder
	b.WriteString(`<svg hidden>`)
	for _, name := range names {
		_, inner, ok := strings.Cut(string(icons[name]), ">")
		if !ok {
			return "", fmt.Errorf("there is no icon %q", name)
		}
		b.WriteString(`<symbol id="i-` + name + `" viewBox="0 0 20 20">` + strings.TrimSuffix(inner, "</svg>") + `</symbol>`)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()), nil // our own files
}

// A page is what the layout shows around every page. Page structs embed it.
type page struct {
	*words
	Title    string // of the page, plain
	Nav      string // "queue", "tasks", "search", "figures", "duty", "people", "desks", "about": which page of the menu it is
	Path     string // of the page: where language and alarm forms lead back to
	CSRF     string
	Unlocked bool
	Style    string
	Script   string
	Waiter   string // module that follows a page with Again
	Version  string
	Idle     int // seconds after which a list without script asks again, and finds the desk locked
	Status   office.Status
	Alarms   []alarm
	More     int    // unresolved alarms that the banner has no room for
	Said     string // id of a sentence that says what was just done
	Langs    []l10n.Language
	Again    int // seconds after which the page asks by itself how things stand; 0: never
	Menu     []menuItem
	Me       string // the name of the person at this desk; empty where nobody has one
	Duty     duty   // what waits for this keeper's desk
	Late     late   // what nobody has answered in time
	Reads    bool   // this desk can read the lines of a paper in a photo
}

// A piece is what a part of a page gets: the page, for its words, and a value.
type piece struct {
	W *page
	V any
}

// Page is the layout's part of a page, for templates of pieces.
func (p *page) Page() *page { return p }

// Words are the page's words, for values that write themselves.
func (p *page) Words() *words { return p.words }

// newPage fills the layout's part. What it cannot read of the desk (a lock in between) stays empty: the page's own handler
// meets the same error and says so.
func (s *server) newPage(r *http.Request, v visit) *page {
	lang, ok := l10n.Find(v.Lang)
	if !ok {
		lang, _ = l10n.Find(l10n.English)
	}
	p := &page{
		words: &words{desk: s.desk, intake: s.intake, lang: lang, now: time.Now()},
		Path:  "/", CSRF: v.CSRF, Unlocked: v.Unlocked, Style: s.assets.Style, Script: s.assets.Script, Waiter: s.assets.Wait,
		Version: s.version, Idle: int(s.idle/time.Second) + 5, Langs: l10n.Languages(), Reads: s.can.reads != nil,
	}
	if r.Method == http.MethodGet {
		p.Path = localPath(r.URL.RequestURI())
	}
	if !v.Unlocked {
		return p
	}
	p.Menu, p.Me = s.menuFor(v), v.Name
	p.Duty = s.duty(r.Context())
	p.Late = s.late(r, v)
	p.Status = s.office.Status(r.Context())
	p.Alarms, p.More = s.banner(r, p.words)
	if r.Header.Get("Panah-Live") == "" { // a page that refreshes itself shows no such sentence, and must not take it from the one that does
		s.sessions.change(v.key, func(se *session) { p.Said, se.said = se.said, "" })
	}
	return p
}

// titled makes a page with the title of an id.
func (s *server) titled(r *http.Request, v visit, id string, pairs ...any) (*page, error) {
	p := s.newPage(r, v)
	var err error
	p.Title, err = p.P(id, pairs...)
	return p, err
}

// show writes a page whole or not at all: a template that fails half way must not leave half a letter.
func (s *server) show(w http.ResponseWriter, status int, name string, data any) error {
	var b bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&b, "layout.html", data); err != nil {
		return fmt.Errorf("making the page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	squeeze(w, status, b.Bytes())
	return nil
}

// say remembers, for the next page of this session, what was just done.
func (s *server) say(v visit, id string) {
	s.sessions.change(v.key, func(se *session) { se.said = id })
}

// A problemPage says what went wrong, what to do next, and hands back what was typed.
type problemPage struct {
	*page
	What  string // id of the sentence
	Typed string
}

// fail turns a handler's error into a page. It is the top: only here errors are logged, by route, never with content.
func (s *server) fail(w http.ResponseWriter, r *http.Request, v visit, err error) {
	status, what := http.StatusInternalServerError, "problem.failed"
	switch {
	case errors.Is(err, office.ErrLocked):
		s.sessions.lockAll()
		if err = s.keepAndAsk(w, r, v); err == nil {
			return
		}
	case errors.Is(err, office.ErrNotFound):
		status, what = http.StatusNotFound, "problem.no_thread"
	case errors.Is(err, office.ErrWall):
		if s.wall(w, r, v) {
			return
		}
		status, what = http.StatusForbidden, "cases.problem_wall"
	case errors.Is(err, errPart):
		status, what = http.StatusUnprocessableEntity, "problem.part"
	case errors.Is(err, errNowhere):
		status, what = http.StatusNotFound, "problem.nowhere"
	case errors.Is(err, errEmpty):
		status, what = http.StatusUnprocessableEntity, "cases.problem_empty"
	case errors.Is(err, errMoment):
		status, what = http.StatusUnprocessableEntity, "cases.problem_moment"
	case peopleWords(err) != "":
		status, what = peopleProblem(err)
	case caseProblem(err) != "":
		status, what = http.StatusForbidden, caseProblem(err)
	case errors.Is(err, office.ErrFull):
		s.log.Error("the disk of this desk is full", "route", r.Pattern)
		status, what = http.StatusInsufficientStorage, "problem.disk"
	case errors.Is(err, office.ErrState):
		status, what = http.StatusConflict, "problem.state"
	case errors.Is(err, office.ErrKeeper):
		status, what = http.StatusForbidden, "problem.keeper"
	case errors.Is(err, office.ErrRole):
		status, what = http.StatusForbidden, "problem.role"
	case errors.Is(err, office.ErrConflict):
		status, what = http.StatusConflict, "problem.conflict"
	case errors.Is(err, office.ErrChain):
		status, what = http.StatusBadGateway, "problem.chain"
	case errors.Is(err, errForeignForm), errors.Is(err, errFormKind):
		status, what = http.StatusForbidden, "problem.form"
	case errors.Is(err, errFormSize):
		status, what = http.StatusRequestEntityTooLarge, "problem.size"
	}
	if status == http.StatusInternalServerError {
		s.log.Error("answering a request of the desk's pages", "route", r.Pattern, "err", err)
	}
	s.problem(w, r, v, status, what)
}

// problem shows the page of a problem, with what was typed.
func (s *server) problem(w http.ResponseWriter, r *http.Request, v visit, status int, what string) {
	p, err := s.titled(r, v, "problem.title")
	if err == nil {
		data := &problemPage{page: p, What: what}
		if r.PostForm != nil {
			data.Typed = r.PostForm.Get("text")
		}
		err = s.show(w, status, "problem", data)
	}
	if err != nil {
		s.log.Error("showing a problem", "err", err)
		http.Error(w, "The desk could not make this page. Go back and try again.", http.StatusInternalServerError)
	}
}

func (s *server) nowhere(http.ResponseWriter, *http.Request, visit) error { return errNowhere }
