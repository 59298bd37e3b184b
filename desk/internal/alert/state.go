package alert

import "time"

// Waits between tries, and how many there are before a person has to look.
const (
	firstWait = 30 * time.Second
	longWait  = 15 * time.Minute
	maxTries  = 20
)

// A State is how calling stands, as it is kept between runs. The zero State: nobody was ever called.
type State struct {
	Wanted  time.Time `json:"wanted"` // somebody should be called since; zero: nobody
	Called  time.Time `json:"called"` // the last call that went out
	Tried   time.Time `json:"tried"`
	Tries   int       `json:"tries"`   // in vain, since Wanted
	Problem string    `json:"problem"` // of the last try; see Problem
}

// Want asks for a call. Further ones while one is on its way are that call.
func (s State) Want(now time.Time) State {
	if s.Wanted.IsZero() {
		s.Wanted, s.Tries = now, 0
	}
	return s
}

// Next is when to try; ok is false when there is nothing to try, or it was tried in vain for too often: then a new Want is needed, after a person looked.
func (s State) Next(pace time.Duration) (at time.Time, ok bool) {
	if s.Wanted.IsZero() || s.Tries >= maxTries {
		return time.Time{}, false
	}
	at = s.Wanted
	if s.Tries > 0 {
		wait := longWait
		if s.Tries < 6 {
			wait = min(longWait, firstWait<<(s.Tries-1))
		}
		at = s.Tried.Add(wait)
	}
	if earliest := s.Called.Add(pace); !s.Called.IsZero() && at.Before(earliest) {
		at = earliest
	}
	return at, true
}

// Done records a try that went out, or what hindered it.
func (s State) Done(now time.Time, err error) State {
	s.Tried = now
	if err == nil {
		return State{Called: now, Tried: now}
	}
	s.Tries++
	s.Problem = Problem(err)
	if s.Tries >= maxTries {
		s.Wanted = time.Time{}
	}
	return s
}
