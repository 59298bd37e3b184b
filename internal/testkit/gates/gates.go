// Package gates runs real gates in the process of a test. It is imported by tests only.
package gates

import (
	"context"
	"testing"

	"panah/gate"
)

// Begin runs the gate of a folder that gate.Init made. stop takes it off the network, waits, and returns what Run returned; it is called once.
func Begin(tb testing.TB, c gate.Config) (g *gate.Gate, stop func() error) {
	tb.Helper()
	g, err := gate.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	select {
	case <-g.Ready():
	case err := <-done:
		cancel()
		tb.Fatalf("the gate did not start: %v", err)
	}
	return g, func() error {
		cancel()
		return <-done
	}
}

// Run runs the gate of the folder dir, which serves the organisation of roster, until the test ends.
func Run(tb testing.TB, dir string, roster []byte) *gate.Gate {
	tb.Helper()
	g, stop := Begin(tb, gate.Config{DataDir: dir, Addr: "127.0.0.1:0", Roster: roster, Site: gate.Site{Name: "Legal aid", Leave: "https://example.org/"}})
	tb.Cleanup(func() {
		if err := stop(); err != nil {
			tb.Error(err)
		}
	})
	return g
}

// New makes a gate named gate.test and runs it like Run.
func New(tb testing.TB, roster []byte) *gate.Gate {
	tb.Helper()
	dir := tb.TempDir()
	if _, err := gate.Init(dir, "gate.test"); err != nil {
		tb.Fatal(err)
	}
	return Run(tb, dir, roster)
}
