package office

import (
	"strings"

	"panah/core/rulebook"
	"panah/rules"
)

// BookTests is what the questions with known answers, which the program brings, say of a rulebook.
type BookTests struct {
	Total  int
	Failed []FailedTest
}

// A FailedTest is a question that the rulebook answers otherwise than the test book expects. That may be right: a new rule changes answers. Got says what is otherwise, in English.
type FailedTest struct{ Name, Got string }

// testBook asks every question of the program's test book.
func testBook(book *rulebook.Book) (t BookTests, err error) {
	posed, err := rules.Questions()
	if err != nil {
		return t, err
	}
	t.Total = len(posed)
	for _, p := range posed {
		if _, off := book.Pose(p); len(off) > 0 {
			t.Failed = append(t.Failed, FailedTest{p.ID, strings.Join(off, "; ")})
		}
	}
	return t, nil
}
