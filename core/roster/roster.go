// Package roster says who an organisation is: its keepers, devices and the key that intake is sealed to, as a chain
// of signed notes. It verifies; keys and clocks are brought by the caller. Formats: docs/formats.md, section 5.
package roster

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"
)

const (
	maxRoster  = 64 << 10
	maxKeepers = 32
	maxDevices = 512
	maxName    = 120 // bytes
)

var (
	// ErrMalformed says that the bytes are not a roster.
	ErrMalformed = errors.New("not a roster")
	// ErrUnsigned says that too few of the keepers that must sign a roster did.
	ErrUnsigned = errors.New("not signed by enough keepers")
)

// A DeviceHash is the SHA-256 of a device's Ed25519 public key.
type DeviceHash [sha256.Size]byte

// HashDevice hashes a device key.
func HashDevice(pub ed25519.PublicKey) DeviceHash { return sha256.Sum256(pub) }

// A Roster is one state of an organisation.
type Roster struct {
	Org       string // fingerprint
	Name      string // one line, shown to people
	Serial    int
	Epoch     int
	Previous  [32]byte // SHA-256 of the previous signed note; zero for serial 1
	Recipient *age.HybridRecipient
	Threshold int
	Keepers   []string     // note verifier keys, sorted
	Devices   []DeviceHash // sorted
}

// crockford is the base32 alphabet of Douglas Crockford, lower case: no i, l, o, u.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// OrgID computes the fingerprint of an organisation from its founding keepers' verifier keys: 20 characters, 100 bits.
func OrgID(keepers []string) string {
	h := sha256.New()
	h.Write([]byte("panah.org/v1\n"))
	for _, k := range slices.Sorted(slices.Values(keepers)) {
		h.Write([]byte(k + "\n"))
	}
	sum := h.Sum(nil)
	out := make([]byte, 20)
	for i := range out {
		bit := i * 5
		v := uint16(sum[bit/8])<<8 | uint16(sum[bit/8+1])
		out[i] = crockford[v>>(11-bit%8)&31]
	}
	return string(out)
}

// GroupOrgID writes a fingerprint as people read it: groups of four.
func GroupOrgID(org string) string {
	var groups []string
	for g := range slices.Chunk([]byte(org), 4) {
		groups = append(groups, string(g))
	}
	return strings.Join(groups, " ")
}

// text is the note text of r.
func (r Roster) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "panah.roster/v1\norg %s\nname %s\nserial %d\nepoch %d\nprevious %s\nrecipient %s\nthreshold %d\n",
		r.Org, r.Name, r.Serial, r.Epoch, base64.StdEncoding.EncodeToString(r.Previous[:]), r.Recipient, r.Threshold)
	for _, k := range r.Keepers {
		fmt.Fprintf(&b, "keeper %s\n", k)
	}
	for _, d := range r.Devices {
		fmt.Fprintf(&b, "device %s\n", base64.StdEncoding.EncodeToString(d[:]))
	}
	return b.String()
}

// HasDevice reports whether the device with public key pub belongs to the organisation.
func (r Roster) HasDevice(pub ed25519.PublicKey) bool {
	return slices.Contains(r.Devices, HashDevice(pub))
}

// Sign writes r as a note signed by the given keepers, after checking that it parses back to itself.
func Sign(r Roster, signers ...note.Signer) ([]byte, error) {
	text := r.text()
	if again, err := parse(text); err != nil || again.text() != text {
		return nil, fmt.Errorf("signing a roster: %w", errors.Join(ErrMalformed, err))
	}
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return nil, fmt.Errorf("signing a roster: %w", err)
	}
	return signed, nil
}

// OpenFounding reads the first roster of an organisation. It is valid by itself: its fingerprint is that of its own
// keepers, at least threshold of whom signed. The caller compares Org with the fingerprint it expects.
func OpenFounding(signed []byte) (Roster, error) {
	r, err := open(signed)
	if err != nil {
		return Roster{}, err
	}
	if r.Serial != 1 || r.Previous != [32]byte{} || r.Org != OrgID(r.Keepers) {
		return Roster{}, fmt.Errorf("%w: not a founding roster", ErrMalformed)
	}
	return r, checkSigned(signed, r)
}

// OpenNext reads the roster that follows prev: signed by at least prev's threshold of prev's keepers, with an epoch that fits. prevSigned are
// the bytes of prev's signed note. The error wraps ErrMalformed or ErrUnsigned.
func OpenNext(signed, prevSigned []byte, prev Roster) (Roster, error) {
	r, err := open(signed)
	if err != nil {
		return Roster{}, err
	}
	if err := r.follows(prevSigned, prev); err != nil {
		return Roster{}, err
	}
	return r, checkSigned(signed, prev)
}

// open reads without checking signatures.
func open(signed []byte) (Roster, error) {
	if len(signed) > maxRoster {
		return Roster{}, fmt.Errorf("%w: longer than 64 KiB", ErrMalformed)
	}
	// note.Open wants at least one known signer; who must have signed is known only after parsing.
	text, _, ok := strings.Cut(string(signed), "\n\n")
	if !ok {
		return Roster{}, fmt.Errorf("%w: no signature", ErrMalformed)
	}
	return parse(text + "\n")
}

// checkSigned wants the signatures of as many keepers of by as its threshold says.
func checkSigned(signed []byte, by Roster) error {
	n, err := countSigned(signed, by)
	if err == nil && n < by.Threshold {
		err = fmt.Errorf("%w: %d of %d", ErrUnsigned, n, by.Threshold)
	}
	return err
}

// parse reads the text of a roster and refuses any other spelling of it.
func parse(text string) (Roster, error) {
	lines := strings.Split(text, "\n")
	fixed := []string{"org", "name", "serial", "epoch", "previous", "recipient", "threshold"}
	if len(lines) < len(fixed)+3 || lines[0] != "panah.roster/v1" || lines[len(lines)-1] != "" {
		return Roster{}, ErrMalformed
	}
	values := map[string]string{}
	for i, name := range fixed {
		v, ok := strings.CutPrefix(lines[i+1], name+" ")
		if !ok {
			return Roster{}, fmt.Errorf("%w: line %d", ErrMalformed, i+2)
		}
		values[name] = v
	}
	r := Roster{Org: values["org"], Name: values["name"]}
	var errs [5]error
	r.Serial, errs[0] = strconv.Atoi(values["serial"])
	r.Epoch, errs[1] = strconv.Atoi(values["epoch"])
	r.Threshold, errs[2] = strconv.Atoi(values["threshold"])
	r.Recipient, errs[3] = age.ParseHybridRecipient(values["recipient"])
	errs[4] = decode32(&r.Previous, values["previous"])
	for _, err := range errs {
		if err != nil {
			return Roster{}, fmt.Errorf("%w: %v", ErrMalformed, err)
		}
	}
	if err := r.parseMembers(lines[len(fixed)+1 : len(lines)-1]); err != nil {
		return Roster{}, err
	}
	if err := r.check(); err != nil {
		return Roster{}, err
	}
	if r.text() != text {
		return Roster{}, fmt.Errorf("%w: not in canonical form", ErrMalformed)
	}
	return r, nil
}

// parseMembers reads the keeper and device lines.
func (r *Roster) parseMembers(lines []string) error {
	for _, line := range lines {
		if k, ok := strings.CutPrefix(line, "keeper "); ok {
			if _, err := note.NewVerifier(k); err != nil {
				return fmt.Errorf("%w: keeper key", ErrMalformed)
			}
			r.Keepers = append(r.Keepers, k)
			continue
		}
		d, ok := strings.CutPrefix(line, "device ")
		var h [32]byte
		if !ok || decode32(&h, d) != nil {
			return fmt.Errorf("%w: unknown line", ErrMalformed)
		}
		r.Devices = append(r.Devices, h)
	}
	return nil
}

func (r Roster) check() error {
	switch {
	case r.Serial < 1 || r.Epoch < 1:
		return fmt.Errorf("%w: serial and epoch start at 1", ErrMalformed)
	case len(r.Keepers) == 0 || len(r.Keepers) > maxKeepers || len(r.Devices) > maxDevices:
		return fmt.Errorf("%w: too few or too many keepers or devices", ErrMalformed)
	case r.Threshold < 1 || r.Threshold > len(r.Keepers):
		return fmt.Errorf("%w: threshold", ErrMalformed)
	case !goodName(r.Name):
		return fmt.Errorf("%w: the name is empty, longer than %d bytes, or has characters that do not print", ErrMalformed, maxName)
	case !slices.IsSorted(r.Keepers) || len(slices.Compact(slices.Clone(r.Keepers))) != len(r.Keepers):
		return fmt.Errorf("%w: keepers are sorted and different", ErrMalformed)
	case !distinct(r.Keepers):
		return fmt.Errorf("%w: a keeper stands twice under two names, or two keepers' keys have one name and hash", ErrMalformed)
	case !slices.IsSortedFunc(r.Devices, func(a, b DeviceHash) int { return slices.Compare(a[:], b[:]) }):
		return fmt.Errorf("%w: devices are sorted", ErrMalformed)
	case len(slices.Compact(slices.Clone(r.Devices))) != len(r.Devices):
		return fmt.Errorf("%w: a device stands twice", ErrMalformed)
	}
	return nil
}

// distinct reports whether no keeper counts twice and all can be told apart: a note names its signers by name and 32 bits of hash, which somebody can make to be another's, and a
// roster whose keepers include two of the same would be the last one.
func distinct(keepers []string) bool {
	seen := map[string]bool{}
	for _, k := range keepers {
		v, err := note.NewVerifier(k)
		parts := strings.SplitN(k, "+", 3) // name, hash, key: base64 has a "+" of its own
		if err != nil || len(parts) != 3 {
			return false
		}
		raw, err := base64.StdEncoding.DecodeString(parts[2]) // as note does, which passes over line breaks
		id, key := fmt.Sprintf("id %s %d", v.Name(), v.KeyHash()), "key "+string(raw)
		if err != nil || seen[id] || seen[key] {
			return false
		}
		seen[id], seen[key] = true, true
	}
	return true
}

// goodName refuses what could make a name look like something else: control and direction characters.
func goodName(s string) bool {
	if s == "" || len(s) > maxName || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	for _, r := range s {
		// ZWNJ is part of ordinary Persian spelling.
		if r != 0x200C && !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

func decode32(into *[32]byte, s string) error {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(into) {
		return errors.New("not base64 of 32 bytes")
	}
	copy(into[:], b)
	return nil
}
