package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"panah/core/event"
	"panah/desk/internal/alert"
)

// callsSet says how somebody is called. An empty password keeps the one that is there.
func (s *server) callsSet(w http.ResponseWriter, r *http.Request, v visit) error {
	f := r.PostForm
	set := alert.Settings{
		Host: strings.TrimSpace(f.Get("host")), TLS: f.Get("tls"), User: strings.TrimSpace(f.Get("user")), Password: alert.Secret(f.Get("password")),
		From: strings.TrimSpace(f.Get("from")), Command: strings.TrimSpace(f.Get("command")), Subject: strings.TrimSpace(f.Get("subject")), Text: strings.TrimSpace(f.Get("text")),
		Fallback: strings.Fields(f.Get("fallback")),
	}
	set.Port, _ = strconv.Atoi(strings.TrimSpace(f.Get("port"))) // 0 is refused below
	minutes, _ := strconv.Atoi(f.Get("every"))                   // 0: the default
	set.Every = time.Duration(minutes) * time.Minute
	to := map[event.Staff]string{}
	for i, who := range f["staff"] {
		if list := f["address"]; i < len(list) && strings.TrimSpace(list[i]) != "" {
			to[event.Staff(who)] = strings.TrimSpace(list[i])
		}
	}
	return s.dutyDone(w, r, v, &dutyPage{At: "calls", Set: set, To: to}, "duty.said_calls", s.can.duties.SetCalls(r.Context(), set, to))
}

// callTest calls once, now. How it went stands on the page either way.
func (s *server) callTest(w http.ResponseWriter, r *http.Request, v visit) error {
	err := s.can.duties.CallNow(r.Context())
	if calling(err) {
		data := &dutyPage{At: "test"}
		data.Wrong = data.Problem(alert.Problem(err))
		return s.showDuty(w, r, v, http.StatusBadGateway, data)
	}
	return s.dutyDone(w, r, v, &dutyPage{At: "test"}, "duty.said_called", err)
}

// calling reports whether it is the calling that failed.
func calling(err error) bool {
	for _, e := range [...]error{alert.ErrSettings, alert.ErrReach, alert.ErrTLS, alert.ErrAuth, alert.ErrRefused, alert.ErrCommand} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
