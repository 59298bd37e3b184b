package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"panah/core/join"
	"panah/core/ledger"
	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/enrol"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"

	"golang.org/x/mod/sumdb/note"
)

// What can go wrong with joining that a caller has words for. Join wraps them.
var (
	ErrCode    = join.ErrCode     // mistyped: told by the check digit, before anything is sent
	ErrNoRoom  = enrol.ErrNoRoom  // the gate has no invitation for the code
	ErrTaken   = enrol.ErrTaken   // another desk used the code
	ErrRefused = enrol.ErrRefused // the keeper turned this desk away
	ErrBetween = enrol.ErrBetween // messages were changed on the way
	// ErrNotYet says that the keeper let this desk in, and the gate has no roster with it yet.
	ErrNotYet = errors.New("the keeper has let this desk in, and other keepers must sign first; run the same command again when they have")
)

// JoinConfig says which organisation to join. It prints as "[joining]".
type JoinConfig struct {
	Data       string        // folder, made when there is none; required
	GateURL    string        // "https://help.example.org"; required
	Code       string        // nine digits that the keeper tells, as typed; "" when Begun and the keeper has decided already
	DeskName   string        // what people call this desk; required
	Passphrase string        // for this desk, at least 12 bytes; required
	LogN       int           // as in FoundConfig
	Words      func([6]byte) // is called once, when both desks can show their words: numbers in the lists of i18n; required

	now func() time.Time // nil: time.Now
}

// String hides code and passphrase.
func (JoinConfig) String() string { return "[joining]" }

// GoString hides code and passphrase.
func (JoinConfig) GoString() string { return "[joining]" }

// Joined is a desk that was let in.
type Joined struct {
	Org, Name string // fingerprint and name of the organisation
	Role      roster.Role
	Serial    int // of the roster that has this desk
}

// CheckCode reads a code for joining as typed. The error wraps ErrCode and says what is wrong with it.
func CheckCode(typed string) error {
	_, err := join.Parse(typed)
	return err
}

// Join asks an organisation to take this computer among its desks. It blocks while people compare the words and the keeper decides, at most for the
// ten minutes of the code. Whatever breaks off, the same call goes on, with the same or a new code. The error wraps ErrExists, ErrBegun, ErrPassphrase, ErrWeak, ErrCode, ErrNoRoom,
// ErrTaken, ErrRefused, ErrBetween, ErrNotYet, ErrOffline or ErrClock.
func Join(ctx context.Context, c JoinConfig) (Joined, error) {
	if c.now == nil {
		c.now = time.Now
	}
	done, err := joinDesk(ctx, c)
	if err != nil {
		return done, fmt.Errorf("joining: %w", err)
	}
	return done, nil
}

func joinDesk(ctx context.Context, c JoinConfig) (Joined, error) {
	if keyring.Exists(c.Data) {
		return joinedBefore(c)
	}
	code, err := join.Parse(c.Code)
	if err != nil && (c.Code != "" || !keyring.HasBegun(c.Data)) {
		return Joined{}, err
	}
	if err := checkPassphrase(c.Passphrase); err != nil {
		return Joined{}, err
	}
	keys, n, err := newcomer(c)
	if err != nil {
		return Joined{}, err
	}
	defer keys.Forget()
	l, err := line.New(c.GateURL, "", keys.Device(), c.now)
	if err != nil {
		return Joined{}, err
	}
	defer l.Close()
	if err := l.CheckClock(ctx); err != nil {
		return Joined{}, err
	}
	g := enrol.Guest{
		Line: l, Device: keys.Device(), Name: c.DeskName, Words: c.Words,
		Card: func(org string) ([]byte, error) {
			return roster.SignCard(org, 1, keys.DeviceIdentity(1).Recipient(), keys.Device())
		},
		Keep: func(n enrol.Note) error { return keepNote(c, keys, n) },
	}
	if n.Verdict == nil || c.Code != "" { // once the keeper has decided, the code is not needed any more
		if n, err = g.Enter(ctx, code, n); err != nil {
			return Joined{}, err
		}
	}
	return settle(ctx, c, keys, n)
}

// joinedBefore tells that an earlier call went to its end, all but the last step.
func joinedBefore(c JoinConfig) (Joined, error) {
	if !keyring.HasBegun(c.Data) {
		return Joined{}, ErrExists
	}
	keys, err := keyring.Open(c.Data, c.Passphrase)
	if err != nil {
		return Joined{}, err
	}
	defer keys.Forget()
	return Joined{Org: keys.Org, Name: keys.Name(), Role: keys.Role(), Serial: keys.Newest().Serial}, keyring.Finish(c.Data)
}

// joining is what a newcomer keeps until it is in.
type joining struct {
	V    int        `json:"join"`
	Note enrol.Note `json:"note"`
}

// newcomer takes up the keys of an earlier try, or makes new ones.
func newcomer(c JoinConfig) (*keyring.Keyring, enrol.Note, error) {
	if !keyring.HasBegun(c.Data) {
		keys, err := keyring.New()
		return keys, enrol.Note{}, err
	}
	keys, step, err := keyring.Resume(c.Data, c.Passphrase)
	if err != nil {
		return nil, enrol.Note{}, err
	}
	var j joining
	if json.Unmarshal(step, &j) != nil || j.V != 1 {
		keys.Forget()
		return nil, enrol.Note{}, ErrBegun
	}
	return keys, j.Note, nil
}

func keepNote(c JoinConfig, keys *keyring.Keyring, n enrol.Note) error {
	step, err := json.Marshal(joining{1, n})
	if err != nil {
		return errors.New("keeping the joining under way: it does not encode")
	}
	return keys.Begin(c.Data, c.Passphrase, c.LogN, step)
}

// settle takes the grant and makes the keyring.
func settle(ctx context.Context, c JoinConfig, keys *keyring.Keyring, n enrol.Note) (Joined, error) {
	l, err := line.New(c.GateURL, n.Verdict.Gate.Origin, keys.Device(), c.now)
	if err != nil {
		return Joined{}, err
	}
	defer l.Close()
	in, err := admitted(ctx, l, keys, n)
	if err != nil {
		return Joined{}, err
	}
	g := in.grant
	gate := *n.Verdict.Gate
	gate.URL = c.GateURL
	if g.Gate.Key != gate.Key || g.Gate.Origin != gate.Origin {
		return Joined{}, enrol.ErrBetween
	}
	me := in.member(keys)
	err = keys.Update(func(s *keyring.State) error {
		s.Name, s.Org, s.Founding, s.Roster, s.Gate = in.roster.Name, n.Org, in.founding, in.signed, gate
		s.Members, s.Custodians, s.Role, s.JoinedAt = g.Members, g.Custodians, me.Role, sizeOf(g, gate)
		for epoch, id := range g.Epochs {
			began := time.Time{}
			if epoch == g.Epoch {
				began = g.Began
			}
			s.AddEpoch(epoch, id, began)
		}
		return nil
	})
	if err != nil {
		return Joined{}, err
	}
	if err := keyring.Create(c.Data, keys, c.Passphrase, c.LogN); err != nil {
		return Joined{}, err
	}
	return Joined{Org: n.Org, Name: in.roster.Name, Role: me.Role, Serial: in.roster.Serial}, keyring.Finish(c.Data)
}

// An admission is the chain that has this desk, and its grant.
type admission struct {
	founding, signed []byte
	roster           roster.Roster
	grant            roster.Grant
}

func (a admission) member(keys *keyring.Keyring) roster.Member {
	for _, m := range a.grant.Members {
		if string(m.Device) == string(keys.Device()[32:]) { // the public half
			return m
		}
	}
	return roster.Member{Role: roster.RoleReader}
}

// admitted checks the chain against the fingerprint that the keeper's desk told, and opens the grant.
func admitted(ctx context.Context, l *line.Line, keys *keyring.Keyring, n enrol.Note) (admission, error) {
	news, notes, err := chainOf(ctx, l)
	if err != nil {
		return admission{}, err
	}
	in := admission{founding: notes[0], signed: notes[len(notes)-1]}
	if in.roster, err = roster.OpenChain(notes, n.Org); err != nil {
		return in, fmt.Errorf("%w: %w", ErrChain, err)
	}
	if in.roster.Serial < n.Verdict.Serial || news.Grant == nil {
		return in, ErrNotYet
	}
	if !in.roster.HasDevice([]byte(keys.Device()[32:])) {
		return in, fmt.Errorf("%w: it does not name this desk", ErrChain)
	}
	var before *roster.Roster
	if len(notes) > 1 {
		b, err := roster.OpenChain(notes[:len(notes)-1], n.Org)
		if err != nil {
			return in, fmt.Errorf("%w: %w", ErrChain, err)
		}
		// Only who signed the newest: a keeper whom it put out of office knows the epoch's key still, and grants nothing.
		b = b.KeptBy(in.signed)
		before = &b
	}
	if in.grant, err = roster.OpenGrant(news.Grant, keys.DeviceIdentity(1), in.roster, before); err != nil {
		return in, err
	}
	if pub := keys.Device()[32:]; in.grant.To != roster.HashDevice([]byte(pub)) {
		return in, roster.ErrGrant
	}
	return in, nil
}

// chainOf asks for the whole chain, as a desk. A gate that does not know this device yet is ErrNotYet.
func chainOf(ctx context.Context, l *line.Line) (news wire.KeyNews, notes [][]byte, err error) {
	for {
		news, err = l.Keys(ctx, len(notes)+1)
		if errors.Is(err, line.ErrDevice) {
			return news, nil, ErrNotYet
		}
		if err != nil {
			return news, nil, fmt.Errorf("asking for this desk's keys: %w", err)
		}
		notes = append(notes, news.Rosters...)
		if len(news.Rosters) < wire.MaxRosters {
			break
		}
	}
	if len(notes) == 0 {
		return news, nil, ErrChain
	}
	return news, notes, nil
}

// sizeOf is the size of the log that the keeper's desk had verified; what is before it, other desks tell. 0 when it does not say.
func sizeOf(g roster.Grant, gate roster.Gate) int64 {
	v, err := note.NewVerifier(gate.Key)
	if err != nil || g.Checkpoint == "" {
		return 0
	}
	t, err := ledger.ParseCheckpoint([]byte(g.Checkpoint), v)
	if err != nil {
		return 0
	}
	return t.Size
}
