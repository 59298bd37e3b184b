package bench

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"panah/desk"
)

// idleAfter is how long nobody does anything before memory is read: what a page took is freed meanwhile.
const idleAfter = 10 * time.Second

// idle runs desks as people do, by `panah desk serve`, unlocks them in a browser's way, opens the queue, and looks at their memory: a new one, whose passphrase costs what it costs, and the one with all
// the cases. A desk that follows a gate holds one more connection.
func (s *site) idle(b *testing.B) {
	b.Helper()
	program := filepath.Join(b.TempDir(), "panah")
	if out, err := exec.Command("go", "build", "-o", program, "panah/cmd/panah").CombinedOutput(); err != nil {
		b.Fatalf("building: %s", out)
	}
	founded := filepath.Join(b.TempDir(), "desk")
	if _, err := desk.Init(desk.FoundConfig{Data: founded, Name: "Legal aid of Benchville", Passphrase: passphrase}); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ what, dir, name, words string }{{"new", founded, "", passphrase}, {"with the cases", s.dir, "Zahra", ownWords}} {
		at := serve(b, program, c.dir, c.name, c.words)
		time.Sleep(idleAfter) // idle: what a desk costs that nobody uses
		now := at.memory(b, "VmRSS:")
		fmt.Printf("bench/desk: a desk, %s, idle after it was unlocked: %.0f MiB (budget %d: %s), at most %.0f MiB before\n", c.what, now, budgetIdle, within(now <= budgetIdle), at.memory(b, "VmHWM:"))
		b.ReportMetric(now, "MiB-idle-"+strings.ReplaceAll(c.what, " ", "-"))
		at.stop()
	}
}

// A running desk.
type running struct{ cmd *exec.Cmd }

func (r *running) stop() {
	if r.cmd.ProcessState == nil {
		_ = r.cmd.Process.Signal(os.Interrupt)
		_ = r.cmd.Wait() // however it ended
	}
}

// memory is what the kernel says of it, in MiB.
func (r *running) memory(b *testing.B, field string) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(r.cmd.Process.Pid) + "/status")
	must(b, err)
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == field {
			kb, err := strconv.ParseFloat(f[1], 64)
			must(b, err)
			return kb / 1024
		}
	}
	b.Fatal("the kernel does not say " + field)
	return 0
}

// serve starts a desk, unlocks it, and looks at its queue.
func serve(b *testing.B, program, dir, name, words string) *running {
	b.Helper()
	cmd := exec.Command(program, "desk", "serve", "--data", dir, "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	must(b, err)
	must(b, cmd.Start())
	r := &running{cmd}
	b.Cleanup(r.stop)
	var launch string
	for lines := bufio.NewScanner(out); launch == "" && lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "http") {
			launch = lines.Text()
		}
	}
	if launch == "" {
		b.Fatal("the desk did not start")
	}
	jar, err := cookiejar.New(nil)
	must(b, err)
	client := &http.Client{Jar: jar}
	defer client.CloseIdleConnections()
	page := fetch(b, client, launch)
	m := csrfField.FindStringSubmatch(page)
	if m == nil {
		b.Fatal("the desk asks for no passphrase")
	}
	base, err := url.Parse(launch)
	must(b, err)
	form := url.Values{"csrf": {m[1]}, "name": {name}, "passphrase": {words}, "next": {"/"}}
	req, err := http.NewRequest(http.MethodPost, "http://"+base.Host+"/unlock", strings.NewReader(form.Encode()))
	must(b, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "http://"+base.Host)
	resp, err := client.Do(req)
	must(b, err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b.Fatalf("unlocking: %d", resp.StatusCode)
	}
	fetch(b, client, "http://"+base.Host+"/")
	return r
}

func fetch(b *testing.B, client *http.Client, at string) string {
	b.Helper()
	resp, err := client.Get(at)
	must(b, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	must(b, err)
	return string(page)
}
