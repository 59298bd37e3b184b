// Package casedb is what a desk remembers: threads, their letters and replies, what still has to go out, and what was
// found wrong with the gate. All of it lies in one SQLite file encrypted with a key from the keyring.
//
// It refuses to write anything readable to disk, and it never talks to the gate: desk/internal/sync and
// desk/internal/post do, and put their results here.
package casedb

import (
	"errors"
	"time"

	"panah/core/seal"
)

// ErrNotFound says that there is no thread or part with that id (any more).
var ErrNotFound = errors.New("there is no such thread or part on this desk")

// State says where a thread stands.
type State string

// The states of a thread.
const (
	StateOpen   State = "open"   // a conversation
	StateErased State = "erased" // only the fact of the erasure is left
	StateJoined State = "joined" // the person came back under a new code; Thread.JoinedTo continues it
	StateSealed State = "sealed" // one letter that this desk cannot open
)

// Urgency orders threads; the person's own choices decide it until a caseworker does.
type Urgency int

// The urgencies, most pressing first.
const (
	UrgencyMinutes Urgency = 1
	UrgencyHours   Urgency = 2
	UrgencyDays    Urgency = 3
)

// Order is an order of the list of threads.
type Order string

// The orders.
const (
	OrderUrgent Order = "urgent" // most urgent first, then the one that waits longest for an answer
	OrderNewest Order = "newest" // last letter first
)

// A Filter chooses threads. The zero Filter is the first 50 open threads and those that cannot be opened, newest first.
type Filter struct {
	Order   Order
	Waiting bool    // only threads whose last word is the person's
	All     bool    // also erased and joined ones
	Urgency Urgency // only this one; 0: any
	Limit   int     // at most 500; 0: 50
	Offset  int
}

// A Summary is a line of the list. It prints as "[thread]".
type Summary struct {
	ID         int64
	State      State
	Urgency    Urgency
	First      time.Time // hour the gate received the first letter
	Last       time.Time // hour of the last letter
	Unread     int       // letters not looked at on this desk
	Waiting    bool      // the last word is the person's
	Beginning  string    // first 140 characters of the last letter's text
	Situations []string
	Lang       string // of the page the person used, "fa-AF"; may be empty
	Who        string // "me", "family", ""
	District   string
	Queued     int    // replies that have not reached the mailbox
	Sealed     string // seal.SealedBrowser, or seal.SealedDoor when any letter of it was sealed at the door
	Count      int    // letters of the person
	Forged     bool   // holds a letter or copy whose tag is wrong
	ByPerson   bool   // StateErased: the person asked for it
	Locked     bool   // only named specialists may read it; State is StateLocked on the other desks
}

// String hides the content.
func (Summary) String() string { return "[thread]" }

// GoString hides the content.
func (Summary) GoString() string { return "[thread]" }

// A Thread is one conversation with one person: everything written under one receipt code, and under the codes
// that followed it.
type Thread struct {
	Summary
	Intake    seal.Intake // of the first letter
	Letters   []Letter    // by the person, in the order of the log
	Replies   []Reply     // by number
	JoinedTo  int64       // StateJoined: the thread that goes on
	Joined    []int64     // older threads that this one continues
	ErasedAt  time.Time   // StateErased
	ErasePart string      // StateErased: EraseQueued or EraseDone
	GoneBy    time.Time   // StateErased: when nobody can open it any more, even with every byte the gate ever held; zero: not known
	Gone      bool        // StateErased: that day has been: this desk has destroyed the keys
	Reissued  int         // how often the code was made anew
	ErasedBy  string      // StateErased: the desk whose order it was, as the office names desks; "" when that is not known, or it was the person
	LockedBy  string      // Locked: the desk that said who may read it; "" when that is not known

	Specialists []string  // Locked: hex of the first eight bytes of their devices' hashes, as the office names desks
	Came        int       // StateLocked: letters that came since, which this desk may not read
	LastCame    time.Time // StateLocked: hour of the last of them; zero: none
}

// Values of Thread.ErasePart: whether the gate has destroyed its sealed copies too.
const (
	EraseQueued = "queued"
	EraseDone   = "done"
)

// Tag says what the thread tag of a letter told.
type Tag string

// What a tag told.
const (
	TagFirst  Tag = "first"  // the first letter brings the key; there is nothing to check it against
	TagOK     Tag = "ok"     // written by somebody who holds this thread's code
	TagForged Tag = "forged" // not written by the other side of this conversation, or changed on the way
	// TagUnknown: the letter names a conversation that this desk has not heard of, so there is nothing to check against.
	TagUnknown Tag = "unknown"
)

// Proof says what the log told about a letter.
type Proof string

// What the log told.
const (
	ProofLogged   Proof = "logged"   // in the gate's log, verified up to the last checkpoint
	ProofPending  Proof = "pending"  // received in a log that this desk has not verified to its end
	ProofMismatch Proof = "mismatch" // the log entry stands for another letter
)

// A Letter is one letter of a person. It prints as "[letter]".
type Letter struct {
	ID       int64
	Kind     string    // seal.KindLetter, or seal.KindErase: a request to erase that was not carried out, because its tag is not good
	LetterID string    // hex, what a promise's record names
	Index    int64     // in the gate's log
	Received time.Time // hour, by the gate
	At       time.Time // as the sender said; may be zero
	Sealed   string    // seal.SealedBrowser or seal.SealedDoor
	Epoch    int
	Tag      Tag
	Proof    Proof
	N        uint32
	Text     string
	Intake   seal.Intake
	Parts    []PartInfo // voice, photos, files; not text and not answers
	OldCode  bool       // written under a code that was replaced: perhaps by somebody who found it
	Problem  string     // StateSealed: ProblemKey, …
	New      bool       // first shown now
}

// Values of Letter.Problem: why a letter cannot be opened.
const (
	ProblemKey     = "key"     // sealed to a key that this desk does not have
	ProblemDamaged = "damaged" // malformed inside, or of a kind that this version does not know
	ProblemOrg     = "org"     // written for another organisation
	ProblemChanged = "changed" // not the letter that the log entry stands for
)

// String hides the content.
func (Letter) String() string { return "[letter]" }

// GoString hides the content.
func (Letter) GoString() string { return "[letter]" }

// A PartInfo names a part without its bytes.
type PartInfo struct {
	ID   int64
	Type string // seal.TypeWebM, …
	Len  int
}

// A Part is a stranger's file. Data must pass desk/internal/media before any browser sees it.
type Part struct {
	PartInfo
	Thread int64
	Data   []byte
	Ours   bool // part of a reply written at a desk
}

// Delivery says how far a reply has come.
type Delivery string

// How far a reply has come.
const (
	ReplyQueued  Delivery = "queued"  // on this desk; goes out when the gate answers
	ReplyMailbox Delivery = "mailbox" // the gate has it in the person's mailbox
	ReplyShared  Delivery = "shared"  // and its copy has come back in the log, for every desk
	ReplyRefused Delivery = "refused" // the mailbox is gone: erased by the person, unused for 90 days, or replaced
)

// A Reply is one reply of the organisation. It prints as "[reply]".
type Reply struct {
	ID       int64
	N        uint32
	At       time.Time
	Delivery Delivery
	Here     bool // written on this desk; false: on another desk of the organisation
	Tag      Tag  // TagOK or TagForged
	Clash    bool // another desk gave the same number; both are in the mailbox
	Text     string
	Parts    []PartInfo
}

// String hides the content.
func (Reply) String() string { return "[reply]" }

// GoString hides the content.
func (Reply) GoString() string { return "[reply]" }

// AlarmKind is the identifier of the sentence that the UI shows; desk/internal/web has words for every one in Kinds.
type AlarmKind string

// The kinds of alarms. The comment names what Args holds.
const (
	AlarmFork       AlarmKind = "log-fork"          // two signed checkpoints that cannot both be true; size
	AlarmRoot       AlarmKind = "log-root"          // entries do not give the root that the gate signed; from, size
	AlarmRollback   AlarmKind = "log-rollback"      // the log is shorter than it was; had, has
	AlarmSignature  AlarmKind = "log-signature"     // a checkpoint that the gate's key did not sign
	AlarmGap        AlarmKind = "log-gap"           // an entry was left out or out of order; want, got
	AlarmEntry      AlarmKind = "letter-changed"    // a letter is not the one the log stands for; index
	AlarmMissing    AlarmKind = "letter-missing"    // the gate says deleted, nobody here asked for it; index (the first), count
	AlarmTwice      AlarmKind = "letter-twice"      // one letter has two entries; index, first
	AlarmUnopened   AlarmKind = "letter-unopened"   // letters that this desk cannot open; count
	AlarmForged     AlarmKind = "letter-forged"     // a letter claims a thread and does not have its key; thread
	AlarmClaimed    AlarmKind = "mailbox-claimed"   // two first letters name one mailbox with different keys; thread, other
	AlarmReply      AlarmKind = "reply-forged"      // a copy of a reply that none of our desks wrote; thread, n
	AlarmReplyGap   AlarmKind = "reply-missing"     // a number is missing among the replies; thread, n
	AlarmReplyClash AlarmKind = "reply-clash"       // two desks gave two replies one number; thread, n
	AlarmRefused    AlarmKind = "reply-refused"     // the mailbox is gone, a reply could not be left; thread, n
	AlarmNotice     AlarmKind = "notice-forged"     // a notice between desks that none of our desks wrote
	AlarmUnsigned   AlarmKind = "notice-unsigned"   // an order between desks that no desk which may give it has signed
	AlarmEvent      AlarmKind = "event-forged"      // an event of a case that none of our desks signed, sent on by one of them
	AlarmClock      AlarmKind = "gate-clock"        // the two clocks are more than five minutes apart; minutes
	AlarmDevice     AlarmKind = "gate-refuses-desk" // the gate does not count this desk among the organisation's
	AlarmRoster     AlarmKind = "roster-differs"    // the gate serves a roster that our keepers did not sign
	AlarmRosterBack AlarmKind = "roster-rollback"   // the gate serves an older roster than one it served before; had, has
	AlarmRosterFork AlarmKind = "roster-fork"       // the gate serves another roster in the place of one that this desk has; serial
	AlarmGrant      AlarmKind = "grant-withheld"    // the gate keeps this desk's new keys back; serial
	AlarmCard       AlarmKind = "card-withheld"     // the gate keeps this desk's renewed key from the keepers; serial
	AlarmCardBack   AlarmKind = "card-rollback"     // the gate serves an older key of a desk than it did; had, has
	AlarmRecovery   AlarmKind = "recovery-missing"  // the gate has lost files that the custodians' sheets need; count
	AlarmDuty       AlarmKind = "duty-withheld"     // the gate shows other times of duty than it was told, or some that no desk signed
	AlarmBook       AlarmKind = "rulebook-refused"  // a rulebook that no keeper signed, or that has errors, was sent to every desk as the organisation's
	AlarmBookGate   AlarmKind = "rulebook-withheld" // the gate shows another rulebook than a keeper gave it, or one that no keeper signed
	AlarmWrap       AlarmKind = "wrap-forged"       // a key of an open case, lying at the gate, that none of our desks put there
	AlarmWithheld   AlarmKind = "wraps-withheld"    // the gate does not serve keys of open cases that it has taken; epoch
	AlarmShown      AlarmKind = "roster-shown"      // another of our desks was shown another roster of the same number; serial
	AlarmProof      AlarmKind = "log-unproved"      // the gate does not prove that what another desk saw of its log is in ours; size
)

// Kinds lists every kind of alarm, for tests that each has its words.
func Kinds() []AlarmKind {
	return []AlarmKind{
		AlarmPromise, AlarmReceipt, AlarmTest, AlarmWitness, AlarmWatched, AlarmSilent,
		AlarmFork, AlarmRoot, AlarmRollback, AlarmSignature, AlarmGap, AlarmEntry, AlarmMissing, AlarmTwice, AlarmUnopened,
		AlarmForged, AlarmClaimed, AlarmReply, AlarmReplyGap, AlarmReplyClash, AlarmRefused, AlarmNotice, AlarmUnsigned, AlarmEvent, AlarmClock, AlarmDevice, AlarmRoster,
		AlarmRosterBack, AlarmRosterFork, AlarmGrant, AlarmCard, AlarmCardBack, AlarmRecovery, AlarmDuty, AlarmBook, AlarmBookGate,
		AlarmWrap, AlarmWithheld, AlarmShown, AlarmProof,
	}
}

// Stops reports whether the desk takes no further letters from the gate while the cause lasts: what the gate serves does not
// continue the log that this desk has verified. Resolving such an alarm accepts the gate's log as it is now.
func (k AlarmKind) Stops() bool {
	switch k {
	case AlarmFork, AlarmRoot, AlarmRollback, AlarmSignature, AlarmGap:
		return true
	}
	return false
}

// An Alarm is something wrong that people must hear of until one of them resolves it.
type Alarm struct {
	ID       int64
	Kind     AlarmKind
	Args     map[string]int64 // numbers for the sentence; names beside the kinds
	Evidence []string         // signed notes and hashes, for a third person to check; never plaintext
	First    time.Time
	Last     time.Time
	Count    int
	Resolved time.Time // zero while it stands
	Note     string    // of whoever resolved it
}
