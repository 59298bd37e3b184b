package command

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/roster"
)

func promiseCheck() command {
	return command{
		name: "promise check", args: "--key KEY [FILE]", short: "did this gate promise to deliver a letter?",
		long: `Checks the promise that a gate gave for a letter: the text that the person saved or the content of its QR code,
from FILE or standard input. KEY is the gate's public key as "panah gate init" and "panah gate status" print it, or a
file that holds it. It works off line. It says in words what the promise proves and what it does not.
A promise that this key did not sign is exit code 1.`,
		example: "panah promise check --key help.example.org+1a2b3c4d+AbCd… promise.txt",
		prepare: func(flags *flag.FlagSet) runner {
			key := flags.String("key", "", "gate's public `KEY`, or a file that holds it")
			org := flags.String("org", "", "`FINGERPRINT` of the organisation that the letter should be for")
			asJSON := flags.Bool("json", false, "print JSON")
			return func(_ context.Context, s Streams, args []string) error {
				if *key == "" || len(args) > 1 {
					return misuse("promise check needs --key and at most one file")
				}
				return checkPromise(s, *key, *org, append(args, "-")[0], *asJSON)
			}
		},
	}
}

func checkPromise(s Streams, key, org, file string, asJSON bool) error {
	v, err := readVerifier(key)
	if err != nil {
		return err
	}
	text, err := readBounded(s, file, 8<<10)
	if err != nil {
		return err
	}
	// What was copied or typed may have gained line ends of another system or blank lines around it.
	clean := strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")) + "\n"
	p, err := ledger.CheckPromise(clean, v)
	if err != nil {
		return no("this proves nothing: %v", err)
	}
	if org = strings.ReplaceAll(org, " ", ""); org != "" && org != p.Org {
		return no("the promise is genuine, but it is for another organisation: %s", roster.GroupOrgID(p.Org))
	}
	if asJSON {
		return writeJSON(s, map[string]any{
			"ok": true, "org": p.Org, "gate": p.Gate, "commitment": base64.StdEncoding.EncodeToString(p.Commitment[:]), "deadline": p.Deadline,
		})
	}
	due := "has passed"
	if time.Now().Before(p.Deadline) {
		due = "has not come yet"
	}
	s.data(`The gate %s signed this promise.
It proves:   the gate took a letter for the organisation %s and promised
             to hand it to its desks by %s (this time %s).
It does not  say who wrote the letter or what is in it, that a person has read it, or that anything was decided.
prove:       It is no permit to stay and no court's confirmation. Whether the promise was kept shows in the gate's
             log: ask the organisation to look for commitment
             %s`, p.Gate, roster.GroupOrgID(p.Org), p.Deadline.Format("2006-01-02 15:04 MST"), due,
		base64.StdEncoding.EncodeToString(p.Commitment[:]))
	return nil
}

// readVerifier takes a verifier key or the name of a file that holds one.
func readVerifier(key string) (note.Verifier, error) {
	if v, err := note.NewVerifier(strings.TrimSpace(key)); err == nil {
		return v, nil
	}
	b, err := readBounded(Streams{}, key, 4<<10)
	if errors.Is(err, fs.ErrNotExist) || key == "-" {
		return nil, misuse("--key is neither a gate's public key (name+hash+base64) nor a file")
	}
	if err != nil {
		return nil, err
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(b)))
	if err != nil {
		return nil, fmt.Errorf("%s does not hold a gate's public key (name+hash+base64)", key)
	}
	return v, nil
}
