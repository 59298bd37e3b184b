package calendar_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"testing"
	"time"

	"panah/core/calendar"
)

// everyLunarDay prints each day from the first of 1300 AH to the last of 1600 AH as Node's ICU has it.
const everyLunarDay = `const f = new Intl.DateTimeFormat("en-u-ca-islamic-umalqura-nu-latn", {year: "numeric", month: "numeric", day: "numeric", timeZone: "UTC"})
const out = []
for (let t = Date.UTC(1882, 10, 12); t < Date.UTC(2174, 10, 26); t += 864e5) {
  const p = Object.fromEntries(f.formatToParts(new Date(t)).map(x => [x.type, x.value]))
  out.push(new Date(t).toISOString().slice(0, 10) + " " + [p.year, p.month, p.day].join(" "))
}
process.stdout.write(out.join("\n") + "\n")`

// Every day of 301 lunar years is the one that ICU gives, there and back. Node has to be there.
func TestEveryLunarDayIsThatOfICU(t *testing.T) {
	out, err := exec.Command("node", "-e", everyLunarDay).Output()
	if err != nil {
		t.Fatalf("running node, which this test needs: %v", err)
	}
	n := 0
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); n++ {
		var text string
		var y, m, d int
		if _, err := fmt.Sscan(lines.Text(), &text, &y, &m, &d); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := calendar.In(day, calendar.Lunar)
		if err != nil || got.Y != y || got.M != m || got.D != d || !got.Day.Equal(day) || got.Within != 1 {
			t.Fatalf("%s is %+v (%v), want %d-%d-%d", text, got, err, y, m, d)
		}
		back, err := calendar.On(calendar.Lunar, y, m, d)
		if err != nil || back != got {
			t.Fatalf("%d-%d-%d is %+v (%v), want %s", y, m, d, back, err, text)
		}
	}
	if n != 106_665 {
		t.Errorf("%d days were compared", n)
	}
}

func TestLunarDaysOutsideOfTheTable(t *testing.T) {
	for _, day := range []time.Time{time.Date(1882, 11, 11, 0, 0, 0, 0, time.UTC), time.Date(2174, 11, 26, 0, 0, 0, 0, time.UTC)} {
		if w, err := calendar.In(day, calendar.Lunar); err == nil {
			t.Errorf("%s is %v", day, w)
		}
	}
}

// Where the moon is watched a month may have the thirtieth day that the table does not give it, and papers are dated so.
func TestAThirtiethDayThatWasSeen(t *testing.T) {
	seen, err := calendar.ParseWritten("1446/09/30", calendar.Lunar) // 29 days in the table
	if err != nil || seen.String() != "1446-09-30" || seen.Within != 1 {
		t.Fatal(seen, err)
	}
	if next, err := calendar.In(seen.Day, calendar.Lunar); err != nil || next.String() != "1446-10-01" {
		t.Error(next, err)
	}
}
