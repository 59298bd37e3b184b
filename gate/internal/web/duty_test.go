package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"panah/core/duty"
	"panah/core/l10n"
	"panah/core/wire"
)

// page fetches a page and what a cache would keep of it.
func fetched(t *testing.T, h http.Handler, path, tag string) (status int, body, etag string) {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header().Get("ETag")
}

// TestPagesFollowTheRoster lets a day pass: what pages say changes with who is there, and a browser that has the page gets the new one.
func TestPagesFollowTheRoster(t *testing.T) {
	site := testSite(true)
	site.PromiseTimes = true
	h, _ := newHandler(t, site)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)))
		h.c.Now = time.Now
		shifts := duty.Roster{{From: time.Date(2026, 11, 24, 3, 30, 0, 0, time.UTC), To: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}}
		said := wire.NewDuty(shifts, "Asia/Tehran", time.Now())
		h.c.Shifts = func() (wire.Duty, bool) { return said, true }
		var tag string
		for _, step := range []struct {
			after     time.Duration
			have, not string
		}{
			{0, "<bdi>2026-11-24 07:00 (UTC+03:30)</bdi>", "answer urgent letters"},
			{2 * time.Hour, "within <bdi>15</bdi> minutes", "No one is on duty"},
			// What is over says nothing of what comes: the operator's own words stand there again.
			{10 * time.Hour, "<bdi>08:00</bdi>", "answer urgent letters"},
		} {
			time.Sleep(step.after)
			status, body, etag := fetched(t, h, "/en/", tag)
			if status != http.StatusOK || !strings.Contains(body, step.have) || strings.Contains(body, step.not) {
				t.Errorf("after %v: %d, %q there: %v, %q there: %v", step.after, status, step.have, strings.Contains(body, step.have), step.not, strings.Contains(body, step.not))
			}
			if status, _, _ := fetched(t, h, "/en/", etag); status != http.StatusNotModified {
				t.Errorf("after %v: the same page again: %d", step.after, status)
			}
			tag = etag
		}
		synctest.Wait()
	})
}

// TestTimesAreOfferedNotPromised checks that nothing is promised unless somebody is there and the operator stands for it.
func TestTimesAreOfferedNotPromised(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	said := wire.NewDuty(duty.Roster{{From: now.Add(-time.Hour), To: now.Add(time.Hour)}}, "", now)
	for _, allowed := range []bool{false, true} {
		site := testSite(true)
		site.PromiseTimes = allowed
		for _, on := range []bool{false, true} {
			org := testOrg
			if org.Duty = DutyAt(said, now); !on {
				org.Duty = DutyAt(said, now.Add(-2*time.Hour))
			}
			pages, err := Pages(testAssets(), org, site, nil, true)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range l10n.Languages() {
				body := string(pages["/"+l.Code+"/"].Body)
				number := "<bdi>" + l.Digits.Shape("15") + "</bdi>"
				if got := strings.Contains(body, number); got != (allowed && on) {
					t.Errorf("%s, allowed %v, on duty %v: minutes are told: %v", l.Code, allowed, on, got)
				}
				next := "<bdi>2026-11-24 08:00 (UTC+00:00)</bdi>"
				if l.Code != "en" && l.Code != "ur" {
					next = "<bdi>2026-11-24 08:00 (UTC+00:00) · 1405-09-03</bdi>"
				}
				if got := strings.Contains(body, next); got == on {
					t.Errorf("%s, on duty %v: the next time is told: %v", l.Code, on, got)
				}
			}
		}
	}
}
