package pathway

import (
	"slices"
	"strings"
	"time"
)

// nothing are answers that say "none": they raise nothing under "any".
var nothing = []string{"", "no", "none", "0", "unknown"}

// Raised is what an answer leads to: ids of pathways, or urgencies. A bound ("within": P3D, "to": hours) holds for a date, in days or RFC 3339, that is no later than that from now.
func (q Question) Raised(answer string, now time.Time) (to []string) {
	parts := strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == '\n' || r == ' ' })
	for when, what := range q.Raises {
		switch when {
		case "to":
		case "any":
			if slices.ContainsFunc(parts, func(p string) bool { return !slices.Contains(nothing, p) }) {
				to = append(to, what)
			}
		case "within":
			if d, err := ParseDuration(what); err == nil && near(strings.TrimSpace(answer), now.Add(d)) {
				to = append(to, q.Raises["to"])
			}
		default:
			if slices.Contains(parts, when) {
				to = append(to, what)
			}
		}
	}
	slices.Sort(to)
	return to
}

func near(answer string, end time.Time) bool {
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, answer); err == nil {
			return !t.After(end)
		}
	}
	return false
}
