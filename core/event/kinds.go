package event

// The kinds. Each case event has its file-sized reason in docs/formats-events.md; ids in bodies are those of rules/pathways. Times are RFC 3339 in UTC, days are "2006-01-02";
// empty means not known.

// Opened begins a case. A second one (two desks at once) adds what the first lacks.
type Opened struct {
	Source string `json:"source"` // letter, person (spoke to us), import, referral
	Since  string `json:"since"`  // when the person reached us: clocks count from here
	Ref    string `json:"ref,omitempty"`
}

// Set gives a field a value: Fields lists them. Two desks that set one at once leave both values, and a human decides by setting it again.
type Set struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Fields of a case.
const (
	FieldUrgency     = "urgency" // minutes, hours, days
	FieldSensitivity = "sensitivity"
	FieldName        = "name" // as the person wants to be called
	FieldAlso        = "also" // other spellings
	FieldDistrict    = "district"
	FieldLang        = "lang"
	FieldSummary     = "summary" // one line
	FieldWho         = "who"     // me, family
	FieldPaper       = "paper"   // kind of paper
	FieldPrinted     = "printed" // its end date as written
	FieldSafeTime    = "safe_time"
	FieldSafeSay     = "safe_say"    // what may be said when somebody else answers
	FieldOtherSide   = "other_side"  // the other party of a dispute: read by the conflict check only
	FieldDetained    = "detained_at" // moments that legal clocks count from; RFC 3339
	FieldOrder       = "order_at"
	FieldRelease     = "release_at"
	FieldDeadline    = "deadline_at" // the last day to object, as the order or the law has it
	FieldSummons     = "summons_at"  // when the person is told to come
	FieldLeaving     = "leaving_at"  // when the person leaves the country
	FieldCountry     = "country"     // whose working days count: ir, af, pk
)

// Answered answers a question of a pathway.
type Answered struct {
	Pathway  string `json:"pathway"`
	Question string `json:"question"`
	Value    string `json:"value"`
}

// Followed adds a pathway to a case, or takes it off.
type Followed struct {
	Pathway string `json:"pathway"`
	On      bool   `json:"on"`
	Version int    `json:"version,omitempty"`
}

// Noted is a caseworker's note.
type Noted struct {
	Text string `json:"text"`
}

// TaskAdded puts a task on the list. Those of pathways are named "pathway/task", so that two desks that follow a pathway at once make one list.
type TaskAdded struct {
	Task   string   `json:"task"`
	Do     string   `json:"do"`
	Due    string   `json:"due,omitempty"` // "": not known yet; From says what it waits for
	From   string   `json:"from,omitempty"`
	By     string   `json:"by,omitempty"`     // the duration of the pathway, PT30M
	Repeat string   `json:"repeat,omitempty"` // duration
	Times  int      `json:"times,omitempty"`  // 0: until dropped
	Who    string   `json:"who,omitempty"`    // caseworker, lawyer …
	Basis  string   `json:"basis,omitempty"`  // law, standard, proposal
	Source string   `json:"source,omitempty"` // id in rules/sources.yaml
	Letter string   `json:"letter,omitempty"`
	Needs  []string `json:"needs,omitempty"` // consents
	Note   string   `json:"note,omitempty"`
	Steps  string   `json:"steps,omitempty"` // done_when
}

// TaskMoved gives a task another deadline.
type TaskMoved struct {
	Task string `json:"task"`
	Due  string `json:"due"`
	Why  string `json:"why,omitempty"`
}

// TaskState says that a task was done, dropped, or is open again. A repeated task that was done is open again, with the next deadline.
type TaskState struct {
	Task  string `json:"task"`
	State string `json:"state"` // done, dropped, open
	Note  string `json:"note,omitempty"`
}

// Claimed is a caseworker taking a case that nobody has: the first one keeps it.
type Claimed struct{}

// Assigned hands a case to somebody; "" lets it go. Of two at once both are shown.
type Assigned struct {
	Staff Staff  `json:"staff"`
	Note  string `json:"note,omitempty"`
}

// Team puts a person on the case's team, or takes them off.
type Team struct {
	Staff Staff `json:"staff"`
	On    bool  `json:"on"`
}

// Barred keeps a person out of a case, whatever their role: a conflict of interest.
type Barred struct {
	Staff Staff  `json:"staff"`
	On    bool   `json:"on"`
	Why   string `json:"why,omitempty"`
}

// Linked says that this case's conversation belongs to another case: one matter, two letters. Zero splits it off again.
type Linked struct {
	To string `json:"to"` // Case in hex; ""
}

// Proxy says that somebody speaks for the person.
type Proxy struct {
	Relation string `json:"relation"`
	Why      string `json:"why"` // why the person cannot speak now
	Name     string `json:"name,omitempty"`
}

// ProxyConfirmed says that the person confirmed, or refused, the proxy.
type ProxyConfirmed struct {
	Confirmed bool   `json:"confirmed"`
	How       string `json:"how"`
}

// Consented records a consent, or its refusal: one receiver, one purpose, an end.
type Consented struct {
	ID          string `json:"id"` // 16 hex digits
	What        string `json:"what"`
	Receiver    string `json:"receiver,omitempty"`
	RunBy       string `json:"run_by,omitempty"` // authority, un, ngo, private
	Purpose     string `json:"purpose,omitempty"`
	Facts       string `json:"facts,omitempty"`  // what may be told
	Script      string `json:"script,omitempty"` // version of what was said
	Lang        string `json:"lang,omitempty"`
	Spoken      bool   `json:"spoken"`
	Interpreter bool   `json:"interpreter,omitempty"`
	Understood  string `json:"understood,omitempty"` // how it was checked
	By          string `json:"by"`                   // person, carer, proxy
	State       string `json:"state"`                // given, refused
	Ends        string `json:"ends"`                 // day
	Basis       string `json:"basis,omitempty"`
}

// Withdrawn takes a consent back.
type Withdrawn struct {
	ID string `json:"id"`
}

// Vital states a vital interest in place of a consent. It counts when a second person has agreed.
type Vital struct {
	ID       string `json:"id"`
	What     string `json:"what"`
	Receiver string `json:"receiver"`
	Reason   string `json:"reason"`
}

// VitalAgreed is the second person.
type VitalAgreed struct {
	ID string `json:"id"`
}

// Disclosed says that something was told to somebody, and on what ground.
type Disclosed struct {
	What     string `json:"what"` // the consent it needs: tell-lawyer …
	Receiver string `json:"receiver"`
	Facts    string `json:"facts"`
	Ground   string `json:"ground"` // ID of a Consented or Vital
	Service  string `json:"service,omitempty"`
}

// Basis records the legal basis of a processing.
type Basis struct {
	Processing string `json:"processing"` // keep, contact, count, disclose
	Basis      string `json:"basis"`
	Why        string `json:"why,omitempty"`
}

// Checked is the answer of the conflict check when the case was opened.
type Checked struct {
	Found bool `json:"found"`
}

// Closed ends the work; clocks of retention start.
type Closed struct {
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
	Note    string `json:"note,omitempty"`
	Remains string `json:"remains,omitempty"` // what remains, how to come back
}

// Reopened goes on.
type Reopened struct {
	Why string `json:"why,omitempty"`
}

// Held keeps a closed case beyond its time; until "" lets go.
type Held struct {
	Reason string `json:"reason"`
	Until  string `json:"until"` // day
}

// Retired is what remains of a closed case when its letters, notes and tasks go before the rest does: written by a desk by itself, it stands for every event that its author
// knew. Desks destroy those when they hear of it; what somebody wrote at the same time stays.
type Retired struct {
	Source   string            `json:"source"`
	Since    string            `json:"since"`
	Opened   string            `json:"opened"`
	OpenedBy Staff             `json:"opened_by,omitempty"`
	Owner    Staff             `json:"owner,omitempty"`
	Team     []Staff           `json:"team,omitempty"`
	Barred   []Staff           `json:"barred,omitempty"`
	Pathways []string          `json:"pathways,omitempty"`
	Fields   map[string]string `json:"fields,omitempty"` // who and how to reach: no free text of the case
	Outcome  string            `json:"outcome"`
	Reason   string            `json:"reason"`
	Closed   string            `json:"closed"`
	ClosedBy Staff             `json:"closed_by,omitempty"`
}

// Reviewed is a second look at a case.
type Reviewed struct {
	Note string `json:"note"`
}

// Looked says that a person opened the case: once a day for each.
type Looked struct{}

// StaffIs says who works at a desk. In the office's stream.
type StaffIs struct {
	Staff  Staff  `json:"staff"`
	Name   string `json:"name"`
	Role   string `json:"role"`   // keeper, caseworker, specialist, reader
	Device string `json:"device"` // base64 hash of the desk they sit at
	Active bool   `json:"active"`
}

// Shift puts people on duty. In the office's stream.
type Shift struct {
	ID    string  `json:"id"` // 16 hex digits
	From  string  `json:"from"`
	To    string  `json:"to"`
	Staff []Staff `json:"staff"` // none: the shift is off
}

// Destroyed counts a denunciation that was destroyed: the month, nothing else. In the office's stream.
type Destroyed struct {
	Month string `json:"month"` // 2026-11
}

// Retention is how long what is kept after closing, in days, as somebody of the organisation set it. In the office's stream.
type Retention struct {
	Text     int    `json:"text"`
	Identity int    `json:"identity"`
	Locked   int    `json:"locked"`
	Lost     int    `json:"lost"`
	List     int    `json:"list"` // days on the list of what goes, before it goes by itself; 0: only by hand
	Why      string `json:"why"`
}

// SearchedAll says that somebody searched the whole organisation: not for what. In the office's stream.
type SearchedAll struct {
	Reason string `json:"reason"`
}

// PaperChecked is what the papers check said of a kind of paper on a day, for the person of the case. It has no field for a paper's number, name or photo, and none for free text:
// a date is the three numbers of a calendar, everything else is an id of the rulebook.
type PaperChecked struct {
	Paper    string            `json:"paper"`              // kind: id in papers.yaml
	Round    int               `json:"round,omitempty"`    // 0: the kind has none, or nobody could tell
	Printed  string            `json:"printed,omitempty"`  // the printed end in its own calendar, "1403-12-30"; "": none, or not readable
	Calendar string            `json:"calendar,omitempty"` // of Printed: solar, gregorian, lunar
	On       string            `json:"on"`                 // the day that was asked about
	Known    string            `json:"known"`              // as known on this day
	Verdict  string            `json:"verdict"`            // in-force, extended, ended, revoked, conflict, unknown, stale
	Would    string            `json:"would,omitempty"`    // what the rule says, when it is stale
	Rule     string            `json:"rule,omitempty"`     // id in rules.yaml
	Since    string            `json:"since,omitempty"`    // day
	Until    string            `json:"until,omitempty"`    // day
	Sources  []string          `json:"sources,omitempty"`  // ids in sources.yaml
	Book     string            `json:"book"`               // version of the rulebook: 16 hex digits
	Facts    map[string]string `json:"facts,omitempty"`    // what was answered: ids, or days
}

// BookSet makes a rulebook the organisation's, for every desk. In the office's stream; only a keeper's word counts.
type BookSet struct {
	Version string `json:"version"`         // of the book: 16 hex digits; "": back to the one that each desk's program brings
	Read    string `json:"read,omitempty"`  // day on which its sources were read last, as the book itself says: of two adopted at once the later counts
	Files   string `json:"files,omitempty"` // base64 of the gzip of a signed wire.Rulebook: docs/formats-events.md, section 7
	Why     string `json:"why,omitempty"`
}
