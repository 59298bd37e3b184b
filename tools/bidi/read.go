package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// short are the long names of classes, as the @missing lines write them.
var short = map[string]string{
	"Left_To_Right": "L", "Right_To_Left": "R", "Arabic_Letter": "AL", "European_Terminator": "ET", "Boundary_Neutral": "BN",
}

// fields calls line for every line of data with its fields, and for every @missing line with missing true.
func fields(name string, line func(f []string, missing bool) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		text, missing := strings.CutPrefix(lines.Text(), "# @missing: ")
		if !missing {
			text, _, _ = strings.Cut(text, "#")
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		f := strings.Split(text, ";")
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		if len(f) < 2 {
			return fmt.Errorf("%s:%d: one field", name, n)
		}
		if err := line(f, missing); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return lines.Err()
}

func code(s string) (rune, error) {
	n, err := strconv.ParseUint(s, 16, 32)
	if err == nil && n > 0x10FFFF {
		err = errors.New("past the last code point")
	}
	return rune(n), err
}

// readClasses gives the class of every code point: what is listed, else the last @missing line that covers it.
func readClasses(name string) (classes []string, version string, err error) {
	head, err := os.ReadFile(name)
	if err != nil {
		return nil, "", err
	}
	version, _, _ = strings.Cut(strings.TrimPrefix(string(head), "# DerivedBidiClass-"), ".txt")
	missing, listed := make([]string, 0x110000), make([]string, 0x110000)
	err = fields(name, func(f []string, absent bool) error {
		first, last, ranged := strings.Cut(f[0], "..")
		if !ranged {
			last = first
		}
		lo, err1 := code(first)
		hi, err2 := code(last)
		into, class := listed, f[1]
		if absent {
			into, class = missing, short[f[1]]
		}
		if class == "" {
			return fmt.Errorf("no class is named %s", f[1])
		}
		for r := lo; r <= hi; r++ {
			into[r] = class
		}
		return errors.Join(err1, err2)
	})
	for r := range listed {
		if listed[r] == "" {
			listed[r] = missing[r]
		}
	}
	return listed, version, err
}

func readMirrors(name string) (pairs [][2]rune, err error) {
	return pairs, fields(name, func(f []string, missing bool) error {
		if missing {
			return nil
		}
		a, err1 := code(f[0])
		b, err2 := code(f[1])
		pairs = append(pairs, [2]rune{a, b})
		return errors.Join(err1, err2)
	})
}

// bracket is a line of BidiBrackets.txt.
type bracket struct {
	r, other rune
	opens    bool
}

func readBrackets(name string) (all []bracket, err error) {
	return all, fields(name, func(f []string, missing bool) error {
		if missing {
			return nil
		}
		r, err1 := code(f[0])
		other, err2 := code(f[1])
		all = append(all, bracket{r, other, f[2] == "o"})
		return errors.Join(err1, err2)
	})
}

// readSame finds brackets that are canonically another character (BD16 compares them as that one).
func readSame(name string, brackets []bracket) (same map[rune]rune, err error) {
	is := map[rune]bool{}
	for _, b := range brackets {
		is[b.r] = true
	}
	same = map[rune]rune{}
	return same, fields(name, func(f []string, _ bool) error {
		r, err := code(f[0])
		if err != nil || !is[r] || f[5] == "" || strings.HasPrefix(f[5], "<") { // <…>: alike, not the same
			return err
		}
		same[r], err = code(f[5])
		return err
	})
}
