package command

import (
	"context"
	"flag"
	"fmt"
	"time"

	"panah/core/roster"
	"panah/desk"
)

func deskDesks() command {
	return command{
		name: "desk desks", args: "[--json] [--data DIR]", short: "list an organisation's desks and how its keys stand",
		long: `Lists the organisation's desks with their names, roles and IDs, and how its keys stand: fingerprint, epoch and when the next is
due, custodians' sheets and when they were last tried, whether intake is open. Every desk may ask.`,
		example: "panah desk desks --json",
		prepare: func(flags *flag.FlagSet) runner {
			data := flags.String("data", deskDir(), "`DIR` of the desk")
			asJSON := flags.Bool("json", false, "print JSON")
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				return withDesk(ctx, s, *data, func(ctx context.Context, o *desk.Opened) error {
					k, err := o.Keys(ctx)
					if err != nil {
						return err
					}
					if *asJSON {
						return writeJSON(s, keysOf(k))
					}
					tellKeys(s, k)
					return nil
				})
			}
		},
	}
}

// keysJSON is what --json prints. Times are RFC 3339 in UTC; absent when unknown.
type keysJSON struct {
	Org        string     `json:"org"`
	Serial     int        `json:"serial"`
	Epoch      int        `json:"epoch"`
	Began      string     `json:"began,omitempty"`
	Due        string     `json:"due,omitempty"`
	Overdue    bool       `json:"overdue"`
	Threshold  int        `json:"threshold"`
	Intake     bool       `json:"intake"`
	Role       string     `json:"role"` // of this desk
	Waiting    bool       `json:"waiting"`
	Custodians sheetsJSON `json:"custodians"`
	Desks      []deskJSON `json:"desks"`
}

type sheetsJSON struct {
	Needed    int    `json:"needed"`
	Of        int    `json:"of"`
	Made      string `json:"made,omitempty"`
	Rehearsed string `json:"rehearsed,omitempty"`
}

type deskJSON struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Keeper bool   `json:"keeper"`
	This   bool   `json:"this"`
	Since  string `json:"since,omitempty"`
	Behind bool   `json:"behind"`
}

func keysOf(k desk.Keys) keysJSON {
	out := keysJSON{
		Org: k.Org, Serial: k.Serial, Epoch: k.Epoch, Began: stamp(k.Began), Due: stamp(k.Due), Overdue: k.Overdue, Threshold: k.Threshold, Intake: k.Intake,
		Role: string(k.Role), Waiting: k.Waiting != "", Desks: []deskJSON{},
		Custodians: sheetsJSON{k.Custodians.Needed, len(k.Custodians.Recipients), stamp(k.Custodians.Made), tried(k.Custodians)},
	}
	for _, d := range k.Desks {
		out.Desks = append(out.Desks, deskJSON{d.ID, d.Name, string(d.Role), d.Keeper, d.This, stamp(d.Since), d.Behind})
	}
	return out
}

// tried is when these sheets were last rehearsed; "" never.
func tried(c roster.Custodians) string {
	if !c.Tried() {
		return ""
	}
	return stamp(c.Rehearsed)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func tellKeys(s Streams, k desk.Keys) {
	s.data("fingerprint:  %s\nroster:       %d, epoch %d", roster.GroupOrgID(k.Org), k.Serial, k.Epoch)
	if !k.Due.IsZero() {
		s.data("next epoch:   %s%s", k.Due.UTC().Format(time.DateOnly), map[bool]string{true: " (overdue)"}[k.Overdue])
	}
	s.data("intake:       %s", map[bool]string{true: "open", false: "closed"}[k.Intake])
	switch c := k.Custodians; {
	case c.Needed == 0:
		s.data("sheets:       none; make them with: panah desk sheets")
	case !c.Tried():
		s.data("sheets:       %d of %d, made %s, never rehearsed", c.Needed, len(c.Recipients), day(c.Made))
	default:
		s.data("sheets:       %d of %d, made %s, rehearsed %s", c.Needed, len(c.Recipients), day(c.Made), day(c.Rehearsed))
	}
	for _, d := range k.Desks {
		mark := ""
		if d.This {
			mark = " (this desk)"
		}
		s.data("desk:         %s  %-10s  %s%s", d.ID, d.Role, printable(d.Name), mark)
	}
	tellWaiting(s, k)
}

func day(t time.Time) string {
	if t.IsZero() {
		return "some day"
	}
	return t.UTC().Format(time.DateOnly)
}

// printable keeps a name that another desk chose from moving the cursor or looking like another line.
func printable(name string) string {
	if q := fmt.Sprintf("%q", name); q[1:len(q)-1] != name {
		return fmt.Sprintf("%+q", name)
	}
	return name
}
