package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"panah/core/roster"
	"panah/desk/internal/office"
)

// gatekeeper holds gates to what they say. An office that lacks it has no page for it.
type gatekeeper interface {
	Watch(ctx context.Context) (office.WatchStatus, error)
	SetTests(ctx context.Context, every time.Duration) error
	TestNow(ctx context.Context) error
	WitnessKey(ctx context.Context) (string, error)
	AddWitness(ctx context.Context, label, vkey string) error
	RemoveWitness(ctx context.Context, vkey string) error
	AddWatched(ctx context.Context, url, vkey string) error
	RemoveWatched(ctx context.Context, id int64) error
}

// A watchPage says how gates are held to what they say: test letters, promises, witnesses.
type watchPage struct {
	*page
	Watch  office.WatchStatus
	Keeper bool   // this desk may add witnesses
	Wrong  string // id of the sentence that says what was not done
	At     string // the form that it was: "tests", "witness", "watched"
	Label  string // what was typed there
	URL    string
	Key    string
}

// Intervals are the choices for test letters, in hours.
func (*watchPage) Intervals() []interval {
	return []interval{{0, "watch.never"}, {24, "watch.daily"}, {7 * 24, "watch.weekly"}}
}

// An interval is one choice.
type interval struct {
	Hours int
	Words string
}

// Hours is the interval that is set.
func (p *watchPage) Hours() int { return int(p.Watch.TestEvery / time.Hour) }

// Last is the id of the sentence about the newest test letter.
func (p *watchPage) Last() string {
	switch t := p.Watch.LastTest; {
	case t.Sent.IsZero():
		return "watch.test_none"
	case !t.Arrived.IsZero():
		return "watch.test_arrived"
	case !t.Lost.IsZero():
		return "watch.test_lost"
	}
	return "watch.test_waiting"
}

// Why is the id of the sentence that says why a watched gate was not confirmed.
func (*watchPage) Why(problem string) string {
	switch problem {
	case "refused":
		return "watch.problem_refused"
	case "clock":
		return "watch.problem_clock"
	case "signature":
		return "watch.problem_signature"
	case "forked":
		return "watch.problem_forked"
	}
	return "watch.problem_offline"
}

func (s *server) watch(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showWatch(w, r, v, http.StatusOK, &watchPage{})
}

func (s *server) showWatch(w http.ResponseWriter, r *http.Request, v visit, status int, data *watchPage) error {
	p, err := s.titled(r, v, "watch.title")
	if err != nil {
		return err
	}
	p.Path, p.Nav = "/watch", "about"
	data.page = p
	if data.Watch, err = s.can.gatekeeper.Watch(r.Context()); err != nil {
		return fmt.Errorf("reading how gates are watched: %w", err)
	}
	if s.can.council != nil {
		keys, err := s.can.council.Keys(r.Context())
		if err != nil {
			return fmt.Errorf("reading this desk's role: %w", err)
		}
		data.Keeper = keys.Role == roster.RoleKeeper
	}
	return s.show(w, status, "watch", data)
}

// watchDone answers a form: back to the page with what was done, or with what hindered it and what was typed.
func (s *server) watchDone(w http.ResponseWriter, r *http.Request, v visit, data *watchPage, said string, err error) error {
	status := http.StatusUnprocessableEntity
	switch {
	case err == nil:
		s.say(v, said)
		http.Redirect(w, r, "/watch", http.StatusSeeOther)
		return nil
	case errors.Is(err, office.ErrTestOpen):
		status, data.Wrong = http.StatusConflict, "watch.test_open"
	case errors.Is(err, office.ErrWitnessKey):
		data.Wrong = "watch.wrong_key"
	case errors.Is(err, office.ErrAddress):
		data.Wrong = "watch.wrong_address"
	case errors.Is(err, office.ErrOwnGate):
		data.Wrong = "watch.wrong_own"
	case errors.Is(err, office.ErrTooLong):
		data.Wrong = "watch.wrong_label"
	case errors.Is(err, office.ErrGate), errors.Is(err, office.ErrNoGate):
		status, data.Wrong = http.StatusBadGateway, "watch.wrong_gate"
	default:
		return err
	}
	return s.showWatch(w, r, v, status, data)
}

// watchTests sets how often test letters go out. Only what the form offers is taken.
func (s *server) watchTests(w http.ResponseWriter, r *http.Request, v visit) error {
	hours, err := strconv.Atoi(r.PostForm.Get("hours"))
	if err != nil || hours < 0 || hours > 24*60 {
		return errFormKind
	}
	err = s.can.gatekeeper.SetTests(r.Context(), time.Duration(hours)*time.Hour)
	if errors.Is(err, office.ErrInterval) {
		return errFormKind
	}
	return s.watchDone(w, r, v, &watchPage{At: "tests"}, "said.watch_done", err)
}

func (s *server) watchTestNow(w http.ResponseWriter, r *http.Request, v visit) error {
	// A gate that takes no letters says so to everybody: nothing would be tested, and nothing is "on its way".
	if s.can.council != nil {
		if k, err := s.can.council.Keys(r.Context()); err == nil && !k.Intake {
			return s.showWatch(w, r, v, http.StatusConflict, &watchPage{At: "tests", Wrong: "watch.test_closed"})
		}
	}
	return s.watchDone(w, r, v, &watchPage{At: "tests"}, "said.watch_sent", s.can.gatekeeper.TestNow(r.Context()))
}

// witnessKey makes this desk's witness key, so that the page can show it.
func (s *server) witnessKey(w http.ResponseWriter, r *http.Request, v visit) error {
	_, err := s.can.gatekeeper.WitnessKey(r.Context())
	return s.watchDone(w, r, v, &watchPage{At: "watched"}, "said.watch_done", err)
}

func (s *server) witnessAdd(w http.ResponseWriter, r *http.Request, v visit) error {
	data := &watchPage{At: "witness", Label: r.PostForm.Get("label"), Key: r.PostForm.Get("key")}
	return s.watchDone(w, r, v, data, "said.watch_done", s.can.gatekeeper.AddWitness(r.Context(), data.Label, data.Key))
}

func (s *server) witnessRemove(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.watchDone(w, r, v, &watchPage{At: "witness"}, "said.watch_done", s.can.gatekeeper.RemoveWitness(r.Context(), r.PostForm.Get("key")))
}

func (s *server) watchedAdd(w http.ResponseWriter, r *http.Request, v visit) error {
	data := &watchPage{At: "watched", URL: r.PostForm.Get("url"), Key: r.PostForm.Get("key")}
	return s.watchDone(w, r, v, data, "said.watch_done", s.can.gatekeeper.AddWatched(r.Context(), data.URL, data.Key))
}

func (s *server) watchedRemove(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	return s.watchDone(w, r, v, &watchPage{At: "watched"}, "said.watch_done", s.can.gatekeeper.RemoveWatched(r.Context(), n))
}
