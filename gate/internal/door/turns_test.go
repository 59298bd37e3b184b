package door

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Senders who together hold more than the door may keep take turns, and all get through. This is what the race detector
// runs of the door (.ci/race): small files, two letters sealed at once, every lock and place used by many.
func TestSendersTakeTurns(t *testing.T) {
	us := newOrganisation(t)
	d := New(Config{FileMemory: 2 * fileStep, Sealings: 2, Derivations: 2})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		draft, err := d.ReadLetter(r)
		defer draft.Wipe()
		if err == nil && draft.Chose("seal") {
			_, err = d.SealFirst(r.Context(), draft, us.desk, noon())
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()

	errs := make(chan error, 12)
	for i := range cap(errs) {
		fields := []field{{name: "story", value: "x"}, {name: "photo", value: strings.Repeat("x", 3*fileStep), file: true}}
		if i < 3 { // deriving a receipt code is slow by intent
			fields = append(fields, field{name: "situation", value: "seal"})
		}
		body, contentType := form(t, fields...)
		go func() {
			res, err := http.Post(server.URL, contentType, strings.NewReader(string(body)))
			if err == nil {
				defer res.Body.Close()
				if res.StatusCode != http.StatusOK {
					err = fmt.Errorf("status %d", res.StatusCode)
				}
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	server.Close() // waits for the handlers, which give their bytes back last
	if d.memory.used != 0 || len(d.memory.beyond) != 0 {
		t.Errorf("%d bytes never came back", d.memory.used)
	}
}
