package desk

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"panah/gate"
)

const passphrase = "four plain words here"

// openGate runs a new gate that has no organisation yet.
func openGate(t *testing.T) (*gate.Gate, gate.Identity) {
	t.Helper()
	dir := t.TempDir()
	id, err := gate.Init(dir, "gate.test")
	if err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Config{DataDir: dir, Addr: "127.0.0.1:0", Site: gate.Site{Name: "Test", Leave: "https://example.org/"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	<-g.Ready()
	return g, id
}

func TestDeskJoinsAGateByItsCode(t *testing.T) {
	g, id := openGate(t)
	data := filepath.Join(t.TempDir(), "desk")
	if _, err := Init(FoundConfig{Data: data, Name: "Legal aid", Passphrase: "short", LogN: 10}); err == nil {
		t.Error("a short passphrase was taken")
	}
	founded, err := Init(FoundConfig{Data: data, Name: "Legal aid", Passphrase: passphrase, LogN: 10})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Init(FoundConfig{Data: data, Name: "Legal aid", Passphrase: passphrase, LogN: 10}); !errors.Is(err, ErrExists) {
		t.Errorf("a second desk in one folder: %v", err)
	}
	if _, err := Connect(t.Context(), data, passphrase, g.URL(), "0000-0000-0000-0000-0000-0000"); err == nil {
		t.Error("a wrong setup code was taken")
	}
	if _, err := Connect(t.Context(), data, "another passphrase", g.URL(), id.SetupCode); !errors.Is(err, ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	for range 2 { // repeating is harmless
		got, err := Connect(t.Context(), data, passphrase, g.URL(), id.SetupCode)
		if err != nil {
			t.Fatal(err)
		}
		if got.Key != g.VKey() || got.Origin != "gate.test" {
			t.Errorf("joined %+v", got)
		}
	}
	done, err := Sync(t.Context(), data, passphrase)
	if err != nil || done.Size != 0 {
		t.Errorf("first sync: %+v %v", done, err)
	}
	if again, err := Roster(data, passphrase); err != nil || string(again) != string(founded.Roster) {
		t.Errorf("roster: %v", err)
	}
	if err := SetGate(data, passphrase, Gate{URL: g.URL(), Origin: "gate.test", Key: "gate.test+00000000+AAAA"}); err == nil {
		t.Error("another gate's key replaced the first")
	}
}

func TestRunServesOnThisComputerOnlyAndStops(t *testing.T) {
	data := filepath.Join(t.TempDir(), "desk")
	if _, err := Init(FoundConfig{Data: data, Name: "Legal aid", Passphrase: passphrase, LogN: 10}); err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "localhost:0"} {
		if err := Run(t.Context(), Config{Data: data, Listen: addr}); err == nil || !strings.Contains(err.Error(), "this computer only") {
			t.Errorf("%s: %v", addr, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	url, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- Run(ctx, Config{Data: data, Ready: func(u string) { url <- u }}) }()
	select {
	case u := <-url:
		resp, err := http.Get(u[:strings.Index(u[8:], "/")+8] + "/healthz")
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("healthz: %v", err)
		} else {
			resp.Body.Close()
		}
	case err := <-done:
		t.Fatal(err)
	}
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the desk does not stop")
	}
}
