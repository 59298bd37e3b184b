package desk

import (
	"net"
	"testing"
)

func TestTheDeskTakesBothLoopbackAddresses(t *testing.T) {
	l, err := listenLoopback("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	if !l.localhost || len(l.listeners) != 2 {
		t.Fatalf("localhost %v, %d listeners; this test needs a computer with ::1", l.localhost, len(l.listeners))
	}
	if got, want := l.listeners[1].Addr().String(), twin(l.addr); got != want {
		t.Errorf("the second is %s, want %s", got, want)
	}
}

// A program that waits at [::1] would be asked for localhost first, and could ask for passkeys there.
func TestLocalhostIsNotOfferedWhileAnotherProgramSitsThere(t *testing.T) {
	other, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	l, err := listenLoopback(twin(other.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	if l.localhost || len(l.listeners) != 1 {
		t.Errorf("localhost %v, %d listeners", l.localhost, len(l.listeners))
	}
}

func TestTheDeskListensOnThisComputerOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", "localhost:0", "192.0.2.1:0", "127.0.0.1"} {
		if l, err := listenLoopback(addr); err == nil {
			l.close()
			t.Errorf("it listens at %s", addr)
		}
	}
}
