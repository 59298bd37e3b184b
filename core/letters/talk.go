package letters

import "strconv"

// A Talk is read aloud before somebody carries a note about their papers, in a language.
type Talk struct {
	Lang    string
	Version int
	Status  string // Draft or Reviewed
	Topic   string // event.TopicCarrying
	Aloud   []string
	Check   string // the question whose answer shows that they understood
	Sources []string
}

// Script names what was read: "fa/1".
func (t Talk) Script() string { return t.Lang + "/" + strconv.Itoa(t.Version) }

// IsDraft reports whether nobody has reviewed it.
func (t Talk) IsDraft() bool { return t.Status != Reviewed }
