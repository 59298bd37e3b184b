package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"panah/desk/internal/media"
)

// Bounds of a form: 20,000 characters of text, each at most four bytes and each byte written as %XX; and one photo.
const (
	maxForm   = 20_000*12 + 16<<10
	maxUpload = 32 << 20 // what is read past at most, when somebody chose a photo that is too large
	maxFields = 8
)

// photoField is the name of the photo in a form, and of its bytes in what readForm makes of it.
const photoField = "photo"

// readForm reads a POST's body within bounds into r.PostForm. Nothing is ever written to a temporary file, as net/http's own
// reading of files does.
func readForm(w http.ResponseWriter, r *http.Request, photo bool) error {
	if r.Method != http.MethodPost {
		return nil
	}
	// Scripts add a charset to it.
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/x-www-form-urlencoded":
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		err = r.ParseForm()
	case err == nil && photo && kind == "multipart/form-data" && params["boundary"] != "":
		r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
		r.PostForm, err = readParts(multipart.NewReader(r.Body, params["boundary"]))
	default:
		r.PostForm = nil
		return errFormKind
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errFormSize
	}
	if err != nil && !errors.Is(err, errFormSize) {
		return fmt.Errorf("%w: %v", errFormKind, "it cannot be read")
	}
	return err
}

// readParts reads a form with a photo. Of one that is too large a byte more than the office takes is kept, so that the page can say so beside
// what was typed; the rest is read past.
func readParts(m *multipart.Reader) (url.Values, error) {
	form := url.Values{}
	for range maxFields {
		p, err := m.NextRawPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		if err != nil {
			return form, err
		}
		limit, name := int64(maxForm), p.FormName()
		if name == photoField {
			limit = media.MaxPhotoBytes
		}
		b, err := io.ReadAll(io.LimitReader(p, limit+1))
		if err != nil {
			return form, err
		}
		if int64(len(b)) > limit && name != photoField {
			return form, errFormSize
		}
		form.Set(name, string(b))
	}
	return form, errFormKind
}
