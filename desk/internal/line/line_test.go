package line

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"panah/core/wire"
)

// newLine makes a line to a handler.
func newLine(t *testing.T, h http.HandlerFunc) *Line {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := New(srv.URL, "gate.test", key, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func refuse(w http.ResponseWriter, status int, e wire.Error) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(e)
}

func TestLetterWorksWhenAsked(t *testing.T) {
	sealed := []byte("a letter")
	gate, from := issuer(t)
	tries := 0
	l := newLine(t, func(w http.ResponseWriter, r *http.Request) {
		tries++
		if r.Header.Get(wire.HeaderDevice) != "" {
			t.Error("the letter tells which desk sends it")
		}
		challenge, counter, ok := strings.Cut(r.Header.Get(wire.HeaderWork), "|")
		sum := sha256.Sum256([]byte("c0ffee|" + wire.IDOf(sealed).String() + "|" + counter))
		if !ok || challenge != "c0ffee" || sum[0] != 0 || sum[1]&0xf0 != 0 {
			refuse(w, http.StatusPreconditionRequired, wire.Error{Code: wire.CodeWork, Challenge: "c0ffee", Bits: 12})
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(receipt(t, sealed, gate, nil))
	})
	if p, err := l.Letter(t.Context(), sealed, from); err != nil || tries != 2 || p.Org != from.Org {
		t.Errorf("after %d tries: %v", tries, err)
	}
}

func TestLetterDoesNotWorkForEver(t *testing.T) {
	for _, bits := range []int{maxProof + 1, -1, 1 << 30} {
		l := newLine(t, func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusPreconditionRequired, wire.Error{Code: wire.CodeWork, Challenge: "c", Bits: bits})
		})
		if _, err := l.Letter(t.Context(), []byte("x"), Issuer{}); !errors.Is(err, ErrOffline) {
			t.Errorf("%d bits: %v", bits, err)
		}
	}
}

func TestAnswersAreTold(t *testing.T) {
	for what, tc := range map[string]struct {
		status int
		body   string
		date   time.Time
		want   error
	}{
		"busy":            {503, `{"error":"busy","say":"later"}`, time.Now(), ErrOffline},
		"full":            {507, `{"error":"full","say":"no room"}`, time.Now(), ErrOffline},
		"no mailbox":      {404, `{"error":"no-mailbox","say":"gone"}`, time.Now(), ErrNoMailbox},
		"not our desk":    {401, `{"error":"device","say":"who?"}`, time.Now(), ErrDevice},
		"wrong clock":     {401, `{"error":"device","say":"who?"}`, time.Now().Add(time.Hour), ErrClock},
		"a proxy":         {502, `<html>`, time.Now(), ErrOffline},
		"another place":   {302, ``, time.Now(), ErrOffline},
		"endless":         {404, strings.Repeat("x", maxAnswer+10), time.Now(), ErrOffline},
		"a captive login": {404, `{"hello":1}`, time.Now(), ErrOffline},
	} {
		l := newLine(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", tc.date.UTC().Format(http.TimeFormat))
			w.Header().Set("Location", "https://example.org/")
			w.WriteHeader(tc.status)
			_, _ = io.WriteString(w, tc.body)
		})
		if err := l.Reply(t.Context(), wire.MailboxID{1}, []byte("sealed")); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", what, err, tc.want)
		}
	}
}

func TestSetupBelievesOnlyTheGateThatPrintedTheCode(t *testing.T) {
	code, err := wire.ParseSetupCode(wire.NewSetupCode())
	if err != nil {
		t.Fatal(err)
	}
	proof := ""
	l := newLine(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !wire.SameProof(r.Header.Get(wire.HeaderSetup), code.RosterProof(body)) {
			t.Error("the roster is not proved")
		}
		w.Header().Set(wire.HeaderSetup, proof)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "gate.test+1234+key")
	})
	if _, err := l.Setup(t.Context(), code, []byte("roster")); err == nil {
		t.Error("a proxy put its own key in")
	}
	proof = code.GateProof("gate.test+1234+key")
	if vkey, err := l.Setup(t.Context(), code, []byte("roster")); err != nil || vkey != "gate.test+1234+key" {
		t.Errorf("%q %v", vkey, err)
	}
}

func TestNewRefusesAddresses(t *testing.T) {
	for _, s := range []string{"", "help.example.org", "ftp://x", "https://x/path", "https://x?q=1", "https://"} {
		if _, err := New(s, "x", nil, time.Now); err == nil {
			t.Errorf("took %q", s)
		}
	}
}
