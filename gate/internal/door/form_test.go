package door

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A field of a form as a browser sends it.
type field struct {
	name, value string
	file        bool
}

// form writes fields as a browser does.
func form(t testing.TB, fields ...field) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		var part io.Writer
		var err error
		if f.file {
			part, err = w.CreateFormFile(f.name, "IMG_0001.jpg")
		} else {
			part, err = w.CreateFormField(f.name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, f.value); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

// post sends a form through a real server and connection and reads it there.
func post(t testing.TB, d *Door, fields ...field) (*Draft, error) {
	t.Helper()
	body, contentType := form(t, fields...)
	return postRaw(t, d, bytes.NewReader(body), contentType)
}

func postRaw(t testing.TB, d *Door, body io.Reader, contentType string) (draft *Draft, err error) {
	t.Helper()
	read := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(read)
		// The draft outlives the request in these tests, so its context must too.
		draft, err = d.ReadLetter(r.WithContext(context.WithoutCancel(r.Context())))
		fmt.Fprint(w, "read")
	}))
	defer server.Close()
	res, postErr := http.Post(server.URL, contentType, body)
	if postErr != nil {
		t.Fatalf("a browser would show no answer: %v", postErr)
	}
	<-read
	if cerr := res.Body.Close(); cerr != nil {
		t.Fatal(cerr)
	}
	return draft, err
}
