package gate

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"panah/core/wire"
)

//go:noinline
func failWith(k wire.MailboxKey) http.Handler {
	if k.ID[0] == 0xC7 {
		panic("something with " + k.RevealAuth())
	}
	return nil
}

// TestAPanicTellsWhereAndNotWhose: the operator learns which line failed, and nothing that went through it.
func TestAPanicTellsWhereAndNotWhose(t *testing.T) {
	var log bytes.Buffer
	g := &Gate{c: Config{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	k := wire.MailboxKey{ID: wire.MailboxID(bytes.Repeat([]byte{0xC7}, 16)), Auth: [32]byte{1}}
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("the connection is not cut: %v", p)
			}
		}()
		h := g.recovered(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { failWith(k).ServeHTTP(w, r) }))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/secret-path", http.NoBody))
	}()
	told := log.String()
	if !strings.Contains(told, "failWith:") {
		t.Errorf("the log does not say where: %s", told)
	}
	for _, secret := range []string{"0xc7", k.RevealAuth(), "secret-path", "192.0.2.1"} {
		if strings.Contains(told, secret) {
			t.Errorf("the log has %q: %s", secret, told)
		}
	}
}
