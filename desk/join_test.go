package desk

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"panah/core/roster"
	"panah/desk/internal/keyring"
)

// keeper opens the desk of a new organisation, as a keeper's command does.
func keeper(t *testing.T, data string) *Opened {
	t.Helper()
	o, err := Open(t.Context(), data, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return o
}

// An attempt is a joining in the background.
type attempt struct {
	config JoinConfig
	words  chan [6]byte
	done   chan error
	joined Joined
}

func tryJoin(t *testing.T, ctx context.Context, data, gate, code string) *attempt {
	t.Helper()
	a := &attempt{words: make(chan [6]byte, 1), done: make(chan error, 1)}
	a.config = JoinConfig{Data: data, GateURL: gate, Code: code, DeskName: "Second desk", Passphrase: passphrase, LogN: 10, Words: func(w [6]byte) { a.words <- w }}
	go func() {
		var err error
		a.joined, err = Join(ctx, a.config)
		a.done <- err
	}()
	return a
}

// compare waits until both sides show words, and checks that they are the same.
func compare(t *testing.T, o *Opened, a *attempt) Invitation {
	t.Helper()
	in, err := o.Await(t.Context())
	if err != nil || in.State != "compare" || in.Name != "Second desk" {
		t.Fatalf("the keeper's side: %+v %v", in, err)
	}
	select {
	case w := <-a.words:
		if w != in.Words {
			t.Fatal("the two sides show different words")
		}
	case err := <-a.done:
		t.Fatalf("the newcomer gave up: %v", err)
	}
	return in
}

func TestADeskJoinsByCodeAndIsRemoved(t *testing.T) {
	c, founded, g := newOrg(t, FoundConfig{})
	o := keeper(t, c.Data)
	code, until, err := o.Invite(t.Context())
	if err != nil || time.Until(until) > 10*time.Minute || len(code) != 11 {
		t.Fatalf("invitation %d characters until %v: %v", len(code), until, err)
	}
	data := filepath.Join(t.TempDir(), "second")
	a := tryJoin(t, t.Context(), data, g.URL(), code)
	compare(t, o, a)
	if err := o.Admit(t.Context(), roster.RoleCaseworker); err != nil {
		t.Fatal(err)
	}
	if err := <-a.done; err != nil {
		t.Fatal(err)
	}
	if a.joined.Org != founded.Org || a.joined.Role != roster.RoleCaseworker || a.joined.Name != "Legal aid" || Begun(data) {
		t.Errorf("joined %+v", a.joined)
	}
	second := keeper(t, data)
	k, err := second.Keys(t.Context())
	if err != nil || len(k.Desks) != 2 || k.Org != founded.Org || k.Role != roster.RoleCaseworker {
		t.Errorf("what the new desk knows: %+v %v", k, err)
	}
	if _, _, err := second.Invite(t.Context()); !errors.Is(err, ErrKeeper) {
		t.Errorf("a caseworker invites: %v", err)
	}
	second.Close()
	if _, err := Sync(t.Context(), data, passphrase); err != nil {
		t.Errorf("the new desk's sync: %v", err)
	}

	m, err := o.Find(t.Context(), "Second desk")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.Find(t.Context(), strings.ToUpper(m.ID)); err != nil || again.ID != m.ID {
		t.Errorf("found by its ID: %+v %v", again, err)
	}
	e, err := o.Remove(t.Context(), m)
	if err != nil || len(e.Epochs) == 0 || e.Keeper {
		t.Errorf("removed: %+v %v", e, err)
	}
	if k, err := o.Keys(t.Context()); err != nil || len(k.Desks) != 1 || k.Epoch != 2 {
		t.Errorf("after the removal: %+v %v", k, err)
	}
	if _, err := Open(t.Context(), data, passphrase); err == nil {
		t.Error("a removed desk opens")
	}
	if _, err := o.Find(t.Context(), "Second desk"); !errors.Is(err, ErrNotFound) {
		t.Errorf("it is still listed: %v", err)
	}
	mine, err := o.Find(t.Context(), "Desk 1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Remove(t.Context(), mine); !errors.Is(err, ErrThis) {
		t.Errorf("a desk removes itself: %v", err)
	}
}

func TestJoinSaysWhatIsWrong(t *testing.T) {
	c, _, g := newOrg(t, FoundConfig{})
	o := keeper(t, c.Data)
	code, _, err := o.Invite(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wrong := []byte(code)
	wrong[0] = '0' + (wrong[0]-'0'+1)%10
	good := JoinConfig{Data: filepath.Join(t.TempDir(), "second"), GateURL: g.URL(), Code: code, DeskName: "Second desk", Passphrase: passphrase, LogN: 10, Words: func([6]byte) {}}
	change := func(f func(*JoinConfig)) JoinConfig { c := good; f(&c); return c }
	for name, tc := range map[string]struct {
		config JoinConfig
		want   error
	}{
		"mistyped":     {change(func(c *JoinConfig) { c.Code, c.GateURL = string(wrong), "http://127.0.0.1:1" }), ErrCode}, // nothing was sent
		"too short":    {change(func(c *JoinConfig) { c.Code = "482" }), ErrCode},
		"unknown":      {change(func(c *JoinConfig) { c.Code = "000000000" }), ErrNoRoom},
		"offline":      {change(func(c *JoinConfig) { c.GateURL = "http://127.0.0.1:1" }), ErrOffline},
		"weak":         {change(func(c *JoinConfig) { c.Passphrase = "short" }), ErrWeak},
		"clock a year": {change(func(c *JoinConfig) { c.now = func() time.Time { return time.Now().AddDate(1, 0, 0) } }), ErrClock},
	} {
		if _, err := Join(t.Context(), tc.config); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
		if Exists(tc.config.Data) || Begun(tc.config.Data) {
			t.Fatalf("%s: something was begun", name)
		}
	}
	// The words differ, or the keeper changed her mind: turned away. The next code brings the same desk in.
	a := tryJoin(t, t.Context(), good.Data, g.URL(), code)
	compare(t, o, a)
	other := tryJoin(t, t.Context(), filepath.Join(t.TempDir(), "third"), g.URL(), code)
	if err := <-other.done; !errors.Is(err, ErrTaken) {
		t.Errorf("a second desk with the same code: %v", err)
	}
	if err := o.TurnAway(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-a.done; !errors.Is(err, ErrRefused) {
		t.Errorf("turned away: %v", err)
	}
	if code, _, err = o.Invite(t.Context()); err != nil {
		t.Fatal(err)
	}
	a = tryJoin(t, t.Context(), good.Data, g.URL(), code)
	compare(t, o, a)
	if err := o.Admit(t.Context(), roster.RoleReader); err != nil {
		t.Fatal(err)
	}
	if err := <-a.done; err != nil {
		t.Errorf("with a new code: %v", err)
	}
}

// The newcomer is killed while people compare, and again after the keeper decided: the same call goes on, with the same device and the same words.
func TestJoinGoesOnAfterABreak(t *testing.T) {
	c, _, g := newOrg(t, FoundConfig{})
	o := keeper(t, c.Data)
	code, _, err := o.Invite(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "second")
	ctx, cancel := context.WithCancel(t.Context())
	a := tryJoin(t, ctx, data, g.URL(), code)
	in := compare(t, o, a)
	cancel()
	if err := <-a.done; err == nil {
		t.Fatal("a newcomer that was stopped is in")
	}
	if !Begun(data) {
		t.Fatal("its keys are not on the disk")
	}
	a = tryJoin(t, t.Context(), data, g.URL(), code)
	if w := <-a.words; w != in.Words {
		t.Error("other words after the break")
	}
	if err := o.Admit(t.Context(), roster.RoleSpecialist); err != nil {
		t.Fatal(err)
	}
	if err := <-a.done; err != nil {
		t.Fatal(err)
	}
	keys, err := keyring.Open(data, passphrase)
	if err != nil || keys.Role() != roster.RoleSpecialist {
		t.Errorf("%v", err)
	}
	if _, err := Join(t.Context(), a.config); !errors.Is(err, ErrExists) {
		t.Errorf("joining twice: %v", err)
	}
}
