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
		var files kept
		r.PostForm, err = readFields(multipart.NewReader(r.Body, params["boundary"]), &files)
		if files.list != nil || files.picture != nil {
			*r = *r.WithContext(context.WithValue(r.Context(), keptKey{}, files))
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

// pictureField is the name of a picture of a paper. Its bytes are kept like those of a list; maxPicture bounds them.
const (
	pictureField = "picture"
	maxPicture   = 20 << 20
)

// kept are files that never become strings.
type kept struct{ list, picture []byte }

type keptKey struct{}

// pictureOf is the picture of a paper that came with a form, to be overwritten by whoever takes it; nil for none. One byte more than it may have
// is kept of one that is too large.
func pictureOf(r *http.Request) []byte {
	files, _ := r.Context().Value(keptKey{}).(kept)
	return files.picture
}

// readPicture reads a picture, and overwrites what it outgrew.
func readPicture(from io.Reader) ([]byte, error) {
	picture := make([]byte, 0, 1<<20)
	for {
		n, err := from.Read(picture[len(picture):cap(picture)])
		picture = picture[:len(picture)+n]
		switch {
		case errors.Is(err, io.EOF) || len(picture) > maxPicture:
			return picture, nil
		case err != nil:
			clear(picture)
			return nil, err
		case len(picture) == cap(picture):
			larger := make([]byte, len(picture), min(2*cap(picture), maxPicture+1))
			copy(larger, picture)
			clear(picture)
			picture = larger
		}
	}
}

// listOf is the list that came with a form, to be overwritten by whoever takes it; nil for none. One byte more than a list may have is kept of one that is too large.
func listOf(r *http.Request) []byte {
	files, _ := r.Context().Value(keptKey{}).(kept)
	return files.list
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

// readFields is readParts, with a list or a picture for whoever wants them.
func readFields(m *multipart.Reader, files *kept) (url.Values, error) {
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
		if files != nil && name == listField && files.list == nil {
			if files.list, err = readList(p); err != nil {
				return form, err
			}
			continue
		}
		if files != nil && name == pictureField && files.picture == nil {
			if files.picture, err = readPicture(p); err != nil {
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
