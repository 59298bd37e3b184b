package rulebook

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"

	"panah/core/calendar"
)

// ahead is how many days before its first day a rule is told that changes no verdict: time to act.
const ahead = 90

// start is the first day that a rule speaks about: not before it was known, unless it is retroactive.
func (r *Rule) start() time.Time {
	if r.Retroactive || r.From.After(r.KnownOn) {
		return r.From
	}
	return r.KnownOn
}

// A setting is a question made ready for the rules.
type setting struct {
	q      Question
	paper  Paper
	facts  map[string]any              // variables of conditions that are known, without printed
	absent []*cel.AttributePatternType // those that are not
	// printed are the days that the printed date may mean: one, or three when calendars differ by a day; empty when it was not read.
	printed []time.Time
}

// settle reads the question. The error is ErrPaper or ErrQuestion.
func (b *Book) settle(q Question) (*setting, error) {
	paper, ok := b.Paper(q.Paper)
	if !ok {
		known := []string{None}
		for _, p := range b.papers {
			known = append(known, p.ID)
		}
		next := meant(q.Paper, known)
		if next == "" {
			next = "Papers of this book: " + strings.Join(known, ", ") + "."
		}
		return nil, fmt.Errorf("%w: %.60q. %s", ErrPaper, q.Paper, next)
	}
	if q.On.IsZero() {
		return nil, fmt.Errorf("%w: it names no day. Say which day is asked about", ErrQuestion)
	}
	if q.Round < 0 || q.Round > maxCount {
		return nil, fmt.Errorf("%w: round %d cannot be. Rounds are numbered from 1", ErrQuestion, q.Round)
	}
	q.On = midnight(q.On)
	if q.Known.IsZero() {
		q.Known = endOfTime
	}
	q.Known = midnight(q.Known)
	s := &setting{q: q, paper: paper, facts: map[string]any{"paper": q.Paper, "on": q.On, "known": q.Known}}
	if err := s.answers(b.facts); err != nil {
		return nil, err
	}
	if q.Round > 0 {
		s.facts["round"] = q.Round
	} else {
		s.absent = append(s.absent, cel.AttributePattern("round"))
	}
	s.print(q.Printed)
	return s, nil
}

// endOfTime is later than every day of a rulebook.
var endOfTime = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// midnight is UTC's midnight of t's day in its own time zone.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// answers reads the facts that were given, and the country.
func (s *setting) answers(facts []Fact) error {
	country := s.q.Facts[AskCountry]
	if country == "" && len(s.paper.UsedIn) == 1 {
		country = s.paper.UsedIn[0]
	}
	switch {
	case country == "":
		s.absent = append(s.absent, cel.AttributePattern("country"))
	case !countryForm.MatchString(country):
		return fmt.Errorf("%w: %.20q is no country. Write two capital letters, like IR", ErrQuestion, country)
	default:
		s.facts["country"] = country
	}
	for name, answer := range s.q.Facts {
		if name == AskCountry || answer == "" {
			continue
		}
		i := slices.IndexFunc(facts, func(f Fact) bool { return f.ID == name })
		if i < 0 {
			var known []string
			for _, f := range facts {
				known = append(known, f.ID)
			}
			return fmt.Errorf("%w: no rule asks for %.60q. %s", ErrQuestion, name, meant(name, known))
		}
		v, err := facts[i].read(answer)
		if err != nil {
			return err
		}
		s.facts["facts."+facts[i].variable()] = v
	}
	for _, f := range facts {
		if _, given := s.facts["facts."+f.variable()]; !given {
			s.absent = append(s.absent, cel.AttributePattern("facts."+f.variable()))
		}
	}
	return nil
}

// read turns an answer into the value that conditions compare.
func (f Fact) read(answer string) (any, error) {
	if f.Type == "number" {
		n, err := strconv.Atoi(answer)
		if err != nil || n < 0 || n > maxCount {
			return nil, fmt.Errorf("%w: %s takes a whole number, not %.40q", ErrQuestion, f.ID, answer)
		}
		return n, nil
	}
	if !slices.Contains(f.Options, answer) {
		return nil, fmt.Errorf("%w: %s takes one of %s, not %.40q", ErrQuestion, f.ID, strings.Join(f.Options, ", "), answer)
	}
	if f.Type == "yesno" {
		return answer == "yes", nil
	}
	return answer, nil
}

func (s *setting) print(w calendar.Written) {
	if w.IsZero() {
		s.absent = append(s.absent, cel.AttributePattern("printed"))
		return
	}
	day := midnight(w.Day)
	if s.printed = []time.Time{day}; w.Within > 0 {
		s.printed = []time.Time{day.AddDate(0, 0, -w.Within), day, day.AddDate(0, 0, w.Within)}
	}
}

// standing is how the printed date stands to the day asked about, where that is certain.
func (s *setting) standing() PrintedDate {
	if len(s.printed) == 0 {
		return PrintedUnread
	}
	switch first, last := s.printed[0], s.printed[len(s.printed)-1]; {
	case last.Before(s.q.On):
		return PrintedPassed
	case first.Before(s.q.On):
		return PrintedUnread
	}
	return PrintedRunning
}

// A hearing is what one rule says to the question.
type hearing struct {
	rule   *Rule
	why    Why // Spoke, Told or Ahead when it speaks; Needs or ConditionFail when it may speak
	detail string
	needs  []string // of Needs: ids of facts, AskRound, AskCountry, AskPrinted
	about  bool     // it is about this paper, where its holder is, and was known
}

func (h hearing) speaks() bool { return h.why == Spoke || h.why == Told || h.why == Ahead }
func (h hearing) may() bool    { return h.why == Needs || h.why == ConditionFail }

// hear asks one rule: is it about this paper, round and country; was it known; does it hold; is its condition met?
func (b *Book) hear(r *Rule, s *setting) hearing {
	h := hearing{rule: r}
	if r.Paper != s.q.Paper && (r.Paper != Any || s.q.Paper == None || !s.paper.meets(r.Country)) {
		h.why, h.detail = OtherPaper, r.Paper
		return h
	}
	if r.Round > 0 {
		if s.q.Round == 0 {
			h.needs = append(h.needs, AskRound)
		} else if r.Round != s.q.Round {
			h.why, h.detail = OtherRound, strconv.Itoa(r.Round)
			h.about = !r.KnownOn.After(s.q.Known)
			return h
		}
	}
	if there, known := s.facts["country"]; r.Country != s.paper.IssuedBy {
		if !known {
			h.needs = append(h.needs, AskCountry)
		} else if there != r.Country {
			h.why, h.detail = OtherCountry, r.Country
			return h
		}
	}
	if r.KnownOn.After(s.q.Known) {
		h.why, h.detail = NotKnownYet, r.KnownOn.Format(time.DateOnly)
		return h
	}
	h.about = !slices.Contains(h.needs, AskCountry) // news of a country where the holder perhaps is not make nothing fresh
	h.holds(s.q.On)
	if !h.speaks() {
		return h
	}
	b.meet(&h, s)
	return h
}

// holds looks at the day.
func (h *hearing) holds(on time.Time) {
	r := h.rule
	start := r.start()
	switch {
	case !r.To.IsZero() && on.After(r.To):
		h.why, h.detail = Over, r.To.Format(time.DateOnly)
	case !start.After(on):
		if h.why = Told; r.Effect.Decides() {
			h.why = Spoke
		}
	case !r.Effect.Decides() && !start.AddDate(0, 0, -ahead).After(on):
		h.why, h.detail = Ahead, start.Format(time.DateOnly)
	default:
		h.why, h.detail = NotYet, start.Format(time.DateOnly)
	}
}

// meet works the condition out, for each day that the printed date may mean.
func (b *Book) meet(h *hearing, s *setting) {
	c := b.conditions[h.rule.ID]
	if c != nil {
		all := map[truth]bool{}
		for _, given := range s.readings() {
			t, needs, err := c.ask(given, s.absent)
			all[t] = true
			for _, variable := range needs {
				h.needs = append(h.needs, b.factID(variable))
			}
			if err != nil {
				h.detail = err.Error()
			}
		}
		switch {
		case len(all) == 1 && all[no]:
			h.why, h.detail, h.needs = ConditionNo, h.rule.When, nil
			return
		case all[broken]:
			h.why = ConditionFail
			return
		case len(all) > 1:
			h.needs = append(h.needs, AskPrinted)
		}
	}
	if len(h.needs) > 0 {
		slices.Sort(h.needs)
		h.needs = slices.Compact(h.needs)
		h.why, h.detail = Needs, strings.Join(h.needs, ", ")
	}
}

// factID is the id of what a variable of a condition asks for: "facts.slip_colour" is "slip-colour", "round" is AskRound.
func (b *Book) factID(variable string) string {
	name, fact := strings.CutPrefix(variable, "facts.")
	if i := slices.IndexFunc(b.facts, func(f Fact) bool { return f.variable() == name }); fact && i >= 0 {
		return b.facts[i].ID
	}
	return variable
}

// readings are what conditions read, for each day that the printed date may mean.
func (s *setting) readings() []map[string]any {
	if len(s.printed) == 0 {
		return []map[string]any{s.facts}
	}
	if len(s.printed) == 1 {
		s.facts["printed"] = s.printed[0]
		return []map[string]any{s.facts}
	}
	var out []map[string]any
	for _, d := range s.printed {
		given := map[string]any{"printed": d}
		for name, v := range s.facts {
			given[name] = v
		}
		out = append(out, given)
	}
	return out
}
