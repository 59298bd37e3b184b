package moving

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"panah/core/script"
)

// dayForm is a day in numbers: year first, or last. What stands after it (a time) is passed over.
var dayForm = regexp.MustCompile(`^(\d{1,4}) (\d{1,2}) (\d{1,4})(?: |$)`)

// day reads a day as lists have it: 2025-12-01, 1/12/2025, ۱۴۰۴/۹/۱۰. Of numbers that could be day and month in either order, the day comes first, as it does everywhere
// these lists are kept.
func (o Options) day(text string) (time.Time, bool) {
	m := dayForm.FindStringSubmatch(script.Fold(strings.NewReplacer("/", " ", "-", " ", ".", " ", "T", " ").Replace(text)))
	if m == nil {
		return time.Time{}, false
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // at most four digits
	}
	year, month, day := n[0], n[1], n[2]
	if len(m[1]) != 4 {
		year, month, day = n[2], n[1], n[0]
		if len(m[3]) != 4 {
			return time.Time{}, false
		}
	}
	solar := o.Calendar == "solar" || o.Calendar == "" && year >= 1300 && year < 1500
	switch {
	case solar && o.Solar != nil && year >= 1300 && year < 1500:
		return o.Solar(year, month, day)
	case solar || year < 1950 || year > 2200:
		return time.Time{}, false
	}
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return at, at.Day() == day && int(at.Month()) == month
}

// digits of the three kinds, for patterns over text that is not folded: what is found is shown where it stands.
const digit = `[0-9۰-۹٠-٩]`

// numbers are what looks like something that is never collected: telephone numbers (seven digits and more, with what people put between), document numbers (a letter or two and
// six digits and more), addresses of mail, places on a map. Sums of money with separators of thousands look like telephone numbers too: a person decides.
var numbers = regexp.MustCompile(`(?i)[\p{L}0-9._%+-]+@[\p{L}0-9-]+\.[\p{L}0-9.-]+|` +
	`\b[A-Z]{1,3}[ -]?` + digit + `{6,9}\b|` +
	`[+-]?` + digit + `{1,3}[.٫]` + digit + `{4,}[ ,،;]+[+-]?` + digit + `{1,3}[.٫]` + digit + `{4,}|` +
	`\+?` + digit + `(?:[ ()./_-]{0,2}` + digit + `){6,}`)

// daylike is what the last pattern finds and is a day: 2025-12-01.
var daylike = regexp.MustCompile(`^` + digit + `{4}([-/.])` + digit + `{1,2}[-/.]` + digit + `{1,2}$|^` + digit + `{1,2}([-/.])` + digit + `{1,2}[-/.]` + digit + `{4}$`)

// Numbers finds what in a text looks like a number that is never collected: places in bytes, in order.
func Numbers(text string) [][2]int {
	var found [][2]int
	for _, m := range numbers.FindAllStringIndex(text, -1) {
		if !daylike.MatchString(text[m[0]:m[1]]) {
			found = append(found, [2]int{m[0], m[1]})
		}
	}
	return found
}
