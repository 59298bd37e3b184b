package rules

import (
	"embed"
	"fmt"
	"io/fs"

	"panah/core/workday"
)

// holidays holds holidays/*.yaml.
//
//go:embed holidays/*.yaml
var holidays embed.FS

// Holidays reads the days off of each country, by its two letters: af, ir, pk.
func Holidays() (map[string]workday.Country, error) {
	names, err := fs.Glob(holidays, "holidays/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing holidays: %w", err)
	}
	countries := map[string]workday.Country{}
	for _, name := range names {
		data, err := holidays.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading holidays: %w", err)
		}
		c, err := workday.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		countries[c.ID] = c
	}
	return countries, nil
}
