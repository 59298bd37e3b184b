package bench

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"panah/desk/internal/office"
	"panah/desk/internal/web"
)

const addr = "127.0.0.1:8401"

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// A visitor is a browser in front of the handler: what is measured is the server's side.
type visitor struct {
	b       *testing.B
	handler http.Handler
	cookies map[string]*http.Cookie
}

func (v *visitor) ask(method, path string, form url.Values, gzip bool) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://"+addr+path, strings.NewReader(form.Encode()))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "null")
	}
	if gzip {
		r.Header.Set("Accept-Encoding", "gzip, br")
	}
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		v.cookies[c.Name] = c
	}
	return w
}

// get asks for a page and returns its size as it goes out.
func (v *visitor) get(path string, gzip bool) int {
	v.b.Helper()
	w := v.ask("GET", path, nil, gzip)
	if w.Code != http.StatusOK {
		v.b.Fatalf("GET %s: %d", path, w.Code)
	}
	return w.Body.Len()
}

func (v *visitor) post(path string, pairs ...string) {
	v.b.Helper()
	page := v.ask("GET", "/about", nil, false).Body.String()
	m := csrfField.FindStringSubmatch(page)
	if m == nil {
		v.b.Fatal("no form to answer")
	}
	form := url.Values{"csrf": {m[1]}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	if w := v.ask("POST", path, form, false); w.Code != http.StatusSeeOther {
		v.b.Fatalf("POST %s: %d", path, w.Code)
	}
}

// queues are the lists that the page offers, and some of them together.
var queues = []string{
	"/", "/?view=mine", "/?view=new", "/?view=open", "/?view=waiting", "/?view=late", "/?view=closed", "/?order=newest", "/?urgency=minutes", "/?pathway=medical", "/?lang=ps", "/?page=20",
	"/?view=open&pathway=medical&urgency=hours", "/?view=waiting&order=newest&lang=ps", "/?view=new&order=newest&urgency=days",
}

// pages measures the queue, the long case and the figures through the handler, in English and Persian.
func (s *site) pages(b *testing.B, o *office.Office) (queue sample) {
	b.Helper()
	token := web.NewToken()
	h, err := web.New(web.Config{Office: o, Addr: addr, Token: token, Version: "bench"})
	must(b, err)
	v := &visitor{b, h, map[string]*http.Cookie{}}
	v.ask("GET", strings.TrimPrefix(web.LaunchURL(addr, token), "http://"+addr), nil, false)
	v.post("/unlock", "name", "Zahra", "passphrase", ownWords, "next", "/")
	for _, lang := range []string{"en", "fa"} {
		v.post("/language", "lang", lang, "next", "/")
		var all sample
		raw, wire := 0, 0
		for _, path := range queues {
			t := timed(b, rounds, func() { wire = max(wire, v.get(path, true)) })
			raw = max(raw, v.get(path, false))
			if lang == "en" {
				t.print(b, "GET "+path, budgetPage)
			}
			all.add(t)
		}
		all.print(b, fmt.Sprintf("queue page, %s, %d requests", lang, len(all.clock)), budgetPage)
		fmt.Printf("bench/desk: queue page, %s: %d bytes on the wire, %d unpacked, at most (budget %d: %s)\n", lang, wire, raw, budgetWire, within(wire <= budgetWire))
		if wire > budgetWire {
			b.Errorf("a page of the queue in %s weighs %d bytes, the budget is %d", lang, wire, budgetWire)
		}
		queue.add(all)
		long := fmt.Sprintf("/thread/%d", s.long)
		for _, tab := range []string{"", "?tab=tasks", "?tab=notes", "?tab=timeline"} {
			timed(b, rounds, func() { v.get(long+tab, true) }).print(b, fmt.Sprintf("page of a case of 500 events, %s %s", lang, tab), budgetPage)
		}
		timed(b, rounds, func() { v.get("/figures", true) }).print(b, "page of figures, "+lang, budgetPage)
		timed(b, rounds, func() { v.get("/tasks", true) }).print(b, "page of tasks, "+lang, budgetPage)
	}
	return queue
}

// rawTimes are what SQLite takes by itself, from the same encrypted file.
type rawTimes struct{ queue, search, events sample }

// rawReads reads the rows of a page of the queue, the numbers of what a search finds, and the events of the long case.
func (s *site) rawReads(b *testing.B) (t rawTimes) {
	b.Helper()
	db := s.raw(b)
	defer func() { must(b, db.Close()) }()
	read := func(columns int, query string, args ...any) func() {
		into := make([]any, columns)
		for i := range into {
			into[i] = new(sql.RawBytes)
		}
		return func() {
			rows, err := db.Query(query, args...)
			must(b, err)
			defer rows.Close()
			n := 0
			for ; rows.Next(); n++ {
				must(b, rows.Scan(into...))
			}
			must(b, rows.Err())
			if n == 0 {
				b.Fatal("nothing to read")
			}
		}
	}
	t.queue = timed(b, 10*rounds, read(8, `SELECT id, stage, urgency, name, beginning, situations, reply_by, task_due FROM thread INDEXED BY queue_urgent
		WHERE listed AND stage = 'new' AND asks = 1 AND walled = 0 ORDER BY urgency, due, latest LIMIT 51`))
	t.search = timed(b, 10*rounds, read(3, "SELECT t.id, t.name, l.text FROM found CROSS JOIN thread t ON t.id = found.rowid JOIN letter l ON l.thread = t.id WHERE found.found MATCH 'common' ORDER BY found.rowid DESC LIMIT 26"))
	t.events = timed(b, 10*rounds, read(1, "SELECT note FROM event WHERE thread = ?", s.long))
	return t
}
