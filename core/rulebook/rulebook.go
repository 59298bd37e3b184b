// Package rulebook says what published rules say about a kind of paper on a day, as it was known on a day: papers, rules and
// sources are YAML, the conditions of rules are CEL.
//
// It refuses to say yes or no: an answer is a verdict of seven, with the rule it comes from, the rule's sources and what to ask
// next. It knows kinds of paper and no numbers, no names and no persons; it tells nothing about whether a paper is real. What it does
// not know is "unknown", never "ended": only a rule of effect ended or revoked that speaks makes such a verdict.
package rulebook

import (
	"time"

	"panah/core/calendar"
)

// Verdict is one of the seven things that a check may say.
type Verdict string

// The verdicts. Their sentences are in the catalogues of i18n ("papers.verdict.…").
const (
	InForce  Verdict = "in-force" // by the rule the paper is in force until a day
	Extended Verdict = "extended" // the printed date has passed, and the rule extends it until a day
	Ended    Verdict = "ended"    // by the rule it ended on a day
	Revoked  Verdict = "revoked"  // the rule says that it no longer counts; that may be open to challenge
	Conflict Verdict = "conflict" // sources disagree: ask a lawyer
	Unknown  Verdict = "unknown"  // no rule says anything about this day; that does not mean that the paper has ended
	Stale    Verdict = "stale"    // the newest rule is too old to rely on; Answer.Would says what it would say
)

// Verdicts lists all of them, in the order in which pages explain them.
func Verdicts() []Verdict {
	return []Verdict{InForce, Extended, Ended, Revoked, Conflict, Unknown, Stale}
}

// Effect is what a rule does to a paper.
type Effect string

// Effects that decide a verdict.
const (
	Validates Effect = "valid"    // the paper counts from From to To
	Extends   Effect = "extended" // it counts although its printed date has passed
	Ends      Effect = "ended"    // it does not count from From on
	Revokes   Effect = "revoked"  // it was taken back from From on
	Silent    Effect = "unknown"  // it is known that nothing is known of these days; gives way to every other rule
)

// Effects that are told beside a verdict and change none.
const (
	Deadline        Effect = "deadline"         // something is to be done by On
	Consequence     Effect = "consequence"      // what follows from something
	Enforcement     Effect = "enforcement"      // what the authorities do to people who hold it, or hold nothing
	CourtProtection Effect = "court-protection" // a court's order keeps somebody safe for a time
	MayRegularise   Effect = "may-regularise"   // who may get another paper
	RoundOpen       Effect = "round-open"       // a round of registration is open from From to To
	RoundOpens      Effect = "round-opens"      // a round of registration opens on On; its end is not known
	Replace         Effect = "replace"          // the paper is exchanged for another kind
	ServicesEnd     Effect = "services-end"     // offices stop serving holders from On
	LeaveArea       Effect = "leave-area"       // holders are told to leave a part of the country
	CalendarChange  Effect = "calendar-change"  // from From on, days are written in another calendar
)

// Decides reports whether the effect makes a verdict; the others are told beside it (Answer.Also).
func (e Effect) Decides() bool {
	switch e {
	case Validates, Extends, Ends, Revokes, Silent:
		return true
	}
	return false
}

// Any and None stand in a rule's paper field: a rule about every paper of its country, and one about people who have none. None may also be
// asked about (Question.Paper).
const (
	Any  = "any"
	None = "none"
)

// A Paper is a kind of paper.
type Paper struct {
	ID       string            // "pk-por"
	Names    map[string]string // by language code; English is always there
	Issuer   string            // in English, with sources
	IssuedBy string            // country code: "PK"
	UsedIn   []string          // country codes where its holders stay; the rules of these countries may be about it
	Calendar string            // in which calendar its date is printed: "solar", "gregorian", "lunar", "solar gregorian" for both, "" not known
	Rounds   []int             // numbers that rules name, ascending; empty when its rounds play no part
	Facts    []Fact            // that the conditions of rules about this paper ask for, by id
	Line     int               // in papers.yaml
}

// A Fact is something a condition may ask for; it never identifies anybody.
type Fact struct {
	ID      string
	Type    string   // "yesno", "choice" or "number"
	Ask     string   // the question, in English; other languages by the id in the catalogues
	Options []string // of a choice; "yes" and "no" of a yesno
}

// A Rule is one statement of one instrument. All days are midnight UTC; zero means not given.
type Rule struct {
	ID          string
	Country     string // code, like "IR"
	Paper       string // a paper's id, Any or None
	Round       int    // 0: every round
	Effect      Effect
	From, To    time.Time // first and last day on which it holds; no To: until another rule
	On          time.Time // the day itself, of deadlines and openings
	KnownOn     time.Time // when it was announced. Where the file does not say, its From (or On): KnownGiven is false then
	KnownGiven  bool
	Retroactive bool // it holds from From on although it became known later
	Months      int  // To was counted from From: so many months
	FromWritten string
	ToWritten   string // the last day as the instrument writes it, in its own calendar; agrees with To
	AsWritten   string // the same of On
	Who         string // whom it is about, English
	What        string // what is to be done or follows, English
	Note        string // English
	When        string // condition in CEL; "" always
	Confidence  string // "official", "press-quoting", "press-single", "testimony"
	Conflict    bool   // its sources disagree with each other
	Replaces    []string
	Sources     []string // ids of Book.Source
	Line        int      // in rules.yaml
}

// Cited is a source of a rule. Its address is shown as text and never opened by a program.
type Cited struct {
	ID, Title, URL string
	Kind           string // law, standard, official, un, ngo, court-press, press, press-single, code, reference
	Seen           string // how we read it: "excerpt", "snapshot"
}

// A Question is what a check asks. It has no field for a number, a name or a nationality.
type Question struct {
	Paper   string           // a paper's id, or None
	Round   int              // 0: not known, or the paper has none
	Printed calendar.Written // the end printed on it; the zero value: none, or not readable
	On      time.Time        // the day that is asked about, UTC
	Known   time.Time        // as it was known on that day; zero: all that the book knows
	// Facts by id, as forms send them: "yes", "no", one of the options, a number; a fact that is missing or "" is not known.
	// "country" (a code of Paper.UsedIn) says where the holder stays, where that is not clear from the paper.
	Facts map[string]string
}

// An Answer is what the book says. It never changes after it was given.
type Answer struct {
	Verdict      Verdict
	Would        Verdict     // under Stale: what the newest rule says; else ""
	Rule         *Rule       // that the verdict comes from; nil when no rule spoke, or the answer hangs on a fact that is missing
	Since, Until time.Time   // first and last day of what the verdict says, whatever the missing facts are; zero when not known
	Printed      PrintedDate // whether the printed date had passed on the day asked about: says nothing by itself
	Sources      []Cited     // of Rule and, in a conflict, of all that disagree
	Confidence   string      // of Rule; in a conflict the lowest of all
	Newest       time.Time   // when the newest visible rule about this very paper became known; zero without any
	Also         []Rule      // deadlines, consequences, enforcement, court protection…: about this day, or ahead within 90 days
	Ask          []Ask       // what would help to answer better, the most deciding first
	Conflicts    []Rule      // rules that disagree
	Hangs        bool        // the verdict is unknown because rules that could turn it need something that was not said: see Ask
	Book         string      // Book.Version
	Steps        []Step      // every rule of the book, and why it spoke or did not
}

// PrintedDate is how the printed date stands to the day that was asked about.
type PrintedDate string

// How a printed date may stand. It never makes a verdict by itself: cards were extended without new print, and revoked before it.
const (
	PrintedUnread  PrintedDate = ""        // not given, or it cannot be told (a lunar date a day off)
	PrintedRunning PrintedDate = "running" // not passed
	PrintedPassed  PrintedDate = "passed"
)

// Ask is one question to ask next.
type Ask struct {
	ID      string   // a fact's id, or AskRound, AskPrinted, AskCountry, AskNews
	Text    string   // English
	Options []string // that may be answered, where there are such
	Rules   []string // ids of the rules that hang on it
}

// What is asked beside facts.
const (
	AskRound   = "round"   // which round is printed on it?
	AskPrinted = "printed" // which end date is printed on it?
	AskCountry = "country" // in which country is the holder?
	AskNews    = "news"    // has anything been announced since Newest?
)

// Step says of one rule why it spoke or did not.
type Step struct {
	Rule   string // id
	Why    Why
	Detail string // what Why needs: a day (2006-01-02), a rule's id, ids of facts; may be ""
}

// Why is the reason of a Step.
type Why string

// Why a rule spoke or did not.
const (
	Spoke         Why = "spoke"          // it made the verdict
	Agreed        Why = "agreed"         // it speaks and says the same as the one that made the verdict
	Disagreed     Why = "disagreed"      // it speaks and says something else
	Told          Why = "told"           // it changes no verdict and is told beside it
	Ahead         Why = "ahead"          // the same, and its day (Detail) is still to come
	OtherPaper    Why = "other-paper"    // it is about another paper
	OtherRound    Why = "other-round"    // it is about another round (Detail)
	OtherCountry  Why = "other-country"  // it holds in another country (Detail)
	NotKnownYet   Why = "not-known-yet"  // it became known only on Detail
	NotYet        Why = "not-yet"        // it holds only from Detail on
	Over          Why = "over"           // it held until Detail
	ConditionNo   Why = "condition-no"   // its condition is not met (Detail)
	Needs         Why = "needs"          // it cannot be told without Detail: ids of facts, "round", "printed", "country"
	ReplacedBy    Why = "replaced-by"    // Detail replaces it
	GaveWay       Why = "gave-way"       // it only says that nothing is known, or rests on testimony alone, and another rule (Detail) speaks
	HeldBack      Why = "held-back"      // it speaks, but Detail (ids of rules) may say otherwise, once what they need is known
	ConditionFail Why = "condition-fail" // its condition could not be worked out (Detail); it may be met or not
)
