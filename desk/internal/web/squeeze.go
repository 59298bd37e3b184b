package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// squeezed marks a browser that takes gzip. Pages go out compressed there: the queue on an office network is a fifth of its size. What a length gives away of a page that holds both a
// form's token and a stranger's words needs somebody who sends requests in the caseworker's name and sees the lengths of the answers: the guard refuses the first.
type squeezed struct{ http.ResponseWriter }

// Unwrap gives the writer to http.ResponseController.
func (s squeezed) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func squeezable(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(coding) == "gzip" {
			return true
		}
	}
	return false
}

// squeeze writes a whole page. An error means that the browser went away.
func squeeze(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	if _, ok := w.(squeezed); ok && len(body) > 1400 {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // no error: the level is one
		z.Write(body)                                   // into memory
		z.Close()
		body = b.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}
