package desk

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/custody"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/desk/internal/regain"
	"panah/desk/internal/sheet"
	"panah/desk/internal/wraps"
)

// What can go wrong with a recovery that a caller has words for. Recover wraps them.
var (
	ErrFingerprint = regain.ErrFingerprint // the gate serves another organisation
	ErrChain       = regain.ErrChain       // the gate's rosters are not signed as they must be
	ErrSheets      = regain.ErrSheets      // the sheets open nothing, or nothing of today
	ErrClock       = line.ErrClock         // this computer's clock is wrong
	// ErrBegun says that another kind of desk was begun in the folder.
	ErrBegun = errors.New("something else was begun in this folder; finish it with its own command, or destroy it with: panah desk purge")
)

// A SheetError says which of the typed sheets is wrong. It wraps core/recovery's ErrSheet.
type SheetError struct {
	Number int // as they were given, from 1
	Err    error
}

// Error says which and what.
func (e SheetError) Error() string { return fmt.Sprintf("sheet %d: %v", e.Number, e.Err) }

// Unwrap returns what is wrong.
func (e SheetError) Unwrap() error { return e.Err }

// RecoverConfig says what to bring back. It prints as "[recovery]".
type RecoverConfig struct {
	Data       string   // folder, made when there is none; required
	GateURL    string   // "https://help.example.org"; required
	Org        string   // fingerprint on the sheets; spaces and case do not matter; required
	DeskName   string   // what people call this desk; "": "Desk 1"
	Passphrase string   // for this desk, at least 12 bytes; required
	LogN       int      // as in FoundConfig
	Sheets     []string // as typed; may be empty when RecoveryBegun

	now func() time.Time // nil: time.Now
}

// String hides sheets and passphrase.
func (RecoverConfig) String() string { return "[recovery]" }

// GoString hides sheets and passphrase.
func (RecoverConfig) GoString() string { return "[recovery]" }

// Recovered is an organisation that is back.
type Recovered struct {
	Org, Name     string
	Serial, Epoch int       // of the roster that this desk made
	Began         time.Time // of the epoch
	Rehearsed     bool      // a letter that only the sheets could open was opened
	Intake        bool      // this recovery was the rehearsal: intake is open from now on
}

// Begun reports whether a recovery or a joining was begun in the folder and not finished: the same call goes on, with the same passphrase.
func Begun(data string) bool { return keyring.HasBegun(data) }

// CheckSheet reads one sheet as typed. The error wraps core/recovery's ErrSheet, holds nothing of the key, and says where to look.
func CheckSheet(typed string) error {
	_, err := sheet.Read(typed)
	return err
}

// ReadFingerprint reads a fingerprint as typed: groups, hyphens and case do not matter, nor the letters that look like digits.
func ReadFingerprint(typed string) (string, error) {
	org := strings.NewReplacer(" ", "", "-", "", "\t", "", "\n", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(typed))
	if len(org) != 20 || strings.Trim(org, "0123456789abcdefghjkmnpqrstvwxyz") != "" {
		return "", errors.New("a fingerprint has 20 letters and digits, in groups of four; it stands on every sheet")
	}
	return org, nil
}

// Recover makes this computer the organisation's only desk: with the custodians' sheets it signs a roster of a new epoch that has no other device, and gives it to
// the gate. Old desks are out; the sheets stay valid. Whatever breaks off, the same call goes on. The error wraps ErrExists, ErrBegun, ErrPassphrase, ErrWeak, ErrOffline,
// ErrClock, ErrFingerprint, ErrChain, ErrSheets, or is a SheetError.
func Recover(ctx context.Context, c RecoverConfig) (Recovered, error) {
	if c.now == nil {
		c.now = time.Now
	}
	done, err := recoverDesk(ctx, c)
	if err != nil {
		return done, fmt.Errorf("bringing the organisation back: %w", err)
	}
	return done, nil
}

func recoverDesk(ctx context.Context, c RecoverConfig) (Recovered, error) {
	org, err := ReadFingerprint(c.Org)
	if err != nil {
		return Recovered{}, err
	}
	c.Org = org
	if keyring.Exists(c.Data) {
		return recoveredBefore(ctx, c)
	}
	keys, p, err := recoveryPlan(ctx, c)
	if err != nil {
		return Recovered{}, err
	}
	defer keys.Forget()
	l, err := line.New(c.GateURL, p.Gate.Origin, keys.Device(), c.now)
	if err != nil {
		return Recovered{}, err
	}
	defer l.Close()
	pack, err := wire.ParsePackage(p.Package)
	if err != nil {
		return Recovered{}, keyring.ErrDamaged
	}
	posted, err := l.PostRoster(ctx, pack)
	if errors.Is(err, line.ErrRoster) {
		// Somebody else brought it back in the meantime, or a desk lives: this plan can never be posted.
		return Recovered{}, errors.Join(fmt.Errorf("%w; the organisation has changed since this began: run the same command again, with the sheets", err), keyring.Finish(c.Data))
	}
	if err != nil {
		return Recovered{}, fmt.Errorf("giving the gate the roster: %w", err)
	}
	if posted == line.PostedProposal {
		return Recovered{}, errors.New("giving the gate the roster: it wants more signatures than the sheets have; what it serves and what it counts differ")
	}
	if err := p.settle(ctx, c, keys, l); err != nil {
		return Recovered{}, err
	}
	return prove(ctx, c, keys, l)
}

// recoveredBefore goes on where an earlier call had made the desk already.
func recoveredBefore(ctx context.Context, c RecoverConfig) (Recovered, error) {
	if !keyring.HasBegun(c.Data) {
		return Recovered{}, ErrExists
	}
	keys, err := keyring.Open(c.Data, c.Passphrase)
	if err != nil {
		return Recovered{}, err
	}
	defer keys.Forget()
	if keys.Org != c.Org {
		return Recovered{}, fmt.Errorf("%w (it is %q)", ErrOther, keys.Name())
	}
	if err := shrinkBegun(c); err != nil {
		return Recovered{}, err
	}
	l, err := line.New(c.GateURL, keys.Gate().Origin, keys.Device(), c.now)
	if err != nil {
		return Recovered{}, err
	}
	defer l.Close()
	return prove(ctx, c, keys, l)
}

// recoveryPlan takes up the plan of an earlier call, or makes one and keeps it: nothing is posted that is not on the disk.
func recoveryPlan(ctx context.Context, c RecoverConfig) (*keyring.Keyring, returning, error) {
	if keyring.HasBegun(c.Data) {
		keys, step, err := keyring.Resume(c.Data, c.Passphrase)
		if err != nil {
			return nil, returning{}, err
		}
		p, err := parseReturning(step)
		if err == nil && p.Org != c.Org {
			err = ErrBegun
		}
		return keys, p, err
	}
	ids, err := readSheets(c.Sheets)
	if err == nil {
		err = checkPassphrase(c.Passphrase)
	}
	if err != nil {
		return nil, returning{}, err
	}
	keys, err := keyring.New()
	if err != nil {
		return nil, returning{}, err
	}
	p, err := planRecovery(ctx, c, keys, ids)
	if err != nil {
		return nil, returning{}, err
	}
	step, err := p.encode()
	if err != nil {
		return nil, returning{}, err
	}
	return keys, p, keys.Begin(c.Data, c.Passphrase, c.LogN, step)
}

func planRecovery(ctx context.Context, c RecoverConfig, keys *keyring.Keyring, ids []*age.HybridIdentity) (returning, error) {
	l, err := line.New(c.GateURL, "", keys.Device(), c.now)
	if err != nil {
		return returning{}, err
	}
	defer l.Close()
	if err := l.CheckClock(ctx); err != nil {
		return returning{}, err
	}
	found, err := regain.Look(ctx, l, c.Org, ids)
	if err != nil {
		return returning{}, err
	}
	pub, _ := keys.Device().Public().(ed25519.PublicKey)
	r, err := found.Plan(pub, keys.DeviceIdentity(1).Recipient(), nameOr(c.DeskName), c.now())
	if err != nil {
		return returning{}, err
	}
	g := found.Authority.Gate
	g.URL = c.GateURL // it may have moved; its log goes on under its own name
	return returning{
		V: 1, Org: c.Org, Gate: g, Founding: found.Founding, Package: r.Package.Bytes(), Keeper: r.Keeper, Epoch: r.Roster.Epoch,
		Key: r.Epoch.String(), Last: found.Epoch.String(), Custodians: r.Grant.Custodians, Cases: found.Authority.Identity.String(), Name: r.Member.Name, At: r.Member.Since,
	}, nil
}

// readSheets reads the sheets as typed; an empty one is passed over.
func readSheets(typed []string) ([]*age.HybridIdentity, error) {
	var ids []*age.HybridIdentity
	seen := map[string]int{}
	for i, t := range typed {
		id, err := sheet.Read(t)
		if err != nil {
			return nil, SheetError{i + 1, err}
		}
		if before := seen[id.String()]; before != 0 {
			return nil, SheetError{i + 1, fmt.Errorf("it is the same as sheet %d; take another custodian's", before)}
		}
		seen[id.String()] = i + 1
		ids = append(ids, id)
	}
	if len(ids) < 2 {
		return nil, fmt.Errorf("%w (at least two are needed)", ErrSheets)
	}
	return ids, nil
}

// returning is a recovery under way, in the key file of a desk that is being made. It prints as "[recovery under way]".
type returning struct {
	V          int               `json:"recover"`
	Org        string            `json:"org"`
	Gate       roster.Gate       `json:"gate"`
	Founding   []byte            `json:"founding"`
	Package    []byte            `json:"package"`
	Keeper     string            `json:"keeper"`
	Epoch      int               `json:"epoch"` // that begins
	Key        string            `json:"key"`   // its identity
	Last       string            `json:"last"`  // the identity of the one before
	Custodians roster.Custodians `json:"custodians"`
	Cases      string            `json:"cases"` // the custodians' identity, which locked cases are wrapped for
	Name       string            `json:"name"`  // of the desk
	At         time.Time         `json:"at"`
}

// String hides the secrets.
func (returning) String() string { return "[recovery under way]" }

// GoString hides the secrets.
func (returning) GoString() string { return "[recovery under way]" }

func (p returning) encode() (json.RawMessage, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, errors.New("keeping the recovery under way: it does not encode")
	}
	return raw, nil
}

// parseReturning reads what encode wrote. The error is ErrBegun when it is something else.
func parseReturning(step json.RawMessage) (returning, error) {
	var p returning
	if json.Unmarshal(step, &p) != nil || p.V != 1 {
		return returning{}, ErrBegun
	}
	return p, nil
}

// settle makes the keyring, once the gate has the roster. From then on the custodians' key for locked cases is in no file any more: what stays of the plan is that there was one, until the
// recovery is proved.
func (p returning) settle(ctx context.Context, c RecoverConfig, keys *keyring.Keyring, l *line.Line) error {
	if err := p.adopt(keys); err != nil {
		return err
	}
	if err := p.regainCases(ctx, c, keys, l); err != nil {
		return err
	}
	if err := keyring.Create(c.Data, keys, c.Passphrase, c.LogN); err != nil {
		return err
	}
	return p.shrink(c, keys)
}

// shrink takes the secrets out of the plan.
func (p returning) shrink(c RecoverConfig, keys *keyring.Keyring) error {
	step, err := returning{V: p.V, Org: p.Org}.encode()
	if err != nil {
		return err
	}
	return keys.Begin(c.Data, c.Passphrase, c.LogN, step)
}

// shrinkBegun does it for a recovery that was cut off between the two.
func shrinkBegun(c RecoverConfig) error {
	keys, step, err := keyring.Resume(c.Data, c.Passphrase)
	if err != nil {
		return err
	}
	defer keys.Forget()
	p, err := parseReturning(step)
	if err != nil || p.Cases == "" {
		return err
	}
	return p.shrink(c, keys)
}

// adopt fills in what the desk knows now.
func (p returning) adopt(keys *keyring.Keyring) error {
	pack, err := wire.ParsePackage(p.Package)
	if err != nil {
		return keyring.ErrDamaged
	}
	r, err := roster.Reopen(pack.Roster)
	if err != nil {
		return keyring.ErrDamaged
	}
	now, errNow := age.ParseHybridIdentity(p.Key)
	last, errLast := age.ParseHybridIdentity(p.Last)
	vkey, errKeeper := custody.Verifiers([]string{p.Keeper})
	if errNow != nil || errLast != nil || errKeeper != nil {
		return keyring.ErrDamaged
	}
	pub, _ := keys.Device().Public().(ed25519.PublicKey)
	err = keys.Update(func(s *keyring.State) error {
		s.Name, s.Org, s.Founding, s.Roster, s.Gate = r.Name, r.Org, p.Founding, pack.Roster, p.Gate
		s.Keeper, s.Role, s.Custodians = p.Keeper, roster.RoleKeeper, p.Custodians
		s.Members = []roster.Member{{Device: pub, Name: p.Name, Role: roster.RoleKeeper, Keeper: vkey[0], Generation: 1, Since: p.At}}
		s.AddEpoch(p.Epoch-1, last, time.Time{})
		s.AddEpoch(p.Epoch, now, p.At)
		return nil
	})
	return err
}

// regainCases puts into the new desk's database the keys of locked cases that the gate keeps for the custodians.
func (p returning) regainCases(ctx context.Context, c RecoverConfig, keys *keyring.Keyring, l *line.Line) error {
	id, err := age.ParseHybridIdentity(p.Cases)
	if err != nil {
		return keyring.ErrDamaged
	}
	db, err := casedb.Open(ctx, filepath.Join(c.Data, casedb.FileName), keys.Database())
	if err != nil {
		return err
	}
	err = wraps.New(wraps.Config{DB: db, Gate: l, Keys: keys, Now: c.now}).Regain(ctx, p.Epoch-1, id)
	if err != nil {
		err = fmt.Errorf("bringing back the keys of locked cases: %w", err)
	}
	return errors.Join(err, db.Close())
}
