package command

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// Environment variables that name files with secrets. Only paths are taken from the environment, never secrets.
const (
	passphraseFile = "PANAH_PASSPHRASE_FILE"
	setupFile      = "PANAH_SETUP_FILE"
	codeFile       = "PANAH_CODE_FILE"
)

// maxSecret bounds a passphrase or setup code, bytes.
const maxSecret = 1 << 10

// secretFromFile returns the first line of the file that the environment variable names; ok is false when it names none.
func secretFromFile(variable string) (secret string, ok bool, err error) {
	name := os.Getenv(variable)
	if name == "" {
		return "", false, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", false, fmt.Errorf("reading the file that %s names: %w", variable, bare(err))
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		return "", false, fmt.Errorf("the file that %s names can be read by others; run chmod 600 on it", variable)
	}
	b, err := readBounded(Streams{}, name, maxSecret)
	if err != nil {
		return "", false, fmt.Errorf("reading the file that %s names: %w", variable, err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", false, fmt.Errorf("the first line of the file that %s names is empty", variable)
	}
	return line, true, nil
}

// ask reads a secret: from the file that variable names, or from the terminal without showing it.
func ask(s Streams, prompt, variable string) (string, error) {
	if secret, ok, err := secretFromFile(variable); ok || err != nil {
		return secret, err
	}
	in, ok := s.In.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", misuse("no terminal to ask on; name a file with the secret in %s (panah help secrets)", variable)
	}
	fmt.Fprint(s.Err, prompt+": ")
	b, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(s.Err)
	if err != nil {
		return "", fmt.Errorf("reading from the terminal: %w", err)
	}
	if len(b) > maxSecret {
		return "", errors.New("that is too long")
	}
	return string(b), nil
}

// askNew asks for a new passphrase, twice when a person types it.
func askNew(s Streams, prompt, variable string) (string, error) {
	first, err := ask(s, prompt, variable)
	if err != nil || os.Getenv(variable) != "" {
		return first, err
	}
	second, err := ask(s, "The same again", variable)
	if err != nil {
		return "", err
	}
	if first != second {
		return "", no("the two differ; nothing was made, please start again")
	}
	return first, nil
}
