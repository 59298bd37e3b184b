package keyring

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"filippo.io/age"
)

// writeUnlock seals master identities with a passphrase, the newest first. Two stand there only while the master key changes.
func writeUnlock(dir, passphrase string, logN int, masters ...*age.HybridIdentity) error {
	sealed, err := sealScrypt(passphrase, logN, masters...)
	if err != nil {
		return err
	}
	return replace(dir, UnlockFile, sealed)
}

// sealScrypt seals identities with a passphrase of the given cost; 0 is the usual one.
func sealScrypt(passphrase string, logN int, ids ...*age.HybridIdentity) ([]byte, error) {
	if logN == 0 {
		logN = DefaultLogN
	}
	if passphrase == "" || logN < minLogN || logN > maxLogN {
		return nil, errors.New("saving the keyring: no passphrase, or a cost out of bounds")
	}
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fmt.Errorf("saving the keyring: %w", err)
	}
	to.SetWorkFactor(logN)
	plain := identityFile(ids)
	defer clear(plain)
	sealed, err := sealAge(plain, to)
	if err != nil {
		return nil, fmt.Errorf("saving the keyring: %w", err)
	}
	return sealed, nil
}

// identityFile writes identities as stock age reads them: one a line.
func identityFile(ids []*age.HybridIdentity) []byte {
	var b bytes.Buffer
	for _, id := range ids {
		b.WriteString(id.String() + "\n")
	}
	return b.Bytes()
}

// parseIdentityFile reads one or two identities.
func parseIdentityFile(plain []byte) ([]*age.HybridIdentity, error) {
	var ids []*age.HybridIdentity
	for s := bufio.NewScanner(bytes.NewReader(plain)); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		id, err := age.ParseHybridIdentity(line)
		if err != nil || len(ids) == 2 {
			return nil, ErrDamaged
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil, ErrDamaged
	}
	return ids, nil
}

// readUnlock opens the master identities with the passphrase, and tells its cost.
func readUnlock(dir, passphrase string) (masters []*age.HybridIdentity, logN int, err error) {
	sealed, err := readFile(dir, UnlockFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, fmt.Errorf("%w: %s is missing", ErrDamaged, UnlockFile)
	}
	if err != nil {
		return nil, 0, err
	}
	plain, logN, err := openScrypt(sealed, passphrase)
	if err != nil {
		return nil, 0, err
	}
	defer clear(plain)
	masters, err = parseIdentityFile(plain)
	return masters, logN, err
}

// costOf reads the cost of a passphrase from the header of an age file that it opened: "-> scrypt <salt> <cost>".
func costOf(sealed []byte) int {
	head, _, _ := bytes.Cut(sealed, []byte("\n---"))
	for line := range strings.Lines(string(head)) {
		if f := strings.Fields(line); len(f) == 4 && f[1] == "scrypt" {
			if n, err := strconv.Atoi(f[3]); err == nil {
				return max(n, minLogN)
			}
		}
	}
	return DefaultLogN
}

// CheckPassphrase says whether the founder's passphrase opens this keyring, at the usual cost of about a second. The error wraps ErrPassphrase or ErrDamaged.
func (k *Keyring) CheckPassphrase(passphrase string) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	if k.master == nil {
		return fmt.Errorf("checking the passphrase: %w", ErrForgotten)
	}
	_, _, err := readUnlock(k.dir, passphrase) // whatever it holds
	return err
}

// ChangePassphrase changes the founder's passphrase and seals everything anew: a new master key, so that an older copy of unlock.age with the older passphrase opens no key file that is written
// from now on. logN 0 keeps the cost that the old one has. The error wraps ErrPassphrase when old is not the passphrase. Dying half way leaves a folder that opens with the old or the new one.
func (k *Keyring) ChangePassphrase(old, next string, logN int) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	if k.master == nil || k.dir == "" {
		return fmt.Errorf("changing the passphrase: %w", ErrForgotten)
	}
	if err := k.hold(); err != nil {
		return fmt.Errorf("changing the passphrase: %w", err)
	}
	d, err := k.doorOf("", old)
	if err != nil {
		return err
	}
	if logN == 0 {
		logN = d.logN
	}
	if d.id != nil {
		return k.rekey(d, next, logN)
	}
	return k.renewMaster(next, logN, func(*State) error { return nil })
}

// renewMaster is renew on a desk without seats, where unlock.age holds the master key itself. It makes a new master key, and a change of the state on the way. First every door opens to both keys, then the contents move to the new one,
// then the doors forget the old. Once the passphrase opens to both, Open finishes what was cut off. It wants k.saving.
func (k *Keyring) renewMaster(passphrase string, logN int, change func(*State) error) error {
	next, err := age.GenerateHybridIdentity()
	if err != nil {
		return fmt.Errorf("making the key of the key file: %w", err)
	}
	if err := writeUnlock(k.dir, passphrase, logN, next, k.master); err != nil {
		return err
	}
	if err := k.update(change); err != nil {
		return err
	}
	return k.moveTo(next, passphrase, logN)
}

// moveTo is the rest of renewMaster, and all that is left to do when it was cut off. It wants k.saving.
func (k *Keyring) moveTo(next *age.HybridIdentity, passphrase string, logN int) error {
	if err := k.sealPasskeys(next, k.master); err != nil {
		return err
	}
	k.mu.RLock()
	s := k.state.clone()
	k.mu.RUnlock()
	if err := k.write(&s, next); err != nil {
		return err
	}
	k.master = next
	if err := writeUnlock(k.dir, passphrase, logN, next); err != nil {
		return err
	}
	return k.sealPasskeys(next)
}

// finishChange finishes what renewMaster began before the program died.
func (k *Keyring) finishChange(next *age.HybridIdentity, passphrase string, logN int) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	if err := k.hold(); err != nil {
		return fmt.Errorf("finishing the change of the passphrase: %w", err)
	}
	return k.moveTo(next, passphrase, logN)
}
