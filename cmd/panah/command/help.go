package command

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

const intro = `Panah is a confidential help desk for people whose right to stay is being questioned.
A person's browser seals a letter; the gate on the internet keeps it and cannot read it;
the desk on a caseworker's laptop opens and answers it.

Try it now, with a made-up organisation:   panah demo

`

// topics are help pages that belong to no single command.
var topics = [...]struct{ name, short, text string }{
	{"start", "from nothing to a gate and a desk", `On the server, which has a name in DNS and ports 80 and 443 open:

    panah gate --domain help.example.org --data /var/lib/panah

It gets its certificate by itself, prints a setup code and the fingerprint of its key, and waits.
On the caseworker's laptop, within the same call:

    panah desk init --gate https://help.example.org --name "Example Legal Aid" --sheets sheets/

"desk init" founds the organisation: it asks for the setup code and a passphrase, makes the keys, and tells the gate
whom letters are sealed to. The keys never leave the laptop. It writes a recovery sheet for each of three custodians:
print them, give each to another person, delete the files. Any two bring the organisation back when every desk is lost.

The gate takes no letters until you have tried that once, with the printed sheets:

    panah desk purge
    panah desk recover --gate https://help.example.org --org FINGERPRINT
    panah desk serve

"desk serve" prints an address for the browser on that laptop. More desks come in by a spoken code: panah desk invite
here, panah desk join there. Everything can also be done on the desk's pages.

A hardened systemd unit and the whole story are in docs/deploy.md.
`},
	{"secrets", "how passphrases are given", `No secret is taken from a flag: other users of a machine can read flags.
A passphrase is read from the terminal, without showing it. In scripts, name a file:

    PANAH_PASSPHRASE_FILE   file with the desk's passphrase on its first line
    PANAH_SETUP_FILE        file with the gate's setup code on its first line
    PANAH_CODE_FILE         file with a keeper's code for joining on its first line

Recovery sheets are typed at the terminal, or read from files that --sheet names.

Keep such a file readable by its owner only (chmod 600); panah refuses one that others can read.
`},
	{"files", "which files are what", `A sealed letter is an age file (age-encryption.org/v1) to one post-quantum hybrid recipient.
Stock age 1.3 or newer opens it:     age -d -i key.txt letter.age
and panah splits what is inside:     panah letter open --identity key.txt letter.age -o letter/

A key pair as "letter seal" and "letter open" take it:
    age-keygen -pq -o key.txt && age-keygen -y key.txt > recipient.txt

The formats are in docs/formats.md, complete enough to write another program from.
`},
	{"exit", "exit codes", `0  done, or the answer is yes
1  the answer is no: a wrong code, a forged promise, a log that does not verify, pages that differ
2  wrong use: the message says what to type instead
3  the world failed: disk, network, a file that is not there
`},
}

// help prints the list, a group, a command or a topic.
func help(_ context.Context, s Streams, words []string) error {
	if len(words) == 0 {
		printList(s.Out)
		return nil
	}
	name := strings.Join(words, " ")
	if c := lookup(name); c != nil {
		c.printHelp(s.Out)
		return nil
	}
	if group := members(name); len(group) > 0 {
		printGroup(s.Out, name)
		return nil
	}
	names := firstWords()
	for _, t := range topics {
		if t.name == name {
			fmt.Fprint(s.Out, t.text)
			return nil
		}
		names = append(names, t.name)
	}
	return misuse("there is no help on %q%s\nAll commands and topics: panah help", name, nearest(name, names))
}

// A group of more than largeGroup commands shows fewOfLarge of them in the list, so that the list fits a screen.
const (
	largeGroup = 8
	fewOfLarge = 3
)

func printList(w io.Writer) {
	fmt.Fprint(w, intro, "Commands:\n")
	shown := map[string]int{} // of each group
	for _, c := range table() {
		group, _, _ := strings.Cut(c.name, " ")
		switch all := len(members(group)); {
		case all <= largeGroup || shown[group] < fewOfLarge:
			fmt.Fprintf(w, "    %-19s %s\n", c.name, c.short)
		case shown[group] == fewOfLarge:
			fmt.Fprintf(w, "    %-19s %d more: panah help %s\n", group+" …", all-fewOfLarge, group)
		}
		shown[group]++
	}
	fmt.Fprint(w, "\nTopics:\n")
	for _, t := range topics {
		fmt.Fprintf(w, "    help %-14s %s\n", t.name, t.short)
	}
	fmt.Fprint(w, "\nEvery command has -h with an example. Data goes to standard output, words to standard error.\n")
}

func printGroup(w io.Writer, group string) {
	for _, c := range table() {
		if strings.HasPrefix(c.name, group+" ") {
			fmt.Fprintf(w, "    panah %-19s %s\n", c.name, c.short)
		}
	}
	if lookup(group+" serve") != nil {
		fmt.Fprintf(w, "\n\"panah %s\" alone is \"panah %s serve\".\n", group, group)
	}
	fmt.Fprintf(w, "\nEach has -h with an example: panah help %s %s\n", group, members(group)[0])
}

func (c *command) usage() string {
	return strings.TrimSpace("panah " + c.name + " " + c.args)
}

func (c *command) printHelp(w io.Writer) {
	fmt.Fprintf(w, "usage: %s\n\n%s\n", c.usage(), strings.TrimSpace(c.long))
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	c.prepare(flags)
	any := false
	flags.VisitAll(func(f *flag.Flag) {
		if !any {
			fmt.Fprint(w, "\nFlags:\n")
			any = true
		}
		value, words := flag.UnquoteUsage(f)
		name := strings.TrimSpace(dashes(f.Name) + " " + value)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			words += fmt.Sprintf(" (default %s)", f.DefValue)
		}
		fmt.Fprintf(w, "    %-22s %s\n", name, words)
	})
	fmt.Fprintf(w, "\nExample:\n    %s\n", strings.ReplaceAll(strings.TrimSpace(c.example), "\n", "\n    "))
}

func dashes(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// lookup finds a command by its whole name.
func lookup(name string) *command {
	all := table()
	if i := slices.IndexFunc(all, func(c command) bool { return c.name == name }); i >= 0 {
		return &all[i]
	}
	return nil
}

// members lists the second words of the commands that start with group.
func members(group string) []string {
	var out []string
	for _, c := range table() {
		if second, ok := strings.CutPrefix(c.name, group+" "); ok {
			out = append(out, second)
		}
	}
	return out
}

// firstWords lists what may follow "panah".
func firstWords() []string {
	out := []string{"help"}
	for _, c := range table() {
		word, _, _ := strings.Cut(c.name, " ")
		if !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}
