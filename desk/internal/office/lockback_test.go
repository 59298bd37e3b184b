package office

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/roster"
	"panah/core/seal"
)

// When the gate goes silent between the wish to lock and the lock, the case is as it was, and can be locked when the gate is back.
func TestACaseThatCouldNotBeLockedIsAsItWas(t *testing.T) {
	w := newTown(t)
	keeper := w.desk()
	shared := w.admit(keeper, "office", roster.RoleSpecialist)
	zahra := shared.team("specialist")[1]
	keepers := keeper.team("caseworker")
	w.person().writes(0, seal.KindLetter, text("what happened to my daughter"))
	there := keeper.the("what happened")
	me := keeper.as(keepers[0])
	if err := keeper.OpenCase(me, there, Opening{Source: "letter", Pathways: []string{"medical"}}); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Assign(me, there, keepers[1], ""); err != nil {
		t.Fatal(err)
	}
	if err := keeper.PutOnTeam(me, there, keepers[0], true); err != nil {
		t.Fatal(err)
	}
	keeper.until("it knows the specialist", func() bool {
		list, err := keeper.SpecialistPeople(t.Context())
		return err == nil && len(list) == 2
	})
	before, err := keeper.CasePeople(me, there)
	if err != nil {
		t.Fatal(err)
	}
	lock := func(ctx context.Context) error {
		return keeper.LockCaseFor(ctx, there, []string{deskID(w.deviceOf(shared))}, []event.Staff{zahra})
	}
	w.road.set(func(r *http.Request) bool { return r.Method == http.MethodGet }, nil) // the gate can be read, and takes nothing
	short, cancel := context.WithTimeout(me, time.Second)
	defer cancel()
	if err := lock(short); !errors.Is(err, ErrNotOut) || !errors.Is(err, ErrState) {
		t.Fatalf("locked although the gate took nothing: %v", err)
	}
	f, err := keeper.Case(me, there)
	if err != nil {
		t.Fatalf("who wanted to lock the case is outside of it: %v", err)
	}
	after, err := keeper.CasePeople(me, there)
	if err != nil || f.Case.Fields[event.FieldSensitivity].Text() != "sensitive" || !slices.Equal(ownersOf(before), ownersOf(after)) || !slices.Equal(f.Case.Team, []event.Staff{keepers[0]}) || f.Thread.Locked {
		t.Errorf("%q, of %v, team %v, locked %v (%v)", f.Case.Fields[event.FieldSensitivity].Text(), ownersOf(after), f.Case.Team, f.Thread.Locked, err)
	}

	w.road.set(nil, nil)
	if err := lock(me); err != nil {
		t.Fatalf("and again, with a gate that answers: %v", err)
	}
}
