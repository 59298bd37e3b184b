package keyring

import (
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"
)

// A door is what a passphrase opened.
type door struct {
	staff   string              // "" for a founder who did not say who they are
	founder bool                // it is unlock.age
	id      *age.HybridIdentity // of the seat; nil: unlock.age holds the masters themselves
	masters []*age.HybridIdentity
	logN    int
}

// openFounder opens unlock.age.
func openFounder(dir, passphrase string) (door, error) {
	ids, logN, err := readUnlock(dir, passphrase)
	if err != nil {
		return door{}, err
	}
	d := door{founder: true, masters: ids, logN: logN}
	file, err := readSeats(dir)
	if err != nil {
		return door{}, err
	}
	i := file.ofFounder()
	if i < 0 {
		return d, nil
	}
	for _, id := range ids {
		plain, err := openAge(file.Seats[i].Master, id)
		if errors.Is(err, ErrPassphrase) {
			continue // the founder's seat was begun and unlock.age did not follow yet: it holds the masters
		}
		if err != nil {
			return door{}, err
		}
		defer clear(plain)
		d.staff, d.id = file.Seats[i].ID, id
		d.masters, err = parseIdentityFile(plain)
		return d, err
	}
	return d, nil
}

// openSeat opens the seat with a login name. Whatever is wrong costs one try at a passphrase, and looks the same: ErrPassphrase.
func openSeat(dir, login, passphrase string) (door, error) {
	file, err := readSeats(dir)
	if err != nil {
		return door{}, err
	}
	folded := foldLogin(login)
	if len(file.Seats) == 0 || folded == "" {
		return openFounder(dir, passphrase)
	}
	i := file.named(folded)
	if i < 0 {
		if sealed, err := readFile(dir, UnlockFile); err == nil {
			plain, _, _ := openScrypt(sealed, passphrase) // for its cost only
			clear(plain)
		}
		return door{}, ErrPassphrase
	}
	return openPlace(dir, file.Seats[i], passphrase)
}

// openPlace opens one seat of the file.
func openPlace(dir string, seat seatJSON, passphrase string) (door, error) {
	if seat.founder() {
		return openFounder(dir, passphrase)
	}
	plain, logN, err := openScrypt(seat.Sealed, passphrase)
	if err != nil {
		return door{}, err
	}
	defer clear(plain)
	ids, err := parseIdentityFile(plain)
	if err != nil {
		return door{}, err
	}
	held, err := openAge(seat.Master, ids[0])
	if errors.Is(err, ErrPassphrase) {
		return door{}, fmt.Errorf("%w: %s: its parts do not belong together", ErrDamaged, SeatsFile)
	}
	if err != nil {
		return door{}, err
	}
	defer clear(held)
	d := door{staff: seat.ID, id: ids[0], logN: logN}
	d.masters, err = parseIdentityFile(held)
	return d, err
}

// doorOf opens the door of a person of whom the keyring knows: "" is the founder. It wants k.saving.
func (k *Keyring) doorOf(staff, passphrase string) (door, error) {
	if staff == "" || staff == k.Founder() {
		d, err := openFounder(k.dir, passphrase)
		d.staff = k.Founder()
		return d, err
	}
	file, err := readSeats(k.dir)
	if err != nil {
		return door{}, err
	}
	i := file.find(staff)
	if i < 0 || !k.seated(staff) {
		return door{}, fmt.Errorf("opening a seat: %w", ErrSeat)
	}
	return openPlace(k.dir, file.Seats[i], passphrase)
}

// OpenSeat is Open for the person with a login name; the founder's passphrase opens without one too. It returns whose seat it is, "" when the founder has not said. A wrong name and a
// wrong passphrase give the same error, after the same work: ErrPassphrase. Other errors as of Open.
func OpenSeat(dir, login, passphrase string) (k *Keyring, staff string, err error) {
	sealed, err := readFile(dir, FileName)
	if err != nil {
		return nil, "", err
	}
	if isV1(sealed) {
		k, err = upgrade(dir, sealed, passphrase)
		return k, "", err
	}
	d, err := openSeat(dir, login, passphrase)
	if err != nil {
		return nil, "", err
	}
	k, err = openDoor(dir, sealed, d)
	if err != nil {
		return nil, "", err
	}
	if d.founder {
		d.staff = k.Founder()
	}
	if err := k.finish(d, passphrase); err != nil {
		k.Forget()
		return nil, "", err
	}
	return k, d.staff, nil
}

// openDoor opens the contents with what a door gave, and makes sure that the keyring knows that door.
func openDoor(dir string, sealed []byte, d door) (*Keyring, error) {
	k, err := openWith(dir, sealed, d.masters)
	if err != nil {
		return nil, err
	}
	if !d.founder && !slices.Contains(k.recipientsOf(d.staff), d.id.Recipient().String()) {
		k.Forget()
		return nil, ErrPassphrase // removed, or slipped into the file
	}
	return k, nil
}

func (k *Keyring) recipientsOf(staff string) []string {
	return read(k, func(s *State) []string { return s.seats[staff] })
}

// CheckSeat says who opens this keyring with a name and a passphrase, at the same cost as unlocking; no name is the founder's. The error wraps ErrPassphrase or ErrDamaged.
func (k *Keyring) CheckSeat(login, passphrase string) (staff string, err error) {
	k.saving.Lock()
	defer k.saving.Unlock()
	if k.master == nil {
		return "", fmt.Errorf("checking a passphrase: %w", ErrForgotten)
	}
	d, err := openSeat(k.dir, login, passphrase)
	switch {
	case err != nil:
		return "", err
	case d.founder:
		return k.Founder(), nil
	case !slices.Contains(k.recipientsOf(d.staff), d.id.Recipient().String()):
		return "", ErrPassphrase
	}
	return d.staff, nil
}

// CheckPassphraseOf says whether a passphrase is that person's; "" is the founder. The error wraps ErrPassphrase, ErrSeat or ErrDamaged.
func (k *Keyring) CheckPassphraseOf(staff, passphrase string) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	if k.master == nil {
		return fmt.Errorf("checking the passphrase: %w", ErrForgotten)
	}
	_, err := k.doorOf(staff, passphrase)
	return err
}

// ready says whether the keyring can be changed, and keeps others from doing so. It wants k.saving.
func (k *Keyring) ready(what string) error {
	if k.master == nil || k.dir == "" {
		return fmt.Errorf("%s: %w", what, ErrForgotten)
	}
	if err := k.hold(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// sealMasters seals master identities to the recipients of one door.
func sealMasters(to []age.Recipient, masters ...*age.HybridIdentity) ([]byte, error) {
	plain := identityFile(masters)
	defer clear(plain)
	sealed, err := sealAge(plain, to...)
	if err != nil {
		return nil, fmt.Errorf("sealing to a seat or a passkey: %w", err)
	}
	return sealed, nil
}

// sealSeats seals the master identities to every seat that the keyring knows, and drops what it does not know. It wants k.saving.
func (k *Keyring) sealSeats(masters ...*age.HybridIdentity) error {
	file, err := readSeats(k.dir)
	if err != nil || len(file.Seats) == 0 {
		return err
	}
	kept := seatsJSON{V: 1, Salt: file.Salt, Seats: []seatJSON{}}
	for _, seat := range file.Seats {
		var to []age.Recipient
		for _, text := range k.recipientsOf(seat.ID) {
			r, err := age.ParseHybridRecipient(text)
			if err != nil {
				return fmt.Errorf("%w: a seat's key is malformed", ErrDamaged)
			}
			to = append(to, r)
		}
		if to == nil {
			continue
		}
		if seat.Master, err = sealMasters(to, masters...); err != nil {
			return err
		}
		kept.Seats = append(kept.Seats, seat)
	}
	return writeSeats(k.dir, kept)
}

// renew makes a new master key for all doors, and a change of the state on the way, without anybody's passphrase. The keyring remembers first that it is due; then every door opens to both
// keys, the contents move to the new one, and the doors forget the old. Whoever opens it next finishes what was cut off. It wants k.saving, and a founder's seat.
func (k *Keyring) renew(change func(*State) error) error {
	steps, err := k.renewal(change)
	if err != nil {
		return err
	}
	return run(steps)
}

// renewal is renew as steps, each of which writes one file: a program can die between any two.
func (k *Keyring) renewal(change func(*State) error) (steps, error) {
	next, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("making the key of the key file: %w", err)
	}
	return steps{
		func() error {
			return k.update(func(s *State) error {
				s.due = true
				return change(s)
			})
		},
		func() error { return k.sealSeats(next, k.master) },
		func() error { return k.sealPasskeys(next, k.master) },
		func() error { return k.moveContents(next) },
		func() error { return k.sealSeats(next) },
		func() error { return k.sealPasskeys(next) },
	}, nil
}

// moveContents seals the contents to a new master key.
func (k *Keyring) moveContents(next *age.HybridIdentity) error {
	k.mu.RLock()
	s := k.state.clone()
	k.mu.RUnlock()
	s.due = false
	if err := k.write(&s, next); err != nil {
		return err
	}
	k.master = next
	k.mu.Lock()
	defer k.mu.Unlock()
	k.state.due = false
	return nil
}

// steps are done in order, and none after one that failed.
type steps []func() error

func run(all steps) error {
	for _, step := range all {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// finish does what was left when the program died while doors or keys changed. passphrase is the one that opened d.
func (k *Keyring) finish(d door, passphrase string) error {
	if d.id == nil {
		if len(d.masters) < 2 {
			return nil
		}
		return k.finishChange(d.masters[0], passphrase, d.logN)
	}
	mine := d.id.Recipient().String()
	if len(d.masters) < 2 && slices.Equal(k.recipientsOf(d.staff), []string{mine}) && !k.isDue() {
		return nil
	}
	k.saving.Lock()
	defer k.saving.Unlock()
	if err := k.ready("finishing a change of the keys"); err != nil {
		return err
	}
	return k.renew(func(s *State) error { s.seat(d.staff, mine); return nil })
}

// adopt makes the keyring know the founder's seat that a door shows: making it was cut off before the keyring heard of it.
func (s *State) adopt(d door) {
	if d.founder && d.id != nil && len(s.seats[d.staff]) == 0 {
		s.seat(d.staff, d.id.Recipient().String())
	}
}

// isDue reports whether a new master key was begun and not finished.
func (k *Keyring) isDue() bool { return read(k, func(s *State) bool { return s.due }) }
