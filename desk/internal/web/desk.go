package web

import (
	"context"

	"panah/core/receipt"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// An Office is what the pages are about: desk/internal/office, whose comments say what each method promises. It is put
// together from small parts, so that each page shows what it needs.
type Office interface {
	keys
	reader
	writer
	settler
	watcher
}

// keys opens and closes the desk.
type keys interface {
	Unlock(ctx context.Context, passphrase string) error
	Lock()
	Locked() bool
	Touch()
}

// reader shows what the desk holds.
type reader interface {
	Threads(ctx context.Context, f casedb.Filter) ([]casedb.Summary, error)
	Thread(ctx context.Context, id int64) (casedb.Thread, error)
	Part(ctx context.Context, id int64) (casedb.Part, error)
	CheckPromise(ctx context.Context, promise string) (good bool, thread int64, err error)
}

// writer answers people.
type writer interface {
	Reply(ctx context.Context, thread int64, d office.Draft, once string) error
	SetUrgency(ctx context.Context, thread int64, u casedb.Urgency) error
}

// settler does what cannot be taken back.
type settler interface {
	Reissue(ctx context.Context, thread int64, safeWordConfirmed bool) (receipt.Code, error)
	Join(ctx context.Context, newThread, oldThread int64, safeWordConfirmed bool) error
	Erase(ctx context.Context, thread int64) error
}

// watcher tells how the desk stands with its gate.
type watcher interface {
	Status(ctx context.Context) office.Status
	Subscribe() (<-chan office.Change, func())
	Alarms(ctx context.Context, all bool) ([]casedb.Alarm, error)
	Resolve(ctx context.Context, alarm int64, note string) error
	SyncNow()
}
