package fold

import (
	"time"

	"panah/core/event"
)

// A Book is a rulebook that somebody adopted for the organisation, or, without a version, the word to go back to the one that each desk's program brings. What is in it, the fold
// does not read.
type Book struct {
	event.BookSet
	By      event.Staff
	At      time.Time
	Hash    event.Hash
	Refused string // "role": nobody who keeps the organisation said it, as far as the events before tell
	Current bool
}

// Book is the one that counts; ok is false when nobody adopted one, or when a keeper went back to the program's own.
func (o Office) Book() (b Book, ok bool) {
	for _, b := range o.Books {
		if b.Current {
			return b, b.Version != ""
		}
	}
	return Book{}, false
}

// chooseBook marks the book that counts: what a keeper says takes away what they knew of, also when they put an older book in its place; of books adopted at once, the one whose sources
// were read last, and of those the last in order. Going back at the same time as somebody adopts gives way to the adopting: that one is seen, and undone by a click.
func (o *Office) chooseBook(standing register[int]) {
	best := -1
	for _, s := range standing {
		if best < 0 || o.Books[s.value].Read >= o.Books[best].Read {
			best = s.value
		}
	}
	if best >= 0 {
		o.Books[best].Current = true
	}
}

// mayAdopt reports whether a person was a keeper by what was said before, or a desk that nobody is named at speaks for itself. Whether that desk is a keeper's, the reader of the stream
// asks: only who holds the roster can.
func mayAdopt(staff registers[event.Staff, event.StaffIs], who event.Staff) bool {
	said := staff[who]
	return who == "" || len(said) > 0 && said.last().Role == RoleKeeper
}
