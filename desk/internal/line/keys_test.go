package line

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/wire"
)

func TestPostRosterTellsWhatBecameOfIt(t *testing.T) {
	p := wire.Package{Roster: []byte("roster"), Grants: []wire.Addressed{{Device: [32]byte{1}, Sealed: []byte("grant")}}}
	for status, want := range map[int]Posted{http.StatusCreated: PostedNow, http.StatusOK: PostedBefore, http.StatusAccepted: PostedProposal} {
		l := newLine(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get(wire.HeaderDevice) != "" {
				t.Error("the package tells which desk sends it")
			}
			body, err := io.ReadAll(r.Body)
			if got, parseErr := wire.ParsePackage(body); err != nil || parseErr != nil || !cmp.Equal(got, p) {
				t.Errorf("%v %v %s", err, parseErr, cmp.Diff(got, p))
			}
			w.WriteHeader(status)
		})
		if got, err := l.PostRoster(t.Context(), p); err != nil || got != want {
			t.Errorf("%d: %v %v", status, got, err)
		}
	}
	l := newLine(t, func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusConflict, wire.Error{Code: wire.CodeRoster, Say: "another"})
	})
	if _, err := l.PostRoster(t.Context(), p); !errors.Is(err, ErrRoster) {
		t.Errorf("a conflict: %v", err)
	}
}

func TestStreamsThatWereCutAreNotBelieved(t *testing.T) {
	whole := map[string][]byte{
		"/v1/desk/keys":  wire.KeyNews{Rosters: [][]byte{[]byte("r")}, Intake: true}.Bytes(),
		"/rosters":       wire.AppendRosters(nil, [][]byte{[]byte("r")}),
		"/v1/desk/wraps": wire.AppendWraps(nil, []wire.Wrap{{Name: [16]byte{1}, Sealed: []byte("w")}}, true),
	}
	cut := 0
	l := newLine(t, func(w http.ResponseWriter, r *http.Request) {
		b := whole[r.URL.Path]
		_, _ = w.Write(b[:len(b)-cut])
	})
	ask := func() (errs [3]error) {
		_, errs[0] = l.Keys(t.Context(), 1)
		_, errs[1] = l.Rosters(t.Context(), 1)
		_, _, errs[2] = l.Wraps(t.Context(), 1, [16]byte{})
		return errs
	}
	for _, err := range ask() {
		if err != nil {
			t.Error(err)
		}
	}
	cut = 3
	for _, err := range ask() {
		if !errors.Is(err, ErrOffline) {
			t.Errorf("cut: %v", err)
		}
	}
}

// A gate whose wraps go round in circles would keep a desk asking for ever.
func TestWrapsOnlyGoUp(t *testing.T) {
	names := [][16]byte{{2}, {1}}
	l := newLine(t, func(w http.ResponseWriter, _ *http.Request) {
		var wraps []wire.Wrap
		for _, n := range names {
			wraps = append(wraps, wire.Wrap{Name: n, Sealed: []byte("w")})
		}
		_, _ = w.Write(wire.AppendWraps(nil, wraps, true))
	})
	if _, _, err := l.Wraps(t.Context(), 1, [16]byte{}); !errors.Is(err, ErrOffline) {
		t.Errorf("out of order: %v", err)
	}
	names = [][16]byte{{1}, {2}}
	if _, more, err := l.Wraps(t.Context(), 1, [16]byte{}); err != nil || !more {
		t.Errorf("in order: %v %v", more, err)
	}
	if _, _, err := l.Wraps(t.Context(), 1, [16]byte{2}); !errors.Is(err, ErrOffline) {
		t.Errorf("from the beginning again: %v", err)
	}
	names = nil
	if _, more, err := l.Wraps(t.Context(), 1, [16]byte{2}); err != nil || more {
		t.Errorf("more of nothing: %v %v", more, err)
	}
}

func TestRecoveryFilesAndRooms(t *testing.T) {
	l := newLine(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/recovery/epoch-ab.age":
			_, _ = w.Write([]byte("file"))
		case "/v1/join":
			body, _ := io.ReadAll(r.Body)
			if len(body) < 17 || body[16] != 0 || r.Header.Get(wire.HeaderDevice) != "" {
				refuse(w, http.StatusConflict, wire.Error{Code: wire.CodeJoin})
				return
			}
			w.WriteHeader(http.StatusCreated)
		case "/v1/desk/join/read":
			w.WriteHeader(http.StatusNoContent)
		case "/v1/join/read":
			_, _ = w.Write(bytes.Repeat([]byte("x"), maxJoin+1))
		default:
			refuse(w, http.StatusNotFound, wire.Error{Code: wire.CodeRequest, Say: "there is none"})
		}
	})
	if b, err := l.Recovery(t.Context(), "epoch-ab.age"); err != nil || string(b) != "file" {
		t.Errorf("%q %v", b, err)
	}
	for _, name := range []string{"epoch-ac.age", "../roster", "epoch-ba.age"} {
		if _, err := l.Recovery(t.Context(), name); !errors.Is(err, ErrNoFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	room := [16]byte{7}
	if err := l.NewcomerSend(t.Context(), room, 0, []byte("hello")); err != nil {
		t.Error(err)
	}
	if err := l.NewcomerSend(t.Context(), room, 1, nil); !errors.Is(err, ErrJoin) {
		t.Errorf("another message is there: %v", err)
	}
	if err := l.NewcomerSend(t.Context(), room, 0, make([]byte, maxJoin+1)); err == nil {
		t.Error("a message over the bound went out")
	}
	if b, err := l.JoinRead(t.Context(), room, 0); b != nil || err != nil {
		t.Errorf("nothing yet: %q %v", b, err)
	}
	if _, err := l.NewcomerRead(t.Context(), room, 0); !errors.Is(err, ErrJoin) {
		t.Errorf("an endless message: %v", err)
	}
}

func TestNewsOfKeys(t *testing.T) {
	l := newLine(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "after=3&keys=9" {
			t.Error(r.URL.RawQuery)
		}
		_, _ = w.Write([]byte(`{"size":4,"keys":11}`))
	})
	if size, keys, err := l.News(t.Context(), 3, 9); err != nil || size != 4 || keys != 11 {
		t.Errorf("%d %d %v", size, keys, err)
	}
}
