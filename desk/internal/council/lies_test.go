package council

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
)

// lie lets f change what the gate tells one desk about keys. nil: honest again.
func (w *town) lie(to *seat, f func(*wire.KeyNews)) {
	w.road.set(nil, func(r *http.Request, rec *httptest.ResponseRecorder) bool {
		if f == nil || r.URL.Path != "/v1/desk/keys" || rec.Code != http.StatusOK || r.Header.Get(wire.HeaderDevice) != base64Std(pubOf(to.keys)) {
			return true
		}
		news, err := wire.ParseKeyNews(bytes.Clone(rec.Body.Bytes()))
		if err != nil {
			w.t.Error(err)
		}
		f(&news)
		rec.Body = bytes.NewBuffer(news.Bytes())
		return true
	})
}

// forge is a roster in the place of the gate's newest that only a stranger signed.
func (w *town) forge(of *seat, change func(*roster.Roster)) []byte {
	w.t.Helper()
	r := of.keys.Newest().Next(of.keys.Roster())
	change(&r)
	signer, _, err := strangeSigner()
	if err != nil {
		w.t.Fatal(err)
	}
	signed, err := roster.Sign(r, signer)
	if err != nil {
		w.t.Fatal(err)
	}
	return signed
}

func TestLyingGateIsFoundOut(t *testing.T) {
	for _, tc := range []struct {
		name string
		want casedb.AlarmKind
		err  error
		lie  func(w *town, s *seat, old wire.KeyNews) func(*wire.KeyNews)
	}{
		{"a roster that nobody signed", casedb.AlarmRoster, nil, func(w *town, s *seat, _ wire.KeyNews) func(*wire.KeyNews) {
			forged := w.forge(s, func(*roster.Roster) {})
			return func(n *wire.KeyNews) { n.Rosters = append(n.Rosters, forged) }
		}},
		{"bytes that are no roster", casedb.AlarmRoster, nil, func(*town, *seat, wire.KeyNews) func(*wire.KeyNews) {
			return func(n *wire.KeyNews) { n.Rosters = append(n.Rosters, []byte("a roster")) }
		}},
		{"an older roster", casedb.AlarmRosterBack, ErrChain, func(_ *town, _ *seat, old wire.KeyNews) func(*wire.KeyNews) {
			return func(n *wire.KeyNews) { *n = old; n.Rosters = old.Rosters[len(old.Rosters)-1:] }
		}},
		{"no roster", casedb.AlarmRosterBack, ErrChain, func(*town, *seat, wire.KeyNews) func(*wire.KeyNews) {
			return func(n *wire.KeyNews) { n.Rosters = nil }
		}},
		{"another roster in its place", casedb.AlarmRoster, ErrChain, func(w *town, s *seat, _ wire.KeyNews) func(*wire.KeyNews) {
			forged := w.forge(s, func(r *roster.Roster) { r.Serial-- })
			return func(n *wire.KeyNews) { n.Rosters[len(n.Rosters)-1] = forged }
		}},
		{"another roster in its place, which a keeper signed", casedb.AlarmRosterFork, ErrChain, func(w *town, s *seat, _ wire.KeyNews) func(*wire.KeyNews) {
			signer, ok := w.head.keys.KeeperSigner()
			if !ok {
				w.t.Fatal("no keeper")
			}
			other := s.keys.Newest()
			other.Name = "Another name"
			signed, err := roster.Sign(other, signer)
			if err != nil {
				w.t.Fatal(err)
			}
			return func(n *wire.KeyNews) { n.Rosters[len(n.Rosters)-1] = signed }
		}},
		{"an older card of the keeper's desk", casedb.AlarmCardBack, nil, func(_ *town, _ *seat, old wire.KeyNews) func(*wire.KeyNews) {
			return func(n *wire.KeyNews) { n.Cards = old.Cards }
		}},
		{"no cards", casedb.AlarmCardBack, nil, func(*town, *seat, wire.KeyNews) func(*wire.KeyNews) {
			return func(n *wire.KeyNews) { n.Cards = nil }
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w, first := newTown(t)
			second := w.join(first, "second", roster.RoleCaseworker)
			w.round(first, second)
			old, err := second.c.Line.Keys(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			w.roll(first)
			w.round(second, first)
			before := second.keys.Newest().Serial
			w.lie(second, tc.lie(w, second, old))
			if err := second.Round(t.Context()); !errors.Is(err, tc.err) {
				t.Errorf("%v, want %v", err, tc.err)
			}
			if second.findings(tc.want) == 0 {
				t.Errorf("found %+v, want %s", second.found, tc.want)
			}
			if len(second.found) != second.findings(tc.want) {
				t.Errorf("found besides: %+v", second.found)
			}
			if second.gone > 0 || second.keys.Newest().Serial != before {
				t.Error("the lie changed the desk")
			}
			w.lie(second, nil)
			w.round(first, second)
			w.agree(first, second)
		})
	}
}

func TestWithheldGrant(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleCaseworker)
	w.round(first, second)
	old, err := second.c.Line.Keys(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	w.roll(first)
	w.lie(second, func(n *wire.KeyNews) { n.Grant = nil })
	if err := second.Round(t.Context()); err != nil || second.findings(casedb.AlarmGrant) != 1 {
		t.Errorf("no grant: %v %+v", err, second.found)
	}
	w.lie(second, func(n *wire.KeyNews) { n.Grant = old.Grant })
	if err := second.Round(t.Context()); err != nil || second.findings(casedb.AlarmGrant) != 2 {
		t.Errorf("the old grant: %v %+v", err, second.found)
	}
	if e := second.keys.Epoch(); e != 2 || second.keys.Identity(2) != nil || second.keys.Identity(1) == nil {
		t.Errorf("epoch %d, keys %v", e, second.keys.Epochs())
	}
	w.lie(second, nil)
	w.round(second, first)
	w.agree(first, second)
}

// The gate hides a desk's renewed card from the keeper, so that the key that it saw once stays good.
func TestWithheldCard(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleCaseworker)
	w.lie(first, func(n *wire.KeyNews) {
		for i, c := range n.Cards {
			if c.Device.Equal(pubOf(second.keys)) {
				n.Cards = append(n.Cards[:i:i], n.Cards[i+1:]...)
				return
			}
		}
	})
	w.roll(first)
	w.round(second)
	second.noFindings() // it may have been chance
	w.roll(first)
	w.round(second)
	if second.findings(casedb.AlarmCard) == 0 {
		t.Errorf("found %+v", second.found)
	}
	w.lie(first, nil)
	w.round(first)
	w.roll(first)
	w.round(second, first)
	w.agree(first, second)
}

// A keeper that knows a newer card never seals to an older one.
func TestKeepersRememberTheNewestCard(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleCaseworker)
	w.round(first)
	old, err := first.c.Line.Keys(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	w.roll(first)
	w.round(second, first)
	w.lie(first, func(n *wire.KeyNews) { n.Cards = old.Cards })
	if _, err := first.Roll(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if first.findings(casedb.AlarmCardBack) == 0 {
		t.Errorf("the keeper found %+v", first.found)
	}
	w.lie(first, nil)
	w.round(second, first)
	second.noFindings()
	w.agree(first, second)
}

// A gate says that a desk is none, and shows chains of its own making. Nothing but the keepers' signatures makes a desk wipe itself.
func TestLyingGateWipesNobody(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleCaseworker)
	w.round(first, second)
	out := func(r *roster.Roster) {
		id, _, err := newIdentity()
		if err != nil {
			t.Fatal(err)
		}
		r.Devices, r.Epoch, r.Recipient = []roster.DeviceHash{first.me}, r.Epoch+1, id.Recipient()
	}
	forged := w.forge(second, out)
	fork := w.forge(second, func(r *roster.Roster) { out(r); r.Serial-- })
	var rosters [][]byte
	for _, served := range [][][]byte{{second.keys.Roster()}, {second.keys.Roster(), forged}, {forged}, {fork}, {}, {[]byte("x")}} {
		rosters = served
		w.road.set(func(rw http.ResponseWriter, r *http.Request) bool {
			switch {
			case strings.HasPrefix(r.URL.Path, "/v1/desk/"):
				rw.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
				rw.WriteHeader(http.StatusUnauthorized)
				_ = json.NewEncoder(rw).Encode(wire.Error{Code: wire.CodeDevice, Say: "you are no desk"})
			case r.URL.Path == "/rosters":
				_, _ = rw.Write(wire.AppendRosters(nil, rosters))
			default:
				return false
			}
			return true
		}, nil)
		if err := second.Round(t.Context()); !errors.Is(err, line.ErrDevice) || errors.Is(err, ErrRemoved) {
			t.Errorf("%v", err)
		}
		if second.gone > 0 || second.keys.Removed() || second.keys.Identity(1) == nil {
			t.Fatal("a lie wiped the desk")
		}
	}
	if second.findings(casedb.AlarmRoster) == 0 {
		t.Errorf("found %+v", second.found)
	}
	w.road.set(nil, nil)
	w.round(second, first)
	w.agree(first, second)
}

// On a clock that the gate refuses, nothing happens by itself.
func TestRefusedClock(t *testing.T) {
	w, first := newTown(t)
	w.at.pass(2 * EpochTime)
	g := first.keys.Gate()
	l, err := line.New(g.URL, g.Origin, first.keys.Device(), w.at.now)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	honest := first.c.Line
	first.c.Line = l
	if err := first.Round(t.Context()); !errors.Is(err, line.ErrClock) {
		t.Fatal(err)
	}
	if e := first.keys.Epoch(); e != 1 || first.Waits() {
		t.Fatal("a keeper's desk rolled by a clock that the gate refuses")
	}
	first.c.Line = honest
	w.round(first)
	if e := first.keys.Epoch(); e != 2 {
		t.Errorf("epoch %d", e)
	}
}
