// Package workday counts working days by a country's weekly days off and holidays: data with sources (rules/holidays), of which it says what they do not know. Lunar holidays
// come a day earlier or later than any table, some days are off for some offices only, and a table ends: then both days are told and the earlier one counts. It decides no
// deadline; the casework adds its answer to a rule's number of days.
package workday

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"panah/core/calendar"
)

// maxFile bounds a table. The longest of ours has 6 KB.
const maxFile = 64 << 10

// Country is one table: which days nobody works in a country, and for which years that was read. It does not change after Parse.
type Country struct {
	ID           string            // "ir"
	Names        map[string]string // by language code; English is always there
	From, To     time.Time         // the first and last day that the table was read for; midnight UTC
	Status       string            // "draft" until ReviewNeeded is settled
	ReviewNeeded []string
	week         map[time.Weekday]weekday
	holidays     []Holiday
}

// Off says how much of a day is off.
type Off string

// How much is off. Half and Maybe make a count uncertain.
const (
	Whole Off = "whole"
	Half  Off = "half"
	Maybe Off = "maybe" // some offices, or nobody knows
)

// Holiday is a day off that comes back each year of its calendar.
type Holiday struct {
	ID       string
	Names    map[string]string // English is always there
	Calendar calendar.Name
	Month    int
	Day      int // of the month; 0: its last
	Days     int // how many in a row, 1 to 10
	Off      Off
	Since    time.Time // zero: always
	Source   string    // id in rules/sources.yaml
	Note     string
}

type weekday struct {
	Day    string `yaml:"day"`
	Off    Off    `yaml:"off"`
	Source string `yaml:"source"`
	Note   string `yaml:"note"`
}

type file struct {
	Version int               `yaml:"version"`
	Status  string            `yaml:"status"`
	Country string            `yaml:"country"`
	Names   map[string]string `yaml:"names"`
	Covers  struct {
		From day `yaml:"from"`
		To   day `yaml:"to"`
	} `yaml:"covers"`
	Week         []weekday     `yaml:"week"`
	Holidays     []fileHoliday `yaml:"holidays"`
	ReviewNeeded []string      `yaml:"review_needed"`
}

type fileHoliday struct {
	ID       string            `yaml:"id"`
	Names    map[string]string `yaml:"names"`
	Calendar calendar.Name     `yaml:"calendar"`
	Month    int               `yaml:"month"`
	Day      monthDay          `yaml:"day"`
	Days     int               `yaml:"days"`
	Off      Off               `yaml:"off"`
	Since    day               `yaml:"since"`
	Source   string            `yaml:"source"`
	Note     string            `yaml:"note"`
}

// day is a Gregorian day, 2026-12-31.
type day struct{ time.Time }

func (d *day) UnmarshalYAML(n *yaml.Node) (err error) {
	if d.Time, err = time.Parse(time.DateOnly, n.Value); err != nil {
		return fmt.Errorf("line %d: %.20q is no day like 2026-12-31", n.Line, n.Value)
	}
	return nil
}

// monthDay is a day of a month, or "last": 0.
type monthDay int

func (d *monthDay) UnmarshalYAML(n *yaml.Node) error {
	if n.Value == "last" {
		*d = 0
		return nil
	}
	var v int
	if err := n.Decode(&v); err != nil || v < 1 || v > 31 {
		return fmt.Errorf("line %d: %.20q is no day of a month", n.Line, n.Value)
	}
	*d = monthDay(v)
	return nil
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)

// Parse reads one table, rules/holidays/*.yaml. It refuses unknown keys, days that are not there, and entries without a source.
func Parse(data []byte) (Country, error) {
	if len(data) > maxFile {
		return Country{}, fmt.Errorf("table of %d bytes is larger than %d", len(data), maxFile)
	}
	var f file
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return Country{}, fmt.Errorf("reading a table of holidays: %w", err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Country{}, errors.New("more than one YAML document in a table of holidays")
	}
	switch {
	case !idForm.MatchString(f.Country) || len(f.Country) != 2 || f.Names["en"] == "":
		return Country{}, fmt.Errorf("country %.20q needs two letters and an English name", f.Country)
	case f.Covers.From.IsZero() || !f.Covers.To.After(f.Covers.From.Time):
		return Country{}, fmt.Errorf("%s: covers needs a first and a later last day", f.Country)
	case f.Status == "" || f.Status != "reviewed" && len(f.ReviewNeeded) == 0:
		return Country{}, fmt.Errorf("%s: a table that is not reviewed says what review needs", f.Country)
	}
	c := Country{ID: f.Country, Names: f.Names, From: f.Covers.From.Time, To: f.Covers.To.Time, Status: f.Status, ReviewNeeded: f.ReviewNeeded, week: map[time.Weekday]weekday{}}
	if err := c.addWeek(f.Week); err != nil {
		return Country{}, fmt.Errorf("%s: %w", c.ID, err)
	}
	for _, h := range f.Holidays {
		if err := c.addHoliday(h); err != nil {
			return Country{}, fmt.Errorf("%s: holiday %.30q: %w", c.ID, h.ID, err)
		}
	}
	return c, nil
}

func (o Off) known() bool { return o == Whole || o == Half || o == Maybe }

func (c *Country) addWeek(week []weekday) error {
	working := 7
	for _, w := range week {
		i := slices.IndexFunc(weekdays[:], func(d time.Weekday) bool { return strings.EqualFold(d.String(), w.Day) })
		if _, twice := c.week[time.Weekday(max(i, 0))]; i < 0 || twice || !w.Off.known() || w.Source == "" {
			return fmt.Errorf("day of the week %.20q is unknown, there twice, or lacks off or source", w.Day)
		}
		c.week[weekdays[i]] = w
		working--
	}
	if working == 7 || working < 3 {
		return fmt.Errorf("a week of %d working days", working)
	}
	return nil
}

var weekdays = [...]time.Weekday{time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}

func (c *Country) addHoliday(h fileHoliday) error {
	if h.Days == 0 {
		h.Days = 1
	}
	most := map[calendar.Name]int{calendar.Solar: 31, calendar.Lunar: 30, calendar.Gregorian: 31}[h.Calendar]
	switch {
	case !idForm.MatchString(h.ID) || slices.ContainsFunc(c.holidays, func(have Holiday) bool { return have.ID == h.ID }):
		return errors.New("the id is malformed or there twice")
	case h.Names["en"] == "" || h.Source == "" || !h.Off.known():
		return errors.New("an English name, a source and off are needed")
	case !h.Calendar.Known() || h.Month < 1 || h.Month > 12 || int(h.Day) > most:
		return errors.New("there is no such day in that calendar")
	case h.Calendar == calendar.Solar && h.Month > 6 && h.Day > 30:
		return errors.New("there is no such day in that calendar")
	case h.Days < 1 || h.Days > 10:
		return fmt.Errorf("%d days in a row", h.Days)
	}
	c.holidays = append(c.holidays, Holiday{h.ID, h.Names, h.Calendar, h.Month, int(h.Day), h.Days, h.Off, h.Since.Time, h.Source, h.Note})
	return nil
}

// Name is what the country is called in a language; English when it has no name there.
func (c Country) Name(lang string) string {
	if n := c.Names[lang]; n != "" {
		return n
	}
	return c.Names["en"]
}

// Holidays lists the holidays as the file has them.
func (c Country) Holidays() []Holiday { return slices.Clone(c.holidays) }

// Sources are the ids of rules/sources.yaml that the table rests on, each once.
func (c Country) Sources() (ids []string) {
	for _, d := range weekdays {
		if w, ok := c.week[d]; ok {
			ids = append(ids, w.Source)
		}
	}
	for _, h := range c.holidays {
		ids = append(ids, h.Source)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
