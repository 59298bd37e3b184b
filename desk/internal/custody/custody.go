// Package custody makes what custodians keep: sheets, the recovery keepers that enough sheets bring back, and the files that the gate holds for
// them. docs/formats-keys.md, section 5.
//
// A Batch holds secrets that nobody may keep: it lives from the moment the sheets are made until they are in people's hands, in memory
// or inside the desk's key file, and is then forgotten.
package custody

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/sheet"
)

// KeeperName is the name of the keys that only custodians keep; those of desks are named otherwise.
const KeeperName = "recovery"

// A Batch is the sheets that are made at one time, and what they bring back. It prints as "[sheets]".
type Batch struct {
	Needed   int
	Sheets   []recovery.Sheet
	Keepers  []string            // signing keys of the recovery keepers
	Identity *age.HybridIdentity // that locked cases are also wrapped to
	Made     time.Time           // to the second
}

// String hides the secrets.
func (Batch) String() string { return "[sheets]" }

// GoString hides the secrets.
func (Batch) GoString() string { return "[sheets]" }

// New makes sheets of which needed bring back as many recovery keepers as keepers says: the roster's threshold.
func New(needed, of, keepers int, now time.Time) (Batch, error) {
	if err := recovery.CheckNumbers(needed, of); err != nil {
		return Batch{}, err
	}
	b := Batch{Needed: needed, Made: now.UTC().Truncate(time.Second)}
	var err error
	if b.Sheets, err = recovery.NewSheets(of); err != nil {
		return Batch{}, err
	}
	for range keepers {
		skey, _, err := note.GenerateKey(rand.Reader, KeeperName)
		if err != nil {
			return Batch{}, fmt.Errorf("making a recovery keeper's key: %w", err)
		}
		b.Keepers = append(b.Keepers, skey)
	}
	if b.Identity, err = age.GenerateHybridIdentity(); err != nil {
		return Batch{}, fmt.Errorf("making the recovery identity: %w", err)
	}
	return b, nil
}

// Verifiers are the recovery keepers as a roster names them.
func (b Batch) Verifiers() ([]string, error) { return Verifiers(b.Keepers) }

// Verifiers are the verifier keys of signing keys.
func Verifiers(signing []string) ([]string, error) {
	var out []string
	for _, k := range signing {
		v, err := verifier(k)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// verifier computes the verifier key of a note signing key, "PRIVATE+KEY+<name>+<hash>+<base64 of 1 and the seed>". Errors quote nothing.
func verifier(signing string) (string, error) {
	bad := errors.New("a recovery keeper's key is malformed")
	s, err := note.NewSigner(signing)
	if err != nil {
		return "", bad
	}
	fields := strings.SplitN(signing, "+", 5) // base64 has a + of its own
	raw, err := base64.StdEncoding.DecodeString(fields[len(fields)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", bad
	}
	defer clear(raw)
	vkey, err := note.NewEd25519VerifierKey(s.Name(), ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey))
	if err != nil {
		return "", bad
	}
	return vkey, nil
}

// Signers are the signers of signing keys.
func Signers(signing []string) ([]note.Signer, error) {
	var out []note.Signer
	for _, k := range signing {
		s, err := note.NewSigner(k)
		if err != nil {
			return nil, errors.New("a recovery keeper's key is malformed") // note's error might quote it
		}
		out = append(out, s)
	}
	return out, nil
}

// Custodians is what the organisation's desks know of the batch.
func (b Batch) Custodians() roster.Custodians {
	return roster.Custodians{Needed: b.Needed, Recipients: recovery.Recipients(b.Sheets), Identity: b.Identity.Recipient().String(), Made: b.Made}
}

// Authority is what enough sheets of the batch bring back.
func (b Batch) Authority(r roster.Roster, gate roster.Gate) recovery.Authority {
	return recovery.Authority{
		Org: r.Org, Name: r.Name, Keepers: b.Keepers, Identity: b.Identity, Needed: b.Needed, Recipients: recovery.Recipients(b.Sheets), Made: b.Made, Gate: gate,
	}
}

// Files are the recovery files that the gate keeps for the batch, with the key of the epoch of the roster r.
func (b Batch) Files(r roster.Roster, epoch *age.HybridIdentity, gate roster.Gate) ([]wire.File, error) {
	return Files(b.Authority(r, gate), r, epoch)
}

// Files are the recovery files of an authority, with the key of the epoch of the roster r.
func Files(a recovery.Authority, r roster.Roster, epoch *age.HybridIdentity) ([]wire.File, error) {
	files, err := recovery.AuthorityFiles(a)
	if err != nil {
		return nil, err
	}
	more, err := recovery.EpochFiles(recovery.Epoch{Org: r.Org, Serial: r.Serial, Epoch: r.Epoch, Identity: epoch}, a.Needed, a.Recipients)
	if err != nil {
		return nil, err
	}
	return append(files, more...), nil
}

// Pages are the printed sheets: gate is the address that custodians type, lang the language beside English.
func (b Batch) Pages(r roster.Roster, gate, lang string) ([]sheet.Page, error) {
	words, err := roster.Words(r.Org)
	if err != nil {
		return nil, err
	}
	var pages []sheet.Page
	for _, s := range b.Sheets {
		one := sheet.Sheet{
			Name: r.Name, Org: r.Org, Words: words, Letter: s.Letter, Needed: b.Needed, Of: len(b.Sheets), Made: b.Made, Gate: gate, Lang: lang, Identity: s.Identity,
		}
		html, err := one.HTML()
		if err != nil {
			return nil, err
		}
		pages = append(pages, sheet.Page{Letter: string(s.Letter), HTML: html})
	}
	return pages, nil
}

// batchJSON is a Batch inside the key file.
type batchJSON struct {
	V        int       `json:"v"`
	Needed   int       `json:"needed"`
	Sheets   []string  `json:"sheets"`
	Keepers  []string  `json:"keepers"`
	Identity string    `json:"identity"`
	Made     time.Time `json:"made"`
}

// Encode writes b for the key file. It holds the secrets.
func (b Batch) Encode() (json.RawMessage, error) {
	j := batchJSON{V: 1, Needed: b.Needed, Keepers: b.Keepers, Identity: b.Identity.String(), Made: b.Made}
	for _, s := range b.Sheets {
		j.Sheets = append(j.Sheets, s.Reveal())
	}
	raw, err := json.Marshal(j)
	if err != nil {
		return nil, errors.New("keeping the sheets: they do not encode")
	}
	return raw, nil
}

// Parse reads what Encode wrote. Errors quote nothing.
func Parse(raw json.RawMessage) (Batch, error) {
	bad := errors.New("reading the sheets in the key file: malformed")
	var j batchJSON
	if err := json.Unmarshal(raw, &j); err != nil || j.V != 1 || recovery.CheckNumbers(j.Needed, len(j.Sheets)) != nil || len(j.Keepers) == 0 {
		return Batch{}, bad
	}
	b := Batch{Needed: j.Needed, Keepers: j.Keepers, Made: j.Made}
	var err error
	if b.Identity, err = age.ParseHybridIdentity(j.Identity); err != nil {
		return Batch{}, bad
	}
	for i, s := range j.Sheets {
		id, err := age.ParseHybridIdentity(s)
		if err != nil {
			return Batch{}, bad
		}
		b.Sheets = append(b.Sheets, recovery.Sheet{Letter: 'a' + byte(i), Identity: id})
	}
	if _, err := b.Verifiers(); err != nil {
		return Batch{}, bad
	}
	return b, nil
}
