package crash

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"panah/core/wire"
	"panah/internal/testkit"
)

// A fullDisk is a way to have no room, and room again.
type fullDisk struct {
	dir     string
	reserve string
	makes   func(t *testing.T, v *victim) // makes room
}

// TestFullDisk fills a disk of 24 MiB that the gate shares with another file, with a reserve and without.
func TestFullDisk(t *testing.T) {
	for name, reserve := range map[string]string{"no reserve": "-1", "reserve": "4000000"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
				t.Logf("no mount here (%v): a limit on file sizes instead", err)
				limited(t, reserve)
				return
			}
			t.Cleanup(func() {
				if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
					t.Error(err)
				}
			})
			ballast := filepath.Join(dir, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 10<<20), 0o600); err != nil {
				t.Fatal(err)
			}
			data := filepath.Join(dir, "data")
			fill(t, fullDisk{dir: data, reserve: reserve, makes: func(t *testing.T, _ *victim) {
				if err := os.Remove(ballast); err != nil {
					t.Fatal(err)
				}
			}})
		})
	}
}

// TestLimitedFiles has no room by a limit on file sizes, as quotas and containers give: another error of the system.
func TestLimitedFiles(t *testing.T) { limited(t, "-1") }

func limited(t *testing.T, reserve string) {
	limit := func(t *testing.T, v *victim, bytes uint64) {
		if err := unix.Prlimit(v.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}, nil); err != nil {
			t.Fatal(err)
		}
	}
	d := fullDisk{dir: filepath.Join(t.TempDir(), "data"), reserve: reserve, makes: func(t *testing.T, v *victim) { limit(t, v, unix.RLIM_INFINITY) }}
	fillWith(t, d, func(t *testing.T, v *victim) { limit(t, v, 8<<20) })
}

func fill(t *testing.T, d fullDisk) { fillWith(t, d, func(*testing.T, *victim) {}) }

// fillWith puts letters in until there is no room, looks what still works, makes room, and goes on.
func fillWith(t *testing.T, d fullDisk, begin func(*testing.T, *victim)) {
	t.Helper()
	o, l := newFolder(t, d.dir)
	v := spawn(t, d.dir, envReserve+"="+d.reserve)
	begin(t, v)
	acks := &acknowledged{by: map[string]wire.Accepted{}}
	refused := 0
	for refused < 5 {
		status, a, code := put(http.DefaultClient, v.url, l.next())
		switch {
		case status == 201:
			acks.add(a)
		case status == 507 && code == wire.CodeFull:
			refused++
		default:
			t.Fatalf("after %d letters: %d %s", len(acks.by), status, code)
		}
		if len(acks.by) > 20_000 {
			t.Fatal("the disk does not fill")
		}
	}
	t.Logf("no room after %d letters", len(acks.by))
	for _, path := range []string{"/roster", "/site.json"} {
		if status, _ := get(t, v.url+path); status != 200 {
			t.Errorf("%s on a full disk: %d", path, status)
		}
	}
	if status, _ := get(t, v.url+"/healthz"); d.reserve != "-1" && status != 507 {
		t.Errorf("healthz on a full disk: %d", status)
	}
	if n := countSync(t, v, o); n == 0 {
		t.Error("a desk reads nothing on a full disk")
	}
	d.makes(t, v)
	deadline := time.Now().Add(20 * time.Second)
	for {
		status, a, code := put(http.DefaultClient, v.url, l.next())
		if status == 201 {
			acks.add(a)
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("with room again: %d %s", status, code)
		}
		time.Sleep(10 * time.Millisecond)
	}
	for range 50 {
		status, a, code := put(http.DefaultClient, v.url, l.next())
		if status != 201 {
			t.Fatalf("later: %d %s", status, code)
		}
		acks.add(a)
	}
	v.kill()
	checkAll(t, d.dir, acks)
}

func get(t *testing.T, url string) (int, []byte) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, b
}

// countSync reads one stream as a desk and counts its entries.
func countSync(t *testing.T, v *victim, o testkit.Organisation) (n int) {
	t.Helper()
	const target = "/v1/desk/sync?from=0&limit=1000"
	s := wire.SignRequest(o.Device, "GET", target, nil, "crash.example.org", time.Now())
	req, err := http.NewRequest("GET", v.url+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(wire.HeaderDevice, s.Device)
	req.Header.Set(wire.HeaderDate, s.Date)
	req.Header.Set(wire.HeaderSignature, s.Signature)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for {
		kind, _, err := wire.ReadFrame(res.Body)
		if err != nil {
			t.Fatalf("the stream was cut: %v", err)
		}
		if kind == wire.FrameEnd {
			return n
		}
		if kind == wire.FrameEntry {
			n++
		}
	}
}
