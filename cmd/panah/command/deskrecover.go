package command

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"panah/core/roster"
	"panah/desk"
)

func deskRecover() command {
	return command{
		name: "desk recover", args: "--gate URL --org FINGERPRINT [--sheet FILE]... [--data DIR]", short: "bring an organisation back with the custodians' sheets",
		long: `Brings an organisation back when every desk is lost, on any computer, with as many recovery sheets as stand on them. It asks for
the secret key of each sheet and for a new passphrase. URL and FINGERPRINT stand on the sheets; spaces and case do not matter.

This computer becomes the organisation's only desk: a new epoch begins, and all old desks are out. Letters of the last epoch and open
cases come back from the gate. The sheets stay good. The first recovery after founding is the rehearsal that opens intake.

--sheet names a file with one key, as a scanner of the sheet's QR writes it; keep such a file readable by its owner only.
What breaks off goes on with the same command.`,
		example: "panah desk recover --gate https://help.example.org --org '0123 4567 89ab cdef ghjk'",
		prepare: func(flags *flag.FlagSet) runner {
			var c desk.RecoverConfig
			var files fileList
			flags.StringVar(&c.Data, "data", deskDir(), "`DIR` to make")
			flags.StringVar(&c.GateURL, "gate", "", "`URL` of the gate")
			flags.StringVar(&c.Org, "org", "", "`FINGERPRINT` of the organisation, 20 characters")
			flags.StringVar(&c.DeskName, "desk", "Desk 1", "`NAME` of this desk, for the organisation's other desks")
			flags.Var(&files, "sheet", "`FILE` with the secret key of one sheet; give it once for each")
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				if c.GateURL == "" || c.Org == "" {
					return misuse("desk recover needs --gate and --org; both stand on the sheets")
				}
				c.GateURL = strings.TrimRight(c.GateURL, "/")
				return recoverDesk(ctx, s, c, files)
			}
		},
	}
}

// recoverTime is how long the gate may take for a recovery: the log is read.
const recoverTime = 10 * time.Minute

func recoverDesk(ctx context.Context, s Streams, c desk.RecoverConfig, files []string) error {
	if desk.Exists(c.Data) && !desk.Begun(c.Data) {
		return no("%s holds a desk already; choose another folder with --data, or destroy that desk with: panah desk purge", c.Data)
	}
	if _, err := desk.ReadFingerprint(c.Org); err != nil {
		return no("%v", err)
	}
	var err error
	if desk.Begun(c.Data) {
		s.say("%s holds a recovery that broke off; going on with it.", c.Data)
		c.Passphrase, err = ask(s, "Its passphrase", passphraseFile)
	} else {
		if c.Sheets, err = sheets(s, files); err != nil {
			return err
		}
		c.Passphrase, err = newPassphrase(s)
	}
	if err != nil {
		return err
	}
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, recoverTime)
	defer cancel()
	done, err := desk.Recover(ctx, c)
	if err != nil {
		return explainRecovery(err, c.Data)
	}
	tellRecovered(s, done, time.Since(started))
	return nil
}

// explainRecovery says which failures are answers, and that the same command goes on.
func explainRecovery(err error, data string) error {
	var sheet desk.SheetError
	for _, answer := range []error{
		desk.ErrExists, desk.ErrBegun, desk.ErrOther, desk.ErrPassphrase, desk.ErrWeak, desk.ErrFingerprint, desk.ErrChain, desk.ErrSheets,
	} {
		if errors.Is(err, answer) || errors.As(err, &sheet) {
			return no("%v", err)
		}
	}
	if desk.Begun(data) {
		return fmt.Errorf("%w\nHow far it came is kept in %s: mend what is wrong and run the same command again", explainClock(err), data)
	}
	return explainClock(err)
}

// explainClock says what to do about a clock.
func explainClock(err error) error {
	if errors.Is(err, desk.ErrClock) {
		return fmt.Errorf("%w; set this computer's clock and run the same command again", err)
	}
	return err
}

func tellRecovered(s Streams, done desk.Recovered, took time.Duration) {
	s.say("%s is back, on this desk alone. Epoch %d has begun; every older desk is out, and the sheets stay good.", done.Name, done.Epoch)
	s.data("fingerprint:  %s\nroster:       %d, epoch %d\ntook:         %.1f s", roster.GroupOrgID(done.Org), done.Serial, done.Epoch, took.Seconds())
	switch {
	case done.Intake:
		s.say("The rehearsal letter was opened: the sheets work, and intake is open.")
	case done.Rehearsed:
		s.say("A letter of the last epoch was opened: the sheets work. Intake is as it was.")
	default:
		s.say("The gate had no letter of the last epoch to open. One was left for the next rehearsal.")
	}
	s.say("Next: panah desk serve")
}

// sheets reads the keys from files, or asks for them one by one.
func sheets(s Streams, files []string) ([]string, error) {
	var out []string
	for i, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, bare(err))
		}
		if info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			return nil, fmt.Errorf("%s can be read by others; run chmod 600 on it", name)
		}
		b, err := readBounded(s, name, maxSheet)
		if err != nil {
			return nil, err
		}
		if err := desk.CheckSheet(string(b)); err != nil {
			return nil, no("sheet %d (%s): %v", i+1, name, err)
		}
		out = append(out, string(b))
	}
	if len(files) > 0 {
		return out, nil
	}
	return askSheets(s)
}

// maxSheet bounds a file with one sheet's key, bytes; maxSheets how many are asked for.
const (
	maxSheet  = 4 << 10
	maxSheets = 5
)

// askSheets asks at the terminal. What is typed is shown: nobody types 77 characters blindly.
func askSheets(s Streams) ([]string, error) {
	in, ok := s.In.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil, misuse("no terminal to ask on; name files with the sheets' keys with --sheet")
	}
	s.say("Type the secret key of each sheet. What you type is shown: nobody else should see this screen.")
	lines := bufio.NewReaderSize(io.LimitReader(in, 64<<10), maxSheet)
	var out []string
	for len(out) < maxSheets {
		fmt.Fprintf(s.Err, "Sheet %d (empty line: no more): ", len(out)+1)
		typed, err := lines.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("reading from the terminal: %w", err)
		}
		if strings.TrimSpace(typed) == "" {
			break
		}
		if err := desk.CheckSheet(typed); err != nil {
			s.say("%v. Type it again.", err)
			continue
		}
		out = append(out, typed)
	}
	return out, nil
}
