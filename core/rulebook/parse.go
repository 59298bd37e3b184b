package rulebook

import "go.yaml.in/yaml/v3"

// Parse reads a rulebook. The Book is nil when one of the problems is no warning.
func Parse(src Source) (*Book, []Problem) {
	b := &Book{version: src.Version(), stale: 30, sources: map[string]Cited{}}
	var f struct{ Papers []Paper }
	if err := yaml.Unmarshal(src.Papers, &f); err != nil {
		return nil, []Problem{{File: "papers.yaml", Text: err.Error()}}
	}
	b.papers = f.Papers
	return b, nil
}
