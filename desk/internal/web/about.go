package web

import (
	"fmt"
	"net/http"
	"strings"

	"panah/core/roster"
)

// maxPromise bounds a pasted promise, bytes.
const maxPromise = 4 << 10

// An aboutPage says whose desk this is and how it stands with its gate.
type aboutPage struct {
	*page
	Fingerprint []string // of the organisation, groups of four
	Promise     string   // as it was pasted
	Checked     string   // id of the sentence that says what the promise is worth
	Bad         bool
	Thread      int64 // the thread that the promise stands for, or 0
	Passkeys    bool  // there is a page of passkeys
	Watches     bool  // there is a page of checks on gates
	Purges      bool  // there is a page that destroys this desk
	Knows       bool  // there is a page of what is where
	Imports     bool  // there is a page that brings lists in, and who looks may
}

func (s *server) about(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.aboutPage(r, v)
	if err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "about", p)
}

func (s *server) aboutPage(r *http.Request, v visit) (*aboutPage, error) {
	p, err := s.titled(r, v, "about.title")
	if err != nil {
		return nil, err
	}
	p.Path, p.Nav = "/about", "about"
	data := &aboutPage{page: p, Passkeys: s.can.passkeys != nil, Watches: s.can.gatekeeper != nil, Purges: s.can.purger != nil, Knows: s.can.inventory != nil}
	data.Imports = s.can.mover != nil && s.can.cases != nil && (v.Staff == "" || v.Role == string(roster.RoleKeeper))
	for org := p.Status.Org; org != ""; {
		n := min(4, len(org))
		data.Fingerprint, org = append(data.Fingerprint, org[:n]), org[n:]
	}
	return data, nil
}

// syncNow asks for a sync and does not wait for it.
func (s *server) syncNow(w http.ResponseWriter, r *http.Request, v visit) error {
	s.office.SyncNow()
	s.say(v, "said.syncing")
	http.Redirect(w, r, localPath(r.PostForm.Get("next")), http.StatusSeeOther)
	return nil
}

// promise checks a promise that a person brought: that the gate signed it, and which letter it stands for.
func (s *server) promise(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.aboutPage(r, v)
	if err != nil {
		return err
	}
	p.Promise = strings.ReplaceAll(r.PostForm.Get("promise"), "\r\n", "\n")
	good := false
	if len(p.Promise) <= maxPromise {
		// Pasting loses the last line break, without which a signed note is not one.
		good, p.Thread, err = s.office.CheckPromise(r.Context(), strings.TrimRight(p.Promise, "\n ")+"\n")
		if err != nil {
			return fmt.Errorf("checking a promise: %w", err)
		}
	}
	switch {
	case !good:
		p.Checked, p.Bad = "promise.bad", true
	case p.Thread == 0:
		p.Checked = "promise.good_unknown"
	default:
		p.Checked = "promise.good"
	}
	return s.show(w, http.StatusOK, "about", p)
}
