package casedb

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
)

// v1Batch is the log that testdata/v1.db was made from: a thread with two letters and a reply of another desk, one of them erased, one unopened.
func v1Batch() (batch []Incoming, edge ledger.Edge) {
	hour := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	add := func(l seal.Letter, deskOK bool) {
		i := int64(len(batch))
		l.Org, l.Epoch, l.At = "org", 1, hour
		e := Incoming{Index: i, Present: true, Hour: hour.Add(time.Duration(i) * time.Hour), Letter: l, DeskOK: deskOK, Urgency: UrgencyHours}
		e.ID = sha256.Sum256(fmt.Appendf(nil, "letter %d", i))
		e.Commitment = sha256.Sum256(fmt.Appendf(nil, "commitment %d", i))
		e.Describe()
		edge = edge.Append(ledger.LeafHash(e.Commitment))
		batch = append(batch, e)
	}
	text := func(s string) []seal.Part { return []seal.Part{{Type: seal.TypeText, Data: []byte(s)}} }
	for p := range 3 {
		mac := seal.ThreadKey(sha256.Sum256(fmt.Appendf(nil, "mac %d", p)))
		mailbox := wire.MailboxID{byte(p + 1)}
		add(seal.Letter{Kind: seal.KindLetter, Sealed: seal.SealedBrowser, Box: "age1pq1box", Mailbox: mailbox, MAC: &mac, Parts: text(fmt.Sprintf("first %d", p))}, false)
		l := seal.Letter{Kind: seal.KindLetter, Sealed: seal.SealedBrowser, Box: "age1pq1box", Mailbox: mailbox, N: 100, Parts: text(fmt.Sprintf("second %d", p))}
		l.Tag = mac.Tag(l)
		add(l, false)
		r := seal.Letter{Kind: seal.KindReplyCopy, Sealed: seal.SealedDesk, Mailbox: mailbox, N: 1, Parts: text(fmt.Sprintf("answer %d", p))}
		r.Tag = mac.Tag(r)
		add(r, true)
	}
	return batch, edge
}

// openV1 opens a copy of testdata/v1.db: a database that version 1 wrote, as its own Apply, FinishRound, AddReply (thread 2) and Erase (thread 3) made it of v1Batch.
func openV1(t *testing.T) *DB {
	t.Helper()
	return openStored(t, "v1.db")
}

// openStored opens a copy of a database in testdata.
func openStored(t *testing.T, name string) *DB {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), FileName)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

// A desk that is brought up from version 1 keeps everything, and reads the log anew for the file keys.
func TestVersion1IsBroughtUp(t *testing.T) {
	db := openV1(t)
	c, err := db.Cursor(t.Context())
	if err != nil || c.Edge.Size() != 0 || string(c.Checkpoint) != "the newest checkpoint" || c.Round != 1 {
		t.Fatalf("cursor %+v: %v; the checkpoint must stay, or a gate could roll back", c, err)
	}
	for thread, want := range map[int64]int{1: 1, 2: 2} {
		got, err := db.Thread(t.Context(), thread)
		if err != nil || len(got.Letters) != 2 || len(got.Replies) != want || got.Letters[0].Text == "" {
			t.Errorf("thread %d: %+v %v", thread, got, err)
		}
	}
	if _, _, err := db.ToWrap(t.Context(), 2, 0, 100); !errors.Is(err, ErrBehind) {
		t.Errorf("keys are destroyed before the log was read again: %v", err)
	}
	batch, edge := v1Batch()
	for i := range batch {
		batch[i].Epoch, batch[i].FileKey = 1, seal.FileKey{byte(i + 1)}
	}
	if _, err := db.Apply(t.Context(), batch, edge, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.FinishRound(t.Context(), edge, time.Now()); err != nil {
		t.Fatal(err)
	}
	wraps, _, err := db.ToWrap(t.Context(), 2, 0, 100)
	if err != nil || len(wraps) != 2 || len(wraps[0].Entries) != 3 || len(wraps[1].Entries) != 3 {
		t.Errorf("%d wraps: %v; every entry of the two open threads has its key now", len(wraps), err)
	}
	if a, err := db.Alarms(t.Context(), true); err != nil || len(a) != 0 {
		t.Errorf("alarms %+v %v", a, err)
	}
	if list, err := db.Threads(t.Context(), Filter{}); err != nil || len(list) != 2 {
		t.Errorf("the erased thread came back: %v %v", list, err)
	}
}
