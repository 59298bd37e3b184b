package mailbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/wire"
	"panah/gate/internal/mailbox"
	"panah/gate/internal/store"
	"panah/gate/internal/store/sqlite"
)

var ctx = context.Background()

type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

func start(t *testing.T) (*mailbox.Mailboxes, *sqlite.DB, *clock, string) {
	t.Helper()
	dir := t.TempDir()
	db, err := sqlite.Open(dir, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &clock{time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	return mailbox.New(db, mailbox.Pepper{7}, c.time), db, c, dir
}

func key(id byte) wire.MailboxKey {
	return wire.MailboxKey{ID: wire.MailboxID(bytes.Repeat([]byte{id}, 16)), Auth: [32]byte(bytes.Repeat([]byte{id + 100}, 32))}
}

func TestRepliesAndErase(t *testing.T) {
	m, _, _, dir := start(t)
	k := key(1)
	if created, err := m.Open(ctx, k); err != nil || !created {
		t.Fatalf("opening: %v, %v", created, err)
	}
	for _, r := range []string{"first", "second"} {
		if created, err := m.Put(ctx, k.ID, []byte(r)); err != nil || !created {
			t.Fatal(err)
		}
	}
	got, err := m.Replies(ctx, k)
	if err != nil || !cmp.Equal(got, [][]byte{[]byte("first"), []byte("second")}) {
		t.Errorf("%q, %v", got, err)
	}
	wrong := k
	wrong.Auth[5] ^= 1
	for what, k := range map[string]wire.MailboxKey{"wrong auth": wrong, "unknown": key(9), "zero": {}} {
		_, err := m.Replies(ctx, k)
		if err != store.ErrNoMailbox || m.Erase(ctx, k) != store.ErrNoMailbox {
			t.Errorf("%s: %v", what, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil || bytes.Contains(b, k.ID[:]) || bytes.Contains(b, k.Auth[:]) {
			t.Errorf("the mailbox id or auth is in %s (%v)", f, err)
		}
	}
	if err := m.Erase(ctx, k); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Replies(ctx, k); !errors.Is(err, store.ErrNoMailbox) {
		t.Errorf("after erasing: %v", err)
	}
}

// TestReissue: the person gets a new mailbox, the old one dies.
func TestReissue(t *testing.T) {
	m, _, _, _ := start(t)
	lost, fresh := key(1), key(2)
	if _, err := m.Open(ctx, lost); err != nil {
		t.Fatal(err)
	}
	_, err := m.Open(ctx, fresh)
	if err := errors.Join(err, m.Drop(ctx, lost.ID)); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Replies(ctx, lost); !errors.Is(err, store.ErrNoMailbox) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := m.Replies(ctx, fresh); err != nil {
		t.Errorf("the new one: %v", err)
	}
}

// TestSweep: reading keeps a mailbox alive for 90 more days.
func TestSweep(t *testing.T) {
	m, db, c, _ := start(t)
	used, unused := key(1), key(2)
	_, err := m.Open(ctx, used)
	_, err2 := m.Open(ctx, unused)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.AddDate(0, 0, 60)
	if _, err := m.Replies(ctx, used); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.AddDate(0, 0, 30)
	if n, err := m.Sweep(ctx, db); n != 0 || err != nil {
		t.Errorf("on day 90: %d, %v", n, err)
	}
	c.now = c.now.AddDate(0, 0, 1)
	if n, err := m.Sweep(ctx, db); n != 1 || err != nil {
		t.Errorf("on day 91: %d, %v", n, err)
	}
	if _, err := m.Replies(ctx, used); err != nil {
		t.Errorf("the used one: %v", err)
	}
}

func TestPepperHides(t *testing.T) {
	p := mailbox.Pepper{1, 2, 3}
	if s := fmt.Sprintf("%v %+v %#v %s", p, p, p, p); s != "[pepper] [pepper] [pepper] [pepper]" {
		t.Errorf("prints %s", s)
	}
}
