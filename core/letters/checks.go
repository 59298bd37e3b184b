package letters

import (
	"slices"
	"strconv"
	"strings"

	"panah/core/calendar"
	"panah/core/event"
	"panah/core/fold"
	"panah/core/l10n"
)

// lastChecks are the newest answers of the papers check, one for each kind and round of paper, oldest first.
func lastChecks(c fold.Case) (out []fold.PaperCheck) {
	for _, k := range slices.Backward(c.Papers) {
		same := func(o fold.PaperCheck) bool { return o.Paper == k.Paper && o.Round == k.Round }
		if !slices.ContainsFunc(out, same) && len(out) < maxChecks {
			out = append(out, k)
		}
	}
	slices.Reverse(out)
	return out
}

// checked is what a letter says of the papers check: words in the letter's language, with the rule and where it stands.
func checked(from string, t Template, lang string, c fold.Case, d Desk) string {
	var lines []string
	add := func(s string) {
		if s != "" && !slices.Contains(lines, s) {
			lines = append(lines, s)
		}
	}
	for _, k := range lastChecks(c) {
		switch from {
		case fromChecks:
			add(checkRow(t, lang, k, d))
		case fromRules:
			add(d.rule(k))
		case fromSources:
			for _, id := range k.Sources {
				add(d.source(id))
			}
		case fromKnown:
			lines = []string{k.Known}
		case fromBook:
			lines = []string{k.Book}
		}
	}
	return strings.Join(lines, "\n")
}

// checkRow is a row of a table: the paper, the end printed on it, the day asked about, what the published rules say.
func checkRow(t Template, lang string, k fold.PaperCheck, d Desk) string {
	l, _ := l10n.Find(lang)
	paper := d.paper(k.Paper, lang)
	if k.Round > 0 {
		paper += " " + l.Digits.Shape(strconv.Itoa(k.Round))
	}
	cells := []string{paper, printedIn(k.PaperChecked, lang), DateIn(k.On, lang), t.says(k.PaperChecked, lang)}
	for i := range cells {
		cells[i] = strings.ReplaceAll(oneLine(cells[i]), "|", "/")
	}
	return strings.Join(cells, " | ")
}

// printedIn is the end that is printed on a paper: as written in its own calendar, and in the other.
func printedIn(k event.PaperChecked, lang string) string {
	if k.Printed == "" {
		return "–"
	}
	w, err := calendar.ParseWritten(k.Printed, calendar.Name(k.Calendar))
	if err != nil {
		return k.Printed
	}
	if w.In == calendar.Lunar {
		return w.Words(lang)
	}
	return Both(w.Day, lang)
}

// says is the verdict in words, with the day it turns on.
func (t Template) says(k event.PaperChecked, lang string) string {
	text := t.Verdict[k.Verdict].In(lang)
	would := ""
	if k.Would != "" {
		would = dated(t.Verdict[k.Would].In(lang), k, k.Would, lang)
	}
	if k.Verdict == "stale" {
		return strings.TrimSpace(strings.ReplaceAll(text, "{would}", would))
	}
	return dated(text, k, k.Verdict, lang)
}

// dated puts the day into a verdict's words: until when it is in force, since when it is not. Without a day the words in square brackets go.
func dated(text string, k event.PaperChecked, verdict, lang string) string {
	day := k.Until
	if verdict == "ended" || verdict == "revoked" {
		day = k.Since
	}
	before, rest, ok := strings.Cut(text, "[")
	inside, after, closed := strings.Cut(rest, "]")
	if !ok || !closed {
		return text
	}
	if day == "" {
		return strings.TrimSpace(strings.TrimRight(before, " ") + after)
	}
	return before + strings.ReplaceAll(inside, "{day}", DateIn(day, lang)) + after
}

func (d Desk) rule(k fold.PaperCheck) string {
	if k.Rule == "" {
		return ""
	}
	text := k.Rule
	if d.Rule != nil {
		if s := d.Rule(k.Rule); s != "" {
			text += ": " + s
		}
	}
	return oneLine(text)
}

func (d Desk) source(id string) string {
	if d.Source == nil {
		return id
	}
	title, address := d.Source(id)
	if title == "" {
		return id
	}
	if strings.Contains(address, " ") || len(address) > 200 {
		address = ""
	}
	return strings.TrimSpace(title + " " + address)
}
