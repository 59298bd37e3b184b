package keyring

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"panah/core/roster"
)

// contents is the JSON inside keyring.age, version 2: docs/formats-keys.md, section 11.
type contents struct {
	V           int                   `json:"v"`
	Name        string                `json:"name"`
	Org         string                `json:"org"`
	Founding    []byte                `json:"founding"`
	Roster      []byte                `json:"roster"`
	Gate        Gate                  `json:"gate"`
	Device      []byte                `json:"device"`      // 32-byte seed
	Generations map[int]string        `json:"generations"` // AGE-SECRET-KEY-PQ-1…
	Published   int                   `json:"published"`
	Epochs      map[int]string        `json:"epochs"` // AGE-SECRET-KEY-PQ-1…
	Began       map[int]int64         `json:"began"`  // unix seconds
	Members     []roster.MemberJSON   `json:"members"`
	Cards       map[string][]byte     `json:"cards"` // by base64 device hash
	Custodians  roster.CustodiansJSON `json:"custodians"`
	Role        roster.Role           `json:"role"`
	Keeper      string                `json:"keeper,omitempty"` // PRIVATE+KEY+keeper+…
	Plan        json.RawMessage       `json:"plan,omitempty"`
	Rehearsal   json.RawMessage       `json:"rehearsal,omitempty"`
	JoinedAt    int64                 `json:"joined_at"`
	Removed     bool                  `json:"removed"`
	Database    []byte                `json:"database"`         // 32 bytes
	Passkeys    map[string]string     `json:"passkeys"`         // age1pq1… by base64 credential id
	Owners      map[string]string     `json:"owners,omitempty"` // staff by base64 credential id
	Seats       map[string][]string   `json:"seats,omitempty"`  // age1pq1… by staff
	Founder     string                `json:"founder,omitempty"`
	Login       string                `json:"login,omitempty"`
	Due         bool                  `json:"due,omitempty"`
}

// encode writes the secrets and the state s. The caller clears the bytes.
func (k *Keyring) encode(s *State) ([]byte, error) {
	db := k.Database()
	defer clear(db[:])
	c := contents{
		V: 2, Name: s.Name, Org: s.Org, Founding: s.Founding, Roster: s.Roster, Gate: s.Gate, Device: k.device.Seed(), Generations: identityTexts(s.DeviceIdentities),
		Published: s.Generation, Epochs: identityTexts(s.Epochs), Began: map[int]int64{}, Members: []roster.MemberJSON{}, Cards: map[string][]byte{},
		Custodians: s.Custodians.JSON(), Role: s.Role, Keeper: s.Keeper, Plan: s.Plan, Rehearsal: s.Rehearsal, JoinedAt: s.JoinedAt, Removed: s.Removed,
		Database: db[:], Passkeys: s.passkeys, Owners: s.owners, Seats: s.seats, Founder: s.founder, Login: s.login, Due: s.due,
	}
	for n, at := range s.Began {
		c.Began[n] = at.Unix()
	}
	for _, m := range s.Members {
		c.Members = append(c.Members, m.JSON())
	}
	for device, card := range s.Cards {
		c.Cards[base64.StdEncoding.EncodeToString(device[:])] = card
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, errors.New("writing the keyring: it does not encode")
	}
	if len(b) > maxFile-maxOverhead {
		clear(b)
		return nil, errors.New("writing the keyring: it is larger than 16 MiB")
	}
	return b, nil
}

func identityTexts(ids map[int]*age.HybridIdentity) map[int]string {
	texts := make(map[int]string, len(ids))
	for n, id := range ids {
		texts[n] = id.String()
	}
	return texts
}

// decode checks everything that later code relies on. Errors wrap ErrDamaged and quote nothing: the contents are secrets.
func decode(plain []byte) (*Keyring, error) {
	var c contents
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil || d.More() || c.V != 2 {
		return nil, fmt.Errorf("%w (written by a newer version?)", ErrDamaged)
	}
	if len(c.Device) != ed25519.SeedSize || len(c.Database) != 32 {
		return nil, ErrDamaged
	}
	s, err := c.state()
	if err != nil {
		return nil, ErrDamaged
	}
	k := &Keyring{Org: c.Org, Founding: c.Founding, device: ed25519.NewKeyFromSeed(c.Device), database: [32]byte(c.Database), state: s}
	clear(c.Device)
	clear(c.Database)
	if k.newest, err = s.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return k, nil
}

func (c *contents) state() (State, error) {
	s := State{
		Name: c.Name, Org: c.Org, Founding: c.Founding, Roster: c.Roster, Gate: c.Gate, Generation: c.Published, Role: c.Role, Keeper: c.Keeper,
		Plan: c.Plan, Rehearsal: c.Rehearsal, JoinedAt: c.JoinedAt, Removed: c.Removed, passkeys: c.Passkeys,
		owners: c.Owners, seats: c.Seats, founder: c.Founder, login: c.Login, due: c.Due,
	}
	var err error
	if s.DeviceIdentities, err = parseIdentities(c.Generations); err != nil {
		return State{}, err
	}
	if s.Epochs, err = parseIdentities(c.Epochs); err != nil {
		return State{}, err
	}
	s.Began = make(map[int]time.Time, len(c.Began))
	for n, at := range c.Began {
		s.Began[n] = time.Unix(at, 0).UTC()
	}
	for _, j := range c.Members {
		m, err := j.Member()
		if err != nil {
			return State{}, err
		}
		s.Members = append(s.Members, m)
	}
	s.Cards = make(map[roster.DeviceHash][]byte, len(c.Cards))
	for text, card := range c.Cards {
		b, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(b) != len(roster.DeviceHash{}) {
			return State{}, errors.New("a card of no device")
		}
		s.Cards[roster.DeviceHash(b)] = card
	}
	s.Custodians, err = c.Custodians.Custodians()
	return s, err
}

func parseIdentities(texts map[int]string) (map[int]*age.HybridIdentity, error) {
	ids := make(map[int]*age.HybridIdentity, len(texts))
	for n, text := range texts {
		id, err := age.ParseHybridIdentity(text)
		if err != nil {
			return nil, errors.New("a key is malformed")
		}
		ids[n] = id
	}
	return ids, nil
}
