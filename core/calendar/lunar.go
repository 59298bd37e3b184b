package calendar

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"sync"
	"time"
)

// FirstLunarYear and LastLunarYear bound the months that the table has: 12 November 1882 to 25 November 2174.
const (
	FirstLunarYear = 1300
	LastLunarYear  = 1600
)

// LunarWithin is by how many days sources differ about a lunar date: the table is computed, and in Iran, Pakistan and often in Afghanistan somebody has to see the moon.
const LunarWithin = 1

// ummalqura.json says for each month of the Umm al-Qura calendar whether it has 30 days; testdata/ummalqura.mjs writes it, and a test compares every day with ICU.
//
//go:embed ummalqura.json
var lunarFile []byte

// starts are the first days of the lunar months in days since 1970, from Muharram 1300 to Muharram 1601.
var starts = sync.OnceValue(func() []int { return readMonths(lunarFile) })

// readMonths panics when the table, which is part of the program, cannot be read.
func readMonths(data []byte) []int {
	var file struct {
		Source string `json:"source"`
		First  int    `json:"first"`
		Last   int    `json:"last"`
		Epoch  int    `json:"epoch"`  // the first day of all, in days since 1970
		Months string `json:"months"` // three hexadecimal digits a year; bit 0: Muharram has 30 days, not 29
	}
	if err := json.Unmarshal(data, &file); err != nil {
		panic(fmt.Sprintf("reading the table of lunar months: %v", err))
	}
	if file.First != FirstLunarYear || file.Last != LastLunarYear || len(file.Months) != 3*(file.Last-file.First+1) {
		panic("the table of lunar months has other years")
	}
	days := []int{file.Epoch}
	for y := 0; y < len(file.Months); y += 3 {
		bits, err := strconv.ParseUint(file.Months[y:y+3], 16, 12)
		if err != nil {
			panic(fmt.Sprintf("reading the table of lunar months: %v", err))
		}
		for m := range 12 {
			days = append(days, days[len(days)-1]+29+int(bits>>m&1))
		}
	}
	return days
}

const daySeconds = 24 * 60 * 60

// dayNumber counts the days since 1 January 1970 of t's day in its own zone.
func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / daySeconds) // whole days: midnight divides without a rest, before 1970 too
}

func midnight(day int) time.Time { return time.Unix(int64(day)*daySeconds, 0).UTC() }

// lunarMonth is where a month begins, and how many days the table gives it. The year is within bounds, m is 1 to 12.
func lunarMonth(y, m int) (begin, length int) {
	i := (y-FirstLunarYear)*12 + m - 1
	return starts()[i], starts()[i+1] - starts()[i]
}

// lunarDate is a day of the table; ok is false outside of it.
func lunarDate(day int) (y, m, d int, ok bool) {
	all := starts()
	i := sort.SearchInts(all, day+1) - 1
	if i < 0 || i >= len(all)-1 {
		return 0, 0, 0, false
	}
	return FirstLunarYear + i/12, 1 + i%12, 1 + day - all[i], true
}
