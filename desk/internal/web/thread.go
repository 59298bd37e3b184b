package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"panah/core/roster"
	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/media"
)

// A threadPage shows one conversation and what can be done in it.
type threadPage struct {
	*page
	Row        row
	Facts      facts
	Talk       talk
	JoinedTo   int64
	Joined     []int64
	ErasedAt   time.Time
	GateErased bool
	GoneBy     time.Time // when nobody can open it any more; zero: not known
	Gone       bool      // that day has been
	Reader     bool      // this desk reads and does not write
	MayLock    bool
	MayCheck   bool // there is a rulebook to ask
	Reissued   int
}

// A talk is the letters and answers of one conversation, and the form of the next answer.
type talk struct {
	Row     row
	Nth     string // sets the ids apart where a page shows several; empty for the first
	Entries []entry
	Open    bool   // the person can be answered here
	Report  bool   // a letter that is a report about somebody can be destroyed
	LogSize int64  // entries that the desk has verified
	Typed   string // the answer as it was typed
	Wrong   string // id of the sentence that says why it was not taken
	Once    string // makes a repeated POST harmless
}

// Facts are the answers of the intake form: strings of a stranger, shown as text only.
type facts struct {
	Who      string // id of the words; empty when not said
	District string
	Paper    string
	PaperIn  string // language of Paper
	Printed  string
	SafeTime string
	SayWho   string // id
	SafeWord string
}

// Any reports whether the person answered anything besides the situations.
func (f facts) Any() bool { return f != facts{} }

// An entry is a letter or a reply, in the order in which they were written. Exactly one of the two is set.
type entry struct {
	Letter *letter
	Reply  *reply
}

// A letter is one letter of the person.
type letter struct {
	casedb.Letter
	Text    string
	Voices  []voice
	Photos  []casedb.PartInfo
	Files   []casedb.PartInfo // what the desk does not open
	Problem string            // id of the words when it cannot be opened
}

// A reply is one answer of the organisation.
type reply struct {
	casedb.Reply
	Text   string
	Photos []casedb.PartInfo
}

// A voice is a recording: playable when Problem is empty.
type voice struct {
	casedb.PartInfo
	Length  time.Duration
	Problem string // id of the words
}

func (s *server) thread(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showThread(w, r, v, http.StatusOK, "", "")
}

// showThread shows a thread, with an answer that was not taken when wrong is set.
func (s *server) showThread(w http.ResponseWriter, r *http.Request, v visit, status int, wrong, typed string) error {
	if s.can.cases != nil {
		return s.showCase(w, r, v, status, wrong, typed)
	}
	n, err := id(r)
	if err != nil {
		return err
	}
	t, err := s.office.Thread(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a thread: %w", err)
	}
	p, err := s.titled(r, v, "thread.title", "n", n)
	if err != nil {
		return err
	}
	p.Path = threadPath(n)
	data, err := s.threadPage(r, v, p, t, wrong, typed)
	if err != nil {
		return err
	}
	return s.show(w, status, "thread", data)
}

// threadPage fills what the page of a conversation and that of a case share.
func (s *server) threadPage(r *http.Request, v visit, p *page, t casedb.Thread, wrong, typed string) (*threadPage, error) {
	data := &threadPage{
		page: p, Row: s.row(t.Summary), Facts: s.facts(t.Intake, p.lang.Code), JoinedTo: t.JoinedTo, Joined: t.Joined,
		GoneBy: t.GoneBy, Gone: t.Gone, Reader: s.role(r.Context()) == roster.RoleReader, ErasedAt: t.ErasedAt, GateErased: t.ErasePart == casedb.EraseDone, Reissued: t.Reissued,
	}
	data.MayLock, data.MayCheck = s.can.specialists != nil, s.can.papers != nil && s.can.cases != nil
	var err error
	data.Talk, err = s.talk(r, v, t, data.Open())
	data.Talk.LogSize, data.Talk.Wrong = p.Status.LogSize, wrong
	if typed != "" {
		data.Talk.Typed = typed
	}
	return data, err
}

// talk makes a conversation ready to show, with what was typed into its form before.
func (s *server) talk(r *http.Request, v visit, t casedb.Thread, open bool) (k talk, err error) {
	k = talk{Row: s.row(t.Summary), Open: open, Report: open && s.can.consents != nil, Typed: s.sessions.draft(v.key, strconv.FormatInt(t.ID, 10)), Once: newSecret()}
	k.Entries, err = s.entries(r, t)
	return k, err
}

func threadPath(n int64) string { return "/thread/" + strconv.FormatInt(n, 10) }

// facts makes the intake's answers ready to show. Answers that no choice of ours gives are dropped.
func (s *server) facts(in seal.Intake, lang string) facts {
	f := facts{
		District: line(in.District), Printed: line(in.Printed), SafeTime: line(in.SafeTime), SafeWord: line(in.SafeWord),
		Who:    map[string]string{"me": "intake.who_me", "family": "intake.who_family"}[in.Who],
		SayWho: map[string]string{"yes": "intake.yes", "no": "intake.no"}[in.SayWho],
	}
	for _, p := range s.papers {
		if p.ID == in.Paper {
			f.Paper, f.PaperIn = p.Name(lang)
		}
	}
	return f
}

// line makes one line of a stranger's words.
func line(s string) string {
	return strings.Join(strings.Fields(media.Text([]byte(s))), " ")
}

// entries puts letters and replies into one order. Each list keeps its own: the log's and the replies' numbers.
func (s *server) entries(r *http.Request, t casedb.Thread) ([]entry, error) {
	var all []entry
	replies := t.Replies
	for _, l := range t.Letters {
		for len(replies) > 0 && replies[0].At.Before(written(l)) {
			all, replies = append(all, newReply(replies[0])), replies[1:]
		}
		e, err := s.newLetter(r, l)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	for _, re := range replies {
		all = append(all, newReply(re))
	}
	return all, nil
}

// written is the best time of a letter: the gate tells the hour only, and the sender's claim counts within it.
func written(l casedb.Letter) time.Time {
	if l.At.After(l.Received) && l.At.Before(l.Received.Add(time.Hour)) {
		return l.At
	}
	return l.Received
}

func newReply(re casedb.Reply) entry {
	e := &reply{Reply: re, Text: media.Text([]byte(re.Text))}
	for _, p := range re.Parts {
		if photo(p.Type) {
			e.Photos = append(e.Photos, p)
		}
	}
	return entry{Reply: e}
}

func (s *server) newLetter(r *http.Request, l casedb.Letter) (entry, error) {
	e := &letter{Letter: l, Text: media.Text([]byte(l.Text))}
	if l.Problem != "" {
		e.Problem = map[string]string{"key": "letter.problem_key", "damaged": "letter.problem_damaged", "org": "letter.problem_org", "changed": "letter.problem_changed"}[l.Problem]
		if e.Problem == "" {
			e.Problem = "letter.problem_unknown"
		}
	}
	for _, p := range l.Parts {
		switch {
		case photo(p.Type):
			e.Photos = append(e.Photos, p)
		case p.Type == seal.TypeWebM || p.Type == seal.TypeOgg:
			v, err := s.voice(r, p)
			if err != nil {
				return entry{}, err
			}
			e.Voices = append(e.Voices, v)
		default:
			e.Files = append(e.Files, p)
		}
	}
	return entry{Letter: e}, nil
}

func photo(kind string) bool {
	return kind == seal.TypeJPEG || kind == seal.TypePNG || kind == seal.TypeWebP
}

// ErasedSteps counts how far an erasure has come: 1 it is gone here, 2 at the gate too, 3 for good, when not even the bytes that the gate once had can be opened.
func (p *threadPage) ErasedSteps() int {
	switch {
	case p.GateErased && p.Gone:
		return 3
	case p.GateErased:
		return 2
	}
	return 1
}

// Erase reports whether the letter asks for erasure and was not obeyed.
func (l *letter) Erase() bool { return l.Kind == seal.KindErase }

// Open reports whether the person can be answered here.
func (p *threadPage) Open() bool { return p.Row.Summary.State == casedb.StateOpen && !p.Reader }
