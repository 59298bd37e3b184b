package gate_test

import (
	"bytes"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
)

// piece sends bytes a to b of sealed.
func (r *running) piece(t *testing.T, sealed []byte, a, b int) (int, []byte) {
	t.Helper()
	status, _, body := r.do(t, "PUT", letterPath(sealed), sealed[a:b], "Content-Range", fmt.Sprintf("bytes %d-%d/%d", a, b-1, len(sealed)))
	return status, body
}

func (r *running) have(t *testing.T, sealed []byte) wire.Progress {
	t.Helper()
	status, _, body := r.do(t, "GET", letterPath(sealed), nil)
	if status != 200 {
		t.Fatalf("asking how much is there: %d %s", status, body)
	}
	return decode[wire.Progress](t, body)
}

// TestPieces sends a letter over a connection that breaks.
func TestPieces(t *testing.T) {
	o := testkit.NewOrganisation(t)
	dir := t.TempDir()
	r := start(t, dir, gate.Config{Roster: o.Signed})
	l, err := o.Seal(strings.Repeat("long ", 8000)) // 48 KiB and more
	if err != nil {
		t.Fatal(err)
	}
	if status, body := r.piece(t, l, 0, 20_000); status != 202 || decode[wire.Progress](t, body).Have != 20_000 {
		t.Fatalf("the first piece: %d %s", status, body)
	}
	for _, wrong := range [][2]int{{0, 20_000}, {30_000, 40_000}, {19_999, 40_000}} {
		status, body := r.piece(t, l, wrong[0], wrong[1])
		if e := decode[wire.Error](t, body); status != 409 || e.Code != wire.CodeOffset || e.Have != 20_000 {
			t.Errorf("a piece from %d: %d %s", wrong[0], status, body)
		}
	}
	// A piece that is cut does not count.
	req, err := http.NewRequest("PUT", r.URL()+letterPath(l), &cut{Reader: bytes.NewReader(l[20_000:25_000])})
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = 10_000
	req.Header.Set("Content-Range", fmt.Sprintf("bytes 20000-29999/%d", len(l)))
	if res, err := http.DefaultClient.Do(req); err == nil {
		res.Body.Close()
		t.Errorf("a cut piece is answered with %d", res.StatusCode)
	}
	// The gate restarts; the phone goes on.
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r = start(t, dir, gate.Config{})
	if p := r.have(t, l); p != (wire.Progress{Have: 20_000}) {
		t.Fatalf("after a restart: %+v", p)
	}
	if status, body := r.piece(t, l, 20_000, 50_000); status != 202 {
		t.Fatalf("the second piece: %d %s", status, body)
	}
	status, body := r.piece(t, l, 50_000, len(l))
	if status != 201 {
		t.Fatalf("the last piece: %d %s", status, body)
	}
	// Its answer was lost: the last piece comes again.
	if status, again := r.piece(t, l, 50_000, len(l)); status != 200 || !bytes.Equal(again, body) {
		t.Errorf("the last piece again: %d %s", status, again)
	}
	if p := r.have(t, l); p != (wire.Progress{Have: int64(len(l)), Accepted: true}) {
		t.Errorf("when accepted: %+v", p)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "pieces", "*")); err != nil || len(left) > 0 {
		t.Errorf("pieces are left: %v, %v", left, err)
	}
	_, body = r.desk(t, o, "GET", "/v1/desk/sync?from=0", nil)
	if _, entries := readSync(t, body, r.verifier(t)); len(entries) != 1 || !bytes.Equal(entries[0].Sealed, l) {
		t.Errorf("%d entries", len(entries))
	}
}

// cut ends with an error, as a connection that breaks.
type cut struct{ *bytes.Reader }

func (c *cut) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err != nil {
		return n, fmt.Errorf("the line broke")
	}
	return n, nil
}

// TestRefused tells what is wrong with what is sent.
func TestRefused(t *testing.T) {
	o := testkit.NewOrganisation(t)
	r := start(t, t.TempDir(), gate.Config{Roster: o.Signed})
	l := o.Letters(t, 1)[0]
	id := letterPath(l)
	changed := bytes.Clone(l)
	changed[3] = 'x'
	huge := make([]byte, wire.MaxLetter+1)
	for name, c := range map[string]struct {
		method, path string
		body         []byte
		headers      []string
		status       int
		code         string
	}{
		"not an id":          {"PUT", "/v1/letters/abc", l, nil, 400, wire.CodeRequest},
		"upper case id":      {"PUT", id[:12] + strings.ToUpper(id[12:]), l, nil, 400, wire.CodeRequest},
		"other bytes":        {"PUT", id, changed, nil, 422, wire.CodeMismatch},
		"not a letter":       {"PUT", letterPath(changed), changed, nil, 422, wire.CodeShape},
		"empty":              {"PUT", letterPath(nil), nil, nil, 422, wire.CodeShape},
		"too large":          {"PUT", id, huge, nil, 413, wire.CodeTooLarge},
		"too large in sum":   {"PUT", id, l[:5], []string{"Content-Range", "bytes 0-4/99999999"}, 413, wire.CodeTooLarge},
		"a strange range":    {"PUT", id, l[:5], []string{"Content-Range", "bytes=0-4/10"}, 400, wire.CodeRequest},
		"a longer piece":     {"PUT", id, l[:9], []string{"Content-Range", "bytes 0-4/5755"}, 413, wire.CodeTooLarge},
		"a shorter piece":    {"PUT", id, l[:3], []string{"Content-Range", "bytes 0-4/5755"}, 400, wire.CodeRequest},
		"half a mailbox":     {"PUT", id, l, []string{wire.HeaderMailbox, "AAAAAAAAAAAAAAAAAAAAAA"}, 400, wire.CodeRequest},
		"no mailbox headers": {"POST", "/v1/mailbox", nil, nil, 400, wire.CodeRequest},
		"no device":          {"GET", "/v1/desk/sync", nil, nil, 401, wire.CodeDevice},
	} {
		status, _, body := r.do(t, c.method, c.path, c.body, c.headers...)
		if e := decode[wire.Error](t, body); status != c.status || e.Code != c.code || e.Say == "" {
			t.Errorf("%s: %d %.200s", name, status, body)
		}
	}
	// Nothing of it is in the log, and the true letter still comes in.
	if status, _, body := r.do(t, "PUT", id, l); status != 201 {
		t.Errorf("the true letter: %d %s", status, body)
	}
	// A letter in pieces that turns out to be no letter is forgotten, so that it can be sent again.
	bad := bytes.Clone(l)
	bad[len(ageLine)] ^= 1
	if status, body := r.piece(t, bad, 0, 3000); status != 202 {
		t.Fatalf("%d %s", status, body)
	}
	if status, _ := r.piece(t, bad, 3000, len(bad)); status != 422 && status != 201 {
		t.Errorf("a changed letter: %d", status)
	}
	if p := r.have(t, bad); !p.Accepted && p.Have != 0 {
		t.Errorf("pieces of no letter are kept: %+v", p)
	}
}

const ageLine = "age-encryption.org/v1\n"

// TestDevices: only the organisation's own desk, only now, only for what it signed.
func TestDevices(t *testing.T) {
	o, stranger := testkit.NewOrganisation(t), testkit.NewOrganisation(t)
	r := start(t, t.TempDir(), gate.Config{Roster: o.Signed})
	const target = "/v1/desk/sync?from=0&limit=5"
	send := func(s wire.Signed, target string) (int, []byte) {
		status, _, b := r.do(t, "GET", target, nil, wire.HeaderDevice, s.Device, wire.HeaderDate, s.Date, wire.HeaderSignature, s.Signature)
		return status, b
	}
	good := wire.SignRequest(o.Device, "GET", target, nil, r.Origin(), time.Now())
	if status, _ := send(good, target); status != 200 {
		t.Fatalf("the desk: %d", status)
	}
	for name, s := range map[string]wire.Signed{
		"a stranger's device": wire.SignRequest(stranger.Device, "GET", target, nil, r.Origin(), time.Now()),
		"another gate":        wire.SignRequest(o.Device, "GET", target, nil, "other.example.org", time.Now()),
		"another method":      wire.SignRequest(o.Device, "DELETE", target, nil, r.Origin(), time.Now()),
		"six minutes ago":     wire.SignRequest(o.Device, "GET", target, nil, r.Origin(), time.Now().Add(-6*time.Minute)),
		"another body":        wire.SignRequest(o.Device, "GET", target, []byte("x"), r.Origin(), time.Now()),
	} {
		if status, body := send(s, target); status != 401 || decode[wire.Error](t, body).Code != wire.CodeDevice {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, _ := send(good, "/v1/desk/sync?from=0&limit=6"); status != 401 {
		t.Errorf("another query: %d", status)
	}
	for _, bad := range []string{"from=-1", "from=x", "limit=1e3", "from=99999999999999999999"} {
		if status, _ := r.desk(t, o, "GET", "/v1/desk/sync?"+bad, nil); status != 400 {
			t.Errorf("%s: %d", bad, status)
		}
	}
	// A desk that has seen more than there is gets the checkpoint and the end, and can tell.
	_, body := r.desk(t, o, "GET", "/v1/desk/sync?from=500", nil)
	if tree, entries := readSync(t, body, r.verifier(t)); tree.Size != 0 || len(entries) != 0 {
		t.Errorf("a longer memory: %v, %d entries", tree, len(entries))
	}
}

// TestManyBehindOneAddress: 200 people of one camp write in the same minute; all are served, none is told to wait or to compute.
func TestManyBehindOneAddress(t *testing.T) {
	o := testkit.NewOrganisation(t)
	r := start(t, t.TempDir(), gate.Config{Roster: o.Signed})
	var wg sync.WaitGroup
	for i, l := range o.Letters(t, 200) {
		key := wire.MailboxKey{ID: wire.MailboxID{byte(i), 1}, Auth: [32]byte{byte(i)}}
		wg.Go(func() {
			status, _, body := r.do(t, "PUT", letterPath(l), l, wire.HeaderMailbox, key.ID.Reveal(), wire.HeaderAuth, key.RevealAuth())
			if status != 201 {
				t.Errorf("person %d: %d %s", i, status, body)
			}
			if status, _, _ := r.do(t, "POST", "/v1/mailbox", nil, wire.HeaderMailbox, key.ID.Reveal(), wire.HeaderAuth, key.RevealAuth()); status != 200 {
				t.Errorf("mailbox %d: %d", i, status)
			}
		})
	}
	wg.Wait()
}
