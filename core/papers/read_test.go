package papers_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"panah/core/papers"
	"panah/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

// today is the day on which the vectors are read.
var today = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// vector is one line of vectors/mrz.json.
type vector struct {
	Name     string            `json:"name"`
	Source   string            `json:"source"`
	Text     string            `json:"text"`
	NotMRZ   bool              `json:"not_mrz"`
	Type     papers.Type       `json:"type"`
	Valid    bool              `json:"valid"`
	Fields   map[string]string `json:"fields"`
	Checks   string            `json:"checks"`   // "document_number+ birth_date-": + fits, - does not
	Problems string            `json:"problems"` // "state-unknown@1.3 specimen@1.3": notes too
	Repairs  []string          `json:"repairs"`  // the text after each repair alone
}

func readVectors(t testing.TB) []vector {
	t.Helper()
	var all []vector
	testkit.ReadVectors(t, "mrz.json", &all)
	if len(all) < 30 {
		t.Fatalf("%d vectors; there should be many", len(all))
	}
	return all
}

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			m, err := papers.Read(v.Text, today)
			if v.NotMRZ != errors.Is(err, papers.ErrNotMRZ) {
				t.Fatalf("error %v, not an MRZ: %v", err, v.NotMRZ)
			}
			got := vector{Name: v.Name, Source: v.Source, Text: v.Text, NotMRZ: v.NotMRZ, Type: m.Type, Valid: m.Valid, Fields: m.Fields.Map(), Checks: checksOf(m), Problems: problemsOf(m)}
			for _, r := range m.Repairs {
				got.Repairs = append(got.Repairs, strings.Join(r.Apply(m.Lines), "\n"))
			}
			if diff := cmp.Diff(v, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func checksOf(m papers.MRZ) string {
	var out []string
	for _, c := range m.Checks {
		out = append(out, c.Field+map[bool]string{true: "+", false: "-"}[c.OK])
	}
	return strings.Join(out, " ")
}

func problemsOf(m papers.MRZ) string {
	var out []string
	for _, p := range m.Problems {
		if p.Text == "" {
			out = append(out, "WORDLESS")
		}
		out = append(out, p.ID+"@"+string(rune('0'+p.Line)))
	}
	return strings.Join(out, " ")
}
