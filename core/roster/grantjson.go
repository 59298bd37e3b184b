package roster

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"
)

// grantJSON is the line inside a grant.
type grantJSON struct {
	V          int               `json:"v"`
	Org        string            `json:"org"`
	To         []byte            `json:"to"`
	Serial     int               `json:"serial"`
	Text       []byte            `json:"text"`
	Epoch      int               `json:"epoch"`
	Began      int64             `json:"began"`
	Epochs     map[string]string `json:"epochs"`
	Members    []MemberJSON      `json:"members"`
	Custodians CustodiansJSON    `json:"custodians"`
	Gate       Gate              `json:"gate"`
	Checkpoint string            `json:"checkpoint"`
}

// MemberJSON is a Member in files and grants.
type MemberJSON struct {
	Device     string `json:"device"` // base64 public key
	Name       string `json:"name"`
	Role       Role   `json:"role"`
	Keeper     string `json:"keeper"`
	Generation int    `json:"generation"`
	Since      int64  `json:"since"`
}

// CustodiansJSON is Custodians in files and grants.
type CustodiansJSON struct {
	Needed     int      `json:"needed"`
	Recipients []string `json:"recipients"`
	Identity   string   `json:"identity"`
	Made       int64    `json:"made"`
	Rehearsed  int64    `json:"rehearsed"`
}

func (g Grant) json() ([]byte, error) {
	j := grantJSON{
		V: 1, Org: g.Org, To: g.To[:], Serial: g.Serial, Text: g.Text[:], Epoch: g.Epoch, Began: unix(g.Began), Epochs: map[string]string{},
		Members: []MemberJSON{}, Custodians: g.Custodians.JSON(), Gate: g.Gate, Checkpoint: g.Checkpoint,
	}
	for n, id := range g.Epochs {
		j.Epochs[strconv.Itoa(n)] = id.String()
	}
	members := slices.Clone(g.Members)
	slices.SortFunc(members, func(a, b Member) int { return bytes.Compare(a.Device, b.Device) })
	for _, m := range members {
		j.Members = append(j.Members, m.JSON())
	}
	line, err := json.Marshal(j)
	if err != nil {
		return nil, errors.New("it does not encode")
	}
	if _, err := parseGrant(line); err != nil {
		return nil, err
	}
	return line, nil
}

// parseGrant reads the line. Errors quote nothing: it holds secrets.
func parseGrant(line []byte) (Grant, error) {
	var j grantJSON
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if d.Decode(&j) != nil || j.V != 1 {
		return Grant{}, errors.New("not the JSON we know; a newer version may read it")
	}
	if len(j.To) != 32 || len(j.Text) != 32 || j.Serial < 1 || j.Epoch < 1 || len(j.Epochs) < 1 || len(j.Epochs) > 2 || len(j.Members) > maxDevices {
		return Grant{}, errors.New("out of bounds")
	}
	g := Grant{
		Org: j.Org, To: DeviceHash(j.To), Serial: j.Serial, Text: [32]byte(j.Text), Epoch: j.Epoch, Began: when(j.Began), Epochs: map[int]*age.HybridIdentity{},
		Gate: j.Gate, Checkpoint: j.Checkpoint,
	}
	for s, secret := range j.Epochs {
		n, err := strconv.Atoi(s)
		id, err2 := age.ParseHybridIdentity(secret)
		if err != nil || err2 != nil || n < 1 || n != g.Epoch && n != g.Epoch-1 {
			return Grant{}, errors.New("a key of an epoch is malformed")
		}
		g.Epochs[n] = id
	}
	if g.Epochs[g.Epoch] == nil {
		return Grant{}, errors.New("it lacks the key of its own epoch")
	}
	var err error
	for _, m := range j.Members {
		member, err := m.Member()
		if err != nil {
			return Grant{}, err
		}
		if n := len(g.Members); n > 0 && bytes.Compare(g.Members[n-1].Device, member.Device) >= 0 {
			return Grant{}, errors.New("members are not sorted, or one stands twice")
		}
		g.Members = append(g.Members, member)
	}
	g.Custodians, err = j.Custodians.Custodians()
	return g, err
}

// JSON is the form of m in files and grants.
func (m Member) JSON() MemberJSON {
	return MemberJSON{base64.StdEncoding.EncodeToString(m.Device), m.Name, m.Role, m.Keeper, m.Generation, unix(m.Since)}
}

// Member checks and converts j.
func (j MemberJSON) Member() (Member, error) {
	device, err := base64.StdEncoding.Strict().DecodeString(j.Device)
	if err != nil || len(device) != 32 || !j.Role.Valid() || !goodName(j.Name) || j.Generation < 0 || j.Generation > maxGeneration {
		return Member{}, errors.New("a member is malformed")
	}
	if j.Keeper != "" {
		if _, err := note.NewVerifier(j.Keeper); err != nil {
			return Member{}, errors.New("a member's keeper key is malformed")
		}
	}
	return Member{device, j.Name, j.Role, j.Keeper, j.Generation, when(j.Since)}, nil
}

// JSON is the form of c in files and grants.
func (c Custodians) JSON() CustodiansJSON {
	return CustodiansJSON{c.Needed, append([]string{}, c.Recipients...), c.Identity, unix(c.Made), unix(c.Rehearsed)}
}

// Custodians checks and converts j.
func (j CustodiansJSON) Custodians() (Custodians, error) {
	bad := errors.New("custodians are malformed")
	c := Custodians{Needed: j.Needed, Recipients: j.Recipients, Identity: j.Identity, Made: when(j.Made), Rehearsed: when(j.Rehearsed)}
	if j.Needed == 0 && len(j.Recipients) == 0 && j.Identity == "" {
		c.Recipients = nil
		return c, nil
	}
	if j.Needed < 2 || j.Needed > 3 || len(j.Recipients) < j.Needed || len(j.Recipients) > 5 {
		return Custodians{}, bad
	}
	for _, r := range append(slices.Clone(j.Recipients), j.Identity) {
		if _, err := age.ParseHybridRecipient(r); err != nil {
			return Custodians{}, bad
		}
	}
	return c, nil
}

// unix and when keep the zero time zero.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func when(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}
