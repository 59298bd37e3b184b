package rulebook

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"go.yaml.in/yaml/v3"
)

// Parse reads a rulebook. The Book is nil when one of the problems is no warning; problems are in the order of files and lines.
func Parse(src Source) (*Book, []Problem) {
	p := &parser{book: &Book{version: src.Version(), sources: map[string]Cited{}, conditions: map[string]*condition{}}, at: map[string]fields{}}
	sources, papers, rules := &reader{file: "sources.yaml"}, &reader{file: "papers.yaml"}, &reader{file: "rules.yaml"}
	p.sources(sources, src.Sources)
	p.papers(papers, src.Papers)
	p.rules(rules, src.Rules)
	p.agree(rules)
	problems := slices.Concat(papers.problems, rules.problems, sources.problems)
	if slices.ContainsFunc(problems, func(p Problem) bool { return !p.Warning }) {
		return nil, problems
	}
	p.finish()
	return p.book, problems
}

// A parser puts the three files together.
type parser struct {
	book  *Book
	facts []Fact
	env   *cel.Env
	at    map[string]fields // of rules by id
}

func (p *parser) sources(r *reader, data []byte) {
	f, ok := r.read(data, sourcesFileKeys())
	if !ok {
		return
	}
	all := f.blocks("sources")
	if len(all) == 0 || len(all) > maxSources {
		r.fail(f.node("sources"), "A book has at least one.", "there are %d sources; at most %d are read", len(all), maxSources)
	}
	for _, s := range all {
		name := s.text(nameOf)
		p.book.sources[name] = Cited{ID: name, Title: s.text("title"), URL: s.text("url"), Kind: s.text("kind"), Seen: s.text("seen")}
	}
}

var countryForm = regexp.MustCompile(`^[A-Z]{2}$`)

func (p *parser) papers(r *reader, data []byte) {
	f, ok := r.read(data, papersFileKeys())
	if !ok {
		return
	}
	p.version(r, f)
	all := f.blocks("papers")
	if len(all) == 0 || len(all) > maxPapers {
		r.fail(f.node("papers"), "A book has at least one.", "there are %d papers; at most %d are read", len(all), maxPapers)
		return
	}
	for _, k := range all {
		paper := Paper{
			ID: k.text("id"), Names: k.words("names"), Issuer: k.text("issuer"), IssuedBy: k.text("issued_by"), UsedIn: k.list("used_in"),
			Calendar: strings.Join(k.list("calendar"), " "), Line: k.at.Line,
		}
		if _, double := p.book.Paper(paper.ID); double || paper.ID == Any || paper.ID == None {
			r.fail(k.node("id"), "Give it another.", "the id `%s` is taken", paper.ID)
		}
		if k.has("names") && paper.Names["en"] == "" {
			r.fail(k.node("names"), "Add en: \"…\".", "`%s` has no English name", paper.ID)
		}
		for _, c := range append(slices.Clone(paper.UsedIn), paper.IssuedBy) {
			if c != "" && !countryForm.MatchString(c) {
				r.fail(k.node("used_in"), "Write two capital letters, like IR; UN for an agency.", "%.20q is no country code", c)
			}
		}
		if k.has("used_in") && len(paper.UsedIn) == 0 {
			r.fail(k.node("used_in"), "Name the countries in which its holders stay.", "`used_in` is empty")
		}
		p.book.papers = append(p.book.papers, paper)
	}
}

func (p *parser) version(r *reader, f fields) {
	if f.has("version") && f.count("version") != 1 {
		r.fail(f.node("version"), "Get a newer release of Panah, which may read it.", "form %d is not known here", f.count("version"))
	}
}

func (p *parser) rules(r *reader, data []byte) {
	f, ok := r.read(data, rulesFileKeys())
	if !ok {
		return
	}
	p.version(r, f)
	p.book.read, p.book.stale = f.day("as_of_reading"), f.count("stale_after_days")
	if f.has("stale_after_days") && p.book.stale == 0 {
		r.fail(f.node("stale_after_days"), "30 is usual.", "an answer cannot be stale after 0 days")
	}
	p.declare(r, f)
	all := f.blocks("rules")
	if len(all) == 0 || len(all) > maxRules {
		r.fail(f.node("rules"), "A book has at least one.", "there are %d rules; at most %d are read", len(all), maxRules)
		return
	}
	about := map[string]int{}
	for _, k := range all {
		if about[k.text("paper")]++; about[k.text("paper")] == maxForPaper+1 {
			r.fail(k.at, "Take out those that are long over.", "there are more than %d rules about `%s`", maxForPaper, k.text("paper"))
		}
		if r.full() {
			return
		}
		p.rule(r, k)
	}
}

// declare reads the facts and makes the language of conditions from them.
func (p *parser) declare(r *reader, f fields) {
	all := f.blocks("facts")
	if len(all) > maxFacts {
		r.fail(f.node("facts"), "Fewer facts decide more.", "there are %d facts; at most %d are read", len(all), maxFacts)
		return
	}
	for _, k := range all {
		fact := Fact{ID: k.text("id"), Type: k.text("type"), Ask: k.text("ask"), Options: k.list("options")}
		if slices.ContainsFunc(p.facts, func(g Fact) bool { return g.variable() == fact.variable() }) || slices.Contains([]string{AskRound, AskPrinted, AskCountry, AskNews}, fact.ID) {
			r.fail(k.node("id"), "Give it another.", "the fact `%s` is there already", fact.ID)
			continue
		}
		switch {
		case fact.Type == "choice" && len(fact.Options) < 2:
			r.fail(k.at, "Add options: [a, b].", "a choice has at least two options")
		case fact.Type != "choice" && len(fact.Options) > 0:
			r.fail(k.node("options"), "Make it type: choice, or take the options away.", "only a choice has options")
		case fact.Type == "yesno":
			fact.Options = []string{"yes", "no"}
		}
		if fact.ID != "" && fact.Type != "" {
			p.facts = append(p.facts, fact)
		}
	}
	env, err := language(p.facts)
	if err != nil {
		r.fail(f.node("facts"), "Rename the facts.", "%v", err)
		return
	}
	p.env = env
}

func (p *parser) rule(r *reader, k fields) {
	rule := Rule{
		ID: k.text("id"), Country: k.text("country"), Paper: k.text("paper"), Round: k.count("round"), Effect: Effect(k.text("effect")),
		From: k.day("from"), To: k.day("to"), On: k.day("on"), KnownOn: k.day("known_on"), KnownGiven: k.has("known_on"), Retroactive: k.flag("retroactive"),
		Months: k.count("months"), FromWritten: k.text("from_as_written"), ToWritten: k.text("to_as_written"), AsWritten: k.text("as_written"),
		Who: k.text("who"), What: k.text("what"), Note: k.text("note"), When: k.text("when"), Confidence: k.text("confidence"),
		Conflict: k.flag("conflict"), Replaces: k.list("replaces"), Sources: k.list("sources"), Line: k.at.Line,
	}
	if rule.ID == "" || rule.Effect == "" || rule.Paper == "" {
		return // told already
	}
	if first, double := p.at[rule.ID]; double {
		r.fail(k.node("id"), fmt.Sprintf("The first is in line %d; give this one another.", first.at.Line), "the id `%s` is there twice", rule.ID)
		return
	}
	p.at[rule.ID] = k
	if !rule.KnownGiven {
		if rule.KnownOn = rule.From; rule.KnownOn.IsZero() {
			rule.KnownOn = rule.On
		}
	}
	if rule.Months > 0 && rule.To.IsZero() && !rule.From.IsZero() {
		rule.To = monthsLater(rule.From, rule.Months)
	}
	p.refers(r, k, rule)
	p.days(r, k, rule)
	p.speaks(r, k, rule)
	p.written(r, k, rule)
	p.condition(r, k, rule)
	p.book.rules = append(p.book.rules, rule)
}

// monthsLater is the same day of the month so many months on, or the last day of a month that is too short for it.
func monthsLater(d time.Time, months int) time.Time {
	out := d.AddDate(0, months, 0)
	if out.Day() != d.Day() {
		out = out.AddDate(0, 0, -out.Day())
	}
	return out
}

func (p *parser) condition(r *reader, k fields, rule Rule) {
	if rule.When == "" || p.env == nil {
		return
	}
	n := k.node("when")
	c, err := compile(p.env, rule.When, p.facts)
	var wrong *conditionError
	switch {
	case errors.As(err, &wrong):
		at := yaml.Node{Line: n.Line, Column: n.Column + wrong.column - 1}
		if n.Style == yaml.DoubleQuotedStyle || n.Style == yaml.SingleQuotedStyle {
			at.Column++
		}
		r.fail(&at, wrong.next, "in `when`: %s", wrong.said)
		return
	case err != nil:
		r.fail(n, "Write it more simply.", "in `when`: %v", err)
		return
	}
	if len(c.uses) == 0 {
		r.fail(n, "Compare round, printed, on, known, country, paper or a fact with something; or take `when` away.", "the condition of `%s` reads nothing: it is always the same", rule.ID)
	}
	p.book.conditions[rule.ID] = c
}

// finish puts rules in an order that no file decides, and tells papers their rounds and facts.
func (p *parser) finish() {
	b := p.book
	slices.SortFunc(b.rules, func(x, y Rule) int {
		if c := strings.Compare(x.Country+" "+x.Paper, y.Country+" "+y.Paper); c != 0 {
			return c
		}
		if c := x.start().Compare(y.start()); c != 0 {
			return c
		}
		return strings.Compare(x.ID, y.ID)
	})
	b.facts = p.facts
	for i := range b.papers {
		b.papers[i].Rounds, b.papers[i].Facts = b.roundsAndFacts(b.papers[i])
	}
}

func (b *Book) roundsAndFacts(paper Paper) (rounds []int, facts []Fact) {
	used := map[string]bool{}
	for _, r := range b.rules {
		if r.Paper != paper.ID && (r.Paper != Any || !paper.meets(r.Country)) {
			continue
		}
		if r.Round > 0 {
			rounds = append(rounds, r.Round)
		}
		if c := b.conditions[r.ID]; c != nil {
			rounds = append(rounds, c.rounds...)
			for _, u := range c.uses {
				used[u] = true
			}
		}
	}
	for _, f := range b.facts {
		if used["facts."+f.variable()] {
			facts = append(facts, f)
		}
	}
	slices.Sort(rounds)
	return slices.Compact(rounds), facts
}

// meets reports whether rules of a country may be about the paper: it was issued there, or its holders stay there.
func (p Paper) meets(country string) bool {
	return p.IssuedBy == country || slices.Contains(p.UsedIn, country)
}
