package papers

import (
	"fmt"
	"time"
)

// Reason says why a two-digit year was given its century: a stable id, see [Reason.Text].
type Reason string

// The reasons.
const (
	BirthPast    Reason = "birth-past"     // the later century would put the birth in the future
	BirthYounger Reason = "birth-younger"  // both centuries fit; the younger age is taken
	BirthAlive   Reason = "birth-alive"    // the earlier century would make the person older than anyone has been
	BirthExpiry  Reason = "birth-expiry"   // the later century would put the birth after the paper's end
	ExpiryNear   Reason = "expiry-near"    // within fifty years after today
	ExpiryPast   Reason = "expiry-past"    // the later century would be more than fifty years ahead
	IssuedPast   Reason = "issued-past"    // the later century would put the issue in the future
	IssuedBy2021 Reason = "issued-by-2021" // the French card was issued from 1988 to 2021
)

const (
	expiryAhead    = 50  // years; no paper of this kind runs longer, and zones are printed since 1980
	oldest         = 122 // years; the longest life on record
	frenchCardFrom = 1988
)

// Text is the reason as an English sentence.
func (r Reason) Text() string {
	switch r {
	case BirthPast:
		return "a birth does not lie in the future, so the earlier century is meant"
	case BirthYounger:
		return "both centuries fit; the younger age is taken, so look at the printed date"
	case BirthAlive:
		return "the earlier century would make the person older than anyone has been"
	case BirthExpiry:
		return "a birth does not lie after the end of the paper, so the earlier century is meant"
	case ExpiryNear:
		return "the end lies within fifty years after today"
	case ExpiryPast:
		return "the later century would be more than fifty years ahead"
	case IssuedPast:
		return "an issue does not lie in the future"
	case IssuedBy2021:
		return "this card was issued from 1988 to 2021"
	}
	return ""
}

// String is the date as year-month-day, with X for each digit that is not known: "1974-08-12", "1974-08-XX",
// "XXXX-XX-XX"; "" for a date that the layout does not have.
func (d Date) String() string {
	if d.Raw == "" {
		return ""
	}
	year, month, day := "XXXX", "XX", "XX"
	if d.Century != "" {
		year = fmt.Sprintf("%04d", d.Year)
	}
	if d.Month != 0 {
		month = fmt.Sprintf("%02d", d.Month)
	}
	if d.Day != 0 {
		day = fmt.Sprintf("%02d", d.Day)
	}
	if len(d.Raw) == 4 {
		return year + "-" + month
	}
	return year + "-" + month + "-" + day
}

// Whole tells whether year, month and day are all known.
func (d Date) Whole() bool { return d.Century != "" && d.Month != 0 && d.Day != 0 }

// Time is midnight UTC of a whole date; the zero time otherwise.
func (d Date) Time() time.Time {
	if !d.Whole() {
		return time.Time{}
	}
	return time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
}

// part is two characters of a date.
type part struct {
	n    int
	open bool // fillers: not known
	ok   bool
}

func readPart(s string) part {
	if s == "<<" {
		return part{open: true, ok: true}
	}
	a, b := s[0]-'0', s[1]-'0'
	return part{n: int(a)*10 + int(b), ok: a < 10 && b < 10}
}

// readDate reads YYMMDD or YYMM without its century: Year is 0…99. The string says what is wrong: "" for nothing,
// "date-characters", "date-month", "date-day"; zero tells that 00 stood for an unknown part.
func readDate(raw string) (d Date, known, zero bool, wrong string) {
	d.Raw = raw
	y, m := readPart(raw[:2]), readPart(raw[2:4])
	day := part{open: true, ok: true}
	if len(raw) == 6 {
		day = readPart(raw[4:])
	}
	if !y.ok || !m.ok || !day.ok {
		return d, false, false, "date-characters"
	}
	zero = !m.open && m.n == 0 || !day.open && day.n == 0
	if m.n > 12 {
		return d, false, zero, "date-month"
	}
	if day.n > 31 || m.n != 0 && day.n > longest(m.n) {
		return d, false, zero, "date-day"
	}
	d.Year, d.Month, d.Day = y.n, m.n, day.n
	return d, !y.open, zero, ""
}

func longest(month int) int {
	switch month {
	case 2:
		return 29
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// leapDay tells a 29 February of a year that has none.
func (d Date) leapDay() bool {
	return d.Month == 2 && d.Day == 29 && d.Century != "" && time.Date(d.Year, 2, 29, 0, 0, 0, 0, time.UTC).Day() != 29
}

// after tells whether the first day that d can be, in the given year, lies after year-month-day.
func (d Date) after(year int, y, m, day int) bool {
	dm, dd := max(d.Month, 1), max(d.Day, 1)
	switch {
	case year != y:
		return year > y
	case dm != m:
		return dm > m
	}
	return dd > day
}

func (d *Date) bornIn(today time.Time, end Date) {
	y, m, day := today.Date()
	late := y/100*100 + d.Year
	switch {
	case d.after(late, y, int(m), day):
		d.Year, d.Century = late-100, BirthPast
	case end.Whole() && d.after(late, end.Year, end.Month, end.Day):
		d.Year, d.Century = late-100, BirthExpiry
	case y-(late-100) > oldest:
		d.Year, d.Century = late, BirthAlive
	default:
		d.Year, d.Century = late, BirthYounger
	}
}

func (d *Date) endsIn(today time.Time) {
	late := today.Year()/100*100 + d.Year
	if late < today.Year()-expiryAhead { // today late in a century: the next one
		late += 100
	}
	if late > today.Year()+expiryAhead {
		d.Year, d.Century = late-100, ExpiryPast
		return
	}
	d.Year, d.Century = late, ExpiryNear
}

func (d *Date) issuedIn() {
	d.Century = IssuedBy2021
	if d.Year >= frenchCardFrom%100 {
		d.Year += 1900
		return
	}
	d.Year += 2000
}
