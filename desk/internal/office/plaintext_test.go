package office

import (
	"fmt"
	"os"

	"lukechampine.com/adiantum"
)

// blockSize is what the encrypting VFS encrypts at once.
const blockSize = 4096

// plaintext decrypts the whole database file at path, free pages included: what a thief with the key would see. The file must not be open.
func plaintext(path string, key [32]byte) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the database file: %w", err)
	}
	cipher := adiantum.New(key[:])
	for at := 0; at+blockSize <= len(b); at += blockSize {
		tweak := make([]byte, 8)
		for i := range 8 {
			tweak[i] = byte(at >> (8 * i))
		}
		copy(b[at:], cipher.Decrypt(b[at:at+blockSize], tweak))
	}
	return b, nil
}
