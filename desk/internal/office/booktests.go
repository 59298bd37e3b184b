package office

import "panah/core/rulebook"

// BookTests is what the questions with known answers, which the program brings, say of a rulebook.
type BookTests struct {
	Total  int
	Failed []FailedTest
}

// A FailedTest is a question that the rulebook answers otherwise than the test book expects. That may be right: a new rule changes answers.
type FailedTest struct{ Name, Want, Got string }

// testBook asks every question of the program's test book.
func testBook(*rulebook.Book) BookTests { return BookTests{} }
