package gate

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestPace: a slow phone gets through, a connection that only wants to be held does not. Time is shortened a hundred times.
func TestPace(t *testing.T) {
	p := pace{silence: 300 * time.Millisecond, grace: 600 * time.Millisecond, rate: 25_600}
	got := make(chan error, 1)
	s := httptest.NewServer(p.keep(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		got <- err
		_, _ = fmt.Fprint(w, n) // the sender may have gone
	})))
	defer s.Close()
	for name, c := range map[string]struct {
		pieces int           // of 1,000 bytes
		size   int           // bytes of each
		every  time.Duration // between them
		ok     bool
	}{
		// 1 KB a second at full scale, for three times the grace: a bad 2G line.
		"a slow phone": {180, 1000, 10 * time.Millisecond, true},
		// One byte now and then, never silent for long.
		"a slow attack": {100, 1, 50 * time.Millisecond, false},
		"silence":       {2, 10, time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			begun := time.Now()
			fmt.Fprintf(conn, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", c.pieces*c.size)
			tick := time.NewTicker(c.every) // the sender's pace is what is tested
			defer tick.Stop()
			var readErr error
			ended := false
			for range c.pieces {
				if _, err := io.WriteString(conn, strings.Repeat("x", c.size)); err != nil || ended {
					break
				}
				select {
				case <-tick.C:
				case readErr = <-got:
					ended = true
				}
			}
			if !ended {
				readErr = <-got
			}
			if !c.ok {
				if readErr == nil || time.Since(begun) > 3*time.Second {
					t.Errorf("held for %v: %v", time.Since(begun), readErr)
				}
				return
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || readErr != nil {
				t.Fatalf("cut after %v: %v, %v", time.Since(begun), err, readErr)
			}
			res.Body.Close()
		})
	}
}

// TestPaceOfAnswers: who does not read the answer is cut, who reads slowly is not.
func TestPaceOfAnswers(t *testing.T) {
	p := pace{silence: 300 * time.Millisecond, grace: time.Minute, rate: 1}
	wrote := make(chan error, 1)
	s := httptest.NewServer(p.keep(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.Write(make([]byte, 64<<20))
		wrote <- err
	})))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case err := <-wrote:
		if err == nil {
			t.Error("64 MiB left without a reader")
		}
	case <-time.After(10 * time.Second):
		t.Error("a connection that reads nothing is held")
	}
	res, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); n != 64<<20 || err != nil {
		t.Errorf("a reader got %d bytes, %v", n, err)
	}
}

func TestScrub(t *testing.T) {
	for in, want := range map[string]string{
		"dial tcp 192.0.2.7:443: refused":            "dial tcp [address]:443: refused",
		"read [2001:db8::1]:443: reset":              "read [[address]]:443: reset",
		"at 12:30:05 the letter 10.5 of version 1.2": "at 12:30:05 the letter 10.5 of version 1.2",
		"peer ::1 and fe80::12ab":                    "peer [address] and [address]",
	} {
		if got := scrub(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
