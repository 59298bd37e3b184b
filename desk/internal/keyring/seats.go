package keyring

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"filippo.io/age"
)

// SeatsFile holds the master identity once for each person who works at this desk, sealed to an identity of theirs that their own passphrase opens. It is there when there
// is more than the founder's passphrase.
const SeatsFile = "seats.json"

// Bounds of seats.json.
const (
	MaxSeats     = 32
	maxSeatPart  = 16 << 10
	maxSeatsFile = 1 << 20
	seatSalt     = 32
)

var (
	// ErrSeat says that the person has no seat here.
	ErrSeat = errors.New("this person has no seat at this desk")
	// ErrSeats says that there are as many seats as a desk takes.
	ErrSeats = errors.New("this desk has 32 people already; remove somebody first")
	// ErrSeatName says that somebody else has that name.
	ErrSeatName = errors.New("somebody at this desk has this name already; add a family name or a number")
	// ErrFounder says that the desk's first passphrase cannot be taken away, or is nobody's yet.
	ErrFounder = errors.New("the desk's first passphrase stays: it is what the program itself asks for")
)

// A Seat is a person's way into the desk by a passphrase.
type Seat struct {
	Staff   string // 16 hex digits
	Founder bool   // theirs is the passphrase that the desk was made with
}

// seatJSON is a Seat in seats.json.
type seatJSON struct {
	ID     string `json:"id"`
	Name   []byte `json:"name"`             // HMAC-SHA256 of the folded login name, keyed with the file's salt
	Sealed []byte `json:"sealed,omitempty"` // age passphrase file: the seat's identity; none: it is in unlock.age
	Master []byte `json:"master"`           // age file to the seat's identity: what unlock.age holds on a desk without seats
}

func (s seatJSON) founder() bool { return len(s.Sealed) == 0 }

type seatsJSON struct {
	V     int        `json:"v"`
	Salt  []byte     `json:"salt"`
	Seats []seatJSON `json:"seats"`
}

// Seats lists the seats of the desk in dir; it needs no key. A desk without seats has its founder's passphrase alone. The error wraps ErrDamaged or tells what the disk said.
func Seats(dir string) ([]Seat, error) {
	file, err := readSeats(dir)
	if err != nil {
		return nil, err
	}
	list := []Seat{}
	for _, s := range file.Seats {
		list = append(list, Seat{s.ID, s.founder()})
	}
	return list, nil
}

func readSeats(dir string) (seatsJSON, error) {
	b, err := readFile(dir, SeatsFile)
	if errors.Is(err, os.ErrNotExist) {
		return seatsJSON{V: 1}, nil
	}
	if err != nil {
		return seatsJSON{}, err
	}
	return decodeSeats(b)
}

func decodeSeats(b []byte) (seatsJSON, error) {
	bad := fmt.Errorf("%w: %s", ErrDamaged, SeatsFile)
	var file seatsJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if len(b) > maxSeatsFile || d.Decode(&file) != nil || d.More() || file.V != 1 || len(file.Seats) > MaxSeats || len(file.Salt) != seatSalt {
		return seatsJSON{}, bad
	}
	seen, founders := map[string]bool{}, 0
	for _, s := range file.Seats {
		if !validStaff(s.ID) || len(s.Name) != 32 || len(s.Sealed) > maxSeatPart || len(s.Master) == 0 || len(s.Master) > maxSeatPart || seen[s.ID] || seen[string(s.Name)] {
			return seatsJSON{}, bad
		}
		seen[s.ID], seen[string(s.Name)] = true, true
		if s.founder() {
			founders++
		}
	}
	if founders > 1 {
		return seatsJSON{}, bad
	}
	return file, nil
}

func writeSeats(dir string, file seatsJSON) error {
	b, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return errors.New("saving the seats: they do not encode")
	}
	if _, err := decodeSeats(b); err != nil {
		return errors.New("saving the seats: one of them is out of bounds")
	}
	return replace(dir, SeatsFile, b)
}

// validStaff reports whether id is 8 bytes in lower-case hex.
func validStaff(id string) bool {
	b, err := hex.DecodeString(id)
	return err == nil && len(b) == 8 && hex.EncodeToString(b) == id
}

// find returns the place of a person's seat, or -1.
func (f seatsJSON) find(staff string) int {
	return slices.IndexFunc(f.Seats, func(s seatJSON) bool { return s.ID == staff })
}

// named returns the place of the seat with a folded login name, or -1.
func (f seatsJSON) named(folded string) int {
	tag := tagOf(f.Salt, folded)
	return slices.IndexFunc(f.Seats, func(s seatJSON) bool { return hmac.Equal(s.Name, tag) })
}

// ofFounder returns the place of the founder's seat, or -1: unlock.age holds the master identity itself then.
func (f seatsJSON) ofFounder() int { return slices.IndexFunc(f.Seats, seatJSON.founder) }

// Founder is the person whose passphrase is the one that the desk was made with; "" while nobody said so.
func (k *Keyring) Founder() string { return read(k, func(s *State) string { return s.founder }) }

// Claim says whose the founder's passphrase is, and the name under which they unlock the desk once there are others. It changes no passphrase. Nobody else can claim it afterwards: ErrFounder.
func (k *Keyring) Claim(staff, login string) error {
	folded := foldLogin(login)
	if !validStaff(staff) || folded == "" {
		return fmt.Errorf("saying whose the passphrase is: %w", ErrSeat)
	}
	return k.Update(func(s *State) error {
		if s.founder != "" && s.founder != staff {
			return fmt.Errorf("saying whose the passphrase is: %w", ErrFounder)
		}
		s.founder, s.login = staff, folded
		return nil
	})
}

// AddSeat lets a person open this keyring with a name and a passphrase of their own. by is who lets them in and own that person's passphrase: whoever finds the desk unlocked must not be
// able to make themselves a key. The error wraps ErrPassphrase for own, ErrSeats, ErrSeatName, or ErrFounder when nobody has claimed the founder's passphrase.
func (k *Keyring) AddSeat(staff, login, passphrase, by, own string) error {
	folded := foldLogin(login)
	if !validStaff(staff) || folded == "" || passphrase == "" {
		return errors.New("adding a seat: no id, name or passphrase")
	}
	k.saving.Lock()
	defer k.saving.Unlock()
	if err := k.ready("adding a seat"); err != nil {
		return err
	}
	d, err := k.doorOf(by, own)
	if err != nil {
		return err
	}
	seat, id, err := newSeat(staff, passphrase, d.logN)
	if err != nil {
		return err
	}
	if err := run(k.seatFounder(d, own)); err != nil {
		return err
	}
	return run(k.admit(seat, id, folded))
}

// admit puts a new seat in, as steps that write one file each. The keyring itself remembers whom it may be sealed to, and does so first: a seat that only the file knows is nobody's.
func (k *Keyring) admit(seat seatJSON, id *age.HybridIdentity, folded string) steps {
	var file seatsJSON
	return steps{
		func() (err error) {
			if file, err = readSeats(k.dir); err != nil {
				return err
			}
			switch {
			case file.named(folded) >= 0 || file.find(seat.ID) >= 0:
				return ErrSeatName
			case len(file.Seats) >= MaxSeats:
				return ErrSeats
			}
			seat.Name = tagOf(file.Salt, folded)
			if seat.Master, err = sealMasters([]age.Recipient{id.Recipient()}, k.master); err != nil {
				return err
			}
			return k.update(func(s *State) error {
				maps.DeleteFunc(s.seats, func(staff string, _ []string) bool { return file.find(staff) < 0 }) // begun and never written
				s.seat(seat.ID, id.Recipient().String())
				return nil
			})
		},
		func() error {
			file.Seats = append(file.Seats, seat)
			return writeSeats(k.dir, file)
		},
	}
}

// newSeat makes the identity of a seat, sealed with a passphrase.
func newSeat(staff, passphrase string, logN int) (seatJSON, *age.HybridIdentity, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return seatJSON{}, nil, fmt.Errorf("making the key of a seat: %w", err)
	}
	sealed, err := sealScrypt(passphrase, logN, id)
	return seatJSON{ID: staff, Sealed: sealed}, id, err
}

// seatFounder makes the founder's seat, as steps that write one file each. Until there is another, unlock.age holds the master identity itself; now it gets an identity of the founder's, so that the master
// identity can change without that passphrase. The seat stands first, unlock.age follows, the keyring's memory of it last: cut off anywhere, the passphrase opens. It wants k.saving.
func (k *Keyring) seatFounder(d door, passphrase string) steps {
	founder, login := k.Founder(), read(k, func(s *State) string { return s.login })
	switch {
	case k.seated(founder):
		return nil
	case founder == "" || d.staff != founder || login == "":
		return steps{func() error { return fmt.Errorf("making the founder's seat: %w", ErrFounder) }}
	case d.id != nil: // making it was cut off before the keyring heard of it
		return steps{func() error { return k.update(func(s *State) error { s.adopt(d); return nil }) }}
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return steps{func() error { return fmt.Errorf("making the key of a seat: %w", err) }}
	}
	salt := make([]byte, seatSalt)
	rand.Read(salt)
	return steps{
		func() error {
			master, err := sealMasters([]age.Recipient{id.Recipient()}, k.master)
			if err != nil {
				return err
			}
			return writeSeats(k.dir, seatsJSON{V: 1, Salt: salt, Seats: []seatJSON{{ID: founder, Name: tagOf(salt, login), Master: master}}})
		},
		func() error { return writeUnlock(k.dir, passphrase, d.logN, id) },
		func() error {
			return k.update(func(s *State) error { s.seat(founder, id.Recipient().String()); return nil })
		},
	}
}

// RemoveSeat takes a person's seat and passkeys out and makes a new master key, so that their passphrase with an older copy of the folder opens no key file that is written from now on. It
// needs nobody's passphrase. The error wraps ErrSeat, or ErrFounder for the founder's.
func (k *Keyring) RemoveSeat(staff string) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	if err := k.ready("removing a seat"); err != nil {
		return err
	}
	switch {
	case staff == k.Founder():
		return fmt.Errorf("removing a seat: %w", ErrFounder)
	case !k.seated(staff):
		return fmt.Errorf("removing a seat: %w", ErrSeat)
	}
	return k.renew(func(s *State) error {
		delete(s.seats, staff)
		for credential, owner := range s.owners {
			if owner == staff {
				delete(s.owners, credential)
				delete(s.passkeys, credential)
			}
		}
		return nil
	})
}

// ChangeSeatPassphrase gives a person's seat another passphrase and makes a new master key; the cost stays. "" stands for the founder. The error wraps ErrPassphrase when old is wrong, or ErrSeat. Dying half
// way leaves a folder that opens with the old or the new one.
func (k *Keyring) ChangeSeatPassphrase(staff, old, next string) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	if err := k.ready("changing a passphrase"); err != nil {
		return err
	}
	d, err := k.doorOf(staff, old)
	if err != nil {
		return err
	}
	if d.id == nil {
		return k.renewMaster(next, d.logN, func(*State) error { return nil })
	}
	return k.rekey(d, next, d.logN)
}

// rekey moves a seat to a new identity under another passphrase. Both identities are sealed to until the door has moved. It wants k.saving.
func (k *Keyring) rekey(d door, passphrase string, logN int) error {
	steps, err := k.rekeying(d, passphrase, logN)
	if err != nil {
		return err
	}
	return run(steps)
}

// rekeying is rekey as steps that write one file each.
func (k *Keyring) rekeying(d door, passphrase string, logN int) (steps, error) {
	seat, id, err := newSeat(d.staff, passphrase, logN)
	if err != nil {
		return nil, err
	}
	fresh := id.Recipient().String()
	after, err := k.renewal(func(s *State) error { s.seat(d.staff, fresh); return nil })
	if err != nil {
		return nil, err
	}
	return append(steps{
		func() error {
			return k.update(func(s *State) error { s.seat(d.staff, fresh, d.id.Recipient().String()); return nil })
		},
		func() error { return k.sealSeats(k.master) },
		func() error {
			if d.founder {
				return replace(k.dir, UnlockFile, seat.Sealed)
			}
			return k.putSealed(seat)
		},
	}, after...), nil
}

// putSealed replaces what a seat's passphrase opens.
func (k *Keyring) putSealed(seat seatJSON) error {
	file, err := readSeats(k.dir)
	if err != nil {
		return err
	}
	i := file.find(seat.ID)
	if i < 0 {
		return ErrSeat
	}
	file.Seats[i].Sealed = seat.Sealed
	return writeSeats(k.dir, file)
}

// seat says what a person's copy of the master identity may be sealed to.
func (s *State) seat(staff string, recipients ...string) {
	if s.seats == nil {
		s.seats = map[string][]string{}
	}
	s.seats[staff] = recipients
}

// seated reports whether the keyring knows a person's seat.
func (k *Keyring) seated(staff string) bool {
	return read(k, func(s *State) bool { return len(s.seats[staff]) > 0 })
}
