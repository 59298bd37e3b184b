package web

import (
	"context"
	"net/http"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/desk/internal/alert"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// duties knows who is on duty, and calls them: desk/internal/office.
type duties interface {
	dutyPlanner
	bell
	calendars
}

// dutyPlanner keeps the roster.
type dutyPlanner interface {
	Duty(ctx context.Context, from, to time.Time) (office.DutyPlan, error)
	SetShift(ctx context.Context, s fold.OnDuty) error
	RepeatWeekly(ctx context.Context, week time.Time, weeks int) (written int, err error)
	SetZone(ctx context.Context, zone string) error
}

// bell calls somebody.
type bell interface {
	Escalated(ctx context.Context) (casedb.Escalated, error)
	Calls(ctx context.Context) (office.Calls, error)
	SetCalls(ctx context.Context, s alert.Settings, addresses map[event.Staff]string) error
	CallNow(ctx context.Context) error
}

// calendars say when something is due, and never what.
type calendars interface {
	FeedToken(ctx context.Context, renew bool) (token string, err error)
	Feed(ctx context.Context, token string) ([]byte, error)
	Calendar(ctx context.Context) ([]byte, error)
}

func (s *server) dutyRoutes() []route {
	when := func(pattern string, run func(http.ResponseWriter, *http.Request, visit) error) route {
		return route{pattern, unlocked, false, false, s.when(s.can.duties, run)}
	}
	return []route{
		when("GET /duty", s.dutyShow),
		when("POST /duty/shift", s.shiftAdd),
		when("POST /duty/remove", s.shiftRemove),
		when("POST /duty/repeat", s.shiftsRepeat),
		when("POST /duty/zone", s.zoneSet),
		when("POST /duty/calls", s.callsSet),
		when("POST /duty/calls/test", s.callTest),
		when("POST /duty/sound", s.soundSet),
		when("GET /calendar", s.calendar),
		when("GET /calendar/file", s.calendarFile),
		when("POST /calendar/renew", s.calendarRenew),
	}
}
