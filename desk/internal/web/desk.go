package web

import (
	"context"
	"time"

	"panah/core/receipt"
	"panah/core/roster"
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

// council knows the organisation's desks and keys, and changes them on a keeper's desk.
type council interface {
	Keys(ctx context.Context) (office.Keys, error)
	Roll(ctx context.Context) error
	Remove(ctx context.Context, desk string) (office.Exposure, error)
	Exposure(ctx context.Context, desk string) (office.Exposure, error)
	SetRole(ctx context.Context, desk string, r roster.Role) error
	SetThreshold(ctx context.Context, n int) error
	Cosign(ctx context.Context, proposal string) error
}

// inviter brings new desks in.
type inviter interface {
	Invite(ctx context.Context) (code string, until time.Time, err error)
	Invitation(ctx context.Context) (office.Invitation, error)
	Admit(ctx context.Context, role roster.Role) error
	TurnAway(ctx context.Context) error
}

// sheetMaker makes the custodians' sheets anew, in a language beside English, and opens intake once they were proved to work.
type sheetMaker interface {
	NewSheetsIn(ctx context.Context, needed, of int, lang string) ([]office.Sheet, error)
	OpenIntake(ctx context.Context) error
	CloseIntake(ctx context.Context) error
}

// purger destroys this desk.
type purger interface {
	Purge(ctx context.Context) error
}

// specialists keep cases that only some desks may open.
type specialists interface {
	LockCase(ctx context.Context, thread int64, specialists []string) error
	NameSpecialist(ctx context.Context, thread int64, desk string) error
	Specialists(ctx context.Context) ([]office.Desk, error)
}

// powers are what an office can do with keys. An office that lacks one has no pages for it: the desk of a demonstration,
// and doubles in tests.
type powers struct {
	writer      letterWriter
	council     council
	inviter     inviter
	sheets      sheetMaker
	purger      purger
	specialists specialists
	passkeys    passkeys
	gatekeeper  gatekeeper
	cases       cases
	consents    consents
	people      people
	namer       namer
	searcher    searcher
	linker      linker
	duties      duties
	figures     figures
	mover       mover
	inventory   inventory
	papers      paperChecker
	reads       paperReader
	books       bookkeeper
}

func powersOf(o Office) (p powers) {
	p.council, _ = o.(council)
	p.inviter, _ = o.(inviter)
	p.sheets, _ = o.(sheetMaker)
	p.purger, _ = o.(purger)
	p.specialists, _ = o.(specialists)
	p.passkeys, _ = o.(passkeys)
	p.gatekeeper, _ = o.(gatekeeper)
	p.cases, _ = o.(cases)
	p.consents, _ = o.(consents)
	p.people, _ = o.(people)
	p.namer, _ = o.(namer)
	p.searcher, _ = o.(searcher)
	p.linker, _ = o.(linker)
	p.duties, _ = o.(duties)
	p.figures, _ = o.(figures)
	p.mover, _ = o.(mover)
	p.inventory, _ = o.(inventory)
	p.writer, _ = o.(letterWriter)
	p.papers, _ = o.(paperChecker)
	p.reads, _ = o.(paperReader)
	p.books, _ = o.(bookkeeper)
	return p
}
