package desk

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/custody"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/desk/internal/sheet"
)

// minPassphrase is the least length of a passphrase, bytes: with scrypt behind it, four plain words.
const minPassphrase = 12

// Sheets of an organisation that chooses nothing else.
const (
	DefaultNeeded = 2
	DefaultOf     = 3
)

// firstDesk is what a founding desk is called when nobody gave it a name.
const firstDesk = "Desk 1"

var (
	// ErrFounded says that an organisation was founded to the end: its sheets are in people's hands and nowhere else.
	ErrFounded = errors.New("the organisation is founded, and its sheets were made; for new ones: panah desk sheets")
	// ErrOther says that the folder holds a desk of another organisation.
	ErrOther = errors.New("the folder holds a desk of another organisation; choose another folder")
	// ErrInUse says that another desk process has the folder open.
	ErrInUse = casedb.ErrInUse
)

// A Sheet is what one custodian keeps: a page to print, which holds a secret. It prints as "[recovery sheet a]".
type Sheet = sheet.Page

// FoundConfig says what organisation to make. It prints as "[founding]".
type FoundConfig struct {
	Data       string // folder, made when there is none; required
	Name       string // of the organisation, one line, shown to people; required
	Passphrase string // at least 12 bytes; required
	LogN       int    // cost of the passphrase, scrypt 2^LogN; 0: 18, about a second

	GateURL    string // "https://help.example.org"; required by Found
	SetupCode  string // that the gate printed; required by Found
	Needed, Of int    // custodians' sheets: so many bring the organisation back, of so many; 0: 2 of 3
	DeskName   string // what people call this desk; "": "Desk 1"
	Lang       string // language of the sheets beside English; "": English alone
	// Deliver puts the sheets into people's hands. Only when it returned nil does the desk forget them; after a break, Found comes back to it with the same
	// sheets. nil: they are handed over by being returned.
	Deliver func([]Sheet) error
}

// String hides passphrase and code.
func (FoundConfig) String() string { return "[founding]" }

// GoString hides passphrase and code.
func (FoundConfig) GoString() string { return "[founding]" }

// Founded is a new organisation.
type Founded struct {
	Org    string // fingerprint, 20 characters
	Roster []byte // founding roster, signed: what a gate is given
	Gate   Gate   // zero after Init
	Sheets []Sheet
}

// Init makes an organisation without custodians, for a gate beside the desk (panah demo): keeper, device and first epoch key, and the founding roster. The error wraps
// ErrExists when the folder has a desk.
func Init(c FoundConfig) (Founded, error) {
	if err := checkPassphrase(c.Passphrase); err != nil {
		return Founded{}, fmt.Errorf("making a desk: %w", err)
	}
	keys, err := keyring.Found(c.Name)
	if err != nil {
		return Founded{}, fmt.Errorf("making a desk: %w", err)
	}
	defer keys.Forget()
	if err := keyring.Create(c.Data, keys, c.Passphrase, c.LogN); err != nil {
		return Founded{}, fmt.Errorf("making a desk: %w", err)
	}
	return Founded{Org: keys.Org, Roster: keys.Founding}, nil
}

// ErrWeak says that a new passphrase is too short.
var ErrWeak = fmt.Errorf("the passphrase needs at least %d characters; six words from a dictionary are good", minPassphrase)

func checkPassphrase(p string) error {
	if len(p) < minPassphrase {
		return ErrWeak
	}
	return nil
}

// Found makes an organisation: its keys, the custodians' sheets, and this desk, its first keeper's; gives the gate the founding roster and the recovery files; and puts
// a letter into the log that a rehearsed recovery has to open. Intake stays closed until then. Whatever breaks off, the same call goes on: nothing is made twice.
// The error wraps ErrFounded, ErrOther, ErrPassphrase, ErrWeak, ErrInUse, ErrOffline, or says what the gate said.
func Found(ctx context.Context, c FoundConfig) (Founded, error) {
	if c.Needed == 0 && c.Of == 0 {
		c.Needed, c.Of = DefaultNeeded, DefaultOf
	}
	code, err := wire.ParseSetupCode(c.SetupCode)
	if err != nil {
		return Founded{}, fmt.Errorf("founding: %w", err)
	}
	if err := recovery.CheckNumbers(c.Needed, c.Of); err != nil {
		return Founded{}, fmt.Errorf("founding: %w", err)
	}
	keys, err := foundingKeys(ctx, c)
	if err != nil {
		return Founded{}, fmt.Errorf("founding: %w", err)
	}
	defer keys.Forget()
	done, err := found(ctx, c, code, keys)
	if err != nil {
		return done, fmt.Errorf("founding: %w", err)
	}
	return done, nil
}

// foundingKeys makes the keys of an organisation, or takes up those that an earlier call made.
func foundingKeys(ctx context.Context, c FoundConfig) (*keyring.Keyring, error) {
	if !keyring.Exists(c.Data) {
		if err := checkPassphrase(c.Passphrase); err != nil {
			return nil, err
		}
		if _, err := line.New(c.GateURL, "", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), time.Now); err != nil {
			return nil, err // before anything is made
		}
		keys, err := newOrganisation(c, time.Now())
		if err != nil {
			return nil, err
		}
		return keys, keyring.Create(c.Data, keys, c.Passphrase, c.LogN)
	}
	keys, err := keyring.Open(c.Data, c.Passphrase)
	if err != nil {
		return nil, err
	}
	if err := takeUp(ctx, c, keys); err != nil {
		keys.Forget()
		return nil, err
	}
	return keys, nil
}

// takeUp checks that a founding can go on with the keys in the folder.
func takeUp(ctx context.Context, c FoundConfig, keys *keyring.Keyring) error {
	if keys.Name() != c.Name {
		return fmt.Errorf("%w (it is %q)", ErrOther, keys.Name())
	}
	if s := keys.State(); s.Rehearsal == nil && s.Gate.Key != "" {
		return ErrFounded
	}
	// Nobody else may change the keys meanwhile: a desk that runs unlocked holds its database.
	db, err := casedb.Open(ctx, filepath.Join(c.Data, casedb.FileName), keys.Database())
	if err != nil {
		return err
	}
	return db.Close()
}

// newOrganisation makes all keys, in memory, with the sheets among them until they are delivered.
func newOrganisation(c FoundConfig, now time.Time) (*keyring.Keyring, error) {
	k, err := keyring.New()
	if err != nil {
		return nil, err
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, "keeper")
	if err != nil {
		return nil, fmt.Errorf("making the keeper's key: %w", err)
	}
	epoch, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("making the key of the first epoch: %w", err)
	}
	batch, err := custody.New(c.Needed, c.Of, 1, now)
	if err != nil {
		return nil, err
	}
	stash, err := batch.Encode()
	if err != nil {
		return nil, err
	}
	keepers, err := batch.Verifiers()
	if err != nil {
		return nil, err
	}
	pub, _ := k.Device().Public().(ed25519.PublicKey)
	r := roster.Roster{
		Name: c.Name, Serial: 1, Epoch: 1, Recipient: epoch.Recipient(), Threshold: 1,
		Keepers: append(slices.Clone(keepers), vkey), Devices: []roster.DeviceHash{roster.HashDevice(pub)},
	}
	r.Org = roster.OrgID(r.Keepers)
	r.Sort()
	signed, err := signFounding(r, skey)
	if err != nil {
		return nil, err
	}
	now = now.UTC().Truncate(time.Second)
	return k, k.Update(func(s *keyring.State) error {
		s.Name, s.Org, s.Founding, s.Roster, s.Keeper, s.Role = c.Name, r.Org, signed, signed, skey, roster.RoleKeeper
		s.Members = []roster.Member{{Device: pub, Name: nameOr(c.DeskName), Role: roster.RoleKeeper, Keeper: vkey, Generation: 1, Since: now}}
		s.Custodians, s.Rehearsal = batch.Custodians(), stash
		s.AddEpoch(1, epoch, now)
		return nil
	})
}

func nameOr(name string) string {
	if name == "" {
		return firstDesk
	}
	return name
}

func signFounding(r roster.Roster, skey string) ([]byte, error) {
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, errors.New("signing the founding roster: the keeper's key is malformed") // note's error might quote it
	}
	return roster.Sign(r, signer)
}

// found does what is left of a founding: everything the gate is given may be given again.
func found(ctx context.Context, c FoundConfig, code wire.SetupKey, keys *keyring.Keyring) (Founded, error) {
	done := Founded{Org: keys.Org, Roster: keys.Founding}
	g, err := connect(ctx, keys, c.GateURL, code)
	if err != nil {
		return done, err
	}
	done.Gate = g
	state := keys.State()
	if state.Rehearsal == nil {
		return done, nil // made by an earlier version, or by Init: without custodians
	}
	batch, err := custody.Parse(state.Rehearsal)
	if err != nil {
		return done, err
	}
	if err := equip(ctx, keys, batch); err != nil {
		return done, err
	}
	if done.Sheets, err = batch.Pages(keys.Newest(), c.GateURL, c.Lang); err != nil {
		return done, err
	}
	if c.Deliver != nil {
		if err := c.Deliver(done.Sheets); err != nil {
			return done, err
		}
	}
	return done, keys.Update(func(s *keyring.State) error { s.Rehearsal = nil; return nil })
}

// equip gives the gate what an organisation needs beside its roster: recovery files and the rehearsal letter.
func equip(ctx context.Context, keys *keyring.Keyring, batch custody.Batch) error {
	g, r := keys.Gate(), keys.Newest()
	l, err := line.New(g.URL, g.Origin, keys.Device(), time.Now)
	if err != nil {
		return err
	}
	defer l.Close()
	files, err := batch.Files(r, keys.Identity(r.Epoch), g)
	if err != nil {
		return err
	}
	if err := l.PutRecovery(ctx, files); err != nil {
		return fmt.Errorf("leaving the recovery files at the gate: %w", err)
	}
	return leaveLetter(ctx, l, keys, custody.Rehearsal)
}
