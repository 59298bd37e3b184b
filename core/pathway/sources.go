package pathway

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Source is where a rule comes from. Nobody opened the addresses live: they are shown as text, to be looked up.
type Source struct {
	Title string `yaml:"title"`
	URL   string `yaml:"url"`
	Kind  string `yaml:"kind"` // law, standard, official, un, ngo, court-press, press, press-single, code, reference
	Seen  string `yaml:"seen"`
}

const maxSources = 2000

// ParseSources reads sources.yaml: sources by id.
func ParseSources(data []byte) (map[string]Source, error) {
	if len(data) > 8*maxFile {
		return nil, fmt.Errorf("file of %d bytes is larger than %d", len(data), 8*maxFile)
	}
	var f struct {
		Sources map[string]Source `yaml:"sources"`
	}
	if err := yaml.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("reading sources: %w", err)
	}
	if len(f.Sources) == 0 || len(f.Sources) > maxSources {
		return nil, fmt.Errorf("%d sources: between 1 and %d are expected", len(f.Sources), maxSources)
	}
	return f.Sources, nil
}
