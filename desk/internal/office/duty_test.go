package office

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/alert"
	"panah/desk/internal/casedb"
)

// hours are whole hours from the beginning of this one.
func hours(n int) time.Time { return time.Now().Truncate(time.Hour).Add(time.Duration(n) * time.Hour) }

func (s *seat) plan(ctx context.Context) DutyPlan {
	s.t.Helper()
	p, err := s.Duty(ctx, hours(-200), hours(24*60))
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// TestRoster makes a roster, repeats it, takes a shift off, and hears of it at another desk.
func TestRoster(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker", "reader")
	keeper, worker, reader := d.as(staff[0]), d.as(staff[1]), d.as(staff[2])
	if p := d.plan(worker); p.Now.Set || !p.Ends.IsZero() || len(p.People) != 2 || !p.Edit {
		t.Errorf("without a roster: %+v", p)
	}
	for name, c := range map[string]struct {
		by    context.Context
		shift fold.OnDuty
		want  error
	}{
		"a reader writes":       {reader, fold.OnDuty{From: hours(1), To: hours(2), Staff: staff[:1]}, ErrRole},
		"backward":              {worker, fold.OnDuty{From: hours(2), To: hours(1), Staff: staff[:1]}, ErrShift},
		"over":                  {worker, fold.OnDuty{From: hours(-2), To: hours(-1), Staff: staff[:1]}, ErrShift},
		"nobody":                {worker, fold.OnDuty{From: hours(1), To: hours(2)}, ErrShift},
		"a reader on duty":      {worker, fold.OnDuty{From: hours(1), To: hours(2), Staff: staff[2:]}, ErrShift},
		"a stranger":            {worker, fold.OnDuty{From: hours(1), To: hours(2), Staff: []event.Staff{"00000000000000ff"}}, ErrShift},
		"two weeks":             {worker, fold.OnDuty{From: hours(1), To: hours(400), Staff: staff[:1]}, ErrShift},
		"a shift that is not":   {worker, fold.OnDuty{ID: "00000000000000ff", From: hours(1), To: hours(2), Staff: staff[:1]}, ErrNotFound},
		"now, for two of them":  {worker, fold.OnDuty{From: hours(-1), To: hours(3), Staff: staff[:2]}, nil},
		"and later":             {keeper, fold.OnDuty{From: hours(26), To: hours(30), Staff: staff[1:2]}, nil},
		"the same time, others": {keeper, fold.OnDuty{From: hours(0), To: hours(2), Staff: staff[:1]}, nil},
	} {
		if err := d.SetShift(c.by, c.shift); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := d.plan(worker)
	if !p.Now.Set || len(p.Now.On) != 2 || !p.Now.Until.Equal(hours(3)) || len(p.Shifts) != 3 || !p.Ends.Equal(hours(30)) || p.Names[staff[1]] != "Zahra" {
		t.Errorf("a roster: %+v", p)
	}
	week := hours(0).AddDate(0, 0, -1)
	for _, want := range []int{6, 0} {
		if n, err := d.RepeatWeekly(worker, week, 2); err != nil || n != want {
			t.Errorf("repeated %d of %d, %v", n, want, err)
		}
	}
	if err := d.SetShift(worker, fold.OnDuty{ID: p.Shifts[0].ID}); err != nil {
		t.Error(err)
	}
	if now, err := d.DutyNow(t.Context(), hours(2)); err != nil || len(now.On) != 0 || !now.Until.Equal(hours(26)) {
		t.Errorf("a shift was taken off: %+v, %v", now, err)
	}
	if p := d.plan(reader); p.Edit || len(p.Shifts) != 8 {
		t.Errorf("%d shifts for a reader, who edits: %v", len(p.Shifts), p.Edit)
	}
	other := w.desk()
	other.until("the other desk knows the roster", func() bool { return len(other.plan(t.Context()).Shifts) == 8 })
	d.noAlarms()
}

// TestTheGateIsToldWithoutNames reads what the public may know, and holds a gate to it.
func TestTheGateIsToldWithoutNames(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker")
	by := d.as(staff[0])
	shown := func() (d wire.Duty, ok bool) {
		status, body := w.ask(http.MethodGet, "/duty.json", nil, wire.MailboxKey{})
		if bytes.Contains(body, []byte(staff[0])) || bytes.Contains(body, []byte("Parwana")) {
			t.Errorf("names: %s", body)
		}
		d, err := wire.ParseDuty(body)
		return d, status == http.StatusOK && err == nil
	}
	if err := d.SetZone(by, "Asia/Nowhere"); !errors.Is(err, ErrZone) {
		t.Error(err)
	}
	if err := d.SetZone(by, "Asia/Kabul"); err != nil {
		t.Error(err)
	}
	// Two people hand over in the middle.
	for i, s := range staff {
		if err := d.SetShift(by, fold.OnDuty{From: hours(1 + 3*i), To: hours(4 + 3*i), Staff: []event.Staff{s}}); err != nil {
			t.Fatal(err)
		}
	}
	d.until("the gate says when somebody is on duty", func() bool {
		now, ok := shown()
		return ok && now.Zone == "Asia/Kabul" && len(now.Spans) == 1 && now.Spans[0] == wire.DutySpan{From: hours(1).Unix(), To: hours(7).Unix()}
	})
	d.until("the page says that it does", func() bool { p := d.plan(by).Public; return p.Problem == "" && !p.At.IsZero() && p.Gate })
	d.noAlarms()
	// A gate that has forgotten all of it.
	w.road.set(func(r *http.Request) bool { return true }, nil)
	cut := func(r *http.Request) bool {
		if r.URL.Path == "/duty.json" {
			r.URL.Path = "/no/such/thing"
		}
		return true
	}
	w.road.set(cut, nil)
	wake(d.now().wakeDuty)
	d.until("the desk says what the gate keeps back", func() bool {
		_, there := d.alarms()[casedb.AlarmDuty]
		return there && d.plan(by).Public.Problem != "offline"
	})
}

// late opens a desk whose clocks of minutes run out at once.
func (w *town) late(t *testing.T) *seat {
	d := w.desk()
	d.Lock() // nothing reads its configuration now
	d.c.Clocks = map[pathway.Urgency]pathway.Clock{pathway.Minutes: {Reply: time.Second, Escalate: time.Second}, pathway.Hours: {Reply: time.Hour}, pathway.Days: {Reply: 24 * time.Hour}}
	d.c.LookEvery = 50 * time.Millisecond
	if err := d.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSomebodyIsCalledOnce leaves a red letter unanswered, by day; and one by night, for which nobody is called before somebody is on duty.
func TestSomebodyIsCalledOnce(t *testing.T) {
	for _, night := range []bool{false, true} {
		w := newTown(t)
		d := w.late(t)
		staff := d.team("caseworker")
		by := d.as(staff[0])
		from := hours(-1)
		if night {
			from = hours(5)
		}
		if err := d.SetShift(by, fold.OnDuty{From: from, To: hours(9), Staff: staff}); err != nil {
			t.Fatal(err)
		}
		rung := filepath.Join(t.TempDir(), "rung")
		bell := filepath.Join(t.TempDir(), "bell")
		if err := os.WriteFile(bell, []byte("#!/bin/sh\necho rung $# >> '"+rung+"'\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := d.SetCalls(d.as(staff[1]), alert.Settings{Command: bell}, nil); !errors.Is(err, ErrKeeper) {
			t.Errorf("a caseworker says what is run: %v", err)
		}
		if err := d.SetCalls(by, alert.Settings{Command: bell}, map[event.Staff]string{staff[1]: "zahra@mail.example"}); err != nil {
			t.Fatal(err)
		}
		w.person().writes(0, seal.KindLetter, text("They take us to the border tonight"))
		red := d.the("They take us")
		if err := d.SetUrgency(by, red, casedb.UrgencyMinutes); err != nil {
			t.Fatal(err)
		}
		w.person().writes(0, seal.KindLetter, text("My card ends in spring"))
		calm := d.the("My card")
		if err := d.SetUrgency(by, calm, casedb.UrgencyDays); err != nil {
			t.Fatal(err)
		}
		d.until("both have a clock", func() bool { return !d.replyBy(red).IsZero() && !d.replyBy(calm).IsZero() })
		if night {
			// The clock of minutes begins with the shift.
			d.until("the clock waits for the morning", func() bool { return d.replyBy(red).Equal(from.Add(time.Second)) })
			if e, err := d.Escalated(by); err != nil || e.N != 0 {
				t.Errorf("escalated by night: %+v, %v", e, err)
			}
			if _, err := os.Stat(rung); err == nil {
				t.Error("somebody was called by night")
			}
			continue
		}
		d.until("somebody is called", func() bool { b, _ := os.ReadFile(rung); return len(b) > 0 })
		e, err := d.Escalated(by)
		if err != nil || e.N != 1 || e.First != red || e.Newest.IsZero() {
			t.Errorf("escalated: %+v, %v", e, err)
		}
		d.until("that is known", func() bool {
			c, err := d.Calls(by)
			return err == nil && !c.State.Called.IsZero() && c.State.Wanted.IsZero() && c.State.Problem == "" && c.On && c.Keeper
		})
		if b, _ := os.ReadFile(rung); string(b) != "rung 0\n" {
			t.Errorf("rung: %q", b)
		}
		if err := d.Reply(by, red, Draft{Text: "We come with a lawyer."}, "once"); err != nil {
			t.Fatal(err)
		}
		d.until("it is answered", func() bool { e, err := d.Escalated(by); return err == nil && e.N == 0 && d.replyBy(red).IsZero() })
		// A letter that follows is another one to be called for.
		if c, err := d.Calls(d.as(staff[1])); err != nil || c.Keeper || c.Settings.Command != "" || c.Addresses != nil || !c.On {
			t.Errorf("a caseworker reads how somebody is called: %v", err)
		}
		grep(t, d.dir, "zahra@mail.example", bell)
	}
}

func (s *seat) replyBy(thread int64) time.Time {
	s.t.Helper()
	row, err := s.Office.now().db.Row(s.t.Context(), thread)
	if err != nil {
		s.t.Fatal(err)
	}
	return row.ReplyBy
}

// TestClocksFollowTheRoster gives a letter a clock without a roster, and another one when there is one.
func TestClocksFollowTheRoster(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team()
	by := d.as(staff[0])
	w.person().writes(0, seal.KindLetter, text("They took my brother"))
	id := d.the("They took")
	d.until("there is a clock", func() bool { return !d.replyBy(id).IsZero() })
	days := d.replyBy(id)
	if err := d.SetUrgency(by, id, casedb.UrgencyMinutes); err != nil {
		t.Fatal(err)
	}
	wake(d.now().wakeClock)
	d.until("a more urgent letter has an earlier one", func() bool { r := d.replyBy(id); return !r.IsZero() && r.Before(days.Add(-20*time.Hour)) })
	if err := d.SetShift(by, fold.OnDuty{From: hours(3), To: hours(9), Staff: staff}); err != nil {
		t.Fatal(err)
	}
	d.until("it begins with the shift", func() bool { return d.replyBy(id).Equal(hours(3).Add(15 * time.Minute)) })
}

// TestCalendarsTellNothing reads a feed with another program's reader, and looks for words of the case.
func TestCalendarsTellNothing(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker")
	by := d.as(staff[1])
	if err := d.SetShift(by, fold.OnDuty{From: hours(3), To: hours(9), Staff: staff[1:]}); err != nil {
		t.Fatal(err)
	}
	w.person().writes(0, seal.KindLetter, text("They took my brother in Herat"))
	id := d.the("They took")
	if err := d.now().put(by, id, staff[1], event.Opened{Source: "letter", Since: hours(0).UTC().Format(time.RFC3339)}, event.Set{Field: event.FieldName, Value: "Nasrin"},
		event.Claimed{}, event.TaskAdded{Task: "00000000000000aa", Do: "Ask the lawyer of Herat", Due: hours(30).UTC().Format(time.RFC3339)}); err != nil {
		t.Fatal(err)
	}
	d.until("the letter has a clock", func() bool { return !d.replyBy(id).IsZero() })
	token, err := d.FeedToken(by, false)
	if err != nil {
		t.Fatal(err)
	}
	feed, err := d.Feed(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(feed))
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]int{}
	for _, e := range cal.Events() {
		titles[e.GetProperty(ics.ComponentPropertySummary).Value]++
	}
	if titles["Task"] != 1 || titles["Answer due"] != 1 || titles["Duty"] != 1 || len(titles) != 3 {
		t.Errorf("%v", titles)
	}
	for _, word := range []string{"Nasrin", "Herat", "lawyer", "Zahra", "Panah", "Testville", string(staff[1]), "00000000000000aa", token} {
		if strings.Contains(string(feed), word) {
			t.Errorf("the calendar says %q", word)
		}
	}
	if again, err := d.Feed(t.Context(), token); err != nil || uids(t, again) != uids(t, feed) {
		t.Errorf("the same entries have other names: %v", err)
	}
	if other, err := d.Calendar(d.as(staff[0])); err != nil || bytes.Contains(other, []byte("Task")) || bytes.Contains(other, []byte("Duty")) {
		t.Errorf("somebody else's calendar: %v %s", err, other)
	}
	renewed, err := d.FeedToken(by, true)
	if err != nil || renewed == token {
		t.Error("the name of a feed was not renewed")
	}
	if _, err := d.Feed(t.Context(), token); !errors.Is(err, ErrNotFound) {
		t.Errorf("the old name: %v", err)
	}
	d.Lock()
	if _, err := d.Feed(t.Context(), renewed); !errors.Is(err, ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

func uids(t *testing.T, feed []byte) (all string) {
	t.Helper()
	cal, err := ics.ParseCalendar(bytes.NewReader(feed))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range cal.Events() {
		all += e.Id() + " "
	}
	return all
}
