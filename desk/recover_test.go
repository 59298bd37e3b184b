package desk

import (
	"bytes"
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/gate"
)

// newOrg founds an organisation at a new gate.
func newOrg(t *testing.T, c FoundConfig) (FoundConfig, Founded, *gate.Gate) {
	t.Helper()
	g, id := openGate(t)
	c.Data, c.Name, c.Passphrase, c.LogN = filepath.Join(t.TempDir(), "desk"), "Legal aid", passphrase, 10
	c.GateURL, c.SetupCode = g.URL(), id.SetupCode
	founded, err := Found(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return c, founded, g
}

// typed reads the key that a page shows in groups, as somebody types it.
func typed(t *testing.T, s Sheet) string {
	t.Helper()
	var groups []string
	for _, m := range regexp.MustCompile(`<code class="group">([^<]+)<`).FindAllSubmatch(s.HTML, -1) {
		groups = append(groups, string(m[1]))
	}
	if len(groups) == 0 {
		t.Fatal("no key on the page")
	}
	return strings.ToLower(strings.Join(groups, " "))
}

// state opens a desk's keys to look at them.
func state(t *testing.T, data string) keyring.State {
	t.Helper()
	keys, err := keyring.Open(data, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	s := keys.State()
	return s
}

// sealTo seals a letter as a stranger does, to the roster that the gate serves.
func sealTo(t *testing.T, g *gate.Gate) (sealed []byte, r roster.Roster) {
	t.Helper()
	keys, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	l, err := line.New(g.URL(), g.Origin(), keys.Device(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	rosters, err := l.Rosters(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = roster.OpenChain(rosters, ""); err != nil {
		t.Fatal(err)
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err = seal.Seal(seal.Letter{
		Kind: seal.KindLetter, Org: r.Org, Epoch: r.Epoch, Sealed: seal.SealedBrowser, N: 1, Tag: make([]byte, 32), At: time.Now().UTC().Truncate(time.Minute),
		Box: id.Recipient().String(), Mailbox: [16]byte{1}, Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("help")}},
	}, r.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	return sealed, r
}

// Founded, wiped, brought back by two of three sheets: intake is closed until then, and open from then on.
func TestRehearsalOpensIntake(t *testing.T) {
	c, founded, g := newOrg(t, FoundConfig{Lang: "fa", DeskName: "Front desk"})
	if len(founded.Sheets) != 3 {
		t.Fatalf("%d sheets", len(founded.Sheets))
	}
	if s := state(t, c.Data); s.Rehearsal != nil || s.Custodians.Needed != 2 || len(s.Custodians.Recipients) != 3 || !s.Custodians.Rehearsed.IsZero() {
		t.Errorf("custodians after founding: %+v", s.Custodians)
	}
	if _, err := Found(t.Context(), c); !errors.Is(err, ErrFounded) {
		t.Errorf("founding twice: %v", err)
	}
	sealed, first := sealTo(t, g)
	if status, says := put(t, g, sealed); status != http.StatusServiceUnavailable || !strings.Contains(says, "closed") {
		t.Errorf("a letter before the rehearsal: %d %s", status, says)
	}
	if err := os.RemoveAll(c.Data); err != nil {
		t.Fatal(err)
	}
	done, err := Recover(t.Context(), RecoverConfig{
		Data: c.Data, GateURL: g.URL(), Org: strings.ToUpper(roster.GroupOrgID(founded.Org)), Passphrase: passphrase, LogN: 10,
		Sheets: []string{typed(t, founded.Sheets[2]), typed(t, founded.Sheets[0])},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !done.Intake || !done.Rehearsed || done.Serial != 2 || done.Epoch != 2 || done.Name != "Legal aid" || Begun(c.Data) {
		t.Errorf("recovered %+v", done)
	}
	s := state(t, c.Data)
	if s.Custodians.Rehearsed.IsZero() || s.Custodians.Made.IsZero() || s.Role != roster.RoleKeeper || s.Gate.Key != g.VKey() || len(s.Members) != 1 {
		t.Errorf("state after the recovery: %+v %v %+v", s.Custodians, s.Role, s.Gate)
	}
	sealed, second := sealTo(t, g)
	if second.Serial != 2 || second.Org != first.Org || len(second.Devices) != 1 || second.Devices[0] == first.Devices[0] || len(second.Keepers) != 2 {
		t.Errorf("the roster that brought it back: %+v", second)
	}
	if status, says := put(t, g, sealed); status != http.StatusCreated {
		t.Errorf("a letter after the rehearsal: %d %s", status, says)
	}
	if synced, err := Sync(t.Context(), c.Data, passphrase); err != nil || synced.Size != 3 {
		t.Errorf("the sync after it: %+v %v", synced, err)
	}
}

// put sends a letter as a stranger does.
func put(t *testing.T, g *gate.Gate, sealed []byte) (status int, says string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPut, g.URL()+"/v1/letters/"+wire.IDOf(sealed).String(), bytes.NewReader(sealed))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", wire.TypeLetter)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// The same sheets bring the organisation back again and again; a new epoch each time.
func TestSheetsStayGood(t *testing.T) {
	c, founded, g := newOrg(t, FoundConfig{Needed: 3, Of: 5})
	for i, three := range [][3]int{{0, 1, 2}, {4, 2, 1}} {
		data := filepath.Join(t.TempDir(), "new")
		var sheets []string
		for _, n := range three {
			sheets = append(sheets, typed(t, founded.Sheets[n]))
		}
		done, err := Recover(t.Context(), RecoverConfig{Data: data, GateURL: g.URL(), Org: founded.Org, Passphrase: passphrase, LogN: 10, Sheets: sheets})
		if err != nil || done.Epoch != i+2 {
			t.Fatalf("recovery %d: %+v %v", i+1, done, err)
		}
		if !done.Rehearsed {
			t.Errorf("recovery %d opened nothing", i+1)
		}
	}
	_, err := Recover(t.Context(), RecoverConfig{
		Data: filepath.Join(t.TempDir(), "new"), GateURL: g.URL(), Org: founded.Org, Passphrase: passphrase, LogN: 10,
		Sheets: []string{typed(t, founded.Sheets[0]), typed(t, founded.Sheets[1])},
	})
	if !errors.Is(err, ErrSheets) {
		t.Errorf("two sheets of three that are needed: %v", err)
	}
	if _, err := Sync(t.Context(), c.Data, passphrase); !errors.Is(err, line.ErrDevice) {
		t.Errorf("the lost desk still syncs: %v", err)
	}
}

func TestRecoverSaysWhatIsWrong(t *testing.T) {
	_, founded, g := newOrg(t, FoundConfig{})
	_, other, _ := newOrg(t, FoundConfig{})
	good := RecoverConfig{
		Data: filepath.Join(t.TempDir(), "new"), GateURL: g.URL(), Org: founded.Org, Passphrase: passphrase, LogN: 10,
		Sheets: []string{typed(t, founded.Sheets[0]), typed(t, founded.Sheets[1])},
	}
	change := func(f func(*RecoverConfig)) RecoverConfig { c := good; f(&c); return c }
	torn := typed(t, founded.Sheets[1])
	for name, c := range map[string]struct {
		config RecoverConfig
		want   error
		says   string
	}{
		"torn":             {change(func(c *RecoverConfig) { c.Sheets = []string{c.Sheets[0], "AGE-SECRET-KEY-PQ-1" + torn[:20]} }), recovery.ErrSheet, "sheet 2: "},
		"twice":            {change(func(c *RecoverConfig) { c.Sheets = []string{c.Sheets[0], c.Sheets[0]} }), nil, "the same as sheet 1"},
		"one":              {change(func(c *RecoverConfig) { c.Sheets = c.Sheets[:1] }), ErrSheets, "at least two"},
		"of others":        {change(func(c *RecoverConfig) { c.Sheets = []string{c.Sheets[0], typed(t, other.Sheets[1])} }), ErrSheets, "take one more"},
		"wrong print":      {change(func(c *RecoverConfig) { c.Org = other.Org }), ErrFingerprint, roster.GroupOrgID(founded.Org)},
		"short print":      {change(func(c *RecoverConfig) { c.Org = "0123" }), nil, "20 letters and digits"},
		"weak":             {change(func(c *RecoverConfig) { c.Passphrase = "short" }), ErrWeak, ""},
		"nowhere":          {change(func(c *RecoverConfig) { c.GateURL = "http://127.0.0.1:1" }), ErrOffline, ""},
		"a clock in 2027":  {change(func(c *RecoverConfig) { c.now = func() time.Time { return time.Now().AddDate(1, 0, 0) } }), ErrClock, ""},
		"a clock too slow": {change(func(c *RecoverConfig) { c.now = func() time.Time { return time.Now().AddDate(-1, 0, 0) } }), ErrClock, ""},
	} {
		_, err := Recover(t.Context(), c.config)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if Exists(c.config.Data) || Begun(c.config.Data) {
			t.Fatalf("%s: something was begun", name)
		}
	}
	if _, err := Recover(t.Context(), good); err != nil {
		t.Errorf("the same with everything right: %v", err)
	}
	if _, err := Recover(t.Context(), good); !errors.Is(err, ErrExists) {
		t.Errorf("over a desk that is there: %v", err)
	}
}

// Broken off before the gate has the roster, and after, and before the end: the same call goes on, with the same device.
func TestRecoverGoesOnAfterABreak(t *testing.T) {
	_, founded, g := newOrg(t, FoundConfig{})
	c := RecoverConfig{
		Data: filepath.Join(t.TempDir(), "new"), GateURL: g.URL(), Org: founded.Org, Passphrase: passphrase, LogN: 10, now: time.Now,
		Sheets: []string{typed(t, founded.Sheets[0]), typed(t, founded.Sheets[1])},
	}
	keys, p, err := recoveryPlan(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !Begun(c.Data) || Exists(c.Data) {
		t.Fatal("nothing was kept before posting")
	}
	c.Sheets = nil // they are not needed any more
	again, p2, err := recoveryPlan(t.Context(), c)
	if err != nil || string(p2.Package) != string(p.Package) || !again.Device().Equal(keys.Device()) {
		t.Fatalf("another plan after the break: %v", err)
	}
	if _, _, err := recoveryPlan(t.Context(), RecoverConfig{Data: c.Data, GateURL: c.GateURL, Org: c.Org, Passphrase: "another passphrase", LogN: 10, now: time.Now}); !errors.Is(err, ErrPassphrase) {
		t.Errorf("another passphrase: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Recover(gone, c); err == nil {
		t.Fatal("it went on without a gate")
	}
	if err := p2.adopt(again); err != nil {
		t.Fatal(err)
	}
	if err := keyring.Create(c.Data, again, c.Passphrase, c.LogN); err != nil { // killed after this: the keyring is there, the proof is not
		t.Fatal(err)
	}
	if _, err := Recover(gone, c); err == nil {
		t.Fatal("it went on without a gate")
	}
	if _, step, err := keyring.Resume(c.Data, c.Passphrase); err != nil || strings.Contains(string(step), "SECRET-KEY") || strings.Contains(string(step), "PRIVATE+KEY") {
		t.Errorf("the plan holds keys when the keyring is there: %v", err)
	}
	l, err := line.New(g.URL(), g.Origin(), keys.Device(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Recover(t.Context(), c); err == nil {
		t.Fatal("a desk that the gate does not know was proved")
	}
	postPlan(t, l, p2)
	done, err := Recover(t.Context(), c)
	if err != nil || !done.Rehearsed || Begun(c.Data) {
		t.Fatalf("%+v %v", done, err)
	}
}

// A founding that breaks off before the sheets are in somebody's hands comes back with the same sheets.
func TestFoundGoesOnWithTheSameSheets(t *testing.T) {
	g, id := openGate(t)
	var first []Sheet
	c := FoundConfig{
		Data: filepath.Join(t.TempDir(), "desk"), Name: "Legal aid", Passphrase: passphrase, LogN: 10, GateURL: "http://127.0.0.1:1", SetupCode: id.SetupCode,
		Deliver: func(s []Sheet) error { first = s; return errors.New("the printer is on fire") },
	}
	if _, err := Found(t.Context(), c); !errors.Is(err, ErrOffline) {
		t.Fatalf("without a gate: %v", err)
	}
	c.GateURL = g.URL()
	if _, err := Found(t.Context(), c); err == nil || !strings.Contains(err.Error(), "on fire") {
		t.Fatalf("with a burning printer: %v", err)
	}
	c.Deliver = nil
	if _, err := Found(t.Context(), FoundConfig{Data: c.Data, Name: "Others", Passphrase: passphrase, GateURL: g.URL(), SetupCode: id.SetupCode}); !errors.Is(err, ErrOther) {
		t.Errorf("another name: %v", err)
	}
	founded, err := Found(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range founded.Sheets {
		if typed(t, founded.Sheets[i]) != typed(t, first[i]) {
			t.Error("other sheets than those that may have been printed")
		}
	}
	if !strings.Contains(html.UnescapeString(string(first[0].HTML)), g.URL()+"/recovery/epoch-ab.age") {
		t.Error("the sheet does not name the gate")
	}
	if strings.Contains(founded.Sheets[0].String(), "SECRET") {
		t.Error("a sheet printed itself")
	}
}

// postPlan gives the gate what a recovery has planned.
func postPlan(t *testing.T, l *line.Line, p returning) {
	t.Helper()
	pack, err := wire.ParsePackage(p.Package)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.PostRoster(t.Context(), pack); err != nil {
		t.Fatal(err)
	}
}
