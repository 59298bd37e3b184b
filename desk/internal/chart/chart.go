// Package chart draws counts as pictures that need no script: SVG that takes the page's colours, keeps its text legible at any width, reads from the right in
// languages that do, and says in words what it shows. It draws sums; a picture stands beside a table with the same numbers, never instead of it.
package chart

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// MaxSeries is how many series can be told apart without colour.
const MaxSeries = 3

// A Series is one row of values, one for each label. NaN is "not known" and is left out.
type Series struct {
	Name   string
	Values []float64
	Texts  []string // the values as the page's language writes them
}

// A Chart is what is drawn. ID is unique on its page; of the series all have as many values as there are labels.
type Chart struct {
	ID     string
	Title  string
	Desc   string // what a person who does not see it should hear
	Labels []string
	Series []Series
	Top    float64 // the highest value of the scale; 0: of the values
	RTL    bool
}

// Sizes in CSS pixels; lengths from side to side are shares of the width.
const (
	height   = 180.0 // of the drawing area of columns and lines
	above    = 18.0  // for the number over the highest column
	below    = 22.0  // for labels
	barRow   = 44.0
	barThick = 16.0
)

// side turns a share of the width into an attribute, from the side where reading begins. w is the width of what is placed there.
func (c Chart) side(x, w float64) string {
	if c.RTL {
		x = 100 - x - w
	}
	return percent(x)
}

func percent(x float64) string { return fmt.Sprintf("%.2f%%", x) }

// top is the upper end of the scale.
func (c Chart) top() float64 {
	most := c.Top
	for _, s := range c.Series {
		for _, v := range s.Values {
			if c.Top == 0 && !math.IsNaN(v) {
				most = max(most, v)
			}
		}
	}
	if most <= 0 {
		return 1
	}
	return most
}

// begin opens the picture.
func (c Chart) begin(b *strings.Builder, kind string, tall float64) {
	dir := "ltr"
	if c.RTL {
		dir = "rtl"
	}
	fmt.Fprintf(b, `<svg class="chart %s" role="img" width="100%%" height="%.0f" direction="%s" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		kind, tall, dir, esc(c.ID), esc(c.ID), esc(c.ID), esc(c.Title), esc(c.ID), esc(c.Desc))
}

func esc(s string) string { return template.HTMLEscapeString(s) }

// legend names the series where there is more than one, each with the look it has in the picture.
func (c Chart) legend(b *strings.Builder) {
	if len(c.Series) < 2 {
		return
	}
	b.WriteString(`<ul class="legend" aria-hidden="true">`)
	for i, s := range c.Series {
		fmt.Fprintf(b, `<li><svg class="key" width="22" height="14"><rect class="s%d" x="1" y="1" width="20" height="12"/></svg> %s</li>`, i+1, esc(s.Name))
	}
	b.WriteString(`</ul>`)
}

// Columns draws upright columns, beside each other where there are several series.
func Columns(c Chart) template.HTML {
	var b strings.Builder
	top, slot := c.top(), 100/float64(max(1, len(c.Labels)))
	c.begin(&b, "columns", above+height+below)
	grid(&b)
	wide := slot * 0.8 / float64(max(1, len(c.Series)))
	for i, label := range c.Labels {
		for n, s := range c.Series {
			v := s.Values[i]
			if math.IsNaN(v) {
				continue
			}
			h := height * min(1, v/top)
			x := slot*(float64(i)+0.1) + wide*float64(n)
			fmt.Fprintf(&b, `<rect class="s%d" x="%s" y="%.1f" width="%s" height="%.1f"/>`, n+1, c.side(x, wide), above+height-h, percent(wide*0.92), h)
			if len(c.Labels)*len(c.Series) <= 14 && v > 0 {
				fmt.Fprintf(&b, `<text class="n" x="%s" y="%.1f" text-anchor="middle">%s</text>`, c.side(x+wide*0.46, 0), above+height-h-5, esc(s.Texts[i]))
			}
		}
		c.label(&b, slot*(float64(i)+0.5), i, label)
	}
	b.WriteString(`</svg>`)
	c.legend(&b)
	return template.HTML(b.String()) // every text above was escaped
}

// label writes under the axis; where there are many, only every second, third … so that they do not touch on a phone.
func (c Chart) label(b *strings.Builder, x float64, i int, label string) {
	if every := (len(c.Labels) + 11) / 12; i%every == 0 {
		fmt.Fprintf(b, `<text x="%s" y="%.1f" text-anchor="middle">%s</text>`, c.side(x, 0), above+height+16, esc(label))
	}
}

// grid draws the axis and three lines above it.
func grid(b *strings.Builder) {
	for i := range 4 {
		y := above + height*float64(i)/4
		fmt.Fprintf(b, `<line class="grid" x1="0" x2="100%%" y1="%.1f" y2="%.1f"/>`, y, y)
	}
	fmt.Fprintf(b, `<line class="axis" x1="0" x2="100%%" y1="%.1f" y2="%.1f"/>`, above+height, above+height)
}

// Lines draws one line for each series; what is not known leaves a gap.
func Lines(c Chart) template.HTML {
	var b strings.Builder
	top, slot := c.top(), 100/float64(max(1, len(c.Labels)))
	c.begin(&b, "lines", above+height+below)
	grid(&b)
	for n, s := range c.Series {
		for i, v := range s.Values {
			if math.IsNaN(v) {
				continue
			}
			x, y := c.side(slot*(float64(i)+0.5), 0), above+height-height*min(1, v/top)
			if i > 0 && !math.IsNaN(s.Values[i-1]) {
				fmt.Fprintf(&b, `<line class="l%d" x1="%s" y1="%.1f" x2="%s" y2="%.1f"/>`, n+1, c.side(slot*(float64(i)-0.5), 0), above+height-height*min(1, s.Values[i-1]/top), x, y)
			}
			fmt.Fprintf(&b, `<circle class="s%d" cx="%s" cy="%.1f" r="4"/>`, n+1, x, y)
			if len(c.Series) == 1 && len(c.Labels) <= 12 {
				fmt.Fprintf(&b, `<text class="n" x="%s" y="%.1f" text-anchor="middle">%s</text>`, x, y-8, esc(s.Texts[i]))
			}
		}
	}
	for i, label := range c.Labels {
		c.label(&b, slot*(float64(i)+0.5), i, label)
	}
	b.WriteString(`</svg>`)
	c.legend(&b)
	return template.HTML(b.String()) // every text above was escaped
}

// Bars draws lying bars, each under its label: for names that are too long to stand under a column. Only the first series is drawn.
func Bars(c Chart) template.HTML {
	var b strings.Builder
	top := c.top()
	c.begin(&b, "bars", barRow*float64(len(c.Labels))+4)
	for i, label := range c.Labels {
		y := barRow * float64(i)
		fmt.Fprintf(&b, `<text x="%s" y="%.1f">%s</text>`, c.side(0, 0), y+15, esc(label))
		v, text := c.Series[0].Values[i], c.Series[0].Texts[i]
		if math.IsNaN(v) {
			v = 0
		}
		w := 88 * min(1, v/top) // the rest is for the number
		fmt.Fprintf(&b, `<rect class="s1" x="%s" y="%.1f" width="%s" height="%.0f"/>`, c.side(0, w), y+21, percent(w), barThick)
		fmt.Fprintf(&b, `<text class="n" x="%s" y="%.1f">%s</text>`, c.side(w+1, 0), y+34, esc(text))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) // every text above was escaped
}
