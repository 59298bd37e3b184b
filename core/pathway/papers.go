package pathway

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Paper is a kind of paper that the intake page offers by name. What the rules say about it is core/rulebook's.
type Paper struct {
	ID    string            `yaml:"id"`
	Names map[string]string `yaml:"names"` // by language code; English is always there
}

const maxPapers = 100

// ParsePapers reads the names of the kinds of paper from papers.yaml; the rest of the file is left to other rooms.
func ParsePapers(data []byte) ([]Paper, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("file of %d bytes is larger than %d", len(data), maxFile)
	}
	var f struct {
		Papers []Paper `yaml:"papers"`
	}
	if err := yaml.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("reading kinds of paper: %w", err)
	}
	if len(f.Papers) == 0 || len(f.Papers) > maxPapers {
		return nil, fmt.Errorf("%d kinds of paper: between 1 and %d are expected", len(f.Papers), maxPapers)
	}
	seen := map[string]bool{}
	for _, p := range f.Papers {
		switch {
		case !idForm.MatchString(p.ID) || seen[p.ID]:
			return nil, fmt.Errorf("id %.60q is malformed or there twice", p.ID)
		case p.Names["en"] == "":
			return nil, errors.New(p.ID + " has no English name")
		}
		seen[p.ID] = true
	}
	return f.Papers, nil
}

// Name returns the paper's name in a language, and the language that it is really in. Dari readers know the
// Persian name of an Iranian paper; everybody else gets English when their own is missing.
func (p Paper) Name(lang string) (name, in string) {
	for _, l := range []string{lang, map[string]string{"fa-AF": "fa"}[lang]} {
		if n := p.Names[l]; n != "" {
			return n, l
		}
	}
	return p.Names["en"], "en"
}
