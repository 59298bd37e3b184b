package web

import (
	"html/template"
	"strings"
	"time"

	"panah/core/calendar"
	"panah/core/rulebook"
	"panah/desk/internal/office"
)

// A paperAnswer is what the rulebook says, ready to show.
type paperAnswer struct {
	rulebook.Answer
	Word      string // id of the verdict's word
	Says      string // id of its sentence
	Pairs     []any
	Would     string // id of the word of what a stale rule says; "" for none
	WouldSays string
	Icon      string
	Tone      string // class: ok, ask, end
	Paper     string // name
	PaperIn   string
	Printed   string // as it was read, in its own calendar in words; "" for none
	Within    int    // days by which sources differ about it
	On, Known string // both calendars
	Rule      *paperRule
	Also      []paperRule
	Sides     []paperRule // that disagree
	Ask       []paperAsk
	Steps     []paperStep
	Days      int // since the newest rule became known
	Limit     int // days after which it is stale
}

// A paperRule is a rule as it is read.
type paperRule struct {
	rulebook.Rule
	Word      string // id of its effect's word
	ConfWord  string // id of its confidence's word; "" for none
	From, To  string // both calendars
	OnDay     string
	KnownDay  string
	Sources   []rulebook.Cited
	Age       int  // days since it became known
	Past      bool // its day is over
	Task      string
	Look      []string // ids of what needs a specialist's look
	PaperName string
	PaperIn   string
}

// A paperAsk is a question that would help.
type paperAsk struct {
	rulebook.Ask
	Words string // id of the words in the reader's language; "" where there are none: Text is English
	Since string // of news: the day of the newest rule
	Field string // name of its field; "" when the form above has one
	Value string
}

// A paperStep is a line of the trace.
type paperStep struct {
	rulebook.Step
	Words string // id
}

// tones are how verdicts look: with an icon and a word, never by colour alone. None of them is a tick or a cross.
var tones = map[rulebook.Verdict][2]string{
	rulebook.InForce: {"calendar", "ok"}, rulebook.Extended: {"repeat", "ok"}, rulebook.Ended: {"late", "end"}, rulebook.Revoked: {"erase", "end"},
	rulebook.Conflict: {"split", "ask"}, rulebook.Unknown: {"search", "ask"}, rulebook.Stale: {"hours", "ask"},
}

// idWord is the last part of an id of words: those have no hyphens.
func idWord[T ~string](v T) string { return strings.ReplaceAll(string(v), "-", "") }

// paperAnswer makes an answer ready to show.
func (s *server) paperAnswer(p *paperPage, book *rulebook.Book, q rulebook.Question, a rulebook.Answer) (*paperAnswer, error) {
	tone := tones[a.Verdict]
	if tone[0] == "" {
		tone = tones[rulebook.Unknown]
	}
	out := &paperAnswer{
		Answer: a, Word: "papers.verdict_" + idWord(a.Verdict), Icon: tone[0], Tone: tone[1], On: p.RuleDay(q.On), Known: p.RuleDay(q.Known), Limit: book.StaleAfter(),
	}
	out.Says, out.Pairs = verdictSays(p.words, a.Verdict, a)
	if a.Verdict == rulebook.Stale && a.Would != "" {
		out.Would = "papers.verdict_" + idWord(a.Would)
		out.WouldSays, _ = verdictSays(p.words, a.Would, a)
	}
	if !a.Newest.IsZero() {
		out.Days = int(q.On.Sub(a.Newest).Hours() / 24)
	}
	if paper, ok := book.Paper(q.Paper); ok {
		out.Paper, out.PaperIn = paperNamed(paper, p.lang.Code)
	}
	if !q.Printed.IsZero() {
		out.Printed, out.Within = writtenIn(p.words, q.Printed), q.Printed.Within
	}
	if a.Rule != nil {
		r := paperRuleOf(p.words, book, *a.Rule)
		out.Rule = &r
	}
	for _, r := range a.Also {
		shown := paperRuleOf(p.words, book, r)
		if r.Effect == rulebook.Deadline && !shown.Past {
			shown.Task = office.DeadlineTask(r).Task
		}
		out.Also = append(out.Also, shown)
	}
	for _, r := range a.Conflicts {
		out.Sides = append(out.Sides, paperRuleOf(p.words, book, r))
	}
	for _, k := range a.Ask {
		out.Ask = append(out.Ask, paperAskOf(p, k, a))
	}
	for _, step := range a.Steps {
		if step.Why != rulebook.OtherPaper {
			out.Steps = append(out.Steps, paperStep{step, "papers.why_" + idWord(step.Why)})
		}
	}
	return out, nil
}

// verdictSays finds the sentence of a verdict: with its day where the rule has one.
func verdictSays(w *words, v rulebook.Verdict, a rulebook.Answer) (id string, pairs []any) {
	id = "papers.says_" + idWord(v)
	switch v {
	case rulebook.InForce, rulebook.Extended:
		if !a.Until.IsZero() {
			return "papers.until_" + idWord(v), []any{"date", w.RuleDay(a.Until)}
		}
	case rulebook.Ended, rulebook.Revoked:
		if !a.Since.IsZero() {
			return "papers.since_" + idWord(v), []any{"date", w.RuleDay(a.Since)}
		}
	case rulebook.Unknown:
		if a.Hangs {
			return "papers.says_hangs", nil
		}
	}
	return id, nil
}

// writtenIn is a date in its own calendar in words, and in the others in numbers.
func writtenIn(w *words, d calendar.Written) string {
	own := d.Words(w.lang.Code)
	return own + " · " + w.RuleDay(d.Day)
}

func paperRuleOf(w *words, book *rulebook.Book, r rulebook.Rule) paperRule {
	out := paperRule{
		Rule: r, Word: "papers.effect_" + idWord(r.Effect), From: w.RuleDay(r.From), To: w.RuleDay(r.To), OnDay: w.RuleDay(r.On), KnownDay: w.RuleDay(r.KnownOn),
		Past: !r.On.IsZero() && r.On.Before(w.today()),
	}
	if r.Confidence != "" {
		out.ConfWord = "papers.confidence_" + idWord(r.Confidence)
	}
	for _, id := range r.Sources {
		if c, ok := book.Source(id); ok {
			out.Sources = append(out.Sources, c)
		}
	}
	if !r.KnownOn.IsZero() {
		out.Age = max(0, int(w.today().Sub(r.KnownOn).Hours()/24))
	}
	if paper, ok := book.Paper(r.Paper); ok {
		out.PaperName, out.PaperIn = paperNamed(paper, w.lang.Code)
	}
	out.Look = needsLook(r)
	return out
}

// needsLook says why a specialist should look at a rule before anybody rests on it.
func needsLook(r rulebook.Rule) (ids []string) {
	if r.Conflict {
		ids = append(ids, "papers.look_conflict")
	}
	switch r.Confidence {
	case "press-single", "testimony":
		ids = append(ids, "papers.look_single")
	case "":
		ids = append(ids, "papers.look_noconfidence")
	}
	if !r.KnownGiven {
		ids = append(ids, "papers.look_known")
	}
	return ids
}

// Span is the time that a rule speaks of.
func (r paperRule) Span(w *words) (template.HTML, error) {
	switch {
	case r.OnDay != "":
		return w.T("papers.span_on", "date", r.OnDay)
	case r.From != "" && r.To != "":
		return w.T("papers.span_fromto", "from", r.From, "to", r.To)
	case r.To != "":
		return w.T("papers.span_to", "to", r.To)
	case r.From != "":
		return w.T("papers.span_from", "from", r.From)
	}
	return w.T("papers.span_open")
}

// Written is the day as the instrument writes it.
func (r paperRule) Written() string {
	var parts []string
	for _, s := range []string{r.FromWritten, r.ToWritten, r.AsWritten} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " – ")
}

func paperAskOf(p *paperPage, k rulebook.Ask, a rulebook.Answer) paperAsk {
	out := paperAsk{Ask: k, Words: "papers.ask_" + idWord(k.ID)}
	if _, err := p.text(out.Words); err != nil {
		out.Words = ""
	}
	switch {
	case k.ID == rulebook.AskNews:
		if !a.Newest.IsZero() {
			out.Words, out.Since = "papers.ask_newssince", p.RuleDay(a.Newest)
		}
	case k.ID == rulebook.AskRound:
		out.Field, out.Value = "round", p.Form.Round
	case k.ID == rulebook.AskPrinted: // the form below has its field and its calendar
	default:
		out.Field, out.Value = factField+k.ID, p.Form.Facts[k.ID]
	}
	return out
}

// Option is how an answer that may be chosen is read.
func (w *words) Option(option string) (template.HTML, error) {
	switch option {
	case "yes", "no":
		return w.T("cases.answer_" + option)
	}
	return w.Term("papers.option_", strings.ToLower(option))
}

// ago is how many days ago a day was.
func ago(w *words, t time.Time) int { return int(w.today().Sub(t).Hours() / 24) }
