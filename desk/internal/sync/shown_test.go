package sync

import (
	"net/http"
	"strconv"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/core/roster"
	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/seen"
)

// tree is the gate's log of the first size entries, as it is.
func (g *liar) honest(size int) ledger.Tree {
	var edge ledger.Edge
	for _, e := range g.log[:size] {
		edge = edge.Append(ledger.LeafHash(e.Commitment))
	}
	t, _ := edge.Tree()
	return t
}

// prove answers like an honest gate's route of consistency proofs.
func (g *liar) prove(w http.ResponseWriter, r *http.Request) {
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indices []int64) (out []tlog.Hash, err error) {
		for _, i := range indices {
			out = append(out, hashes[i])
		}
		return out, nil
	})
	for i, e := range g.log {
		more, _ := tlog.StoredHashesForRecordHash(int64(i), ledger.LeafHash(e.Commitment), reader)
		hashes = append(hashes, more...)
	}
	older, _ := strconv.ParseInt(r.URL.Query().Get("old"), 10, 64)
	newer, _ := strconv.ParseInt(r.URL.Query().Get("new"), 10, 64)
	proof, err := ledger.ProveConsistency(older, newer, reader)
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	for _, h := range proof {
		_, _ = w.Write(h[:])
	}
}

// notice is another desk's notice that carries what it saw.
func (f *follow) notice(t *testing.T, saw seen.Seen) []byte {
	t.Helper()
	l := seal.Letter{
		Kind: seal.KindNotice, Org: f.keys.Org, Epoch: 1, Sealed: seal.SealedDesk, Seen: saw.String(),
		Parts: []seal.Part{{Type: seal.TypeOctets, Data: []byte(`{"do":"erase"}`)}},
	}
	key, _ := f.keys.DeskKey(1)
	l.DeskTag = key.Tag(l)
	sealed, err := seal.Seal(l, f.keys.Recipient(1))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestDesksThatWereShownDifferentThingsFindOut(t *testing.T) {
	ours := func(f *follow, size int) seen.Seen {
		return seen.Seen{Serial: 1, Roster: roster.Hash(f.keys.Founding), Tree: f.gate.honest(size)}
	}
	with := func(size int, edit func(*seen.Seen)) func(f *follow) seen.Seen {
		return func(f *follow) seen.Seen { s := ours(f, size); edit(&s); return s }
	}
	asItIs := func(*seen.Seen) {}
	// The round that brings the notice begins at three entries: what was seen of four it has just passed, for what was seen of two the gate is asked.
	for _, tc := range []struct {
		name   string
		saw    func(f *follow) seen.Seen
		prove  bool
		rounds int
		want   casedb.AlarmKind
	}{
		{"the same", with(4, asItIs), false, 1, ""},
		{"nothing yet", with(0, func(s *seen.Seen) { s.Tree = ledger.Tree{} }), false, 1, ""},
		{"another tree", with(4, func(s *seen.Seen) { s.Tree.Root[0] ^= 1 }), false, 2, casedb.AlarmFork},
		{"another roster", with(4, func(s *seen.Seen) { s.Roster[0] ^= 1 }), false, 2, casedb.AlarmShown},
		{"a later roster, not known here", with(4, func(s *seen.Seen) { s.Serial, s.Roster[0] = 2, 9 }), false, 1, ""},
		{"what was before", with(2, asItIs), true, 2, ""},
		{"another beginning", with(2, func(s *seen.Seen) { s.Tree.Root[1] ^= 1 }), true, 2, casedb.AlarmFork},
		{"what nobody proves, twice", with(2, asItIs), false, 1, ""},
		{"what nobody proves", with(2, asItIs), false, 2, casedb.AlarmProof},
		{"a log that is longer than ours was", with(5, func(s *seen.Seen) { s.Tree.Size, s.Tree.Root[1] = 9, 7 }), true, 4, casedb.AlarmFork},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFollow(t)
			honest := f.gate.Config.Handler
			f.gate.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path != "/v1/desk/consistency":
					honest.ServeHTTP(w, r)
				case tc.prove:
					f.gate.prove(w, r)
				default:
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			})
			for range 3 {
				f.gate.add(f.writer(t).letter(t, 0, "letter"))
			}
			if err := f.round(t); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				f.gate.add(f.writer(t).letter(t, 0, "letter"))
			}
			f.gate.add(f.notice(t, tc.saw(f)))
			if err := f.round(t); err != nil {
				t.Fatal(err)
			}
			for range tc.rounds {
				f.gate.add(f.writer(t).letter(t, 0, "one more"))
				if err := f.round(t); err != nil {
					t.Fatal(err)
				}
			}
			standing := f.standing(t)
			if tc.want == "" && len(standing) > 0 || tc.want != "" && (len(standing) != 1 || len(standing[tc.want].Evidence) < 2) {
				t.Errorf("standing: %+v, want %q", standing, tc.want)
			}
			if tc.want == "" {
				return
			}
			// Told once: a person who resolves it is not told of the same again.
			if tc.want == casedb.AlarmFork {
				if err := f.db.Resolve(t.Context(), standing[tc.want].ID, "looked at", f.c.Now()); err != nil {
					t.Fatal(err)
				}
				if err := f.round(t); err != nil || len(f.standing(t)) != 0 {
					t.Errorf("after resolving: %v %v", f.standing(t), err)
				}
			}
		})
	}
}
