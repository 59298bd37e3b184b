// Package recovery brings an organisation back after all its desks are lost: sheets that custodians keep on paper, and the files that a
// gate keeps for every subset of enough of them. Formats: docs/formats-keys.md, section 5.
//
// Fewer custodians than are needed open nothing, as every file is sealed to each of its subset in turn. It uses age and nothing else, so that the stock tool
// opens everything. Sheets and what files hold do not print.
package recovery

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"

	"panah/core/wire"
)

// Bounds of what an organisation may choose.
const (
	MinNeeded = 2
	MaxNeeded = 3
	MaxSheets = 5
)

const maxPlain = 32 << 10

var (
	// ErrSheet says that what was typed is not a sheet's secret; the error says what is wrong.
	ErrSheet = errors.New("this is not the secret of a sheet")
	// ErrFew says that the sheets at hand open none of the files.
	ErrFew = errors.New("these sheets do not open the recovery files")
	// ErrFile says that a recovery file holds something else than it should.
	ErrFile = errors.New("the recovery file is damaged or not one we know")
)

// A Sheet is what one custodian keeps. It prints as "[sheet]".
type Sheet struct {
	Letter   byte // 'a', 'b', …
	Identity *age.HybridIdentity
}

// String hides the sheet.
func (Sheet) String() string { return "[sheet]" }

// GoString hides the sheet.
func (Sheet) GoString() string { return "[sheet]" }

// Reveal is the secret as the stock age tool takes it: AGE-SECRET-KEY-PQ-1….
func (s Sheet) Reveal() string { return s.Identity.String() }

// CheckNumbers refuses what section 5 does not allow.
func CheckNumbers(needed, of int) error {
	if needed < MinNeeded || needed > MaxNeeded || of < needed || of > MaxSheets {
		return fmt.Errorf("%d of %d custodians: choose %d or %d that are needed, of at most %d", needed, of, MinNeeded, MaxNeeded, MaxSheets)
	}
	return nil
}

// NewSheets makes the sheets a, b, c … with the system's random source, as age takes no other.
func NewSheets(of int) ([]Sheet, error) {
	if of < MinNeeded || of > MaxSheets {
		return nil, fmt.Errorf("making sheets: %d are too few or too many", of)
	}
	var sheets []Sheet
	for i := range of {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, fmt.Errorf("making a sheet: %w", err)
		}
		sheets = append(sheets, Sheet{'a' + byte(i), id})
	}
	return sheets, nil
}

// Recipients are the public sides of sheets, in their order.
func Recipients(sheets []Sheet) []string {
	var out []string
	for _, s := range sheets {
		out = append(out, s.Identity.Recipient().String())
	}
	return out
}

// subsets lists the ways to choose needed of of, as ascending numbers from 0.
func subsets(needed, of int) [][]int {
	var out [][]int
	var choose func(from int, chosen []int)
	choose = func(from int, chosen []int) {
		if len(chosen) == needed {
			out = append(out, slices.Clone(chosen))
			return
		}
		for i := from; i < of; i++ {
			choose(i+1, append(chosen, i))
		}
	}
	choose(0, nil)
	return out
}

// Kinds of files.
const (
	KindAuthority = "authority"
	KindEpoch     = "epoch"
)

// Names lists the files of one kind, "authority-ab.age", for needed of of custodians.
func Names(kind string, needed, of int) []string {
	var out []string
	for _, s := range subsets(needed, of) {
		out = append(out, fileName(kind, s))
	}
	return out
}

func fileName(kind string, subset []int) string {
	letters := make([]byte, len(subset))
	for i, n := range subset {
		letters[i] = 'a' + byte(n)
	}
	return kind + "-" + string(letters) + ".age"
}

// files seals plain for every subset of the recipients.
func files(kind string, plain []byte, needed int, recipients []string) ([]wire.File, error) {
	if err := CheckNumbers(needed, len(recipients)); err != nil {
		return nil, err
	}
	var out []wire.File
	for _, s := range subsets(needed, len(recipients)) {
		data := plain
		for _, i := range slices.Backward(s) { // the last letter is innermost
			to, err := age.ParseHybridRecipient(recipients[i])
			if err != nil {
				return nil, errors.New("sealing a recovery file: a custodian's recipient is malformed")
			}
			var sealed bytes.Buffer
			w, err := age.Encrypt(&sealed, to)
			if err == nil {
				_, err = w.Write(data)
			}
			if err == nil {
				err = w.Close()
			}
			if err != nil {
				return nil, fmt.Errorf("sealing a recovery file: %w", err)
			}
			data = sealed.Bytes()
		}
		out = append(out, wire.File{Name: fileName(kind, s), Data: data})
	}
	return out, nil
}

// open takes the layers off a file whose name says in which order, with identities by letter. The error wraps ErrFew or ErrFile.
func open(f wire.File, ids map[byte]*age.HybridIdentity) ([]byte, error) {
	if !wire.GoodFileName(f.Name) || len(f.Data) > wire.MaxFile {
		return nil, ErrFile
	}
	letters := f.Name[strings.LastIndexByte(f.Name, '-')+1 : len(f.Name)-len(".age")]
	data := f.Data
	for i := range len(letters) {
		id := ids[letters[i]]
		if id == nil {
			return nil, ErrFew
		}
		r, err := age.Decrypt(bytes.NewReader(data), id)
		if err != nil {
			return nil, ErrFew // another organisation's sheet, an older one, or under another letter
		}
		if data, err = io.ReadAll(io.LimitReader(r, wire.MaxFile)); err != nil {
			return nil, ErrFile
		}
	}
	return data, nil
}

// find opens the first of the files of a kind that the sheets at hand open. Which letters they have is not asked of people: each identity is tried
// under each. The error wraps ErrFew or ErrFile.
func find(files []wire.File, kind string, ids []*age.HybridIdentity) ([]byte, error) {
	damaged := false
	for _, f := range files {
		if !strings.HasPrefix(f.Name, kind+"-") {
			continue
		}
		for _, order := range arrangements(len(ids), letterCount(f.Name)) {
			byLetter := map[byte]*age.HybridIdentity{}
			start := strings.LastIndexByte(f.Name, '-') + 1
			for i, n := range order {
				byLetter[f.Name[start+i]] = ids[n]
			}
			plain, err := open(f, byLetter)
			if err == nil {
				return plain, nil
			}
			damaged = damaged || errors.Is(err, ErrFile)
		}
	}
	if damaged {
		return nil, ErrFile
	}
	return nil, ErrFew
}

func letterCount(name string) int {
	return len(name) - len(".age") - strings.LastIndexByte(name, '-') - 1
}

// arrangements lists the ways to put k of n different things into a row. n is at most MaxSheets: at most 60.
func arrangements(n, k int) [][]int {
	if n > MaxSheets {
		n = MaxSheets
	}
	var out [][]int
	var put func(row []int)
	put = func(row []int) {
		if len(row) == k {
			out = append(out, slices.Clone(row))
			return
		}
		for i := range n {
			if !slices.Contains(row, i) {
				put(append(row, i))
			}
		}
	}
	put(nil)
	return out
}
