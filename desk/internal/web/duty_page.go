package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/desk/internal/alert"
	"panah/desk/internal/office"
)

// dutyWeeks is how many weeks the page shows.
const dutyWeeks = 2

// A dutyPage is the roster, what the public is told of it, and how somebody is called.
type dutyPage struct {
	*page
	Plan  office.DutyPlan
	Calls office.Calls
	Weeks [][]dutyDay
	Days  []time.Time // that a shift can be added on
	Sound bool
	Wrong string // id of the sentence that says what was not done
	At    string // the form that it was: "shift", "zone", "calls"
	Typed typedShift
	Zone  string // as it was typed
	Set   alert.Settings
	To    map[event.Staff]string // addresses as they were typed
}

// A typedShift is what a refused form held.
type typedShift struct {
	Day, From, To string
	Staff         []string
}

// A dutyDay is one line of the table.
type dutyDay struct {
	At     time.Time
	Today  bool
	Shifts []shiftLine
}

// A shiftLine is a shift, or the part of it that lies on a day. X and W are where it lies, minutes.
type shiftLine struct {
	fold.OnDuty
	Names  string
	Over   bool
	Goes   bool // on from the day before
	X, W   int
	Remove string // what a screen reader hears of the button
}

// Weekday is the id of a day's name.
func (*dutyPage) Weekday(t time.Time) string { return "duty.day_" + strconv.Itoa(int(t.Weekday())) }

// OnNow are the names of who is on duty.
func (p *dutyPage) OnNow() string { return names(p.Plan.Now.On, p.Plan.Names) }

// Has reports whether a person is chosen in a form that was refused.
func (t typedShift) Has(staff event.Staff) bool { return slices.Contains(t.Staff, string(staff)) }

// Problems are the sentences for why a call did not go out.
func (*dutyPage) Problem(word string) string {
	switch word {
	case "settings", "tls", "auth", "refused", "command":
		return "duty.problem_" + word
	}
	return "duty.problem_reach"
}

// Lines is a list as a text area holds it.
func (*dutyPage) Lines(list []string) string { return strings.Join(list, "\n") }

// Minutes is the pace of calls.
func (p *dutyPage) Minutes() int { return int(p.Set.Pace() / time.Minute) }

// Paces are the choices for how often somebody is called at most, minutes.
func (*dutyPage) Paces() []int { return []int{5, 10, 15, 30, 60} }

func names(staff []event.Staff, known map[event.Staff]string) string {
	var out []string
	for _, s := range staff {
		if n := known[s]; n != "" {
			out = append(out, n)
		}
	}
	return strings.Join(out, ", ")
}

// weekOf is when the week of a day begins, by this laptop's clock: on Saturday where people count so.
func weekOf(t time.Time, lang string) time.Time {
	t = t.Local()
	first := time.Monday
	if lang == "fa" || lang == "fa-AF" || lang == "ps" {
		first = time.Saturday
	}
	back := (int(t.Weekday()) - int(first) + 7) % 7
	return time.Date(t.Year(), t.Month(), t.Day()-back, 0, 0, 0, 0, time.Local)
}

func (s *server) dutyShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showDuty(w, r, v, http.StatusOK, &dutyPage{})
}

func (s *server) showDuty(w http.ResponseWriter, r *http.Request, v visit, status int, data *dutyPage) error {
	p, err := s.titled(r, v, "duty.title")
	if err != nil {
		return err
	}
	p.Path, p.Nav, data.page = "/duty", "duty", p
	from := weekOf(p.now, p.lang.Code)
	if data.Plan, err = s.can.duties.Duty(r.Context(), from, from.AddDate(0, 0, 7*dutyWeeks)); err != nil {
		return fmt.Errorf("reading the roster: %w", err)
	}
	if data.Calls, err = s.can.duties.Calls(r.Context()); err != nil {
		return fmt.Errorf("reading how somebody is called: %w", err)
	}
	if data.At != "calls" {
		data.Set, data.To = data.Calls.Settings, data.Calls.Addresses
	}
	if data.At != "zone" {
		data.Zone = data.Plan.Zone
	}
	s.sessions.change(v.key, func(se *session) { data.Sound = !se.quiet })
	if err := data.fill(from); err != nil {
		return err
	}
	return s.show(w, status, "duty", data)
}

// fill makes the table.
func (p *dutyPage) fill(from time.Time) error {
	for week := range dutyWeeks {
		var days []dutyDay
		for d := range 7 {
			begin := from.AddDate(0, 0, 7*week+d)
			day, err := p.day(begin, begin.AddDate(0, 0, 1))
			if err != nil {
				return err
			}
			days = append(days, day)
		}
		p.Weeks = append(p.Weeks, days)
	}
	today := time.Date(p.now.Local().Year(), p.now.Local().Month(), p.now.Local().Day(), 0, 0, 0, 0, time.Local)
	for d := range 35 {
		p.Days = append(p.Days, today.AddDate(0, 0, d))
	}
	if p.Typed.Day == "" {
		p.Typed = typedShift{Day: today.Format(time.DateOnly), From: "08:00", To: "16:00"}
	}
	return nil
}

func (p *dutyPage) day(begin, end time.Time) (dutyDay, error) {
	day := dutyDay{At: begin, Today: !p.now.Before(begin) && p.now.Before(end)}
	for _, s := range p.Plan.Shifts {
		if !s.To.After(begin) || !s.From.Before(end) {
			continue
		}
		line := shiftLine{OnDuty: s, Names: names(s.Staff, p.Plan.Names), Over: !s.To.After(p.now), Goes: s.From.Before(begin)}
		from, to := s.From, s.To
		if line.Goes {
			from = begin
		}
		if to.After(end) {
			to = end
		}
		// By the clock on the wall, so that a night in which clocks are changed still has its hours in place.
		line.X = minuteOf(from, begin)
		line.W = max(minuteOf(to, begin)-line.X, 10)
		var err error
		if line.Remove, err = p.P("duty.remove_what", "time", p.Hour(s.From)+"–"+p.Hour(s.To), "name", line.Names); err != nil {
			return day, err
		}
		day.Shifts = append(day.Shifts, line)
	}
	return day, nil
}

// minuteOf is the minute of the day that begins at begin.
func minuteOf(t, begin time.Time) int {
	l := t.Local()
	if l.Day() != begin.Day() {
		return 24 * 60
	}
	return l.Hour()*60 + l.Minute()
}

// dutyDone answers a form: back to the page with what was done, or with what hindered it and what was typed.
func (s *server) dutyDone(w http.ResponseWriter, r *http.Request, v visit, data *dutyPage, said string, err error) error {
	switch {
	case err == nil:
		s.say(v, said)
		http.Redirect(w, r, "/duty", http.StatusSeeOther)
		return nil
	case errors.Is(err, office.ErrShift):
		data.Wrong = "duty.wrong_shift"
	case errors.Is(err, office.ErrShiftOld):
		data.Wrong = "duty.wrong_over"
	case errors.Is(err, office.ErrZone):
		data.Wrong = "duty.wrong_zone"
	case errors.Is(err, alert.ErrSettings):
		data.Wrong = "duty.problem_settings"
	default:
		return err
	}
	return s.showDuty(w, r, v, http.StatusUnprocessableEntity, data)
}

// shiftAdd puts people on duty. A shift that ends before it begins ends on the next day.
func (s *server) shiftAdd(w http.ResponseWriter, r *http.Request, v visit) error {
	typed := typedShift{r.PostForm.Get("day"), r.PostForm.Get("from"), r.PostForm.Get("to"), r.PostForm["staff"]}
	shift, err := typed.shift()
	if err == nil {
		err = s.can.duties.SetShift(r.Context(), shift)
	}
	return s.dutyDone(w, r, v, &dutyPage{At: "shift", Typed: typed}, "duty.said_shift", err)
}

func (t typedShift) shift() (fold.OnDuty, error) {
	from, err1 := time.ParseInLocation("2006-01-02 15:04", t.Day+" "+t.From, time.Local)
	to, err2 := time.ParseInLocation("2006-01-02 15:04", t.Day+" "+t.To, time.Local)
	if err1 != nil || err2 != nil || len(t.Staff) == 0 {
		return fold.OnDuty{}, office.ErrShift
	}
	if !to.After(from) {
		to = to.AddDate(0, 0, 1)
	}
	shift := fold.OnDuty{From: from, To: to}
	for _, who := range t.Staff {
		shift.Staff = append(shift.Staff, event.Staff(who))
	}
	return shift, nil
}

func (s *server) shiftRemove(w http.ResponseWriter, r *http.Request, v visit) error {
	err := s.can.duties.SetShift(r.Context(), fold.OnDuty{ID: r.PostForm.Get("shift")})
	if errors.Is(err, office.ErrNotFound) {
		err = nil // another desk took it off
	}
	return s.dutyDone(w, r, v, &dutyPage{At: "shift"}, "duty.said_removed", err)
}

// shiftsRepeat copies last week into this one, or this week into the next ones.
func (s *server) shiftsRepeat(w http.ResponseWriter, r *http.Request, v visit) error {
	weeks, err := strconv.Atoi(r.PostForm.Get("weeks"))
	if err != nil {
		return errFormKind
	}
	week := weekOf(time.Now(), v.Lang)
	if weeks == 0 {
		week, weeks = week.AddDate(0, 0, -7), 1
	}
	n, err := s.can.duties.RepeatWeekly(r.Context(), week, weeks)
	said := "duty.said_repeated"
	if n == 0 {
		said = "duty.said_none"
	}
	return s.dutyDone(w, r, v, &dutyPage{At: "shift"}, said, err)
}

func (s *server) zoneSet(w http.ResponseWriter, r *http.Request, v visit) error {
	zone := strings.TrimSpace(r.PostForm.Get("zone"))
	return s.dutyDone(w, r, v, &dutyPage{At: "zone", Zone: zone}, "duty.said_zone", s.can.duties.SetZone(r.Context(), zone))
}

// soundSet switches the sound of this browser on or off, until the program ends.
func (s *server) soundSet(w http.ResponseWriter, r *http.Request, v visit) error {
	s.sessions.change(v.key, func(se *session) { se.quiet = r.PostForm.Get("sound") != "on" })
	http.Redirect(w, r, localPath(r.PostForm.Get("next")), http.StatusSeeOther)
	return nil
}

// late is what the head of every page says of cases that nobody has answered in time.
type late struct {
	N      int
	First  int64
	Newest int64 // unix seconds: the page's module rings once for each
	Sound  bool
}

func (s *server) late(r *http.Request, v visit) (l late) {
	if s.can.duties == nil {
		return l
	}
	e, err := s.can.duties.Escalated(r.Context())
	if err != nil {
		s.log.Error("counting what has waited for too long", "err", err)
		return l
	}
	l.N, l.First = e.N, e.First
	if e.N > 0 {
		l.Newest = e.Newest.Unix()
	}
	s.sessions.change(v.key, func(se *session) { l.Sound = !se.quiet })
	return l
}
