package office

import (
	"context"
	"errors"
	"fmt"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/desk/internal/council"
	"panah/desk/internal/custody"
	"panah/desk/internal/line"
)

// ErrRehearsal says that intake stays closed because nobody has tried yet whether the custodians' sheets bring the organisation back.
var ErrRehearsal = errors.New("intake opens after a rehearsal: print the sheets, purge this desk, and bring it back with them")

// maxRecoveryKeepers bounds the keys that sheets bring back; core/recovery takes no more.
const maxRecoveryKeepers = 8

// A Sheet is what one custodian keeps on paper, as a page to print. It prints as "[sheet]".
type Sheet struct {
	Letter string // "a", "b", …
	HTML   []byte // a whole document
}

// String hides the sheet.
func (Sheet) String() string { return "[sheet]" }

// GoString hides the sheet.
func (Sheet) GoString() string { return "[sheet]" }

// NewSheets makes the custodians' sheets anew, of which needed bring the organisation back. The old ones open nothing any more. The sheets are kept nowhere: whoever loses what is returned
// makes them once more. Where several keepers must sign, they become good when enough have (Keys.Waiting). Errors wrap ErrLocked, ErrKeeper, ErrConflict, ErrOffline.
func (o *Office) NewSheets(ctx context.Context, needed, of int) ([]Sheet, error) {
	return o.NewSheetsIn(ctx, needed, of, "")
}

// NewSheetsIn is NewSheets with a language beside English.
func (o *Office) NewSheetsIn(ctx context.Context, needed, of int, lang string) (sheets []Sheet, err error) {
	err = o.council(ctx, func(ctx context.Context, r *room) error {
		now := r.keys.Newest()
		// As many keys as there are keepers' desks: so more of them can be made to sign together later, without new sheets.
		b, err := custody.New(needed, of, max(now.Threshold, min(council.DeskKeepers(now), maxRecoveryKeepers)), o.c.Now())
		if err != nil {
			return err
		}
		pages, err := b.Pages(now, r.keys.Gate().URL, lang)
		if err != nil {
			return err
		}
		change, err := r.sheetsChange(b, now)
		if err != nil {
			return err
		}
		// First: what comes after the change must not keep the sheets from whoever prints them.
		if err := r.leaveRehearsal(ctx); err != nil {
			return err
		}
		if _, err := r.keep.Carry(ctx, council.Change{Sheets: &change}); err != nil {
			return err
		}
		for _, p := range pages {
			sheets = append(sheets, Sheet{p.Letter, p.HTML})
		}
		return nil
	})
	return sheets, err
}

// sheetsChange is what the other desks and the gate learn of new sheets.
func (r *room) sheetsChange(b custody.Batch, now roster.Roster) (council.Sheets, error) {
	keepers, err := b.Verifiers()
	if err != nil {
		return council.Sheets{}, err
	}
	files, err := recovery.AuthorityFiles(b.Authority(now, r.keys.Gate()))
	if err != nil {
		return council.Sheets{}, err
	}
	return council.Sheets{Custodians: b.Custodians(), Keepers: keepers, Authority: files}, nil
}

// leaveRehearsal puts the letter into the log that a rehearsal with the new sheets opens.
func (r *room) leaveRehearsal(ctx context.Context) error {
	now := r.keys.Newest()
	key, ok := r.keys.DeskKey(now.Epoch)
	if !ok {
		return errors.New("sealing the rehearsal letter: this desk has no key of the epoch")
	}
	letter, err := custody.Letter(custody.Rehearsal, now, key, r.o.c.Now())
	if err != nil {
		return err
	}
	gate, err := r.keys.GateVerifier()
	if err != nil {
		return err
	}
	if _, err := r.line.DeskLetter(ctx, letter, line.Issuer{Gate: gate, Org: r.keys.Org}); err != nil {
		return fmt.Errorf("leaving the rehearsal letter at the gate: %w", err)
	}
	return nil
}

// OpenIntake lets the public's letters in. The error wraps ErrRehearsal when no recovery was ever tried with the sheets, ErrKeeper, ErrOffline.
func (o *Office) OpenIntake(ctx context.Context) error {
	rehearsed := false
	err := o.in(func(r *room) error {
		rehearsed = !r.keys.State().Custodians.Rehearsed.IsZero()
		return nil
	})
	if err != nil {
		return err
	}
	if !rehearsed {
		return ErrRehearsal
	}
	return o.setIntake(ctx, true)
}

// CloseIntake keeps the public's letters out; desks go on writing to each other and to people. The error wraps ErrKeeper, ErrOffline.
func (o *Office) CloseIntake(ctx context.Context) error { return o.setIntake(ctx, false) }
