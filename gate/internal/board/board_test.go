package board_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/duty"
	"panah/core/wire"
	"panah/gate/internal/board"
	"panah/gate/internal/store/sqlite"
)

func notice(at int64) board.Notice {
	now := time.Unix(at, 0)
	d := wire.NewDuty(duty.Roster{{From: now.Add(time.Hour), To: now.Add(2 * time.Hour)}}, "Asia/Tehran", now)
	return board.Notice{Duty: d, Body: d.Bytes(), Signed: wire.Signed{Device: "d", Date: "1", Signature: "s"}}
}

// TestNewestStays opens the board again over the same store, and offers it an older notice.
func TestNewestStays(t *testing.T) {
	dir := t.TempDir()
	for i, step := range []struct {
		put  board.Notice
		want string
	}{{notice(6_000_000), ""}, {notice(6_000_300), ""}, {notice(6_000_000), wire.CodeDuty}, {notice(6_000_300), ""}} {
		db, err := sqlite.Open(dir, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := board.Open(db)
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := b.Newest(); ok != (i > 0) || i > 1 && !cmp.Equal(n, notice(6_000_300)) {
			t.Errorf("step %d: %v %+v", i, ok, n)
		}
		err = b.Put(step.put)
		e, _ := errors.AsType[*wire.Error](err)
		if (step.want == "") != (err == nil) || e != nil && e.Code != step.want {
			t.Errorf("step %d: %v", i, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
