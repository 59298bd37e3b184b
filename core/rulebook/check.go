package rulebook

import "fmt"

// Check answers a question. The error is ErrPaper or ErrQuestion.
func (b *Book) Check(q Question) (Answer, error) {
	if _, ok := b.Paper(q.Paper); !ok {
		return Answer{}, fmt.Errorf("%w: %.60q", ErrPaper, q.Paper)
	}
	return Answer{Verdict: Unknown, Book: b.version}, nil
}
