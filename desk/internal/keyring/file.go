package keyring

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
)

// FileName is the keyring's name in a desk's data folder.
const FileName = "keyring.age"

// Bounds of the file and of the work a passphrase costs. DefaultLogN takes about a second and 256 MiB.
const (
	DefaultLogN = 18
	minLogN     = 10
	maxLogN     = 20
	maxFile     = 1 << 20
)

var (
	// ErrPassphrase says that the passphrase does not open the keyring.
	ErrPassphrase = errors.New("the passphrase is wrong")
	// ErrDamaged says that the keyring file was cut or changed.
	ErrDamaged = errors.New("the key file is damaged; restore it from a copy")
	// ErrExists says that there is a keyring already; making a new one would orphan every letter sealed to it.
	ErrExists = errors.New("this folder has a key file already")
)

// contents is the JSON inside the age file, version 1.
type contents struct {
	V        int            `json:"v"`
	Name     string         `json:"name"`
	Org      string         `json:"org"`
	Keeper   string         `json:"keeper,omitempty"`
	Device   []byte         `json:"device"` // 32-byte seed
	Epochs   map[int]string `json:"epochs"` // AGE-SECRET-KEY-PQ-1…
	Database []byte         `json:"database"`
	Founding []byte         `json:"founding"`
	Roster   []byte         `json:"roster"`
	Gate     Gate           `json:"gate"`
}

// Create writes a new keyring into the data folder dir, which it makes when there is none. logN is the cost of the passphrase
// (scrypt, 2^logN); 0 means DefaultLogN. The error wraps ErrExists when there is one.
func Create(dir string, k *Keyring, passphrase string, logN int) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the desk's folder: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, FileName)); err == nil {
		return fmt.Errorf("making a keyring: %w", ErrExists)
	}
	return Save(dir, k, passphrase, logN)
}

// Save replaces the keyring in dir: whole or not at all, and on the disk when it returns.
func Save(dir string, k *Keyring, passphrase string, logN int) error {
	if logN == 0 {
		logN = DefaultLogN
	}
	if passphrase == "" || logN < minLogN || logN > maxLogN {
		return errors.New("saving the keyring: no passphrase, or a cost out of bounds")
	}
	plain, err := k.encode()
	if err != nil {
		return err
	}
	defer clear(plain)
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fmt.Errorf("saving the keyring: %w", err)
	}
	to.SetWorkFactor(logN)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return fmt.Errorf("sealing the keyring: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return fmt.Errorf("sealing the keyring: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("sealing the keyring: %w", err)
	}
	return replace(dir, sealed.Bytes())
}

// Open opens the keyring in dir. The error wraps ErrPassphrase or ErrDamaged, or tells what the disk said; it never holds
// a byte of the file.
func Open(dir, passphrase string) (*Keyring, error) {
	f, err := os.Open(filepath.Join(dir, FileName))
	if err != nil {
		return nil, fmt.Errorf("opening the keyring: %w", err)
	}
	defer f.Close()
	sealed, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the keyring: %w", err)
	}
	if len(sealed) > maxFile {
		return nil, ErrDamaged
	}
	return decodeSealed(sealed, passphrase)
}

func decodeSealed(sealed []byte, passphrase string) (*Keyring, error) {
	if passphrase == "" {
		return nil, ErrPassphrase
	}
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, ErrPassphrase
	}
	id.SetMaxWorkFactor(maxLogN)
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		var none *age.NoIdentityMatchError
		if errors.As(err, &none) {
			return nil, ErrPassphrase
		}
		return nil, ErrDamaged
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxFile))
	if err != nil {
		return nil, ErrDamaged
	}
	defer clear(plain)
	return decode(plain)
}

func (k *Keyring) encode() ([]byte, error) {
	c := contents{
		V: 1, Name: k.Name, Org: k.Org, Keeper: k.keeper, Device: k.device.Seed(), Epochs: map[int]string{},
		Database: k.database[:], Founding: k.Founding, Roster: k.Roster, Gate: k.Gate,
	}
	for n, id := range k.epochs {
		c.Epochs[n] = id.String()
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, errors.New("writing the keyring: it does not encode")
	}
	return b, nil
}

// decode checks everything that later code relies on. Errors quote nothing: the contents are secrets.
func decode(plain []byte) (*Keyring, error) {
	var c contents
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("%w (written by a newer version?)", ErrDamaged)
	}
	if c.V != 1 || len(c.Device) != ed25519.SeedSize || len(c.Database) != 32 || len(c.Epochs) == 0 {
		return nil, ErrDamaged
	}
	founding, err := roster.OpenFounding(c.Founding)
	if err != nil || founding.Org != c.Org {
		return nil, ErrDamaged
	}
	if c.Keeper != "" {
		if _, err := note.NewSigner(c.Keeper); err != nil {
			return nil, ErrDamaged
		}
	}
	k := &Keyring{
		Name: c.Name, Org: c.Org, Founding: c.Founding, Roster: c.Roster, Gate: c.Gate,
		keeper: c.Keeper, device: ed25519.NewKeyFromSeed(c.Device), epochs: map[int]*age.HybridIdentity{}, database: [32]byte(c.Database),
	}
	for n, s := range c.Epochs {
		id, err := age.ParseHybridIdentity(s)
		if err != nil || n < 1 {
			return nil, ErrDamaged
		}
		k.epochs[n] = id
	}
	return k, nil
}

// replace puts b in place of the keyring file: a new file, synced, renamed over the old one, the folder synced.
func replace(dir string, b []byte) error {
	f, err := os.CreateTemp(dir, ".keyring-*") // mode 0600
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
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, FileName))
	}
	if err != nil {
		return fmt.Errorf("saving the keyring: %w", err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("saving the keyring: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("saving the keyring: %w", err)
	}
	return nil
}

// Exists reports whether dir holds a keyring.
func Exists(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, FileName))
	return err == nil
}
