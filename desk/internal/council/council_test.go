package council

import (
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"panah/core/roster"
	"panah/desk/internal/keyring"
)

func pubOf(k *keyring.Keyring) ed25519.PublicKey {
	pub, _ := k.Device().Public().(ed25519.PublicKey)
	return pub
}

func TestDesksJoinRollAndLeave(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleCaseworker)
	third := w.join(first, "third", roster.RoleReader)
	w.round(first, second, third)
	w.agree(first, second, third)
	if e := second.keys.Epoch(); e != 1 {
		t.Errorf("admitting began epoch %d", e)
	}
	for e := 2; e <= 4; e++ {
		w.roll(first)
		w.round(second, third, first)
		w.agree(first, second, third)
	}
	if len(second.passes) == 0 {
		t.Error("the other desks did not look for missing wraps")
	}
	// Taken off the list: a new epoch at once, which the desk that left cannot open.
	if waits, err := first.Carry(t.Context(), Change{Remove: []roster.DeviceHash{second.me}}); err != nil || waits {
		t.Fatal(waits, err)
	}
	w.round(first, third)
	w.agree(first, third)
	if opens(second, first.keys.Newest().Recipient) {
		t.Error("the desk that left opens the new epoch")
	}
	if err := second.Round(t.Context()); !errors.Is(err, ErrRemoved) || second.gone != 1 {
		t.Errorf("the desk that left: %v, told %d times", err, second.gone)
	}
	if st := second.keys.State(); !st.Removed || len(st.Epochs)+len(st.DeviceIdentities) > 0 || st.Keeper != "" {
		t.Error("the desk that left keeps keys")
	}
	if err := third.Round(t.Context()); err != nil {
		t.Error(err)
	}
	first.noFindings()
	third.noFindings()
}

func TestRolesAndThreshold(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleCaseworker)
	ctx := t.Context()
	if _, err := second.Carry(ctx, Change{Epoch: true}); !errors.Is(err, ErrKeeper) {
		t.Errorf("a caseworker's desk rolls: %v", err)
	}
	if _, err := first.Carry(ctx, Change{Threshold: 2}); !errors.Is(err, ErrThreshold) {
		t.Errorf("two of one keeper: %v", err)
	}
	if _, err := first.Carry(ctx, Change{Role: map[roster.DeviceHash]roster.Role{first.me: roster.RoleReader}}); !errors.Is(err, ErrThreshold) {
		t.Errorf("the last keeper gives it up: %v", err)
	}
	if _, err := first.Carry(ctx, Change{Remove: []roster.DeviceHash{{1}}}); !errors.Is(err, ErrNoDesk) {
		t.Errorf("nobody is removed: %v", err)
	}
	if _, err := first.Carry(ctx, Change{Role: map[roster.DeviceHash]roster.Role{second.me: roster.RoleKeeper}}); err != nil {
		t.Fatal(err)
	}
	w.round(second, first)
	w.agree(first, second)
	if n := len(first.keys.Newest().Keepers); n != 2 {
		t.Fatalf("%d keepers", n)
	}
	w.roll(second) // with the key that it has now
	w.round(first, second)
	w.agree(first, second)
	if _, err := second.Carry(ctx, Change{Role: map[roster.DeviceHash]roster.Role{first.me: roster.RoleCaseworker}}); err != nil {
		t.Fatal(err)
	}
	w.round(first, second)
	w.agree(first, second)
	if _, err := first.Roll(ctx, first.keys.Epoch()); !errors.Is(err, ErrKeeper) {
		t.Errorf("who was a keeper rolls: %v", err)
	}
	first.noFindings()
	second.noFindings()
}

// With a threshold of two, a pure roll is signed by the other keeper's desk; anything else asks its human.
func TestProposals(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleKeeper)
	third := w.join(first, "third", roster.RoleCaseworker)
	w.round(first, second, third)
	ctx := t.Context()
	if waits, err := first.Carry(ctx, Change{Threshold: 2}); err != nil || waits {
		t.Fatal(waits, err) // the old threshold counts
	}
	w.round(first, second, third)
	waits, err := first.Roll(ctx, first.keys.Epoch())
	if err != nil || !waits || !first.Waits() {
		t.Fatal(waits, err)
	}
	w.round(first) // again changes nothing
	if e := first.keys.Epoch(); e != 1 {
		t.Fatalf("one of two keepers began epoch %d", e)
	}
	w.round(second, first, third)
	w.agree(first, second, third)
	if e := first.keys.Epoch(); e != 2 {
		t.Fatalf("both have signed, epoch %d", e)
	}
	if waits, err := first.Carry(ctx, Change{Remove: []roster.DeviceHash{third.me}}); err != nil || !waits {
		t.Fatal(waits, err)
	}
	w.round(second, first)
	_, list := second.Seen()
	if len(list) != 1 || list[0].Ours || list[0].Signed != 1 || list[0].Needed != 2 || len(list[0].Removed) != 1 || list[0].Removed[0].Name != "third" || !list[0].NewEpoch {
		t.Fatalf("the other keeper sees %+v", list)
	}
	if err := third.Cosign(ctx, list[0].ID); !errors.Is(err, ErrKeeper) {
		t.Errorf("a caseworker signs: %v", err)
	}
	if err := second.Cosign(ctx, "0123456789abcdef"); !errors.Is(err, ErrNoDesk) {
		t.Errorf("no such proposal: %v", err)
	}
	if err := second.Cosign(ctx, list[0].ID); err != nil {
		t.Fatal(err)
	}
	w.round(first, second)
	w.agree(first, second)
	if err := third.Round(ctx); !errors.Is(err, ErrRemoved) {
		t.Errorf("third: %v", err)
	}
	first.noFindings()
	second.noFindings()
}

func TestEpochsBeginByThemselves(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleCaseworker)
	w.at.pass(EpochTime - time.Hour)
	w.round(first, second)
	if e := first.keys.Epoch(); e != 1 {
		t.Fatalf("after 29 days: epoch %d", e)
	}
	w.at.pass(2 * time.Hour)
	w.round(second)
	if e := second.keys.Epoch(); e != 1 {
		t.Fatalf("a caseworker's desk began epoch %d", e)
	}
	w.round(first, second)
	w.agree(first, second)
	if e := second.keys.Epoch(); e != 2 {
		t.Fatalf("after 30 days: epoch %d", e)
	}
	// The keeper's clock was far ahead and is right now: the epoch began in the future, which counts as due.
	w.at.pass(-31 * 24 * time.Hour)
	w.round(first, second)
	w.agree(first, second)
	if e := second.keys.Epoch(); e != 3 {
		t.Fatalf("began in the future: epoch %d", e)
	}
	w.round(first, second)
	if e := second.keys.Epoch(); e != 3 {
		t.Fatalf("and again: epoch %d", e)
	}
}

// Keys are destroyed only when the wraps are complete.
func TestOldKeysStayUntilWrapsAreComplete(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleCaseworker)
	second.broken = errTest
	w.roll(first)
	w.roll(first)
	if err := second.Round(t.Context()); !errors.Is(err, errTest) {
		t.Fatal(err)
	}
	if st := second.keys.State(); st.Epochs[1] == nil || st.Epochs[3] == nil {
		t.Fatal("keys went before the wraps were there, or the new one was not taken")
	}
	second.broken = nil
	w.round(second)
	w.agree(first, second)
	// And a keeper whose wraps fail begins no epoch.
	first.broken = errTest
	if _, err := first.Roll(t.Context(), 3); !errors.Is(err, errTest) {
		t.Fatal(err)
	}
	w.round(second)
	if e := second.keys.Epoch(); e != 3 {
		t.Fatalf("epoch %d", e)
	}
	first.broken = nil
	w.round(first, second) // goes on with it
	w.agree(first, second)
	if e := second.keys.Epoch(); e != 4 {
		t.Fatalf("epoch %d", e)
	}
}

// What no desk could read is refused before it is anywhere.
func TestUnreadableChangesAreRefused(t *testing.T) {
	w, first := newTown(t)
	_, n := w.newcomer(first, "two\nlines", roster.RoleReader)
	if _, err := first.Carry(t.Context(), Change{Admit: &n}); err == nil || first.Waits() {
		t.Errorf("a name of two lines: %v", err)
	}
	if _, err := first.Carry(t.Context(), Change{Role: map[roster.DeviceHash]roster.Role{first.me: "king"}}); err == nil || first.Waits() {
		t.Errorf("a role that there is not: %v", err)
	}
	_, n = w.newcomer(first, "good", roster.RoleReader)
	n.Card = n.Card[:len(n.Card)-10]
	if _, err := first.Carry(t.Context(), Change{Admit: &n}); !errors.Is(err, roster.ErrCard) || first.Waits() {
		t.Errorf("a card that was cut: %v", err)
	}
	w.round(first)
	w.agree(first)
}

// Somebody presses twice: one epoch begins.
func TestRollingTwiceBeginsOneEpoch(t *testing.T) {
	w, first := newTown(t)
	done := make(chan error, 3)
	for range 3 {
		go func() {
			_, err := first.Roll(t.Context(), 1)
			done <- err
		}()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	w.round(first)
	if e := first.keys.Epoch(); e != 2 {
		t.Errorf("epoch %d", e)
	}
}

func TestTwoKeepersAtTheSameMoment(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleKeeper)
	w.round(first, second)
	v, err := first.follow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := first.plan(v, Change{Epoch: true}); err != nil {
		t.Fatal(err)
	}
	if v, err = second.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := second.plan(v, Change{Epoch: true}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 2)
	for _, s := range []*seat{first, second} {
		go func() { done <- s.carry(t.Context()) }()
	}
	lost := 0
	for range 2 {
		if err := <-done; errors.Is(err, ErrConflict) {
			lost++
		} else if err != nil {
			t.Error(err)
		}
	}
	if lost != 1 {
		t.Errorf("%d of two gave way", lost)
	}
	w.round(first, second)
	w.agree(first, second)
	if e := first.keys.Epoch(); e != 2 {
		t.Errorf("epoch %d", e)
	}
	first.noFindings()
	second.noFindings()
}
