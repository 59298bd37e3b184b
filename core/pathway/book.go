package pathway

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Situation is one choice under "what is happening?" on the public page.
type Situation struct {
	ID          string      // s_detained: the value in the letter, and the id of its words in the catalogue
	Icon        string      // name in the sprite
	Urgency     Urgency     // the highest of its pathways
	Sensitivity Sensitivity // the most restrictive of the pathways that the choice itself starts
	// Risky: without script ask only a safe time and a safe word, since the door could read a story for a moment.
	Risky    bool
	Pathways []string // ids, most urgent first
}

// Note is the translators' note of a situation's phrase: "icon: lock-person; …; a, b", with the letters of the
// pathways that the choice may lead to.
type Note struct{ Situation, Text string }

// Book is all pathways with their vocabulary. It does not change and may be shared.
type Book struct {
	Common     Common
	pathways   []Pathway
	situations []Situation
}

// New reads the vocabulary and the pathways and builds the situations: from each pathway's starts_when
// ("answer s.detained …") and from the notes, whose order the public page keeps. It refuses unknown references, a pathway that no choice leads to
// and a choice that leads nowhere.
func New(common []byte, files [][]byte, notes []Note) (*Book, error) {
	c, err := parseCommon(common)
	if err != nil {
		return nil, fmt.Errorf("reading the pathways' vocabulary: %w", err)
	}
	b := &Book{Common: c}
	for i, data := range files {
		p, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("reading pathway %d: %w", i+1, err)
		}
		if err := c.check(p); err != nil {
			return nil, fmt.Errorf("checking a pathway: %w", err)
		}
		if slices.ContainsFunc(b.pathways, func(q Pathway) bool { return q.ID == p.ID || q.Letter == p.Letter }) {
			return nil, fmt.Errorf("pathway %s (%s) is there twice", p.ID, p.Letter)
		}
		b.pathways = append(b.pathways, p)
	}
	for _, n := range notes {
		s, err := b.situation(n)
		if err != nil {
			return nil, err
		}
		b.situations = append(b.situations, s)
	}
	return b, b.complete()
}

var (
	starts  = regexp.MustCompile(`\banswer s\.([a-z]+)`)
	icon    = regexp.MustCompile(`\bicon: ([a-z-]+)`)
	letters = regexp.MustCompile(`; ([a-z](?:, [a-z])*)(?:;|$)`)
)

// startedBy reports whether the public choice itself starts the pathway.
func (p Pathway) startedBy(situation string) bool {
	for _, when := range p.StartsWhen {
		for _, m := range starts.FindAllStringSubmatch(when, -1) {
			if "s_"+m[1] == situation {
				return true
			}
		}
	}
	return false
}

func (b *Book) situation(n Note) (Situation, error) {
	s := Situation{ID: n.Situation, Sensitivity: Ordinary}
	m := icon.FindStringSubmatch(n.Text)
	if m == nil {
		return s, fmt.Errorf("the note of %s names no icon", n.Situation)
	}
	s.Icon = m[1]
	var named []string
	if m := letters.FindStringSubmatch(n.Text); m != nil {
		named = strings.Split(m[1], ", ")
	}
	var mine []Pathway
	for _, p := range b.pathways {
		starts := p.startedBy(s.ID)
		if starts {
			s.Sensitivity = s.Sensitivity.Most(p.Sensitivity)
			s.Risky = s.Risky || p.DoorAsks == doorSafeReply
		}
		if starts || slices.Contains(named, p.Letter) {
			mine = append(mine, p)
			s.Urgency = s.Urgency.Most(p.Urgency.Class)
		}
	}
	slices.SortStableFunc(mine, func(x, y Pathway) int { return x.Urgency.Class.Rank() - y.Urgency.Class.Rank() })
	for _, p := range mine {
		s.Pathways = append(s.Pathways, p.ID)
	}
	if len(mine) == 0 {
		return s, fmt.Errorf("%s leads to no pathway", s.ID)
	}
	return s, nil
}

// complete makes sure that every pathway and every "answer s.x" is reachable from the public page.
func (b *Book) complete() error {
	for _, p := range b.pathways {
		started := false
		for _, s := range b.situations {
			started = started || p.startedBy(s.ID)
		}
		if !started {
			return fmt.Errorf("no choice of the public page starts %s", p.ID)
		}
	}
	return nil
}

// Pathways lists all pathways in the order of their letters.
func (b *Book) Pathways() []Pathway { return slices.Clone(b.pathways) }

// Pathway finds one by its id.
func (b *Book) Pathway(id string) (Pathway, bool) {
	for _, p := range b.pathways {
		if p.ID == id {
			return p, true
		}
	}
	return Pathway{}, false
}

// Situations lists the choices of the public page in their order there.
func (b *Book) Situations() []Situation { return slices.Clone(b.situations) }

// Situation finds one by its id, "s_detained".
func (b *Book) Situation(id string) (Situation, bool) {
	for _, s := range b.situations {
		if s.ID == id {
			return s, true
		}
	}
	return Situation{}, false
}

// Urgency is the highest urgency among the situations that a person chose. Unknown ids and no choice at all give Days:
// whoever only tells a story is read in the order of arrival.
func (b *Book) Urgency(situations []string) Urgency {
	u := Days
	for _, id := range situations {
		if s, ok := b.Situation(id); ok {
			u = u.Most(s.Urgency)
		}
	}
	return u
}

// Sensitivity is the most restrictive sensitivity among the situations that a person chose.
func (b *Book) Sensitivity(situations []string) Sensitivity {
	sens := Ordinary
	for _, id := range situations {
		if s, ok := b.Situation(id); ok {
			sens = sens.Most(s.Sensitivity)
		}
	}
	return sens
}
