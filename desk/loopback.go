package desk

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// A loopback is where the desk's pages are served. Browsers look for "localhost", the only name that passkeys work under, at both loopback addresses: a program that
// sat at the other one could ask for them. So the desk takes both.
type loopback struct {
	listeners []net.Listener
	addr      string // of the first, as it was asked for, with the port that it got
	localhost bool   // nobody else can answer at localhost with this port
}

// tries is how many free ports are tried, when any will do, until one is free at both addresses.
const tries = 8

// listenLoopback listens at addr, which is a literal loopback address, and at its twin. Only the first is required.
func listenLoopback(addr string) (loopback, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return loopback{}, fmt.Errorf("opening the desk: the address is like 127.0.0.1:7443: %w", err)
	}
	for try := 1; ; try++ {
		first, err := listen(addr)
		if err != nil {
			return loopback{}, err
		}
		l := loopback{listeners: []net.Listener{first}, addr: first.Addr().String()}
		second, err := net.Listen("tcp", twin(l.addr))
		switch {
		case err == nil:
			l.listeners, l.localhost = append(l.listeners, second), true
		case noSuchAddress(err):
			l.localhost = true // this computer has one kind of address only
		case port == "0" && try < tries:
			l.close()
			continue
		}
		return l, nil
	}
}

// twin is the same port at the loopback address of the other kind.
func twin(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	if net.ParseIP(host).To4() != nil {
		return net.JoinHostPort("::1", port)
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// noSuchAddress reports that no program on this computer can listen there.
func noSuchAddress(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}

func (l loopback) close() {
	for _, one := range l.listeners {
		one.Close()
	}
}
