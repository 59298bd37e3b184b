// Package papers reads the machine-readable zone (MRZ) of passports, visas, cards and travel documents, as ICAO
// Doc 9303 (eighth edition, parts 3 to 7) lays it out, and of the French national identity card of 1988, which has a
// layout of its own. It says whether lines hold together — lengths, check digits, codes, dates — and proposes a repair
// where a check digit proves one.
//
// It refuses to say anything about a paper being real or forged: whoever can copy a paper can compute its check digits.
// It keeps nothing, reads no clock and touches no network.
package papers

import (
	"errors"
	"time"
)

// ErrNotMRZ is returned by [Read] for text that is no machine-readable zone at all: the wrong number of lines, lines far
// from every length that a layout knows, or nothing written. The MRZ that comes with it has Problems that say what was
// expected.
var ErrNotMRZ = errors.New("papers: these are not the lines of a machine-readable zone")

// Type is a layout of the machine-readable zone.
type Type string

// The layouts that Read knows.
const (
	TD1   Type = "TD1"    // three lines of 30: cards (Doc 9303-5)
	TD2   Type = "TD2"    // two lines of 36: larger cards and some travel documents (Doc 9303-6)
	TD3   Type = "TD3"    // two lines of 44: passports (Doc 9303-4)
	MRVA  Type = "MRV-A"  // two lines of 44: full-page visas (Doc 9303-7)
	MRVB  Type = "MRV-B"  // two lines of 36: smaller visas (Doc 9303-7)
	FraID Type = "FRA-ID" // two lines of 36: the French national identity card issued 1988 to 2021
)

// MRZ is what Read found. It holds a number, a name and dates of a person: show it, do not keep it.
type MRZ struct {
	Type     Type      // "" when no layout fits
	Valid    bool      // every line has its length, every check fits and no problem is more than a note
	Lines    []string  // the lines as they were read: upper case, '<' for every filler, no spaces
	Fields   Fields    // what the lines say; empty where a line could not be read
	Checks   []Check   // every check digit, in the order of the zone
	Problems []Problem // what does not fit, in the order of the zone; notes among them
	Repairs  []Repair  // proposals, never applied by Read
}

// Fields are what a zone says, with fillers taken off and names spaced.
type Fields struct {
	DocumentCode   string // "P", "PD", "I", "V", "ID"…: one or two letters
	IssuingState   string // the code as printed: "AFG", "D", "UNO"
	Surname        string // primary identifier; parts separated by one space
	GivenNames     string // secondary identifier; parts separated by one space; "" when there is none
	DocumentNumber string // whole, also where it is continued in the optional data
	Nationality    string // the code as printed; "FRA" on the French card, which does not print it
	BirthDate      Date
	Sex            string // "M", "F", or "X" where the zone leaves it open with a filler
	ExpiryDate     Date   // zero on the French card, which does not print it
	OptionalData   string // trailing fillers taken off, inner ones kept; the personal number of a TD3
	OptionalData2  string // second line of a TD1
	IssueDate      Date   // French card only: year and month
	IssuingOffice  string // French card only: department and office
}

// Date is a day as a zone writes it, YYMMDD, with the century that was concluded. Parts that the zone leaves open are
// zero.
type Date struct {
	Raw              string // the six characters (four on the French card's issue date)
	Year, Month, Day int    // four digits; 0 = not known
	Century          Reason // why this century; "" when the year is not known
}

// Check is one check digit.
type Check struct {
	Field  string // "document_number", "birth_date", "expiry_date", "optional_data", "composite"
	OK     bool
	Line   int  // of the digit, from 1
	Column int  // of the digit, from 1
	Found  byte // as written
	Wanted byte // as computed ('0'…'9'); 0 where a character does not count at all
}

// Problem is one thing that does not fit, for a person to look at.
type Problem struct {
	ID     string // stable, for translation and scripts: "length", "check-digit", "state-unknown"…
	Text   string // an English sentence that says what to do
	Line   int    // from 1; 0 when it is about the whole
	Column int    // from 1; 0 when it is about the whole line
	Note   bool   // worth knowing, but the zone may still be valid
	Field  string // the field it is about; "" for a line or the whole
	Found  string // what stands there, short; "" when there is nothing to show
	Wanted string // what was expected, short; "" when there is no single answer
}

// Repair is a proposal: applied, the check digits that cover it fit, and no other change of its kind does that.
type Repair struct {
	Field   string // the field that would change; "line" for a filler too few or too many
	Changes []Change
	Text    string // an English sentence
}

// Change is one character of a repair.
type Change struct {
	Line, Column int    // from 1
	From, To     string // one character each; From "" inserts, To "" deletes
}

// Read reads the lines of a machine-readable zone from text. It takes lower case, spaces, guillemets for fillers,
// Persian and Arabic digits and direction marks, and notes what it changed. today (a day, UTC) decides centuries and
// nothing else. The error is ErrNotMRZ or nil: lines that are recognised but do not hold together are an MRZ that is
// not Valid. Text of more than MaxText bytes is not read.
func Read(text string, today time.Time) (MRZ, error) {
	return read(text, today)
}

// MaxText is the most bytes that Read looks at: several times the largest zone, written with spaces.
const MaxText = 2048
