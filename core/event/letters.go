package event

import (
	"slices"
	"unicode/utf8"
)

// Bounds of the text of a letter: what fits an event of MaxText bytes in every script.
const (
	MaxLetterBlocks = 80
	MaxLetterWords  = 14_000 // characters of all blocks
)

// LetterMade says that a letter was made for printing, with the words as they were printed: so that it can be printed again, and so that one knows what was written. The same id
// again is the same letter with other words. Numbers of papers are blanked before (core/letters.WithoutNumbers).
type LetterMade struct {
	ID      string        `json:"id"`   // 16 hex digits
	Letter  string        `json:"kind"` // of rules/pathways/_common.yaml
	Lang    string        `json:"lang"`
	To      string        `json:"to"`      // kind of addressee: person, counsel, court …
	Version int           `json:"version"` // of the template; 0: none
	Draft   bool          `json:"draft,omitempty"`
	Read    bool          `json:"read,omitempty"` // somebody who knows the language read it
	Task    string        `json:"task,omitempty"`
	Title   string        `json:"title"`
	Blocks  []LetterBlock `json:"blocks"`
}

// A LetterBlock is one piece of a letter: see core/letters.Block.
type LetterBlock struct {
	Is   string `json:"is"`
	Text string `json:"text"`
}

// RiskTalked says that the danger of carrying something was explained to somebody, and how it was checked that they understood it.
type RiskTalked struct {
	Topic      string `json:"topic"` // TopicCarrying
	Lang       string `json:"lang"`
	Script     string `json:"script"` // version of what was read aloud
	Understood string `json:"understood"`
	By         string `json:"by"` // with whom: person, carer, proxy
}

// TopicCarrying is the talk before somebody carries a note about their papers: valid papers have been torn up, with the notes beside them.
const TopicCarrying = "carrying-papers"

// NeedsTalk is the topic of the talk that a letter needs before it; "" for none. A status note needs it for whoever may carry it: only what goes to counsel or to a court, and
// is carried there by counsel, does not.
func (b LetterMade) NeedsTalk() string {
	if b.Letter == "status-note" && b.To != "counsel" && b.To != "court" {
		return TopicCarrying
	}
	return ""
}

// Kind is "letter-made".
func (LetterMade) Kind() string { return "letter-made" }

func (b LetterMade) check() error {
	total := 0
	for _, k := range b.Blocks {
		total += utf8.RuneCountInString(k.Text)
	}
	return ok(hexOf(b.ID, 8), validName(b.Letter), b.Lang != "", word(b.Lang), validName(b.To), b.Version >= 0, b.Task == "" || taskName(b.Task), word(b.Title), len(b.Blocks) > 0, len(b.Blocks) <= MaxLetterBlocks, total <= MaxLetterWords,
		!slices.ContainsFunc(b.Blocks, func(k LetterBlock) bool { return !validName(k.Is) || !text(k.Text) }))
}

// Kind is "risk-talked".
func (RiskTalked) Kind() string { return "risk-talked" }

func (b RiskTalked) check() error {
	return ok(validName(b.Topic), b.Lang != "", word(b.Lang), b.Script != "", word(b.Script), b.Understood != "", text(b.Understood), slices.Contains([]string{"person", "carer", "proxy"}, b.By))
}
