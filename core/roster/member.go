package roster

import (
	"crypto/ed25519"
	"time"
)

// A Role says what a desk's people do. It is the keepers' word, kept between desks; the gate does not know it.
type Role string

// The roles.
const (
	RoleKeeper     Role = "keeper"     // and all that a caseworker may
	RoleCaseworker Role = "caseworker" // reads and answers
	RoleSpecialist Role = "specialist" // may be named for locked cases, and all that a caseworker may
	RoleReader     Role = "reader"     // reads only
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool {
	switch r {
	case RoleKeeper, RoleCaseworker, RoleSpecialist, RoleReader:
		return true
	}
	return false
}

// A Member is a desk of the organisation, as its keepers describe it.
type Member struct {
	Device     ed25519.PublicKey
	Name       string // what people call the desk, one line, at most 120 bytes
	Role       Role
	Keeper     string // verifier key; "" on desks that are not a keeper's
	Generation int    // of the card that its last grant was sealed to; 0 before the first
	Since      time.Time
}

// Hash is the member's line in the roster.
func (m Member) Hash() DeviceHash { return HashDevice(m.Device) }

// Custodians are the people who can bring the organisation back. The zero value means none yet.
type Custodians struct {
	Needed     int       // k of len(Recipients)
	Recipients []string  // age1pq1… of the sheets a, b, c …
	Identity   string    // age1pq1… that locked cases are also wrapped to
	Made       time.Time // when the sheets were made
	Rehearsed  time.Time // when a recovery last succeeded, with these sheets or with those before them; zero: never
}

// Tried reports whether a recovery succeeded with these very sheets.
func (c Custodians) Tried() bool { return !c.Rehearsed.IsZero() && !c.Rehearsed.Before(c.Made) }

// A Gate is where an organisation's gate is, and what it signs with.
type Gate struct {
	URL    string `json:"url"`    // "https://help.example.org"
	Origin string `json:"origin"` // name in checkpoints and signed requests
	Key    string `json:"key"`    // note verifier key
}
