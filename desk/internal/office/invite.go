package office

import "time"

// An Invitation is a desk on its way in.
type Invitation struct {
	State   string  // "none", "waiting" for the newcomer, "compare" the words, "done", "failed"
	Name    string  // what the newcomer calls its desk
	Words   [6]byte // numbers of the words that both desks show
	Until   time.Time
	Problem string // State "failed": why
}
