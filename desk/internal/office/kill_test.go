package office

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

// envDesk is the folder that this test binary runs a desk in, when it is set, until it is killed.
const envDesk = "PANAH_TEST_DESK"

func TestMain(m *testing.M) {
	if dir := os.Getenv(envDesk); dir != "" {
		if err := runDesk(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runDesk unlocks the desk, queues a reply to its only thread for each line on standard input, and says when each is stored.
func runDesk(dir string) error {
	o, err := Open(Config{Data: dir})
	if err != nil {
		return err
	}
	if err := o.Unlock(context.Background(), passphrase); err != nil {
		return err
	}
	fmt.Println("open")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		list, err := o.Threads(context.Background(), casedb.Filter{})
		if err != nil || len(list) != 1 {
			return fmt.Errorf("%d threads: %w", len(list), err)
		}
		if err := o.Reply(context.Background(), list[0].ID, Draft{Text: in.Text()}, ""); err != nil {
			return err
		}
		fmt.Println("stored")
	}
	return nil
}

// A desk is killed again and again, most often between the gate having a reply and the desk marking it. Every reply that was stored reaches
// the person once.
func TestKilledDeskLosesNothingAndRepeatsNothing(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	p := w.person()
	p.writes(0, seal.KindLetter, text("help"))
	d.the("help")
	d.Lock()
	// Two of three answers are lost on the road, after the gate has done what was asked.
	var turn atomic.Int32
	did := make(chan struct{}, 1000)
	w.road.set(nil, func(r *http.Request) bool {
		if r.Method == http.MethodGet {
			return true
		}
		did <- struct{}{}
		return turn.Add(1)%3 == 0
	})
	var want []string
	for i := range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), envDesk+"="+d.dir)
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := bufio.NewScanner(out)
		said.Scan()
		for len(did) > 0 {
			<-did
		}
		for range 2 {
			want = append(want, strconv.Itoa(len(want)+1)+": reply "+strconv.Itoa(len(want)+1))
			fmt.Fprintln(in, "reply", len(want))
			if !said.Scan() || said.Text() != "stored" {
				t.Fatalf("run %d: the desk said %q", i, said.Text())
			}
		}
		for range i % 4 { // a different moment each time
			select {
			case <-did:
			case <-time.After(10 * time.Second):
				t.Fatal("the desk sends nothing")
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
	}
	w.road.set(nil, nil)
	if err := d.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	d.until("all is delivered", func() bool {
		s := d.Status(t.Context())
		if s.Queued != 0 || len(d.list()) != 1 {
			return false
		}
		for _, r := range d.thread(d.list()[0].ID).Replies {
			if r.Delivery != casedb.ReplyShared {
				return false
			}
		}
		return true
	})
	if diff := cmp.Diff(want, p.texts()); diff != "" {
		t.Error(diff)
	}
	if n := d.Status(t.Context()).LogSize; n != int64(1+len(want)) {
		t.Errorf("%d log entries for a letter and %d copies", n, len(want))
	}
	d.noAlarms()
	if left, _ := filepath.Glob(filepath.Join(d.dir, ".keyring-*")); len(left) > 0 || !keyring.Exists(d.dir) {
		t.Error("leftovers:", strings.Join(left, " "))
	}
}
