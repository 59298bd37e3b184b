package chart

import (
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
)

func months(rtl bool) Chart {
	return Chart{
		ID: "c1", Title: "New & closed", Desc: "Of <3> months", Labels: []string{"9", "10", "11"}, RTL: rtl,
		Series: []Series{{"New", []float64{4, 8, math.NaN()}, []string{"4", "8", ""}}, {"Closed", []float64{0, 2, 1}, []string{"0", "2", "1"}}},
	}
}

// wellFormed reads a picture as a browser's XML reader would, and returns how often each element comes.
func wellFormed(t *testing.T, drawn template.HTML) map[string]int {
	t.Helper()
	count := map[string]int{}
	d := xml.NewDecoder(strings.NewReader("<x>" + string(drawn) + "</x>"))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count
		}
		if err != nil {
			t.Fatalf("%v in %s", err, drawn)
		}
		if e, ok := token.(xml.StartElement); ok {
			count[e.Name.Local]++
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" || a.Name.Local == "href" {
					t.Errorf("%s has %s", e.Name.Local, a.Name.Local)
				}
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Errorf("%s %s=%q", e.Name.Local, a.Name.Local, a.Value)
				}
			}
		}
	}
}

var firstBar = regexp.MustCompile(`<rect class="s1" x="([0-9.-]+)%" y="([0-9.]+)" width="([0-9.]+)%" height="([0-9.]+)"`)

func TestPicturesSayWhatTheyShow(t *testing.T) {
	for name, draw := range map[string]func(Chart) template.HTML{"columns": Columns, "lines": Lines, "bars": Bars} {
		for _, rtl := range []bool{false, true} {
			drawn := draw(months(rtl))
			wellFormed(t, drawn)
			for _, want := range []string{`role="img"`, `aria-labelledby="c1-t c1-d"`, `<title id="c1-t">New &amp; closed</title>`, `<desc id="c1-d">Of &lt;3&gt; months</desc>`} {
				if !strings.Contains(string(drawn), want) {
					t.Errorf("%s lacks %s", name, want)
				}
			}
		}
	}
}

func TestColumnsAreAsHighAsTheirNumbers(t *testing.T) {
	drawn := Columns(months(false))
	n := wellFormed(t, drawn)
	if n["rect"] != 5+2 { // a number that is not known has no column; two in the legend
		t.Errorf("%d columns", n["rect"])
	}
	bars := firstBar.FindAllStringSubmatch(string(drawn), -1)
	if len(bars) < 2 || bars[0][4] != "90.0" || bars[1][4] != "180.0" {
		t.Errorf("heights: %v", bars)
	}
}

func TestRightToLeftIsAMirror(t *testing.T) {
	left, right := firstBar.FindStringSubmatch(string(Bars(months(false)))), firstBar.FindStringSubmatch(string(Bars(months(true))))
	if left[1] != "0.00" || right[1] != "56.00" || left[3] != right[3] { // 4 of 8 is half of 88 %
		t.Errorf("left %v, right %v", left, right)
	}
}

func TestNothingCounted(t *testing.T) {
	for _, draw := range []func(Chart) template.HTML{Columns, Lines} {
		wellFormed(t, draw(Chart{ID: "x", Series: []Series{{}}}))
	}
	wellFormed(t, Bars(Chart{ID: "x", Labels: []string{"a"}, Series: []Series{{"", []float64{0}, []string{"0"}}}}))
}
