package office

import (
	"errors"
	"testing"

	"panah/core/roster"
	"panah/core/seal"
	"panah/desk/internal/casedb"
)

// A keeper locks a case for a specialist, from page to page; a reader's desk changes nothing at all.
func TestLockedCasesAndReaders(t *testing.T) {
	w := newTown(t)
	keeper := w.desk()
	specialist := w.admit(keeper, "specialist", roster.RoleSpecialist)
	reader := w.admit(keeper, "reader", roster.RoleReader)
	p := w.person()
	p.writes(0, seal.KindLetter, text("a refugee's claim"))
	id := keeper.the("a refugee's claim")
	there := specialist.the("a refugee's claim")
	read := reader.the("a refugee's claim")

	for what, err := range map[string]error{
		"reply": reader.Reply(t.Context(), read, Draft{Text: "no"}, ""), "erase": reader.Erase(t.Context(), read),
		"lock": reader.LockCase(t.Context(), read, []string{deskID(w.deviceOf(specialist))}), "urgency": reader.SetUrgency(t.Context(), read, casedb.UrgencyDays),
	} {
		if !errors.Is(err, ErrRole) {
			t.Errorf("a reader's %s: %v", what, err)
		}
	}

	keeper.until("it knows the specialist", func() bool {
		list, err := keeper.Specialists(t.Context())
		return err == nil && len(list) == 1 && list[0].Name == "specialist"
	})
	list, err := keeper.Specialists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]string{nil, {deskID(w.deviceOf(reader))}} {
		if err := keeper.LockCase(t.Context(), id, bad); !errors.Is(err, ErrSpecialist) {
			t.Errorf("locked for %v: %v", bad, err)
		}
	}
	if err := keeper.LockCase(t.Context(), id, []string{"0000000000000000"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("locked for nobody: %v", err)
	}
	if err := keeper.LockCase(t.Context(), id, []string{list[0].ID}); err != nil {
		t.Fatal(err)
	}
	if th := keeper.thread(id); !th.Locked || th.State != casedb.StateLocked || len(th.Letters) != 0 || len(th.Specialists) != 1 || th.Specialists[0] != list[0].ID {
		t.Errorf("on the keeper's desk: %+v", th.Summary.State)
	}
	for what, err := range map[string]error{
		"reply": keeper.Reply(t.Context(), id, Draft{Text: "no"}, ""), "erase": keeper.Erase(t.Context(), id), "lock": keeper.LockCase(t.Context(), id, []string{list[0].ID}),
	} {
		if !errors.Is(err, ErrState) {
			t.Errorf("%s of a case that this desk may not read: %v", what, err)
		}
	}
	reader.until("its copy is gone", func() bool { th := reader.thread(read); return th.State == casedb.StateLocked && len(th.Letters) == 0 })
	specialist.until("it knows that the case is its own", func() bool { return specialist.thread(there).Locked })
	if err := specialist.Reply(t.Context(), there, Draft{Text: "to you alone"}, ""); err != nil {
		t.Fatal(err)
	}
	specialist.until("the answer is in the mailbox", func() bool {
		letters, ok := p.replies()
		return ok && len(letters) == 1 && letters[0].To != ""
	})
	keeper.noAlarms()
	reader.noAlarms()
}

// deviceOf is how the roster names a seat's desk.
func (w *town) deviceOf(s *seat) (h roster.DeviceHash) {
	w.t.Helper()
	if err := s.in(func(r *room) error { h = r.me(); return nil }); err != nil {
		w.t.Fatal(err)
	}
	return h
}
