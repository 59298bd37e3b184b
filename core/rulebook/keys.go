package rulebook

// kind is what a key of a YAML file takes.
type kind int

const (
	text   kind = iota // a line of words
	id                 // lower-case letters, digits and hyphens
	day                // a day of the Gregorian calendar, 2025-03-20
	count              // a whole number from 0 to 10,000
	flag               // true or false
	choice             // one of key.of
	ids                // a list of ids
	texts              // a list of words
	words              // words by language code: {en: …, fa: …}
	free               // kept for people, not read by the program
	blocks             // a list of mappings with the keys key.keys
	named              // mappings by id, with the keys key.keys
)

// A key of a mapping. One table reads the files, finds the nearest spelling of a slip, and makes the JSON schema.
type key struct {
	name     string
	kind     kind
	required bool
	of       []string // of a choice; of ids when only these will do
	keys     []key    // of blocks and named
	about    string   // for the schema
}

// Bounds of a rulebook: far above what two countries need, far below what would hurt.
const (
	maxRules     = 2000
	maxForPaper  = 400 // rules about one paper
	maxPapers    = 200
	maxSources   = 4000
	maxFacts     = 64
	maxQuestions = 5000
	maxText      = 2000 // bytes of one value
	maxList      = 64
	maxCount     = 10_000
)

var (
	effects     = []string{"valid", "extended", "ended", "revoked", "unknown", "deadline", "consequence", "enforcement", "court-protection", "may-regularise", "round-open", "round-opens", "replace", "services-end", "leave-area", "calendar-change"}
	confidences = []string{"official", "press-quoting", "press-single", "testimony"}
	sourceKinds = []string{"law", "standard", "official", "un", "ngo", "court-press", "press", "press-single", "code", "reference"}
	calendars   = []string{"solar", "gregorian", "lunar"}
	factTypes   = []string{"yesno", "choice", "number"}
	verdictIDs  = []string{"in-force", "extended", "ended", "revoked", "conflict", "unknown", "stale"}
)

func ruleKeys() []key {
	return []key{
		{name: "id", kind: id, required: true, about: "a name of the rule that never changes: country, paper, what"},
		{name: "country", kind: text, required: true, about: "code of the country whose authority made it: IR, PK, AF"},
		{name: "paper", kind: id, required: true, about: "id of a kind of paper; any: every paper of the country; none: people without a paper"},
		{name: "round", kind: count, about: "only this round of the paper"},
		{name: "effect", kind: choice, required: true, of: effects, about: "what it does; the first five make verdicts, the others are told beside them"},
		{name: "from", kind: day, about: "first day on which it holds"},
		{name: "from_as_written", kind: text, about: "that day as the instrument writes it, in its own calendar"},
		{name: "to", kind: day, about: "last day on which it holds"},
		{name: "to_as_written", kind: text, about: "that day as the instrument writes it: \"30 Mehr 1401\", \"end of Esfand 1403\""},
		{name: "months", kind: count, about: "instead of to: it holds so many months from from"},
		{name: "on", kind: day, about: "the day of a deadline, of an opening, of an end of services"},
		{name: "as_written", kind: text, about: "that day as the instrument writes it"},
		{name: "known_on", kind: day, about: "the day on which it was announced; without it, from (or on)"},
		{name: "retroactive", kind: flag, about: "true: it covers also the days before it was announced"},
		{name: "when", kind: text, about: "condition in CEL over paper, round, printed, on, known, country and facts.…; see docs/rulebook.md"},
		{name: "who", kind: text, about: "whom it is about"},
		{name: "what", kind: text, about: "what is to be done, or what follows"},
		{name: "note", kind: text, about: "what a reader has to know: doubts, what was computed by us"},
		{name: "confidence", kind: choice, of: confidences, about: "how good the sources are, all together"},
		{name: "conflict", kind: flag, about: "true: its sources disagree with each other"},
		{name: "replaces", kind: ids, about: "rules that give way where this one speaks"},
		{name: "sources", kind: ids, about: "ids of sources.yaml"},
	}
}

func factKeys() []key {
	return []key{
		{name: "id", kind: id, required: true, about: "name in conditions, facts.ID, with _ for -"},
		{name: "type", kind: choice, required: true, of: factTypes, about: "what it is answered with"},
		{name: "ask", kind: text, required: true, about: "the question, in plain English; it identifies nobody"},
		{name: "options", kind: ids, about: "of a choice"},
	}
}

func rulesFileKeys() []key {
	return []key{
		{name: "version", kind: count, required: true, about: "of this file's form: 1"},
		{name: "status", kind: text, about: "draft, or who reviewed it when"},
		{name: "as_of_reading", kind: day, required: true, about: "the day on which the sources were read last"},
		{name: "stale_after_days", kind: count, required: true, about: "after so many days without news an answer is stale"},
		{name: "facts", kind: blocks, keys: factKeys(), about: "what conditions may ask for"},
		{name: "rules", kind: blocks, required: true, keys: ruleKeys(), about: "one for each statement of an instrument"},
	}
}

func paperKeys() []key {
	keys := []key{
		{name: "id", kind: id, required: true, about: "a name that never changes: ir-amayesh"},
		{name: "names", kind: words, required: true, about: "by language code; English is needed"},
		{name: "issued_by", kind: text, required: true, about: "code of the country whose authority made it; UN for an agency"},
		{name: "used_in", kind: texts, required: true, about: "codes of the countries where holders stay; rules of these may be about it"},
		{name: "calendar", kind: texts, of: calendars, about: "calendars that its date is printed in; none when not known"},
		{name: "issuer", kind: text, about: "which office, since when, with sources"},
	}
	for _, name := range []string{"holder", "rounds", "related", "printed", "number", "mrz", "barcode", "chip", "qr", "limits", "protects", "proves", "form", "kinds", "note", "size", "validity", "watch", "with", "rule", "birth", "languages", "children", "source"} {
		keys = append(keys, key{name: name, kind: free, about: "kept for people"})
	}
	return keys
}

func papersFileKeys() []key {
	return []key{
		{name: "version", kind: count, required: true, about: "of this file's form: 1"},
		{name: "status", kind: text, about: "draft, or who reviewed it when"},
		{name: "calendars", kind: free, about: "kept for people"},
		{name: "papers", kind: blocks, required: true, keys: paperKeys(), about: "kinds of paper"},
	}
}

func sourcesFileKeys() []key {
	return []key{{name: "sources", kind: named, required: true, about: "by id", keys: []key{
		{name: "title", kind: text, required: true, about: "who, when, what"},
		{name: "url", kind: text, required: true, about: "shown as text, never opened by the program"},
		{name: "kind", kind: choice, required: true, of: sourceKinds, about: "whose word it is"},
		{name: "seen", kind: text, about: "how we read it"},
	}}}
}

func questionsFileKeys() []key {
	return []key{
		{name: "version", kind: count, required: true, about: "of this file's form: 1"},
		{name: "questions", kind: blocks, required: true, about: "dated questions with the answers that the book must give", keys: []key{
			{name: "id", kind: id, required: true, about: "a name that never changes"},
			{name: "paper", kind: id, required: true, about: "id of a kind of paper, or none"},
			{name: "round", kind: count, about: "its round"},
			{name: "printed", kind: text, about: "the end date printed on it, as written"},
			{name: "calendar", kind: choice, of: calendars, about: "in which calendar printed is"},
			{name: "on", kind: day, required: true, about: "the day that is asked about"},
			{name: "known", kind: day, about: "as it was known on that day; without it, all that the book knows"},
			{name: "facts", kind: words, about: "answers by fact: {petitioner: yes}"},
			{name: "verdict", kind: choice, required: true, of: verdictIDs, about: "what must come out"},
			{name: "would", kind: choice, of: verdictIDs, about: "what a stale answer would be; needed under stale"},
			{name: "rule", kind: id, about: "the rule it must come from; without it, none"},
			{name: "since", kind: day, about: "the first day it must name"},
			{name: "until", kind: day, about: "the last day it must name"},
			{name: "also", kind: ids, about: "rules that must be told beside it; others may be"},
			{name: "asks", kind: ids, about: "what must be asked next; others may be"},
			{name: "source", kind: id, required: true, about: "id of the source that this answer rests on"},
			{name: "why", kind: text, about: "why this question is worth asking"},
		}},
	}
}
