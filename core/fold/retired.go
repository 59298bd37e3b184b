package fold

import (
	"slices"
	"time"
)

// finishRetired fills in what the events said that are gone: nothing that was said since, or at the same time, is overwritten.
func (b *builder) finishRetired() {
	if len(b.retired) == 0 {
		return
	}
	last := b.retired[len(b.retired)-1]
	c, body, e := &b.c, last.value, &b.h.events[last.at]
	c.Retired = e.At
	if !c.Opened || timeOf(body.Opened).Before(c.OpenedAt) {
		c.Opened, c.OpenedAt, c.OpenedBy, c.Source = true, timeOf(body.Opened), body.OpenedBy, body.Source
	}
	if since := timeOf(body.Since); c.Since.IsZero() || since.Before(c.Since) {
		c.Since = since
	}
	for name, text := range body.Fields {
		if len(c.Fields[name]) == 0 {
			c.Fields[name] = Field{b.h.value(last.at, text)}
		}
	}
	if len(c.Owner) == 0 && body.Owner != "" {
		c.Owner = Field{b.h.value(last.at, string(body.Owner))}
	}
	for _, p := range body.Pathways {
		if _, said := b.paths[p]; !said && !slices.Contains(c.Pathways, p) {
			c.Pathways = append(c.Pathways, p)
		}
	}
	for _, who := range body.Team {
		if _, out := c.Barred[who]; !out && len(b.team.on[who]) == 0 {
			c.Team = append(c.Team, who)
		}
	}
}

// timeOf reads a moment of a body, whose form was checked.
func timeOf(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s)
	return t
}
