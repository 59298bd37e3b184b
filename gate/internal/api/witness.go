package api

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
)

// Bounds of what witnesses send.
const (
	maxWitnessKey = 512
	maxCosigned   = 4 << 10 // a checkpoint, as core/ledger reads it
)

// A Witness is a partner's desk that cosigns this gate's checkpoints.
type Witness struct {
	Key      string // verifier key, C2SP tlog-cosignature
	Cosigned []byte // the newest checkpoint with its cosignature; nil before the first
}

// Witnesses are those whom the organisation's desks registered. They are told the size of the log, and nothing else.
type Witnesses interface {
	All() []Witness
	// Add and Remove are for desks. added is false when it was there. A refusal is a *wire.Error.
	Add(key string) (added bool, err error)
	Remove(key string) error
	// Keep keeps the newest cosigned checkpoint of a registered witness, unless it holds a newer one.
	Keep(key string, cosigned []byte) error
}

// witnessRoutes are those of docs/formats-keys.md, section 10.
func (a *API) witnessRoutes() map[string]http.HandlerFunc {
	if a.c.Witnesses == nil {
		return nil
	}
	return map[string]http.HandlerFunc{
		// whoever holds a witness key that the desks registered
		"GET /v1/witness/checkpoint":   a.witness(0, a.continuation),
		"POST /v1/witness/cosignature": a.witness(maxCosigned, a.cosigned),
		// the organisation's desks
		"GET /v1/desk/witnesses":    a.desk(0, a.listWitnesses),
		"POST /v1/desk/witnesses":   a.desk(maxWitnessKey, a.addWitness),
		"DELETE /v1/desk/witnesses": a.desk(maxWitnessKey, a.removeWitness),
	}
}

// witness lets a request through that a registered witness signed, with its body.
func (a *API) witness(limit int, next func(http.ResponseWriter, *http.Request, Witness, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// Looked at before the body is read, so that strangers' bodies are not.
		registered, ok := a.witnessOf(r.Header.Get(wire.HeaderDevice))
		if !ok {
			fail(w, errWitness(wire.ErrDevice))
			return
		}
		body, release, e := a.readBody(r, limit)
		defer release()
		if e != nil {
			fail(w, e)
			return
		}
		if _, err := a.signer(r, body); err != nil {
			fail(w, errWitness(err))
			return
		}
		next(w, r, registered, body)
	}
}

// witnessOf finds the registered witness with this public key, in base64.
func (a *API) witnessOf(public string) (Witness, bool) {
	for _, registered := range a.c.Witnesses.All() {
		if public != "" && WitnessPublic(registered.Key) == public {
			return registered, true
		}
	}
	return Witness{}, false
}

// WitnessPublic is the Ed25519 public key, in base64, of a well-formed witness key; "" of any other.
func WitnessPublic(key string) string {
	if _, err := torchwood.NewCosignatureVerifier(key); err != nil {
		return ""
	}
	parts := strings.SplitN(key, "+", 3) // name, hash, key: base64 has a "+" of its own
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize {
		return ""
	}
	return base64.StdEncoding.EncodeToString(raw[1:]) // without the byte that names the algorithm
}

func errWitness(err error) *wire.Error {
	say := "this key is not one of this gate's witnesses; ask the organisation to register it"
	if errors.Is(err, wire.ErrClock) {
		say = wire.ErrClock.Error() + "; set the clock and try again"
	}
	return refuse(wire.CodeDevice, say)
}

// continuation gives the newest checkpoint, and the proof that it continues what the witness last cosigned. A witness that has seen a larger
// log gets the checkpoint without a proof: it is owed the evidence.
func (a *API) continuation(w http.ResponseWriter, r *http.Request, _ Witness, _ []byte) {
	old, err := count(r.URL.Query(), "old", 0)
	if err != nil {
		fail(w, refuse(wire.CodeRequest, "a witness asks with ?old=N"))
		return
	}
	checkpoint, size, err := a.c.Seq.Checkpoint()
	c := ledger.Continuation{Old: old, Checkpoint: checkpoint}
	if err == nil && old <= size {
		c.Proof, err = ledger.ProveConsistency(old, size, a.c.Log)
	}
	if err != nil {
		fail(w, a.explain("proving the log to a witness", err))
		return
	}
	write(w, http.StatusOK, "text/plain; charset=utf-8", c.Bytes())
}

// cosigned takes a checkpoint of ours that the witness has cosigned.
func (a *API) cosigned(w http.ResponseWriter, _ *http.Request, from Witness, body []byte) {
	if _, _, err := OpenCosigned(body, from.Key, a.c.Gate); err != nil {
		fail(w, refuse(wire.CodeShape, err.Error()+"; cosign the newest checkpoint of this gate"))
		return
	}
	if err := a.c.Witnesses.Keep(from.Key, body); err != nil {
		fail(w, a.explain("keeping a cosignature", err))
		return
	}
	write(w, http.StatusNoContent, "text/plain; charset=utf-8", nil)
}

// OpenCosigned reads a checkpoint that the gate and the witness with this key both signed, and when the witness says it did, unix seconds.
func OpenCosigned(signed []byte, key string, gate note.Verifier) (t ledger.Tree, at int64, err error) {
	if t, err = ledger.ParseCheckpoint(signed, gate); err != nil {
		return ledger.Tree{}, 0, err
	}
	witness, err := torchwood.NewCosignatureVerifier(key)
	if err != nil {
		return ledger.Tree{}, 0, errors.New("not the key of a witness")
	}
	n, err := note.Open(signed, note.VerifierList(witness))
	if err != nil {
		return ledger.Tree{}, 0, errors.New("not cosigned by this witness")
	}
	if at, err = torchwood.CosignatureTimestamp(n.Sigs[0]); err != nil {
		return ledger.Tree{}, 0, errors.New("not cosigned by this witness")
	}
	return t, at, nil
}

// listWitnesses tells a desk who watches, and what each last cosigned.
func (a *API) listWitnesses(w http.ResponseWriter, _ *http.Request, _ []byte) {
	list := wire.Witnesses{Witnesses: []wire.Witness{}}
	for _, one := range a.c.Witnesses.All() {
		list.Witnesses = append(list.Witnesses, wire.Witness{Key: one.Key, Cosigned: string(one.Cosigned)})
	}
	writeJSON(w, http.StatusOK, list)
}

// addWitness registers a witness.
func (a *API) addWitness(w http.ResponseWriter, _ *http.Request, body []byte) {
	key := string(body)
	if WitnessPublic(key) == "" {
		fail(w, refuse(wire.CodeShape, "not the key of a witness; copy it whole from the partner's desk"))
		return
	}
	added, err := a.c.Witnesses.Add(key)
	a.created(w, "registering a witness", added, err)
}

// removeWitness forgets a witness and what it cosigned.
func (a *API) removeWitness(w http.ResponseWriter, _ *http.Request, body []byte) {
	if err := a.c.Witnesses.Remove(string(body)); err != nil {
		fail(w, a.explain("removing a witness", err))
		return
	}
	write(w, http.StatusNoContent, "text/plain; charset=utf-8", nil)
}
