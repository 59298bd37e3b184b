package api

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
)

// Largest bodies of desks' requests, bytes.
const (
	maxIDs       = 1000
	maxListBody  = maxIDs*65 + 64
	maxReplyBody = 16 + wire.MaxLetter
	maxFilesBody = wire.MaxFiles*(wire.MaxFile+64) + 64
)

// A call is a request that a device of the roster signed, with its whole body.
type call struct {
	device ed25519.PublicKey
	body   []byte
}

// desk lets a request through that a device of the roster signed, whichever it is.
func (a *API) desk(limit int, next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return a.device(limit, func(w http.ResponseWriter, r *http.Request, c call) { next(w, r, c.body) })
}

// device lets a request through that a device of the roster signed, and says which one.
func (a *API) device(limit int, next func(http.ResponseWriter, *http.Request, call)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, org, ok := a.c.Org.Roster()
		if !ok {
			fail(w, errClosed())
			return
		}
		// Looked at before the body is read, so that strangers' bodies are not.
		if !inRoster(org, r.Header.Get(wire.HeaderDevice)) {
			fail(w, errDevice(wire.ErrDevice))
			return
		}
		body, release, e := a.readBody(r, limit)
		defer release()
		if e != nil {
			fail(w, e)
			return
		}
		pub, err := a.signer(r, body)
		if err == nil && !a.member(pub) {
			err = wire.ErrDevice
		}
		if err != nil {
			fail(w, errDevice(err))
			return
		}
		next(w, r, call{pub, body})
	}
}

// signer is the key that signed this request with this body, for this gate and about now. The error wraps what wire.CheckRequest returns.
func (a *API) signer(r *http.Request, body []byte) (ed25519.PublicKey, error) {
	signed := wire.Signed{
		Device: r.Header.Get(wire.HeaderDevice), Date: r.Header.Get(wire.HeaderDate), Signature: r.Header.Get(wire.HeaderSignature),
	}
	return wire.CheckRequest(signed, r.Method, r.URL.RequestURI(), body, a.c.Origin, a.c.Now())
}

// member reports whether a device is in the roster now: it may have left since its request began.
func (a *API) member(device ed25519.PublicKey) bool {
	_, org, ok := a.c.Org.Roster()
	return ok && org.HasDevice(device)
}

func inRoster(org roster.Roster, device string) bool {
	pub, err := base64.StdEncoding.Strict().DecodeString(device)
	return err == nil && len(pub) == ed25519.PublicKeySize && org.HasDevice(pub)
}

func errDevice(err error) *wire.Error {
	say := "this device is not in the organisation's roster, or the request is damaged; ask a keeper to add the desk"
	if errors.Is(err, wire.ErrClock) {
		say = wire.ErrClock.Error() + "; set the clock and try again"
	}
	return refuse(wire.CodeDevice, say)
}

// putReply puts a sealed reply into a mailbox: 16 bytes id, then the letter.
func (a *API) putReply(w http.ResponseWriter, r *http.Request, body []byte) {
	var id wire.MailboxID
	if len(body) < len(id) {
		fail(w, refuse(wire.CodeRequest, "a reply is 16 bytes of mailbox id, then the sealed letter"))
		return
	}
	sealed := body[copy(id[:], body):]
	if err := seal.CheckShape(sealed); err != nil {
		fail(w, refuse(wire.CodeShape, err.Error()+"; seal the reply again"))
		return
	}
	created, err := a.c.Mailboxes.Put(r.Context(), id, sealed)
	a.created(w, "putting in a reply", created, err)
}

// openMailbox opens a mailbox for a person who lost the code.
func (a *API) openMailbox(w http.ResponseWriter, r *http.Request, body []byte) {
	var key wire.MailboxKey
	if len(body) != len(key.ID)+len(key.Auth) {
		fail(w, refuse(wire.CodeRequest, "a mailbox is opened with 16 bytes of id and 32 of auth"))
		return
	}
	copy(key.Auth[:], body[copy(key.ID[:], body):])
	created, err := a.c.Mailboxes.Open(r.Context(), key)
	a.created(w, "opening a mailbox", created, err)
}

// created answers 201, or 200 when it was there.
func (a *API) created(w http.ResponseWriter, attempt string, created bool, err error) {
	switch {
	case err != nil:
		fail(w, a.explain(attempt, err))
	case created:
		writeJSON(w, http.StatusCreated, struct{}{})
	default:
		writeJSON(w, http.StatusOK, struct{}{})
	}
}

// dropMailbox destroys a mailbox whose code is lost or in wrong hands.
func (a *API) dropMailbox(w http.ResponseWriter, r *http.Request, body []byte) {
	var id wire.MailboxID
	if len(body) != len(id) {
		fail(w, refuse(wire.CodeRequest, "a mailbox id has 16 bytes"))
		return
	}
	copy(id[:], body)
	if err := a.c.Mailboxes.Drop(r.Context(), id); err != nil {
		fail(w, a.explain("destroying a mailbox", err))
		return
	}
	write(w, http.StatusNoContent, "application/octet-stream", nil)
}

// deleteLetters destroys letters; their commitments stay in the log.
func (a *API) deleteLetters(w http.ResponseWriter, r *http.Request, body []byte) {
	ids, err := parseIDs(string(body))
	if err != nil {
		fail(w, refuse(wire.CodeRequest, err.Error()))
		return
	}
	n, err := a.c.Log.Delete(r.Context(), ids)
	if err != nil {
		fail(w, a.explain("deleting letters", err))
		return
	}
	writeJSON(w, http.StatusOK, struct {
		Deleted int `json:"deleted"`
	}{n})
}

// parseIDs reads letter ids, one a line.
func parseIDs(s string) ([]wire.LetterID, error) {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	if len(lines) > maxIDs {
		return nil, errors.New("at most 1,000 letter ids at once")
	}
	var ids []wire.LetterID
	for _, line := range lines {
		id, err := wire.ParseLetterID(line)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
