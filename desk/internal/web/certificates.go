package web

import (
	"errors"
	"fmt"
	"net/http"

	"panah/core/papers/seal"
	"panah/desk/internal/office"
)

// A certificatesPage lists whose seals this desk can check.
type certificatesPage struct {
	*page
	List  []seal.Certificate
	Mine  bool // a keeper's
	Wrong string
}

func (s *server) certificatesPage(r *http.Request, v visit) (*certificatesPage, error) {
	p, err := s.titled(r, v, "reading.certificates")
	if err != nil {
		return nil, err
	}
	p.Nav, p.Path = "papers", "/papers/certificates"
	data := &certificatesPage{page: p, Mine: v.Role == "" || office.MayKeep(v.Role)}
	if data.List, err = s.can.reads.SealCertificates(r.Context()); err != nil {
		return nil, fmt.Errorf("reading certificates: %w", err)
	}
	return data, nil
}

func (s *server) certificates(w http.ResponseWriter, r *http.Request, v visit) error {
	if r.URL.Path != "/papers/certificates" {
		http.Redirect(w, r, "/papers/certificates", http.StatusSeeOther)
		return nil
	}
	p, err := s.certificatesPage(r, v)
	if err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "certificates", p)
}

// certificateAdd keeps a certificate that was chosen as a file.
func (s *server) certificateAdd(w http.ResponseWriter, r *http.Request, v visit) error {
	err := s.can.reads.AddSealCertificate(r.Context(), pictureOf(r))
	return s.certificateDone(w, r, v, err, "reading.certificate_added")
}

func (s *server) certificateRemove(w http.ResponseWriter, r *http.Request, v visit) error {
	remover, ok := s.can.reads.(certificateRemover)
	if !ok {
		return errNowhere
	}
	err := remover.RemoveSealCertificate(r.Context(), r.PostForm.Get("certificate"))
	return s.certificateDone(w, r, v, err, "reading.certificate_removed")
}

func (s *server) certificateDone(w http.ResponseWriter, r *http.Request, v visit, err error, said string) error {
	wrong := ""
	switch {
	case err == nil:
		s.say(v, said)
		http.Redirect(w, r, "/papers/certificates", http.StatusSeeOther)
		return nil
	case errors.Is(err, seal.ErrCertificate):
		wrong = "reading.certificate_bad"
	case errors.Is(err, office.ErrCertificates):
		wrong = "reading.certificate_full"
	case errors.Is(err, office.ErrKeeperOnly):
		wrong = "reading.certificate_keeper"
	default:
		return err
	}
	p, err := s.certificatesPage(r, v)
	if err != nil {
		return err
	}
	p.Wrong = wrong
	return s.show(w, http.StatusUnprocessableEntity, "certificates", p)
}
