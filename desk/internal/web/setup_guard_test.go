package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Every form, of the setup and of the desk, wants a session of this browser and the session's own token, and the desk's want the passphrase before.
func TestEveryFormIsGuarded(t *testing.T) {
	k, l := gathered(), newLaptop()
	l.there = true
	desk := newBrowserOf(t, Config{Office: k, Setup: l})
	setup, there := atSetup(t)
	for _, c := range []struct {
		b     *browser
		table []route
	}{{desk.launch(), desk.h.(*front).now.Load().s.table()}, {setup, setup.h.(*front).now.Load().s.setupTable()}} {
		stranger := &browser{t: t, h: c.b.h, token: c.b.token}
		for _, rt := range c.table {
			path, ok := strings.CutPrefix(rt.pattern, "POST ")
			if !ok {
				continue
			}
			for _, part := range []string{"{id}", "{desk}", "{proposal}", "{letter}"} {
				path = strings.ReplaceAll(path, part, "1")
			}
			if r := stranger.do("POST", path, url.Values{"csrf": {"x"}}, nil); r.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s without a session: %d", path, r.StatusCode)
			}
			if r := c.b.do("POST", path, url.Values{"csrf": {"x"}, "sure": {"yes"}}, nil); r.StatusCode != http.StatusForbidden {
				t.Errorf("%s with another token: %d", path, r.StatusCode)
			}
			if rt.who == unlocked {
				if r := c.b.post(path, "sure", "yes"); r.StatusCode != http.StatusUnauthorized {
					t.Errorf("%s on a locked desk: %d", path, r.StatusCode)
				}
			}
		}
	}
	if len(k.done)+len(there.calls) != 0 {
		t.Errorf("done all the same: %q %q", k.done, there.calls)
	}
}

// Nothing that is typed in the setup is logged, whatever goes wrong, nor shown by printing what holds it.
func TestSetupKeepsSecrets(t *testing.T) {
	var log strings.Builder
	l := newLaptop()
	b := newBrowserOf(t, Config{Setup: l, Log: slog.New(slog.NewTextHandler(&log, nil))}).launch()
	l.fail = ErrBegun
	b.get("/setup/found")
	b.want(b.post("/setup/found", foundForm()...), http.StatusUnprocessableEntity)
	b.want(b.post("/setup/found", foundForm()...), http.StatusSeeOther)
	made := b.h.(*front).now.Load().s.wizard.founding
	sheet := newSecretSheet(t)
	b.get("/setup/sheets")
	b.postAll("/setup/sheets", map[string][]string{"printed": {"a", "b", "c"}})
	b.get("/setup/rehearse")
	b.post("/setup/rehearse")
	b.get("/setup/recover")
	l.fail = ErrBegun
	b.postAll("/setup/recover", map[string][]string{
		"gate": {goodGate}, "org": {"q3r9mk27xw5thd0vz8ap"}, "desk": {"Parwana"}, "sheet": {sheet, newSecretSheet(t)}, "passphrase": {rightPassphrase}, "again": {rightPassphrase},
	})
	printed := log.String() + fmt.Sprintf("%v %+v %#v %v %v %#v %#v", made, made, made, made.Sheets, l.founded, l.founded, Joining{Code: goodCode, Passphrase: rightPassphrase})
	for _, secret := range []string{rightPassphrase, sheet, "secret of", goodCode} {
		if strings.Contains(printed, secret) {
			t.Errorf("%q is printed: %s", secret, printed)
		}
	}
	if !strings.Contains(log.String(), "founding an organisation") || !strings.Contains(log.String(), "recovering an organisation") {
		t.Error("what failed is not logged")
	}
}

// Whatever is typed into the form of a recovery, what goes on is within bounds, and a refusal names a field of the form.
func FuzzReadRecovering(f *testing.F) {
	f.Add("help.example.org", "q3r9 mk27 xw5t hd0v z8ap", "AGE-SECRET-KEY-PQ-1", "Parwana", "lamp river seven orange")
	f.Add("https://[::1]:1/", "Q3R9-MK27-XW5T-HD0V-Z8AP", "\x00", strings.Repeat("ا", 200), "")
	f.Fuzz(func(t *testing.T, gate, org, sheet, desk, passphrase string) {
		r := httptest.NewRequest("POST", "/setup/recover", nil)
		r.PostForm = url.Values{
			"gate": {gate}, "org": {org}, "sheet": {sheet, sheet}, "desk": {desk}, "passphrase": {passphrase}, "again": {passphrase}, "sure": {"yes"},
		}
		in, no := readRecovering(r, false, false)
		switch {
		case no.wrong == "" && (len(in.Org) != 20 || len(in.Desk) > maxName || in.Desk == "" || len(in.Gate) > maxField+len("https://") || strings.ContainsAny(in.Desk, "\r\n")):
			t.Errorf("goes on with %q, %d sheets", in.Org, len(in.Sheets))
		case no.wrong != "" && r.PostForm[no.at] == nil:
			t.Errorf("refused in %q, which is no field", no.at)
		case no.nth > len(r.PostForm["sheet"]):
			t.Errorf("sheet %d is refused, of %d", no.nth, len(r.PostForm["sheet"]))
		}
	})
}
