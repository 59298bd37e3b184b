package regain

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/custody"
	"panah/desk/internal/line"
)

// A world is an organisation with sheets, and what its gate serves: the truth, until a test changes it.
type world struct {
	batch  custody.Batch
	org    string
	notes  [][]byte
	last   roster.Roster
	files  map[string][]byte
	keeper note.Signer
	line   *line.Line
}

func newEpoch(t *testing.T) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{files: map[string][]byte{}}
	var err error
	if w.batch, err = custody.New(2, 3, 1, time.Now()); err != nil {
		t.Fatal(err)
	}
	skey, vkey, err := note.GenerateKey(nil, "keeper")
	if err != nil {
		t.Fatal(err)
	}
	if w.keeper, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	keepers, err := w.batch.Verifiers()
	if err != nil {
		t.Fatal(err)
	}
	epoch := newEpoch(t)
	w.last = roster.Roster{
		Name: "Legal aid", Serial: 1, Epoch: 1, Recipient: epoch.Recipient(), Threshold: 1, Keepers: append(keepers, vkey), Devices: []roster.DeviceHash{{1}},
	}
	w.org = roster.OrgID(w.last.Keepers)
	w.last.Org = w.org
	w.last.Sort()
	w.sign(t, w.last, w.keeper)
	w.serveFiles(t, epoch)
	gate := httptest.NewServer(http.HandlerFunc(w.answer))
	t.Cleanup(gate.Close)
	_, device, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if w.line, err = line.New(gate.URL, "", device, time.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.line.Close)
	return w
}

func (w *world) sign(t *testing.T, r roster.Roster, by ...note.Signer) {
	t.Helper()
	signed, err := roster.Sign(r, by...)
	if err != nil {
		t.Fatal(err)
	}
	w.notes, w.last = append(w.notes, signed), r
}

func (w *world) serveFiles(t *testing.T, epoch *age.HybridIdentity) {
	t.Helper()
	files, err := w.batch.Files(w.last, epoch, roster.Gate{URL: "https://help.example.org", Origin: "help.example.org", Key: "key"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		w.files[f.Name] = f.Data
	}
}

// roll adds a roster of the next epoch, without files.
func (w *world) roll(t *testing.T, by ...note.Signer) *age.HybridIdentity {
	t.Helper()
	id := newEpoch(t)
	next := w.last.Next(w.notes[len(w.notes)-1])
	next.Epoch, next.Recipient = next.Epoch+1, id.Recipient()
	w.sign(t, next, by...)
	return id
}

func (w *world) answer(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/rosters" {
		var from int
		_, _ = fmt.Sscan(r.URL.Query().Get("from"), &from)
		rw.Write(wire.AppendRosters(nil, w.notes[min(from-1, len(w.notes)):]))
		return
	}
	data := w.files[strings.TrimPrefix(r.URL.Path, "/recovery/")]
	if data == nil {
		rw.WriteHeader(http.StatusNotFound)
		return
	}
	rw.Write(data)
}

// sheets are the identities of the sheets with these letters.
func (w *world) sheets(letters string) (ids []*age.HybridIdentity) {
	for _, s := range w.batch.Sheets {
		if strings.ContainsRune(letters, rune(s.Letter)) {
			ids = append(ids, s.Identity)
		}
	}
	return ids
}

func TestPlanFollowsTheChainAndKeepsTheSheetsGood(t *testing.T) {
	w := newWorld(t)
	second := w.roll(t, w.keeper)
	w.serveFiles(t, second)
	f, err := Look(t.Context(), w.line, w.org, w.sheets("ac"))
	if err != nil {
		t.Fatal(err)
	}
	_, device, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	pub, card := device.Public().(ed25519.PublicKey), newEpoch(t)
	r, err := f.Plan(pub, card.Recipient(), "Desk 1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got, err := roster.OpenChain(append(slices.Clone(w.notes), r.Signed), w.org)
	if err != nil || got.Serial != 3 || got.Epoch != 3 || got.Threshold != 1 || len(got.Keepers) != 2 || !slices.Equal(got.Devices, []roster.DeviceHash{roster.HashDevice(pub)}) {
		t.Fatalf("the roster: %+v %v", got, err)
	}
	g, err := roster.OpenGrant(r.Package.Grants[0].Sealed, card, got, &f.Roster)
	if err != nil || g.Epochs[2].String() != second.String() || g.Epochs[3].String() != r.Epoch.String() || g.Custodians.Rehearsed.IsZero() {
		t.Errorf("the grant: %v", err)
	}
	back, err := recovery.OpenEpoch(r.Package.Files, w.sheets("bc"))
	if err != nil || back.Identity.String() != r.Epoch.String() {
		t.Errorf("the same sheets for the new epoch: %v", err)
	}
	if p := fmt.Sprintf("%v %+v %v %+v", f, f, r, r); strings.Contains(p, "SECRET") || strings.Contains(p, "PRIVATE") {
		t.Errorf("printed %q", p)
	}
}

func TestLookBelievesNoGate(t *testing.T) {
	stranger := func(t *testing.T) note.Signer {
		t.Helper()
		skey, _, err := note.GenerateKey(nil, "keeper")
		if err != nil {
			t.Fatal(err)
		}
		s, err := note.NewSigner(skey)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, tc := range map[string]struct {
		lie  func(t *testing.T, w *world)
		want error
		says string
	}{
		"no organisation":        {func(_ *testing.T, w *world) { w.notes = nil }, ErrEmpty, ""},
		"another organisation":   {func(t *testing.T, w *world) { w.notes = newWorld(t).notes }, ErrFingerprint, ""},
		"signed by nobody known": {func(t *testing.T, w *world) { w.serveFiles(t, w.roll(t, stranger(t))) }, ErrChain, "roster 2"},
		"noise":                  {func(_ *testing.T, w *world) { w.notes = [][]byte{[]byte("x")} }, ErrChain, ""},
		"an older epoch's files": {func(t *testing.T, w *world) { w.roll(t, w.keeper) }, nil, "of another epoch than its roster"},
		"files of others":        {func(t *testing.T, w *world) { w.files = newWorld(t).files }, ErrSheets, ""},
		"no files":               {func(_ *testing.T, w *world) { clear(w.files) }, nil, "has no authority files"},
		"cut files": {func(_ *testing.T, w *world) {
			for n, b := range w.files {
				w.files[n] = b[:len(b)/2]
			}
		}, nil, "recovery file"},
		"sheets that were replaced": {func(t *testing.T, w *world) {
			next := w.last.Next(w.notes[0])
			next.Keepers = slices.DeleteFunc(next.Keepers, func(k string) bool { return strings.HasPrefix(k, custody.KeeperName+"+") })
			w.sign(t, next, w.keeper)
		}, ErrSheets, "not those of the roster"},
	} {
		w := newWorld(t)
		tc.lie(t, w)
		_, err := Look(t.Context(), w.line, w.org, w.sheets("ab"))
		if err == nil || tc.want != nil && !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := newWorld(t)
	if _, err := Look(t.Context(), w.line, w.org, w.sheets("b")); !errors.Is(err, ErrSheets) {
		t.Errorf("one custodian: %v", err)
	}
}
