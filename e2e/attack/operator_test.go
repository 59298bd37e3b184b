package attack

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
	"panah/internal/testkit/hoard"
)

// An operator runs the gate, holds its signing key, and lies to one desk with logs that are signed as they should be.
type operator struct {
	w      *world
	signer note.Signer
}

func (w *world) operator() operator {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.gate.Dir, "gate.key"))
	if err != nil {
		w.t.Fatal(err)
	}
	skey, _, _ := strings.Cut(string(b), "\n")
	signer, err := note.NewSigner(skey)
	if err != nil {
		w.t.Fatal(err)
	}
	return operator{w, signer}
}

// entries is the true log, as far as any desk but one was shown it.
func (o operator) entries(but string) []wire.Entry {
	byIndex := map[int64]wire.Entry{}
	for _, e := range o.w.gate.Seen() {
		if !strings.HasPrefix(e.Target, "/v1/desk/sync") || e.Answer.Status != http.StatusOK || e.Header.Get(wire.HeaderDevice) == but {
			continue
		}
		for r := bytes.NewReader(e.Answer.Body); ; {
			kind, payload, err := wire.ReadFrame(r)
			if err != nil {
				break
			}
			if kind == wire.FrameEntry {
				if entry, err := wire.ParseEntry(payload); err == nil {
					byIndex[entry.Index] = entry
				}
			}
		}
	}
	var out []wire.Entry
	for _, e := range byIndex {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b wire.Entry) int { return cmp.Compare(a.Index, b.Index) })
	return out
}

// shows lets one desk see another log than the true one. With sign, the operator signs it, numbered as it should be; without, the true log's signature
// and numbers stay.
func (o operator) shows(d *laptop, sign bool, edit func([]wire.Entry) []wire.Entry) {
	device := base64.StdEncoding.EncodeToString(deviceOf(contentsOf(o.w.t, d.data)))
	o.w.gate.Meddle(func(e hoard.Exchange, gate func(hoard.Exchange) hoard.Answer) hoard.Answer {
		a := gate(e)
		u, err := url.Parse(e.Target)
		if err == nil && u.Path == "/v1/desk/sync" && e.Header.Get(wire.HeaderDevice) == device && a.Status == http.StatusOK {
			from, _ := strconv.ParseInt(u.Query().Get("from"), 10, 64)
			a.Body = o.stream(a.Body, from, edit(o.entries(device)), sign)
		}
		return a
	})
}

// stream writes a sync answer over entries from index from on.
func (o operator) stream(honest []byte, from int64, entries []wire.Entry, sign bool) []byte {
	var b []byte
	if sign {
		var edge ledger.Edge
		for i := range entries {
			entries[i].Index = int64(i)
			edge = edge.Append(ledger.LeafHash(entries[i].Commitment))
		}
		tree, err := edge.Tree()
		if err != nil {
			o.w.t.Error(err)
		}
		checkpoint, err := ledger.SignCheckpoint(tree, o.signer)
		if err != nil {
			o.w.t.Error(err)
		}
		b = wire.AppendFrame(b, wire.FrameCheckpoint, checkpoint)
	} else {
		_, checkpoint, err := wire.ReadFrame(bytes.NewReader(honest))
		if err != nil {
			o.w.t.Error(err)
		}
		b = wire.AppendFrame(b, wire.FrameCheckpoint, checkpoint)
	}
	for _, e := range entries {
		if e.Index >= from {
			b = wire.AppendFrame(b, wire.FrameEntry, wire.AppendEntry(nil, e))
		}
	}
	return wire.AppendFrame(b, wire.FrameEnd, nil)
}

// next is the index that the next letter will have.
func (o operator) next() int64 { return int64(len(o.entries(""))) }

// without leaves one entry out.
func without(index int64) func([]wire.Entry) []wire.Entry {
	return func(entries []wire.Entry) []wire.Entry {
		return slices.DeleteFunc(entries, func(e wire.Entry) bool { return e.Index == index })
	}
}

// forged is an entry that the operator makes up: sealed to the organisation, whose key is public, and put into the log with everything in order.
func (o operator) forged(l seal.Letter) wire.Entry {
	t := o.w.t
	t.Helper()
	r := o.w.roster()
	l.Org, l.Epoch, l.Sealed = r.Org, r.Epoch, seal.SealedDesk
	sealed, err := seal.Seal(l, r.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	record := ledger.Record{Letter: wire.IDOf(sealed), Size: int64(len(sealed)), Hour: time.Now()}.String()
	key := [32]byte(sha256.Sum256(sealed))
	return wire.Entry{Present: true, Key: key, Record: record, Sealed: sealed, Commitment: ledger.Commit(key, record)}
}

// deskAlone founds an organisation with a second desk that has read a first letter, and an operator who knows the log so far.
func deskAlone(t *testing.T) (*world, *laptop, operator) {
	t.Helper()
	w := found(t)
	w.writes("first-letter")
	w.keeper.thread("first-letter")
	second := w.keeper.admits(w, "Second desk", "caseworker")
	second.thread("first-letter")
	return w, second, w.operator()
}
