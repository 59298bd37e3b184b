package office

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

func decode(t *testing.T, b []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestALetterIsReadAndAnswered(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	p := w.person()
	answers, err := seal.Intake{Situations: []string{"s_detained"}, Who: "family", District: "Kasur", Lang: "fa-AF", SafeWord: "pomegranate"}.Part()
	if err != nil {
		t.Fatal(err)
	}
	recording := bytes.Repeat([]byte("voice"), 3000)
	accepted := p.writes(0, seal.KindLetter, answers, text("My brother was taken this morning."), seal.Part{Type: seal.TypeWebM, Data: recording})
	id := d.the("My brother")
	d.until("the log is verified", func() bool { return d.Status(t.Context()).LogSize == 1 })
	got := d.thread(id)
	l := got.Letters[0]
	if got.Who != "family" || got.District != "Kasur" || got.Lang != "fa-AF" || got.Intake.SafeWord != "pomegranate" || !got.Waiting || got.Unread != 1 {
		t.Errorf("thread: %+v", got.Summary)
	}
	if l.Tag != casedb.TagFirst || l.Proof != casedb.ProofLogged || l.Sealed != seal.SealedBrowser || l.LetterID != accepted.ID || !l.New {
		t.Errorf("letter: tag %s proof %s sealed %s", l.Tag, l.Proof, l.Sealed)
	}
	part, err := d.Part(t.Context(), l.Parts[0].ID)
	if err != nil || !bytes.Equal(part.Data, recording) || part.Type != seal.TypeWebM || part.Thread != id {
		t.Errorf("part: %v", err)
	}
	if good, thread, err := d.CheckPromise(t.Context(), accepted.Promise); err != nil || !good || thread != id {
		t.Errorf("promise: good %v thread %d err %v", good, thread, err)
	}

	if err := d.Reply(t.Context(), id, Draft{Text: "We are calling the station.", Photo: photo(t)}, "form 1"); err != nil {
		t.Fatal(err)
	}
	if err := d.Reply(t.Context(), id, Draft{Text: "We are calling the station.", Photo: photo(t)}, "form 1"); err != nil {
		t.Fatal("a form sent twice:", err)
	}
	d.until("the reply is with every desk", func() bool { r := d.thread(id).Replies; return r[0].Delivery == casedb.ReplyShared })
	replies, _ := p.replies()
	if len(replies) != 1 || replies[0].N != 1 || replies[0].Text() != "We are calling the station." || len(replies[0].Parts) != 2 {
		t.Errorf("the person reads %d replies: %v", len(replies), p.texts())
	}
	if got := d.thread(id); got.Waiting || len(got.Replies) != 1 || !got.Replies[0].Here || got.Unread != 0 {
		t.Errorf("after the reply: %+v, %d replies", got.Summary, len(got.Replies))
	}
	p.writes(seal.LaterNumber(time.Now()), seal.KindLetter, text("They let him go."))
	d.until("the second letter is there", func() bool { t := d.thread(id); return len(t.Letters) == 2 && t.Waiting })
	if l := d.thread(id).Letters[1]; l.Tag != casedb.TagOK {
		t.Errorf("second letter: tag %s", l.Tag)
	}
	d.noAlarms()
	grep(t, d.dir, "brother", "station", "pomegranate", "Kasur", "voicevoice", "SQLite format", "AGE-SECRET", w.keys.Org, "s_detained")
	d.Lock()
	grep(t, d.dir, "brother", "station", "pomegranate", "Kasur", "voicevoice", "SQLite format", "AGE-SECRET", w.keys.Org, "s_detained")
}

func TestLockedDeskAnswersNothing(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	w.person().writes(0, seal.KindLetter, text("hello"))
	id := d.the("hello")
	changes, stop := d.Subscribe()
	defer stop()
	d.Lock()
	for c := range changes {
		if c.Kind == ChangeLock {
			break
		}
	}
	if _, err := d.Thread(t.Context(), id); err != ErrLocked {
		t.Errorf("thread: %v", err)
	}
	if s := d.Status(t.Context()); !s.Locked || s.Org != "" || s.Name != "" {
		t.Errorf("status: %+v", s)
	}
	if err := d.Unlock(t.Context(), "not the passphrase"); err != ErrPassphrase {
		t.Errorf("wrong passphrase: %v", err)
	}
	if err := d.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	if got := d.thread(id); len(got.Letters) != 1 {
		t.Error("the letter is gone")
	}
	second, err := Open(Config{Data: d.dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Unlock(t.Context(), passphrase); err == nil || !strings.Contains(err.Error(), ErrInUse.Error()) {
		t.Errorf("a second desk in the same folder: %v", err)
	}
}

func TestIdleDeskLocks(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	d.Lock()
	o, err := Open(Config{Data: d.dir, LockAfter: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	changes, stop := o.Subscribe()
	defer stop()
	if err := o.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	locks := 0
	for c := range changes {
		if c.Kind == ChangeLock {
			locks++
		}
		if locks >= 1 && o.Locked() {
			return
		}
	}
}

func TestRepliesWaitForTheGateAndGoOutOnce(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	p := w.person()
	p.writes(0, seal.KindLetter, text("help"))
	id := d.the("help")
	down := func(*http.Request) bool { return false }
	w.road.set(down, nil)
	w.road.CloseClientConnections()
	for _, s := range []string{"one", "two", "three"} {
		if err := d.Reply(t.Context(), id, Draft{Text: s}, ""); err != nil {
			t.Fatal(err)
		}
	}
	d.until("the desk knows that the gate is down", func() bool {
		s := d.Status(t.Context())
		return !s.Reachable && s.Queued == 6 && s.SyncProblem == "offline"
	})
	if r := d.thread(id).Replies; len(r) != 3 || r[0].Delivery != casedb.ReplyQueued {
		t.Fatalf("replies: %+v", r)
	}
	// The line comes back badly: the gate does the first two of everything, and the answers are lost. The desk is killed in between too.
	var lost atomic.Int32
	w.road.set(nil, func(r *http.Request) bool { return r.Method == http.MethodGet || lost.Add(1) > 2 })
	d.until("an answer was lost", func() bool { return lost.Load() > 0 })
	d.Lock()
	if err := d.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	d.until("all is delivered", func() bool {
		for _, r := range d.thread(id).Replies {
			if r.Delivery != casedb.ReplyShared {
				return false
			}
		}
		return d.Status(t.Context()).Queued == 0
	})
	if diff := cmp.Diff([]string{"1: one", "2: two", "3: three"}, p.texts()); diff != "" {
		t.Error(diff)
	}
	if n := d.Status(t.Context()).LogSize; n != 4 { // a letter and three copies
		t.Errorf("%d log entries; something was sent twice", n)
	}
	d.noAlarms()
}

func TestTwoDesksSeeWhatEachAnswers(t *testing.T) {
	w := newTown(t)
	a, b := w.desk(), w.desk()
	p := w.person()
	p.writes(0, seal.KindLetter, text("help"))
	onA, onB := a.the("help"), b.the("help")
	if err := a.Reply(t.Context(), onA, Draft{Text: "from a"}, ""); err != nil {
		t.Fatal(err)
	}
	b.until("b sees a's reply", func() bool { return len(b.thread(onB).Replies) == 1 })
	r := b.thread(onB).Replies[0]
	if r.Here || r.Text != "from a" || r.Tag != casedb.TagOK || r.N != 1 || b.thread(onB).Waiting {
		t.Errorf("on the other desk: %+v", r)
	}
	if err := b.Reply(t.Context(), onB, Draft{Text: "from b"}, ""); err != nil {
		t.Fatal(err)
	}
	a.until("a sees b's reply", func() bool { return len(a.thread(onA).Replies) == 2 })
	a.noAlarms()
	// Both answer while the gate is away: one number, two replies, both kept and shown.
	w.road.set(func(*http.Request) bool { return false }, nil)
	w.road.CloseClientConnections()
	if err := a.Reply(t.Context(), onA, Draft{Text: "third from a"}, ""); err != nil {
		t.Fatal(err)
	}
	if err := b.Reply(t.Context(), onB, Draft{Text: "third from b"}, ""); err != nil {
		t.Fatal(err)
	}
	w.road.set(nil, nil)
	for _, d := range []*seat{a, b} {
		d.SyncNow()
		d.until("the clash is seen", func() bool { _, ok := d.alarms()[casedb.AlarmReplyClash]; return ok })
		replies := d.thread(d.list()[0].ID).Replies
		if len(replies) != 4 || !replies[2].Clash || !replies[3].Clash || replies[1].Clash {
			t.Errorf("replies: %+v", replies)
		}
	}
	if got := p.texts(); len(got) != 4 {
		t.Errorf("the person reads %v", got)
	}
}

func TestErasureLeavesNothing(t *testing.T) {
	for _, who := range []string{"person", "caseworker"} {
		t.Run(who, func(t *testing.T) {
			w := newTown(t)
			a, b := w.desk(), w.desk()
			p := w.person()
			const secret = "the unmistakable sentence of this letter"
			first := p.writes(0, seal.KindLetter, text(secret), seal.Part{Type: seal.TypeJPEG, Data: bytes.Repeat([]byte("picture"), 9000)})
			id := a.the("the unm")
			b.the("the unm")
			w.person().writes(0, seal.KindLetter, text("somebody else"))
			a.the("somebody")
			if err := a.Reply(t.Context(), id, Draft{Text: "an answer that goes too"}, ""); err != nil {
				t.Fatal(err)
			}
			a.until("the reply is shared", func() bool { return a.thread(id).Replies[0].Delivery == casedb.ReplyShared })
			if who == "person" {
				p.writes(seal.LaterNumber(time.Now()), seal.KindErase)
			} else if err := a.Erase(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			a.until("it is erased at the gate too", func() bool {
				t := a.thread(id)
				return t.State == casedb.StateErased && t.ErasePart == casedb.EraseDone
			})
			b.until("the other desk erased it", func() bool {
				for _, s := range b.list() {
					if s.State == casedb.StateOpen && s.Beginning != "somebody else" {
						return false
					}
				}
				return b.Status(t.Context()).Queued == 0
			})
			got := a.thread(id)
			if len(got.Letters)+len(got.Replies) != 0 || got.Beginning != "" || got.ByPerson != (who == "person") || got.ErasedAt.IsZero() {
				t.Errorf("what is left: %+v", got)
			}
			if _, ok := p.replies(); ok {
				t.Error("the mailbox is still there")
			}
			for _, d := range []*seat{a, b} {
				d.noAlarms()
				holdsNothing(t, d, w, secret, "an answer that goes too", "picturepicture")
			}
			// A desk that joins now finds empty entries and the reason for them.
			c := w.desk()
			c.until("it has caught up", func() bool {
				return c.Status(t.Context()).LogSize == a.Status(t.Context()).LogSize && c.Status(t.Context()).LogSize > 2
			})
			c.noAlarms()
			if n := len(c.list()); n != 1 {
				t.Errorf("the new desk shows %d threads", n)
			}
			// And the gate cannot bring it back.
			if good, thread, err := a.CheckPromise(t.Context(), first.Promise); err != nil || !good || thread != 0 {
				t.Errorf("promise of an erased letter: %v %d %v", good, thread, err)
			}
		})
	}
}

// holdsNothing opens a desk's database with its key and looks for words in every page, used or free.
func holdsNothing(t *testing.T, d *seat, w *town, words ...string) {
	t.Helper()
	d.Lock()
	plain, err := plaintext(filepath.Join(d.dir, casedb.FileName), w.keys.Database())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(plain, []byte("SQLite format 3")) {
		t.Fatal("the plaintext of the database is not one: the test looks at the wrong bytes")
	}
	for _, word := range words {
		if bytes.Contains(plain, []byte(word)) {
			t.Errorf("%q is still in the database", word)
		}
	}
	if err := d.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
}

func TestGateThatDoesNotKnowTheDesk(t *testing.T) {
	w := newTown(t)
	other := newTown(t)
	w.update(func(s *keyring.State) { s.Gate = other.keys.Gate() })
	d := w.desk()
	d.until("it says so", func() bool { return d.Status(t.Context()).SyncProblem == "refused" })
	if _, ok := d.alarms()[casedb.AlarmDevice]; !ok {
		t.Errorf("alarms: %v", d.alarms())
	}
}

func TestClocksThatDiffer(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	d.Lock()
	o, err := Open(Config{Data: d.dir, Now: func() time.Time { return time.Now().Add(-17 * time.Minute) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	if err := o.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	slow := &seat{o, t, d.dir}
	slow.until("it says so", func() bool { return slow.Status(t.Context()).SyncProblem == "clock" })
	if a := slow.alarms()[casedb.AlarmClock]; a.Args["minutes"] < 16 || a.Args["minutes"] > 17 {
		t.Errorf("alarm: %+v", a)
	}
}

// A page made during the first sync must hear of its end, though an empty gate brings nothing.
func TestEndOfASyncThatBroughtNothingIsTold(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	d.Lock()
	changes, stop := d.Subscribe()
	defer stop()
	if err := d.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(20 * time.Second)
	for {
		select {
		case c := <-changes:
			if s := d.Status(t.Context()); c.Kind == ChangeStatus && s.Reachable && !s.FirstSyncing {
				return
			}
		case <-deadline:
			t.Fatal("nobody was told")
		}
	}
}

func TestRosterThatTheGateHasForgotten(t *testing.T) {
	w := newTown(t)
	w.goOn() // what this desk trusts is not what the gate serves
	d := w.desk()
	d.until("it says so", func() bool { _, ok := d.alarms()[casedb.AlarmRosterBack]; return ok })
}

func TestResolvedAlarmStaysOnRecord(t *testing.T) {
	w := newTown(t)
	w.goOn()
	d := w.desk()
	d.until("there is an alarm", func() bool { return len(d.alarms()) == 1 })
	if err := d.Resolve(t.Context(), d.alarms()[casedb.AlarmRosterBack].ID, "we asked the keeper"); err != nil {
		t.Fatal(err)
	}
	d.noAlarms()
	all, err := d.Alarms(t.Context(), true)
	if err != nil || len(all) != 1 || all[0].Note != "we asked the keeper" || all[0].Resolved.IsZero() || len(all[0].Evidence) != 2 {
		t.Errorf("on record: %+v %v", all, err)
	}
	if err := d.Resolve(t.Context(), all[0].ID, "again"); !errors.Is(err, ErrNotFound) {
		t.Errorf("resolved twice: %v", err)
	}
}

func TestMailboxThatIsGone(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	p := w.person()
	p.writes(0, seal.KindLetter, text("help"))
	id := d.the("help")
	if status, _ := w.ask(http.MethodDelete, "/v1/mailbox", nil, p.keys.Mailbox); status != http.StatusNoContent {
		t.Fatal(status)
	}
	if err := d.Reply(t.Context(), id, Draft{Text: "too late"}, ""); err != nil {
		t.Fatal(err)
	}
	d.until("the reply is refused", func() bool { return d.thread(id).Replies[0].Delivery == casedb.ReplyRefused })
	if _, ok := d.alarms()[casedb.AlarmRefused]; !ok {
		t.Errorf("alarms: %v", d.alarms())
	}
}
