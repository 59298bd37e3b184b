package web

import (
	"html/template"

	"panah/core/l10n"
	"panah/gate/internal/door"
)

// sentParts is what a person gets after sending without script.
type sentParts struct {
	Code, Aloud       string // empty for a further letter: its code is known
	CodeQR, PromiseQR template.HTML
	Promise           string // signed note
	// CodeFile and PromiseFile are the same as small files inside the page, to save without script.
	CodeFile, PromiseFile template.URL
	Deadline              string // of the promise
	Risky                 bool   // more than answers was sent about one of the most dangerous situations
}

// thread is an opened mailbox as the page shows it.
type thread struct {
	Replies []reply
	Older   int // not shown
}

type reply struct {
	N       int
	Day     string
	Text    string
	Photos  []template.URL
	More    bool
	Forged  bool
	Warning string // id of a sentence; empty: nothing is wrong
}

func newThread(t *door.Thread, l l10n.Language) *thread {
	out := &thread{Older: t.Older}
	for _, r := range t.Replies {
		shown := reply{N: int(r.N), Text: r.Text, More: r.More > 0}
		if !r.At.IsZero() {
			shown.Day = l.Digits.Shape(r.At.UTC().Format("2006-01-02"))
		}
		for _, p := range r.Photos {
			shown.Photos = append(shown.Photos, p.URL)
		}
		switch r.Trust {
		case door.Forged:
			shown.Forged, shown.Warning = true, "reply_forged"
		case door.Missing:
			shown.Warning = "reply_missing"
		case door.OK:
		}
		out.Replies = append(out.Replies, shown)
	}
	return out
}
