package casedb

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"panah/core/roster"
)

// What a desk orders the others to do is signed by it: docs/formats.md, section 2. Another desk of the organisation can write such a notice, and none in the name of a third.

// noticeIntro stands before what is signed.
const noticeIntro = "panah.notice/v1\n"

// sigKey begins what follows the signed text: the signature is the last key.
const sigKey = `,"sig":"`

// sigEnd is how long it is with the end of the object.
const sigEnd = len(sigKey) + 88 + len(`"}`)

// orders are the notices that desks obey.
func (n Notice) orders() bool {
	return n.Do == doErase || n.Do == doRemove || n.Do == doLock || n.Do == doReissue || n.Do == doJoin
}

// SignNotice puts a desk's name and signature on the body of a notice that orders something; others come back as they are.
func SignNotice(body []byte, org string, device ed25519.PrivateKey) ([]byte, error) {
	n, err := ParseNotice(body)
	if err != nil {
		return nil, err
	}
	if !n.orders() || n.Sig != nil {
		return body, nil
	}
	pub, ok := device.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("signing a notice: no key")
	}
	n.By = pub
	text, err := json.Marshal(n)
	if err != nil {
		return nil, fmt.Errorf("writing a notice: %w", err)
	}
	sig := ed25519.Sign(device, signedText(org, text))
	text = append(text[:len(text)-1], sigKey...)
	return append(text, base64.StdEncoding.EncodeToString(sig)+`"}`...), nil
}

// Signer returns the key of the desk that says it signed a notice; nil for none. Nothing is checked.
func Signer(body []byte) ed25519.PublicKey {
	if len(body) < sigEnd || !bytes.HasPrefix(body[len(body)-sigEnd:], []byte(sigKey)) {
		return nil
	}
	n, err := ParseNotice(body)
	if err != nil {
		return nil
	}
	return n.By
}

func signedText(org string, text []byte) []byte {
	return append([]byte(noticeIntro+org+"\n"), text...)
}

// checkSigned checks what signed notices have beyond others: the form. The signature comes last, so that what it covers are the bytes before it.
func (n Notice) checkSigned(body []byte) error {
	bad := errors.New("malformed")
	if n.By == nil && n.Sig == nil {
		return nil
	}
	if !n.orders() || len(n.By) != ed25519.PublicKeySize || len(n.Sig) != ed25519.SignatureSize || len(body) < sigEnd {
		return bad
	}
	if string(body[len(body)-sigEnd:]) != sigKey+base64.StdEncoding.EncodeToString(n.Sig)+`"}` {
		return bad
	}
	return nil
}

// signedBy reports whether a notice of the form of checkSigned has a good signature.
func (n Notice) signedBy(org string, body []byte) bool {
	text := append(body[:len(body)-sigEnd:len(body)-sigEnd], '}')
	return ed25519.Verify(n.By, signedText(org, text), n.Sig)
}

// Values of in.judge.
const (
	obey = iota
	refuse
	again // a copy of one that was obeyed
)

// judge says what to do with another desk's notice. One that orders something is obeyed when a desk that is or was in the roster's chain signed it, and the keepers do not
// call that desk a reader's; one without a signature only when it stands before the first signed one in the log: that is from before desks signed. Signed twice is once: a copy
// must not bring back what a later notice changed.
func (in *ingest) judge(e *Incoming, n Notice) (int, error) {
	if !n.orders() {
		return obey, nil
	}
	if n.Sig == nil {
		first, err := in.firstSigned()
		if err != nil || first >= 0 && e.Index > first {
			return refuse, err
		}
		return obey, nil
	}
	if !n.signedBy(e.Letter.Org, e.body()) {
		return refuse, nil
	}
	by := roster.HashDevice(n.By)
	var role string
	err := in.tx.QueryRow("SELECT role FROM device WHERE hash = ?", by[:]).Scan(&role)
	if errors.Is(err, sql.ErrNoRows) || err == nil && role == string(roster.RoleReader) {
		return refuse, nil
	}
	if err != nil {
		return refuse, fmt.Errorf("looking up a desk: %w", err)
	}
	return in.once(e, n, by)
}

// once records who signed a notice, unless that very signature was obeyed before.
func (in *ingest) once(e *Incoming, n Notice, by Device) (int, error) {
	sig := sha256.Sum256(n.Sig)
	var known bool
	if err := in.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM notice WHERE sig = ? AND letter_id <> ?)", sig[:], e.ID[:]).Scan(&known); err != nil || known {
		return again, err
	}
	if _, err := in.tx.Exec("UPDATE notice SET sig = ?, by = ? WHERE letter_id = ?", sig[:], by[:], e.ID[:]); err != nil {
		return refuse, fmt.Errorf("recording who signed: %w", err)
	}
	return obey, in.sawSigned(e.Index)
}

// signedAgain is for a notice that is here already: after starting over the first signed one has its place again.
func (in *ingest) signedAgain(e *Incoming) error {
	var signed bool
	if err := in.tx.QueryRow("SELECT sig IS NOT NULL FROM notice WHERE letter_id = ?", e.ID[:]).Scan(&signed); err != nil || !signed {
		return err
	}
	return in.sawSigned(e.Index)
}

// sawSigned remembers where the log's first signed notice stands.
func (in *ingest) sawSigned(index int64) error {
	first, err := in.firstSigned()
	if err != nil || first >= 0 && first <= index {
		return err
	}
	in.signed = index
	return setMeta(in.tx, "signed_from", index)
}

// notAsked is in.signed before it was looked up.
const notAsked = -2

// firstSigned is the place in the log of the first signed notice that was obeyed; -1 for none.
func (in *ingest) firstSigned() (int64, error) {
	if in.signed == notAsked {
		if err := in.tx.QueryRow("SELECT coalesce((SELECT v FROM meta WHERE k = 'signed_from'), -1)").Scan(&in.signed); err != nil {
			return 0, fmt.Errorf("looking for signed notices: %w", err)
		}
	}
	return in.signed, nil
}
