package papers_test

import (
	"errors"
	"testing"

	"panah/core/papers"
)

// FuzzRead: whatever is typed or pasted, Read ends, its words are there, and what it calls valid holds when its own lines
// are read again; a repair it proposes keeps the promise that the check digits of the field then fit.
func FuzzRead(f *testing.F) {
	for _, v := range readVectors(f) {
		f.Add(v.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := papers.Read(text, today)
		if err != nil {
			if !errors.Is(err, papers.ErrNotMRZ) || m.Valid || len(m.Problems) == 0 {
				t.Fatalf("%v, %d problems", err, len(m.Problems))
			}
			return
		}
		wrong := false
		for _, p := range m.Problems {
			wrong = wrong || !p.Note
			if p.ID == "" || p.Text == "" || p.Line < 0 || p.Line > len(m.Lines) {
				t.Fatalf("problem %+v", p)
			}
		}
		if m.Valid == wrong {
			t.Fatalf("valid %v with problems %+v", m.Valid, m.Problems)
		}
		if m.Valid {
			again, err := papers.Read(joined(m.Lines), today)
			if err != nil || !again.Valid || again.Type != m.Type || again.Fields != m.Fields {
				t.Fatalf("its own lines read otherwise: %v %+v", err, again)
			}
		}
		for _, r := range m.Repairs {
			repaired(t, m, r)
		}
	})
}

func joined(lines []string) (out string) {
	for _, l := range lines {
		out += l + "\n"
	}
	return out
}

// repaired holds a repair to its word: all of them made, every check digit fits.
func repaired(t *testing.T, m papers.MRZ, r papers.Repair) {
	t.Helper()
	if len(r.Changes) == 0 || r.Text == "" {
		t.Fatalf("an empty repair: %+v", r)
	}
	after, err := papers.Read(joined(r.Apply(m.Lines)), today)
	if err != nil {
		t.Fatalf("repaired lines are no zone: %v", err)
	}
	for _, c := range after.Checks {
		if c.Field == r.Field && c.Field != "composite" && !c.OK {
			t.Fatalf("%s does not fit after its repair", c.Field)
		}
	}
}
