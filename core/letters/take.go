package letters

import (
	"slices"
	"strings"

	"panah/core/event"
	"panah/core/fold"
)

// What a field may be filled from. There is no other way from a case into a letter.
const (
	fromOrg      = "org"      // the organisation's name
	fromName     = "name"     // as the person wants to be called
	fromDistrict = "district" //
	fromPaper    = "paper"    // kind of paper, in the letter's language
	fromPrinted  = "printed"  // its end date as written
	fromDetained = "detained" // day
	fromOrder    = "order"
	fromRelease  = "release"
	fromProxy    = "proxy"         // relation of who speaks for the person
	fromChecks   = "checks"        // rows: paper, printed end, day asked about, what the rules say
	fromRules    = "check_rules"   // lines: the rule that spoke, and from when to when
	fromSources  = "check_sources" // lines: where the rule stands
	fromKnown    = "check_known"   // day as known on which the last check answered
	fromBook     = "check_book"    // version of the rulebook
	fromAnswer   = "answer:"       // and pathway/question
)

var froms = [...]string{
	fromOrg, fromName, fromDistrict, fromPaper, fromPrinted, fromDetained, fromOrder, fromRelease, fromProxy, fromChecks, fromRules, fromSources, fromKnown, fromBook,
}

// takes reports whether a template may name such a beginning; answers are looked up in the pathways.
func takes(from string) bool { return slices.Contains(froms[:], from) }

// maxChecks is how many checks a letter tells of: the last of each kind of paper.
const maxChecks = 4

// A Desk is what a case does not know itself.
type Desk struct {
	Org    string                                  // name of the organisation
	Paper  func(id, lang string) string            // name of a kind of paper
	Rule   func(id string) (text string)           // of the rulebook: what it says, English; nil: its id
	Source func(id string) (title, address string) // of the rulebook
}

// Take is the values that a template's fields begin with: of the case only what they name.
func Take(t Template, lang string, c fold.Case, d Desk) map[string]string {
	out := map[string]string{}
	for _, f := range t.Fields {
		if f.From == "" {
			continue
		}
		if v := taken(f.From, t, lang, c, d); v != "" {
			out[f.ID] = v
		}
	}
	return out
}

func taken(from string, t Template, lang string, c fold.Case, d Desk) string {
	field := func(name string) string { return c.Fields[name].Text() }
	switch from {
	case fromOrg:
		return d.Org
	case fromName:
		return field(event.FieldName)
	case fromDistrict:
		return field(event.FieldDistrict)
	case fromPaper:
		return d.paper(field(event.FieldPaper), lang)
	case fromPrinted:
		return field(event.FieldPrinted)
	case fromDetained:
		return dayOf(field(event.FieldDetained))
	case fromOrder:
		return dayOf(field(event.FieldOrder))
	case fromRelease:
		return dayOf(field(event.FieldRelease))
	case fromProxy:
		if c.Proxy != nil {
			return c.Proxy.Relation
		}
		return ""
	}
	if answer, ok := strings.CutPrefix(from, fromAnswer); ok {
		return c.Answers[answer].Text()
	}
	return checked(from, t, lang, c, d)
}

// dayOf is the day of a moment.
func dayOf(moment string) string {
	day, _, _ := strings.Cut(moment, "T")
	return day
}

func (d Desk) paper(id, lang string) string {
	if d.Paper == nil || id == "" {
		return id
	}
	return d.Paper(id, lang)
}
