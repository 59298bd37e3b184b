package command

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"filippo.io/age"

	"panah/core/receipt"
	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
)

// maxText is how long a letter's text may be, characters.
const maxText = 20_000

// fileList collects a flag that may be given more than once.
type fileList []string

func (l *fileList) String() string     { return strings.Join(*l, ",") }
func (l *fileList) Set(s string) error { *l = append(*l, s); return nil }

type sealFlags struct {
	recipient, text, out, org string
	epoch                     int
	parts                     fileList
	asJSON                    bool
}

func letterSeal() command {
	return command{
		name: "letter seal", args: "--recipient FILE --text FILE [--part FILE]... -o LETTER", short: "write a sealed letter to a file",
		long: `Seals a text, and photos, recordings or other files, to one post-quantum hybrid recipient, padded like every
letter. The recipient file is what "age-keygen -y" writes for a key of "age-keygen -pq", or an organisation's rosters
as its gate serves them at /rosters, each signed by the keepers of the one before: the newest key counts. A fresh
receipt code is made for the letter and printed to standard output: it is the only way to read answers, and it is
written nowhere else. With a plain recipient file, say with --org whose code it is: a mailbox belongs to one
organisation. The letter is not sent anywhere. FILE may be - for standard input.`,
		example: "curl -s https://help.example.org/rosters > rosters\npanah letter seal --recipient rosters --text story.txt --part photo.jpg -o letter.age",
		prepare: func(flags *flag.FlagSet) runner {
			var f sealFlags
			flags.StringVar(&f.recipient, "recipient", "", "`FILE` with the age1pq1… recipient, or the rosters")
			flags.StringVar(&f.text, "text", "", "`FILE` with the letter's text, UTF-8")
			flags.Var(&f.parts, "part", "`FILE` to put in; may be given again")
			flags.StringVar(&f.out, "o", "", "`LETTER` file to write; must not exist")
			flags.StringVar(&f.org, "org", "", "organisation's `FINGERPRINT`, 20 characters")
			flags.IntVar(&f.epoch, "epoch", 1, "`NUMBER` of the recipient's epoch")
			flags.BoolVar(&f.asJSON, "json", false, "print code, letter id and organisation as JSON")
			return func(_ context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				return f.seal(s)
			}
		},
	}
}

func (f *sealFlags) seal(s Streams) error {
	if f.recipient == "" || f.text == "" || f.out == "" {
		return misuse("letter seal needs --recipient, --text and -o")
	}
	to, err := f.readRecipient(s)
	if err != nil {
		return err
	}
	if err := f.checkOrg(s); err != nil {
		return err
	}
	parts, err := f.readParts(s)
	if err != nil {
		return err
	}
	code, err := receipt.New(rand.Reader)
	if err != nil {
		return err
	}
	keys, err := receipt.Derive(code, f.org)
	if err != nil {
		return err
	}
	sealed, err := seal.Seal(seal.Letter{
		Kind: seal.KindLetter, Org: f.org, Epoch: f.epoch, Sealed: seal.SealedDesk,
		Box: keys.Recipient().String(), Mailbox: keys.Mailbox.ID, MAC: &keys.MAC, At: time.Now(), Parts: parts,
	}, to)
	if err != nil {
		return err
	}
	if err := writeNew(f.out, sealed); err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(s, map[string]string{"code": code.Reveal(), "id": wire.IDOf(sealed).String(), "org": f.org})
	}
	s.say("Sealed into %s. The receipt code on the next line is the only way to read an answer:", f.out)
	s.data("%s", code.Grouped())
	return nil
}

// checkOrg holds --org to the shape of a fingerprint.
func (f *sealFlags) checkOrg(s Streams) error {
	f.org = strings.ToLower(strings.ReplaceAll(f.org, " ", ""))
	switch {
	case f.org == "":
		s.say("no --org: the letter opens, but its code has a mailbox at no organisation")
	case len(f.org) != 20 || strings.Trim(f.org, "0123456789abcdefghjkmnpqrstvwxyz") != "":
		return misuse("--org is a fingerprint: 20 letters and digits, without i, l, o and u")
	}
	return nil
}

// maxChainFile is the largest stream of rosters that a gate serves at once.
const maxChainFile = wire.MaxRosters*(wire.MaxRoster+5) + 5

// chainOf reads what a gate serves at /rosters, or the one roster of /roster; nil when b is neither.
func chainOf(b []byte) [][]byte {
	if bytes.HasPrefix(b, []byte("panah.roster/v1\n")) {
		return [][]byte{b}
	}
	chain, err := wire.ParseRosters(b)
	if err != nil || len(chain) == 0 {
		return nil
	}
	return chain
}

// readRecipient reads a recipient file or a chain of rosters; a chain also says organisation and epoch.
func (f *sealFlags) readRecipient(s Streams) (*age.HybridRecipient, error) {
	b, err := readBounded(s, f.recipient, maxChainFile)
	if err != nil {
		return nil, err
	}
	if chain := chainOf(b); chain != nil {
		r, err := roster.OpenChain(chain, "")
		if err != nil && len(chain) == 1 {
			return nil, no("%s: %v; a later roster is believed only with all before it, as the gate serves them at /rosters", f.recipient, err)
		}
		if err == nil && len(chain) == wire.MaxRosters {
			err = errors.New("a gate serves no more rosters at once, so the newest may be missing; use a plain recipient file and --org")
		}
		if err != nil {
			return nil, no("%s: %v", f.recipient, err)
		}
		if f.org != "" && f.org != r.Org {
			return nil, no("%s is the roster of %s, not of %s", f.recipient, r.Org, f.org)
		}
		f.org, f.epoch = r.Org, r.Epoch
		return r.Recipient, nil
	}
	var found []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			found = append(found, line)
		}
	}
	if len(found) != 1 {
		return nil, no("%s has %d recipients; a letter has exactly one", f.recipient, len(found))
	}
	to, err := age.ParseHybridRecipient(found[0])
	if err != nil {
		return nil, no("%s is not a post-quantum recipient (age1pq1…); make a key with: age-keygen -pq", f.recipient)
	}
	return to, nil
}

func (f *sealFlags) readParts(s Streams) ([]seal.Part, error) {
	text, err := readBounded(s, f.text, 4*maxText)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(text) || utf8.RuneCount(text) > maxText {
		return nil, no("the text is not UTF-8, or longer than %d characters", maxText)
	}
	parts := []seal.Part{{Type: seal.TypeText, Data: text}}
	for _, name := range f.parts {
		b, err := readBounded(s, name, 2<<20)
		if err != nil {
			return nil, fmt.Errorf("a part: %w", err)
		}
		parts = append(parts, seal.Part{Type: partType(b), Data: b})
	}
	return parts, nil
}

// partType names a part by its first bytes; what is not a photo or a recording we know is octets.
func partType(b []byte) string {
	switch t := http.DetectContentType(b); t {
	case seal.TypeJPEG, seal.TypePNG, seal.TypeWebP:
		return t
	case "application/ogg":
		return seal.TypeOgg
	case "video/webm":
		return seal.TypeWebM
	}
	return seal.TypeOctets
}
