package sync

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	stdsync "sync"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// A liar is a gate that serves whatever the test makes of its log, and signs what the test makes it sign.
type liar struct {
	signer note.Signer
	vkey   string
	mu     stdsync.Mutex
	log    []wire.Entry                      // guarded by mu
	serve  func(e []wire.Entry) []wire.Entry // what it shows; nil: the log
	tree   func(ledger.Tree) ledger.Tree     // what it signs; nil: the tree of the log
	key    note.Signer                       // what it signs with; nil: signer
	cut    bool                              // streams end without their end frame
	*httptest.Server
}

func newLiar(t *testing.T) *liar {
	t.Helper()
	skey, vkey, err := ledger.NewGateKey("gate.test")
	if err != nil {
		t.Fatal(err)
	}
	g := &liar{vkey: vkey}
	if g.signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	g.Server = httptest.NewServer(http.HandlerFunc(g.sync))
	t.Cleanup(g.Close)
	return g
}

// add logs a letter as an honest gate would.
func (g *liar) add(sealed []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := wire.Entry{Index: int64(len(g.log)), Present: true, Sealed: sealed}
	rand.Read(e.Key[:])
	e.Record = ledger.Record{Letter: wire.IDOf(sealed), Size: int64(len(sealed)), Hour: time.Now()}.String()
	e.Commitment = ledger.Commit(e.Key, e.Record)
	g.log = append(g.log, e)
}

func (g *liar) sync(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	from, _ := strconv.Atoi(r.URL.Query().Get("from"))
	var edge ledger.Edge
	for _, e := range g.log {
		edge = edge.Append(ledger.LeafHash(e.Commitment))
	}
	tree, _ := edge.Tree()
	if g.tree != nil {
		tree = g.tree(tree)
	}
	key := g.key
	if key == nil {
		key = g.signer
	}
	signed, _ := ledger.SignCheckpoint(tree, key)
	_ = wire.WriteFrame(w, wire.FrameCheckpoint, signed)
	entries := append([]wire.Entry(nil), g.log...)
	if g.serve != nil {
		entries = g.serve(entries)
	}
	for _, e := range entries[min(from, len(entries)):] {
		_ = wire.WriteFrame(w, wire.FrameEntry, wire.AppendEntry(nil, e))
	}
	if !g.cut {
		_ = wire.WriteFrame(w, wire.FrameEnd, nil)
	}
}

// A follow is a desk's sync against a liar.
type follow struct {
	*Syncer
	db   *casedb.DB
	gate *liar
	keys *keyring.Keyring
}

func newFollow(t *testing.T) *follow {
	t.Helper()
	g := newLiar(t)
	keys, err := keyring.Found("Legal aid")
	if err != nil {
		t.Fatal(err)
	}
	here := keyring.Gate{URL: g.URL, Origin: "gate.test", Key: g.vkey}
	if err := keys.Update(func(s *keyring.State) error { s.Gate = here; return nil }); err != nil {
		t.Fatal(err)
	}
	db, err := casedb.Open(t.Context(), filepath.Join(t.TempDir(), casedb.FileName), keys.Database())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	l, err := line.New(g.URL, "gate.test", keys.Device(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	s, err := New(Config{DB: db, Line: l, Keys: keys, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return &follow{s, db, g, keys}
}

// A writer is a person with a mailbox.
type writer struct {
	keys    *keyring.Keyring
	mailbox wire.MailboxID
	mac     seal.ThreadKey
	box     string
}

func (f *follow) writer(t *testing.T) writer {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	w := writer{keys: f.keys, box: id.Recipient().String()}
	rand.Read(w.mailbox[:])
	rand.Read(w.mac[:])
	return w
}

// letter seals a letter: the first one of the thread when n is 0.
func (w writer) letter(t *testing.T, n uint32, text string, edit ...func(*seal.Letter)) []byte {
	t.Helper()
	l := seal.Letter{
		Kind: seal.KindLetter, Org: w.keys.Org, Epoch: 1, Sealed: seal.SealedBrowser, Box: w.box, Mailbox: w.mailbox, N: n,
		Parts: []seal.Part{{Type: seal.TypeText, Data: []byte(text)}},
	}
	if n == 0 {
		l.MAC = &w.mac
	} else {
		l.Tag = w.mac.Tag(l)
	}
	for _, f := range edit {
		f(&l)
	}
	sealed, err := seal.Seal(l, w.keys.Recipient(1))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func (f *follow) round(t *testing.T) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := f.Round(ctx)
	return err
}

// standing returns the standing alarms by kind.
func (f *follow) standing(t *testing.T) map[casedb.AlarmKind]casedb.Alarm {
	t.Helper()
	alarms, err := f.db.Alarms(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	out := map[casedb.AlarmKind]casedb.Alarm{}
	for _, a := range alarms {
		out[a.Kind] = a
	}
	return out
}

func (f *follow) threads(t *testing.T) []casedb.Summary {
	t.Helper()
	list, err := f.db.Threads(t.Context(), casedb.Filter{All: true, Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEveryLieAboutTheLogIsFound(t *testing.T) {
	swap := func(i, j int) func([]wire.Entry) []wire.Entry {
		return func(e []wire.Entry) []wire.Entry { e[i], e[j] = e[j], e[i]; return e }
	}
	for _, tc := range []struct {
		lie  string
		tell func(t *testing.T, g *liar)
		want casedb.AlarmKind
		stop bool // the round fails and nothing new is taken
	}{
		{"leaves an entry out", func(_ *testing.T, g *liar) {
			g.serve = func(e []wire.Entry) []wire.Entry { return append(e[:6:6], e[7:]...) }
		}, casedb.AlarmGap, true},
		{"leaves an entry out and renumbers", func(_ *testing.T, g *liar) {
			g.serve = func(e []wire.Entry) []wire.Entry {
				e = append(e[:6:6], e[7:]...)
				for i := range e {
					e[i].Index = int64(i)
				}
				return append(e, wire.Entry{Index: int64(len(e)), Commitment: e[0].Commitment})
			}
		}, casedb.AlarmRoot, true},
		{"reorders", func(_ *testing.T, g *liar) { g.serve = swap(6, 7) }, casedb.AlarmGap, true},
		{"reorders and renumbers", func(_ *testing.T, g *liar) {
			g.serve = func(e []wire.Entry) []wire.Entry { e = swap(6, 7)(e); e[6].Index, e[7].Index = 6, 7; return e }
		}, casedb.AlarmRoot, true},
		{"shows a smaller log", func(_ *testing.T, g *liar) { g.log = g.log[:3] }, casedb.AlarmRollback, true},
		{"forks at the same size", func(_ *testing.T, g *liar) {
			g.log = g.log[:5]
			g.tree = func(t ledger.Tree) ledger.Tree { t.Root[0] ^= 1; return t }
		}, casedb.AlarmFork, true},
		{"rewrites what was synced", func(_ *testing.T, g *liar) { g.log[2].Commitment[0] ^= 1 }, casedb.AlarmRoot, true},
		{"signs with another key", func(t *testing.T, g *liar) {
			skey, _, err := ledger.NewGateKey("gate.test")
			if err != nil {
				t.Fatal(err)
			}
			if g.key, err = note.NewSigner(skey); err != nil {
				t.Fatal(err)
			}
		}, casedb.AlarmSignature, true},
		{"changes a letter", func(_ *testing.T, g *liar) {
			g.log[6].Sealed = append([]byte(nil), g.log[6].Sealed...)
			g.log[6].Sealed[5000] ^= 1
		}, casedb.AlarmEntry, false},
		{"deletes a letter", func(_ *testing.T, g *liar) {
			g.log[6] = wire.Entry{Index: 6, Commitment: g.log[6].Commitment}
		}, casedb.AlarmMissing, false},
		{"logs a letter twice", func(_ *testing.T, g *liar) { g.add(g.log[1].Sealed) }, casedb.AlarmTwice, false},
	} {
		t.Run(tc.lie, func(t *testing.T) {
			f := newFollow(t)
			for i := range 5 {
				f.gate.add(f.writer(t).letter(t, 0, "letter "+strconv.Itoa(i)))
			}
			if err := f.round(t); err != nil {
				t.Fatal(err)
			}
			for i := range 5 {
				f.gate.add(f.writer(t).letter(t, 0, "later letter "+strconv.Itoa(i)))
			}
			tc.tell(t, f.gate)
			err := f.round(t)
			if tc.stop != errors.Is(err, ErrLog) {
				t.Errorf("round: %v", err)
			}
			standing := f.standing(t)
			a, ok := standing[tc.want]
			if !ok {
				t.Fatalf("no alarm %s; standing: %v", tc.want, standing)
			}
			if len(standing) != 1 && tc.want != casedb.AlarmEntry { // a changed letter cannot be opened either
				t.Errorf("more alarms than the one: %v", standing)
			}
			if tc.stop && len(a.Evidence) == 0 {
				t.Error("no evidence was kept")
			}
			got := len(f.threads(t))
			if tc.stop && got != 5 {
				t.Errorf("%d threads; nothing that the log does not prove may be taken", got)
			}
			if !tc.stop && got < 9 {
				t.Errorf("%d threads; one bad entry must not hold up the others", got)
			}
		})
	}
}

func TestForkKeepsBothCheckpointsForLaterProof(t *testing.T) {
	f := newFollow(t)
	f.gate.add(f.writer(t).letter(t, 0, "letter"))
	if err := f.round(t); err != nil {
		t.Fatal(err)
	}
	f.gate.tree = func(t ledger.Tree) ledger.Tree { t.Root[5] ^= 1; return t }
	if err := f.round(t); !errors.Is(err, ErrLog) {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(f.gate.vkey)
	if err != nil {
		t.Fatal(err)
	}
	evidence := f.standing(t)[casedb.AlarmFork].Evidence
	if len(evidence) != 2 {
		t.Fatalf("%d pieces of evidence", len(evidence))
	}
	var roots []ledger.Tree
	for _, signed := range evidence {
		tree, err := ledger.ParseCheckpoint([]byte(signed), v)
		if err != nil {
			t.Fatal(err)
		}
		roots = append(roots, tree)
	}
	if roots[0].Size != roots[1].Size || roots[0].Root == roots[1].Root {
		t.Error("the two checkpoints do not contradict each other")
	}
}

func TestAlarmStandsUntilResolvedAndComesBack(t *testing.T) {
	f := newFollow(t)
	for range 4 {
		f.gate.add(f.writer(t).letter(t, 0, "letter"))
	}
	if err := f.round(t); err != nil {
		t.Fatal(err)
	}
	whole := f.gate.log
	f.gate.log = whole[:2]
	for range 3 {
		if err := f.round(t); !errors.Is(err, ErrLog) {
			t.Fatal(err)
		}
	}
	a := f.standing(t)[casedb.AlarmRollback]
	if a.Count != 3 || a.Args["had"] != 4 || a.Args["has"] != 2 {
		t.Fatalf("three tries: %+v", a)
	}
	// The gate mends itself: letters go on, the alarm stands.
	f.gate.log = whole
	f.gate.add(f.writer(t).letter(t, 0, "letter"))
	if err := f.round(t); err != nil {
		t.Fatal(err)
	}
	if len(f.threads(t)) != 5 || len(f.standing(t)) != 1 {
		t.Fatal("the mended log was not followed, or the alarm went by itself")
	}
	// A gate restored from an old copy: people decide that its log goes on from here; nothing that was read is lost.
	f.gate.log = whole[:2]
	if err := f.db.Resolve(t.Context(), a.ID, "the operator restored a copy", time.Now()); err != nil {
		t.Fatal(err)
	}
	f.gate.add(f.writer(t).letter(t, 0, "after the restore"))
	if err := f.round(t); err != nil {
		t.Fatal(err)
	}
	if len(f.threads(t)) != 6 || len(f.standing(t)) != 0 {
		t.Errorf("after resolving: %d threads, alarms %v", len(f.threads(t)), f.standing(t))
	}
}

func TestCutStreamIsNoAlarmAndLosesNothing(t *testing.T) {
	f := newFollow(t)
	for range 40 {
		f.gate.add(f.writer(t).letter(t, 0, "letter"))
	}
	f.gate.cut = true
	if err := f.round(t); !errors.Is(err, line.ErrOffline) {
		t.Fatalf("got %v", err)
	}
	f.gate.cut = false
	if err := f.round(t); err != nil {
		t.Fatal(err)
	}
	if len(f.threads(t)) != 40 || len(f.standing(t)) != 0 {
		t.Errorf("%d threads, alarms %v", len(f.threads(t)), f.standing(t))
	}
}

func TestWhatCannotBeOpenedIsShown(t *testing.T) {
	f := newFollow(t)
	stranger, err := keyring.Found("Another organisation")
	if err != nil {
		t.Fatal(err)
	}
	w := f.writer(t)
	w.keys = stranger
	f.gate.add(w.letter(t, 0, "sealed to another key"))
	f.gate.add(f.writer(t).letter(t, 0, "for another organisation", func(l *seal.Letter) { l.Org = stranger.Org }))
	damaged := f.writer(t).letter(t, 0, "damaged before it was sent")
	damaged[len(damaged)-1] ^= 1
	f.gate.add(damaged)
	if err := f.round(t); err != nil {
		t.Fatal(err)
	}
	problems := map[string]bool{}
	for _, s := range f.threads(t) {
		thread, err := f.db.Thread(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		if s.State != casedb.StateSealed || len(thread.Letters) != 1 || thread.Letters[0].Text != "" {
			t.Errorf("thread %+v", thread)
			continue
		}
		problems[thread.Letters[0].Problem] = true
	}
	if len(problems) != 3 || !problems[casedb.ProblemKey] || !problems[casedb.ProblemOrg] || !problems[casedb.ProblemDamaged] {
		t.Errorf("problems %v", problems)
	}
	if a := f.standing(t)[casedb.AlarmUnopened]; a.Args["count"] != 3 {
		t.Errorf("alarm %+v", a)
	}
}

func TestTagsTellWhoWrote(t *testing.T) {
	f := newFollow(t)
	w := f.writer(t)
	f.gate.add(w.letter(t, 0, "first"))
	f.gate.add(w.letter(t, 10, "second"))
	f.gate.add(w.letter(t, 20, "not by her", func(l *seal.Letter) { l.Tag[0] ^= 1 }))
	// A reply-copy made by somebody who knows the thread's key, the person or a thief of the code, but is no desk.
	f.gate.add(w.letter(t, 1, "we cannot help you", func(l *seal.Letter) {
		l.Kind, l.Sealed, l.Box = seal.KindReplyCopy, seal.SealedDesk, ""
		l.Tag = w.mac.Tag(*l)
	}))
	// A second first letter for the same mailbox: the gate knows mailbox ids.
	thief := w
	rand.Read(thief.mac[:])
	f.gate.add(thief.letter(t, 0, "answer me instead"))
	// An erasure that she did not ask for, and a notice that no desk wrote.
	f.gate.add(w.letter(t, 30, "", func(l *seal.Letter) { l.Kind = seal.KindErase }))
	f.gate.add(w.letter(t, 0, `{"do":"erase"}`, func(l *seal.Letter) {
		*l = seal.Letter{Kind: seal.KindNotice, Org: l.Org, Epoch: 1, Sealed: seal.SealedDesk, DeskTag: make([]byte, 32), Parts: []seal.Part{{Type: seal.TypeOctets, Data: []byte(`{"do":"erase","mailboxes":["` + w.mailbox.Reveal() + `"]}`)}}}
	}))
	if err := f.round(t); err != nil {
		t.Fatal(err)
	}
	list := f.threads(t)
	if len(list) != 2 {
		t.Fatalf("%d threads", len(list))
	}
	var thread casedb.Thread
	for _, s := range list {
		got, err := f.db.Thread(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Letters[0].Text == "first" {
			thread = got
		}
	}
	tags := map[string]casedb.Tag{}
	for _, l := range thread.Letters {
		tags[l.Text] = l.Tag
	}
	want := map[string]casedb.Tag{"first": casedb.TagFirst, "second": casedb.TagOK, "not by her": casedb.TagForged, "": casedb.TagForged}
	for text, tag := range want {
		if tags[text] != tag {
			t.Errorf("%q: %s, want %s", text, tags[text], tag)
		}
	}
	if len(thread.Replies) != 1 || thread.Replies[0].Tag != casedb.TagForged || !thread.Forged {
		t.Errorf("replies %+v", thread.Replies)
	}
	for _, kind := range []casedb.AlarmKind{casedb.AlarmForged, casedb.AlarmReply, casedb.AlarmClaimed, casedb.AlarmNotice} {
		if _, ok := f.standing(t)[kind]; !ok {
			t.Errorf("no alarm %s", kind)
		}
	}
}
