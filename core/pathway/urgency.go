package pathway

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Urgency is how soon a human has to act.
type Urgency string

// The urgencies, most urgent first.
const (
	Minutes Urgency = "minutes"
	Hours   Urgency = "hours"
	Days    Urgency = "days"
)

var urgencies = [...]Urgency{Minutes, Hours, Days}

func (u Urgency) known() bool { return slices.Contains(urgencies[:], u) }

// Rank is 0 for minutes, 1 for hours, 2 for days and for anything unknown: it sorts the most urgent first.
func (u Urgency) Rank() int {
	if i := slices.Index(urgencies[:], u); i >= 0 {
		return i
	}
	return len(urgencies) - 1
}

// Most returns the more urgent of the two. An unknown or empty urgency never wins.
func (u Urgency) Most(other Urgency) Urgency {
	if !u.known() || other.known() && other.Rank() < u.Rank() {
		return other
	}
	return u
}

// Clock is how long an urgency leaves for each step. Proposals: they hold only while somebody is on duty.
type Clock struct {
	Reply    time.Duration // until a human answers
	Act      time.Duration // until the first protective step is taken
	Escalate time.Duration // until somebody else is called, when nobody took the case
}

// Sensitivity says who may open a case.
type Sensitivity string

// The sensitivities, least first.
const (
	Ordinary  Sensitivity = "ordinary"
	Sensitive Sensitivity = "sensitive"
	Locked    Sensitivity = "locked" // a named specialist and a deputy only
)

var sensitivities = [...]Sensitivity{Ordinary, Sensitive, Locked}

func (s Sensitivity) known() bool { return slices.Contains(sensitivities[:], s) }

// Most returns the more restrictive of the two.
func (s Sensitivity) Most(other Sensitivity) Sensitivity {
	if slices.Index(sensitivities[:], other) > slices.Index(sensitivities[:], s) {
		return other
	}
	return s
}

// ISO 8601 durations as far as pathways use them: days, hours, minutes. A day is 24 hours.
var durationForm = regexp.MustCompile(`^P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?)?$`)

// ParseDuration reads PT15M, P1D, P2DT6H. Named moments such as before-leaving are an error: they have no length.
func ParseDuration(s string) (time.Duration, error) {
	m := durationForm.FindStringSubmatch(s)
	if m == nil || m[1] == "" && m[2] == "" && m[3] == "" {
		return 0, fmt.Errorf("%.30q is no duration of days, hours and minutes", s)
	}
	var d time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i+1])
		if err != nil {
			return 0, fmt.Errorf("reading duration %.30q: %w", s, err)
		}
		d += time.Duration(n) * unit
	}
	return d, nil
}

// A Moment is what a task waits for that has no duration: "before-leaving" is the moment itself, "deadline-1wd" is one working day before it.
type Moment struct {
	Of       string // leaving, summons, deadline
	Workdays int    // before the moment; 0: the moment itself
}

var momentForm = regexp.MustCompile(`^(?:before-(leaving|summons)|(deadline)(?:-([1-9])wd)?)$`)

// ParseMoment reads a task's By that is no duration: before-leaving, before-summons, deadline, deadline-1wd. ok is false for anything else.
func ParseMoment(by string) (m Moment, ok bool) {
	found := momentForm.FindStringSubmatch(by)
	if found == nil {
		return Moment{}, false
	}
	if m.Of = found[1] + found[2]; found[3] != "" {
		m.Workdays = int(found[3][0] - '0')
	}
	return m, true
}
