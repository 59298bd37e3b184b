package web

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"panah/core/fold"
	"panah/core/l10n"
	"panah/desk/internal/office"
	"panah/i18n"
)

var _ duties = (*office.Office)(nil)

var shiftField = regexp.MustCompile(`name="shift" value="([0-9a-f]{16})"`)

// TestDutyPage makes a roster by the page's forms, on a real desk with a real gate, and reads what the public sees.
func TestDutyPage(t *testing.T) {
	p := newPlace(t)
	if page := p.get("/duty", http.StatusOK); !strings.Contains(page, "There is no roster yet") || !strings.Contains(page, "promises nothing") || !strings.Contains(page, "Say who works here") {
		t.Error("the page of a desk without a roster does not say what follows")
	}
	p.post("/people/first", http.StatusSeeOther, "name", "Parwana")
	staff := regexp.MustCompile(`name="staff" value="([0-9a-f]{16})"`).FindStringSubmatch(p.get("/duty", http.StatusOK))[1]
	day := time.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	page := p.post("/duty/shift", http.StatusUnprocessableEntity, "day", day, "from", "22:15", "to", "05:30")
	if !strings.Contains(page, `value="22:15"`) || !strings.Contains(page, `id="wrong"`) {
		t.Error("what was typed is lost with a shift that nobody is on")
	}
	// Over midnight.
	p.post("/duty/shift", http.StatusSeeOther, "day", day, "from", "22:15", "to", "05:30", "staff", staff)
	page = p.until("/duty", "22:15–05:30")
	if !strings.Contains(page, "Nobody is on duty now") || !strings.Contains(page, "<bdi>Parwana</bdi>") || !strings.Contains(page, "The roster ends") {
		t.Error("the shift is not on the page")
	}
	begins, err := time.ParseInLocation("2006-01-02 15:04", day+" 22:15", time.Local)
	p.must(err)
	p.post("/duty/zone", http.StatusUnprocessableEntity, "zone", "Kabul")
	p.post("/duty/zone", http.StatusSeeOther, "zone", "Asia/Kabul")
	kabul := begins.In(time.FixedZone("", 270*60)).Format("2006-01-02 15:04") + " (UTC+04:30)"
	public := func() string {
		resp, err := http.Get(p.gate.URL() + "/en/")
		p.must(err)
		defer resp.Body.Close()
		var b strings.Builder
		_, err = io.Copy(&b, resp.Body)
		p.must(err)
		return b.String()
	}
	waitFor(t, "the public page says that nobody is on duty, and when somebody is", func() bool {
		s := public()
		return strings.Contains(s, "No one is on duty now") && strings.Contains(s, kabul) && !strings.Contains(s, "Parwana")
	})
	p.until("/duty", "This desk told the gate last")
	p.post("/duty/repeat", http.StatusSeeOther, "weeks", "1")
	id := shiftField.FindStringSubmatch(p.get("/duty", http.StatusOK))[1]
	p.post("/duty/remove", http.StatusSeeOther, "shift", id)
	// Another tab that refreshes itself in between does not take the answer away.
	r, err := http.NewRequest("GET", p.server.URL+"/duty", nil)
	p.must(err)
	r.Header.Set("Panah-Live", "1")
	if page, _ := p.do(r, http.StatusOK); strings.Contains(page, "The shift was taken off.") {
		t.Error("a refresh was told what a form did")
	}
	p.until("/duty", "The shift was taken off.")
	if log := p.log.String(); strings.Contains(log, "Parwana") {
		t.Errorf("names in the log: %s", log)
	}
}

func waitFor(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(20 * time.Second); !cond(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

// TestCallsAndCalendar sets a bell, rings it, and lets a calendar program in that has no session.
func TestCallsAndCalendar(t *testing.T) {
	p := newPlace(t)
	p.post("/people/first", http.StatusSeeOther, "name", "Parwana")
	if page := p.get("/duty", http.StatusOK); !strings.Contains(page, "Nobody is called from this desk") {
		t.Error("the page does not say that nobody is called")
	}
	page := p.post("/duty/calls", http.StatusUnprocessableEntity, "host", "mail.example", "port", "465", "tls", "tls", "from", "not an address", "password", "a secret word", "text", "Bring the book.")
	if !strings.Contains(page, `value="not an address"`) || !strings.Contains(page, `value="Bring the book."`) || strings.Contains(page, "a secret word") {
		t.Error("what was typed is lost, or the password comes back")
	}
	p.post("/duty/calls", http.StatusSeeOther, "command", "/no/such/bell", "tls", "tls")
	if page := p.post("/duty/calls/test", http.StatusBadGateway); !strings.Contains(page, "The command failed") {
		t.Error("a failed test is not said")
	}
	rung := filepath.Join(t.TempDir(), "rung")
	bell := filepath.Join(t.TempDir(), "bell")
	p.must(os.WriteFile(bell, []byte("#!/bin/sh\n: > '"+rung+"'\n"), 0o700))
	p.post("/duty/calls", http.StatusSeeOther, "command", bell, "tls", "tls")
	p.post("/duty/calls/test", http.StatusSeeOther)
	if _, err := os.Stat(rung); err != nil {
		t.Error("the bell was not rung")
	}
	p.post("/duty/sound", http.StatusSeeOther, "sound", "off", "next", "/duty")
	if page := p.get("/duty", http.StatusOK); !strings.Contains(page, "This browser does not ring") || strings.Contains(page, `data-sound="on"`) {
		t.Error("the sound is not off")
	}

	address := regexp.MustCompile(`id="feed">http://[^/]+(/calendar/[^<]+)<`).FindStringSubmatch(p.get("/calendar", http.StatusOK))[1]
	fetch := func() (int, string) {
		resp, err := http.Get(p.server.URL + address) // no cookie, and nothing that a browser says
		p.must(err)
		defer resp.Body.Close()
		var b strings.Builder
		_, err = io.Copy(&b, resp.Body)
		p.must(err)
		return resp.StatusCode, resp.Header.Get("Content-Type") + "\n" + b.String()
	}
	if status, body := fetch(); status != http.StatusOK || !strings.HasPrefix(body, "text/calendar; charset=utf-8\nBEGIN:VCALENDAR\r\n") {
		t.Errorf("the feed: %d %s", status, body)
	}
	if file := p.get("/calendar/file", http.StatusOK); !strings.HasPrefix(file, "BEGIN:VCALENDAR") {
		t.Errorf("the file: %s", file)
	}
	p.post("/calendar/renew", http.StatusSeeOther)
	if status, _ := fetch(); status != http.StatusNotFound {
		t.Errorf("the old address: %d", status)
	}
	p.office.Lock()
	if status, _ := fetch(); status != http.StatusServiceUnavailable {
		t.Errorf("while the desk is locked: %d", status)
	}
}

// TestDaysOfAShift puts shifts where they lie on their days.
func TestDaysOfAShift(t *testing.T) {
	for lang, want := range map[string]time.Weekday{"en": time.Monday, "fa": time.Saturday, "fa-AF": time.Saturday, "ps": time.Saturday, "ur": time.Monday} {
		for d := range 7 {
			at := time.Date(2026, 11, 20+d, 13, 0, 0, 0, time.Local)
			if w := weekOf(at, lang); w.Weekday() != want || w.After(at) || at.Sub(w) > 8*24*time.Hour || w.Hour() != 0 {
				t.Errorf("%s: the week of %v begins %v", lang, at, w)
			}
		}
	}
	begin := time.Date(2026, 11, 24, 0, 0, 0, 0, time.Local)
	s, err := typedShift{Day: "2026-11-23", From: "22:00", To: "06:00", Staff: []string{"a"}}.shift()
	if err != nil || !s.From.Equal(begin.Add(-2*time.Hour)) || !s.To.Equal(begin.Add(6*time.Hour)) {
		t.Fatalf("%+v, %v", s, err)
	}
	catalogue, err := i18n.Desk()
	if err != nil {
		t.Fatal(err)
	}
	english, _ := l10n.Find(l10n.English)
	p := &dutyPage{page: &page{words: &words{desk: catalogue, intake: catalogue, lang: english, now: begin}}, Plan: office.DutyPlan{Shifts: []fold.OnDuty{s}}}
	for day, want := range map[time.Time]shiftLine{begin.AddDate(0, 0, -1): {X: 22 * 60, W: 120}, begin: {X: 0, W: 360, Goes: true}} {
		got, err := p.day(day, day.AddDate(0, 0, 1))
		if err != nil || len(got.Shifts) != 1 || got.Shifts[0].X != want.X || got.Shifts[0].W != want.W || got.Shifts[0].Goes != want.Goes {
			t.Errorf("%v: %+v, %v", day, got, err)
		}
	}
}
