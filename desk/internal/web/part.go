package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/media"
	"panah/desk/internal/office"
)

// part serves a photo or a recording as desk/internal/media made it. A stranger's bytes never go out as they came, and a
// file of another type does not go out at all.
func (s *server) part(w http.ResponseWriter, r *http.Request, _ visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	p, err := s.office.Part(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a part: %w", err)
	}
	kind, body, err := safe(p)
	if err != nil {
		return fmt.Errorf("%w: %v", errPart, err)
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Security-Policy", "default-src 'none'; media-src 'self'; img-src 'self'; sandbox; frame-ancestors 'none'")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body)) // with ranges, which players ask for
	return nil
}

// safe makes a part safe, or refuses it.
func safe(p casedb.Part) (kind string, body []byte, err error) {
	switch {
	case photo(p.Type):
		img, err := media.Photo(p.Data)
		return seal.TypeJPEG, img.JPEG, err
	case strings.HasPrefix(p.Type, "audio/"):
		rec, err := media.Voice(p.Data)
		return media.VoiceType, rec.Ogg, err
	}
	return "", nil, errPart
}

// voice looks at a recording, so that the page says before anybody presses play that it cannot be played.
func (s *server) voice(r *http.Request, p casedb.PartInfo) (voice, error) {
	v := voice{PartInfo: p}
	whole, err := s.office.Part(r.Context(), p.ID)
	if errors.Is(err, office.ErrNotFound) {
		v.Problem = "part.voice_gone"
		return v, nil
	}
	if err != nil {
		return voice{}, fmt.Errorf("reading a recording: %w", err)
	}
	rec, err := media.Voice(whole.Data)
	switch {
	case errors.Is(err, media.ErrTooLarge):
		v.Problem = "part.voice_large"
	case err != nil:
		v.Problem = "part.voice_broken"
	}
	v.Length = rec.Duration
	return v, nil
}
