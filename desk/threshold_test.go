package desk

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"panah/core/roster"
	"panah/desk/internal/office"
)

// Two keepers who must both sign: a newcomer waits for the second signature, and the new sheets still bring everything back alone.
func TestTwoKeepersMustSign(t *testing.T) {
	c, founded, g := newOrg(t, FoundConfig{})
	first := keeper(t, c.Data)
	letIn := func(data string, role roster.Role) *attempt {
		t.Helper()
		code, _, err := first.Invite(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a := tryJoin(t, t.Context(), data, g.URL(), code)
		compare(t, first, a)
		if err := first.Admit(t.Context(), role); err != nil {
			t.Fatal(err)
		}
		return a
	}
	data := filepath.Join(t.TempDir(), "second")
	a := letIn(data, roster.RoleKeeper)
	if err := <-a.done; err != nil {
		t.Fatal(err)
	}
	second := keeper(t, data)
	if err := first.office.SetThreshold(t.Context(), 2); !errors.Is(err, office.ErrSheets) {
		t.Fatalf("two signatures with sheets for one: %v", err)
	}
	sheets, err := first.NewSheets(t.Context(), 2, 2, "")
	if err != nil || len(sheets) != 2 {
		t.Fatal(err)
	}
	if err := first.office.SetThreshold(t.Context(), 2); err != nil {
		t.Fatal(err)
	}

	third := filepath.Join(t.TempDir(), "third")
	a = letIn(third, roster.RoleCaseworker)
	if err := <-a.done; !errors.Is(err, ErrNotYet) {
		t.Fatalf("let in by one of two: %v", err)
	}
	cosign(t, second)
	a.config.Code = "" // the keepers have decided
	if joined, err := Join(t.Context(), a.config); err != nil || joined.Role != roster.RoleCaseworker {
		t.Fatalf("after the second signature: %+v %v", joined, err)
	}

	done, err := Recover(t.Context(), RecoverConfig{
		Data: filepath.Join(t.TempDir(), "back"), GateURL: g.URL(), Org: founded.Org, Passphrase: passphrase, LogN: 10,
		Sheets: []string{typed(t, sheets[0]), typed(t, sheets[1])},
	})
	if err != nil || !done.Intake {
		t.Errorf("the sheets alone: %+v %v", done, err)
	}
}

// cosign signs the one proposal that waits.
func cosign(t *testing.T, o *Opened) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if err := o.office.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		k, err := o.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(k.Proposals) == 1 {
			if err := o.office.Cosign(t.Context(), k.Proposals[0].ID); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("no proposal waits")
}
