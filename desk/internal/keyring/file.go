package keyring

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// Files of a desk's folder that hold keys. Whoever has the folder and one way to open UnlockFile or an entry of PasskeysFile has everything.
const (
	FileName     = "keyring.age"   // the secrets, sealed to the master identity
	UnlockFile   = "unlock.age"    // the master identity, sealed with the passphrase
	PasskeysFile = "passkeys.json" // the master identity, sealed to what each passkey derives (and SeatsFile: to each person's own)

	tempPattern = ".keyring-*" // a file on its way to one of the names above
)

// Bounds of the files and of the work a passphrase costs. DefaultLogN takes about a second and 256 MiB.
const (
	DefaultLogN = 18
	minLogN     = 10
	maxLogN     = 20
	maxFile     = 16 << 20
	maxOverhead = 64 << 10 // of age, more than it takes for a file of that size
)

var (
	// ErrPassphrase says that the passphrase does not open the keyring.
	ErrPassphrase = errors.New("the passphrase is wrong")
	// ErrDamaged says that a key file was cut or changed, or is missing.
	ErrDamaged = errors.New("the key file is damaged; restore it from a copy")
	// ErrExists says that there is a keyring already; making a new one would orphan every letter sealed to it.
	ErrExists = errors.New("this folder has a key file already")
)

// Exists reports whether dir holds a keyring.
func Exists(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, FileName))
	return err == nil
}

// Create writes a new keyring into the data folder dir, which it makes when there is none. logN is the cost of the passphrase
// (scrypt, 2^logN); 0 means DefaultLogN. The error wraps ErrExists when there is one. From then on k saves itself there.
func Create(dir string, k *Keyring, passphrase string, logN int) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the desk's folder: %w", err)
	}
	if Exists(dir) {
		return fmt.Errorf("making a keyring: %w", ErrExists)
	}
	s := k.State()
	if _, err := s.check(); err != nil {
		return fmt.Errorf("making a keyring: %w", err)
	}
	return k.settle(dir, passphrase, logN)
}

// settle writes k's files into dir. keyring.age comes last: until it is there, the folder has no keyring, or still the one of version 1.
func (k *Keyring) settle(dir, passphrase string, logN int) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	if k.dir != dir {
		k.release()
		k.dir, k.saved = dir, [sha256.Size]byte{}
	}
	err := k.hold()
	if err == nil {
		err = writeUnlock(dir, passphrase, logN, k.master)
	}
	if err == nil {
		k.mu.RLock()
		s := k.state.clone()
		k.mu.RUnlock()
		err = k.write(&s, k.master)
	}
	k.release() // until the first change
	if err != nil {
		k.dir = ""
	}
	return err
}

// Save writes the keyring again. Update does so by itself.
func (k *Keyring) Save() error { return k.Update(func(*State) error { return nil }) }

// write seals s to the master identity and replaces the file. It wants k.saving, and the folder held.
func (k *Keyring) write(s *State, to *age.HybridIdentity) error {
	plain, err := k.encode(s)
	if err != nil {
		return err
	}
	defer clear(plain)
	sealed, err := sealAge(plain, to.Recipient())
	if err != nil {
		return fmt.Errorf("saving the keyring: %w", err)
	}
	if err := replace(k.dir, FileName, sealed); err != nil {
		return err
	}
	k.saved = sha256.Sum256(sealed)
	return nil
}

// Open opens the keyring in dir with the founder's passphrase, upgrades one of an earlier version, and finishes a change of the passphrase that was cut off. The error wraps
// ErrPassphrase or ErrDamaged, or tells what the disk said; it never holds a byte of the file.
func Open(dir, passphrase string) (*Keyring, error) {
	sealed, err := readFile(dir, FileName)
	if err != nil {
		return nil, err
	}
	if isV1(sealed) {
		return upgrade(dir, sealed, passphrase)
	}
	d, err := openFounder(dir, passphrase)
	if err != nil {
		return nil, err
	}
	k, err := openDoor(dir, sealed, d)
	if err != nil {
		return nil, err
	}
	d.staff = k.Founder()
	if err := k.finish(d, passphrase); err != nil {
		return nil, err
	}
	return k, nil
}

// openWith opens the contents with one of the master identities.
func openWith(dir string, sealed []byte, masters []*age.HybridIdentity) (*Keyring, error) {
	for _, m := range masters {
		plain, err := openAge(sealed, m)
		if errors.Is(err, ErrPassphrase) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer clear(plain)
		k, err := decode(plain)
		if err != nil {
			return nil, err
		}
		k.dir, k.master, k.saved = dir, m, sha256.Sum256(sealed)
		return k, nil
	}
	return nil, fmt.Errorf("%w: its parts do not belong together", ErrDamaged)
}

// sealAge makes an age file.
func sealAge(plain []byte, to ...age.Recipient) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to...)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return sealed.Bytes(), nil
}

// openAge opens an age file. The error is ErrPassphrase when id is not the one that it is sealed to, else ErrDamaged.
func openAge(sealed []byte, id age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrPassphrase
	}
	if err != nil {
		return nil, ErrDamaged
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil || len(plain) > maxFile {
		clear(plain)
		return nil, ErrDamaged
	}
	return plain, nil
}

// readFile reads a bounded file. Beside keyring.age every file is there, or the folder is damaged.
func readFile(dir, name string) ([]byte, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("opening the keyring: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the keyring: %w", err)
	}
	if len(b) > maxFile {
		return nil, ErrDamaged
	}
	return b, nil
}

// replace puts b in place of a file: a new file, synced, renamed over the old one, the folder synced. Then it overwrites what
// was there before, as well as the disk lets it: copies that a file system or flash keeps by itself are out of reach.
func replace(dir, name string, b []byte) error {
	f, err := os.CreateTemp(dir, tempPattern) // mode 0600
	if err != nil {
		return fmt.Errorf("saving the keyring: %w", err)
	}
	defer os.Remove(f.Name()) // after the rename there is nothing to remove
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("saving the keyring: %w", err)
	}
	path := filepath.Join(dir, name)
	old, _ := os.OpenFile(path, os.O_WRONLY, 0) // kept open, so that it can be overwritten when it has no name any more
	if old != nil {
		defer old.Close()
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("saving the keyring: %w", err)
	}
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("saving the keyring: %w", err)
	}
	if old != nil {
		_ = scrub(old) // the new file is safe; a failure here changes nothing of that
	}
	return nil
}

// scrub overwrites an open file with noise.
func scrub(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("overwriting a key file: %w", err)
	}
	noise := make([]byte, min(info.Size(), maxFile))
	rand.Read(noise)
	if _, err := f.WriteAt(noise, 0); err != nil {
		return fmt.Errorf("overwriting a key file: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("overwriting a key file: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
