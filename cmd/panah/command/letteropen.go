package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"panah/core/seal"
	"panah/core/wire"
)

func letterOpen() command {
	return command{
		name: "letter open", args: "--identity FILE LETTER -o DIR", short: "open a sealed letter into a folder",
		long: `Opens a sealed letter with an age identity and writes header.json and the parts (part-1.json, part-2.txt,
part-3.jpg …) into a folder that is new or empty, readable by its owner only. The identity file is what
"age-keygen -pq" writes. What comes out is readable: keep it on an encrypted disk and delete it when done. The files are
a stranger's: open photos and recordings with care. Stock age opens the same letter: age -d -i FILE LETTER`,
		example: "panah letter open --identity key.txt letter.age -o letter/",
		prepare: func(flags *flag.FlagSet) runner {
			identity := flags.String("identity", "", "`FILE` with an AGE-SECRET-KEY-PQ-1… identity")
			out := flags.String("o", "", "`DIR` to write; must be new or empty")
			return func(_ context.Context, s Streams, args []string) error {
				if *identity == "" || *out == "" || len(args) != 1 {
					return misuse("letter open needs --identity, one letter and -o")
				}
				return openLetter(s, *identity, args[0], *out)
			}
		},
	}
}

func openLetter(s Streams, identity, letter, out string) error {
	ids, err := readIdentities(s, identity)
	if err != nil {
		return err
	}
	sealed, err := readBounded(s, letter, wire.MaxLetter)
	if err != nil {
		return err
	}
	l, err := openWithAny(sealed, ids)
	if err != nil {
		return no("%s: %v", letter, err)
	}
	header, err := l.HeaderJSON()
	if err != nil {
		return err
	}
	if err := emptyDir(out); err != nil {
		return err
	}
	if err := writeNew(filepath.Join(out, "header.json"), append(header, '\n')); err != nil {
		return err
	}
	for i, p := range l.Parts {
		if err := writeNew(filepath.Join(out, fmt.Sprintf("part-%d%s", i+1, extension(p.Type))), p.Data); err != nil {
			return err
		}
	}
	s.say("Opened into %s: header.json and %d parts. Delete the folder when you are done.", out, len(l.Parts))
	return nil
}

// openWithAny tries the identities in turn; the error is that of the one that came furthest.
func openWithAny(sealed []byte, ids []age.Identity) (seal.Letter, error) {
	var last error
	for _, id := range ids {
		l, err := seal.Open(sealed, id)
		if err == nil {
			return l, nil
		}
		if last == nil || !errors.Is(err, seal.ErrNotForUs) {
			last = err
		}
	}
	return seal.Letter{}, last
}

func readIdentities(s Streams, name string) ([]age.Identity, error) {
	b, err := readBounded(s, name, 64<<10)
	if err != nil {
		return nil, err
	}
	defer clear(b)
	var ids []age.Identity
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, err := age.ParseHybridIdentity(line)
		if err != nil {
			// The error of age would quote the line, which may be a key.
			return nil, no("%s has a line that is not a post-quantum identity (AGE-SECRET-KEY-PQ-1…)", name)
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil, no("%s has no identity in it", name)
	}
	return ids, nil
}

// emptyDir makes a folder that only its owner can read, or takes one that is empty.
func emptyDir(name string) error {
	err := os.Mkdir(name, 0o700)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making %s: %w", name, bare(err))
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, bare(err))
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty and nothing in it is overwritten; choose another folder", name)
	}
	if err := os.Chmod(name, 0o700); err != nil {
		return fmt.Errorf("closing %s to others: %w", name, bare(err))
	}
	return nil
}

// extension is the end of a part's file name.
func extension(partType string) string {
	switch partType {
	case seal.TypeIntake:
		return ".json"
	case seal.TypeText:
		return ".txt"
	case seal.TypeJPEG:
		return ".jpg"
	case seal.TypePNG, seal.TypeWebP, seal.TypeWebM, seal.TypeOgg:
		return "." + partType[strings.IndexByte(partType, '/')+1:]
	}
	return ".bin"
}
