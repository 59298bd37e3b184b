package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"panah/desk/internal/media"
	"panah/desk/internal/spreadsheet"
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
		var list []byte
		r.PostForm, err = readFields(multipart.NewReader(r.Body, params["boundary"]), &list)
		if list != nil {
			*r = *r.WithContext(context.WithValue(r.Context(), listKey{}, list))
		}
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

// listField is the name of a list that is brought in. Its bytes never become a string, which nobody could overwrite: listOf returns them.
const listField = "list"

type listKey struct{}

// listOf is the list that came with a form, to be overwritten by whoever takes it; nil for none. One byte more than a list may have is kept of one that is too large.
func listOf(r *http.Request) []byte {
	list, _ := r.Context().Value(listKey{}).([]byte)
	return list
}

// readList reads a list into one piece of memory: growing would leave copies behind.
func readList(from io.Reader) ([]byte, error) {
	list := make([]byte, spreadsheet.MaxBytes+1)
	n, err := io.ReadFull(from, list)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		clear(list)
		return nil, err
	}
	return list[:n], nil
}

// readParts reads a form with a photo. Of one that is too large a byte more than the office takes is kept, so that the page can say so beside
// what was typed; the rest is read past.
func readParts(m *multipart.Reader) (url.Values, error) { return readFields(m, nil) }

// readFields is readParts, with a list for whoever wants one.
func readFields(m *multipart.Reader, list *[]byte) (url.Values, error) {
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
		if name == listField && list != nil && *list == nil {
			if *list, err = readList(p); err != nil {
				return form, err
			}
			continue
		}
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
