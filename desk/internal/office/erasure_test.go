package office

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/seal"
	"panah/desk/internal/casedb"
)

// marked are words that stand in one case and nowhere else, one for every place in which a case keeps something.
var marked = map[string]string{
	"letter": "Zarbakhshpur", "second": "کریمی\u200cزادگان", "district": "Shahrakistan", "safe": "Qanderbagh", "word": "Pistachiorose", "reply": "Lalehdokhtar", "note": "Nargisabadi",
	"name": "Golmakaniha", "also": "Gholmakoni", "summary": "Sangtarashan", "other": "Badkhahovich", "answer": "Kuchesaraye", "task": "Telefonzadan", "moved": "Farzanegani",
	"consent": "Vakilzadeganov", "facts": "Hezarjaribi", "understood": "Bargashtegan", "vital": "Bimarestanak", "reason": "Khunrizizade", "proxy": "Baradarzadegi", "why": "Dastgirshodeh",
	"basis": "Qanunmadarov", "told": "Goftehshodegi", "remains": "Bazgashtaneh", "closing": "Payanname", "held": "Negahdashteh", "linked": "Hampayvandi",
	"paper": "kaghazbargeh", "fact": "dafatarkhaneh", "heading": "Gavahinameyi", "line": "Neveshtehgaran", "talked": "Khatarfahmideh",
}

func noise() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for i := range img.Pix {
		img.Pix[i] = byte(i*7919>>3 ^ i)
	}
	img.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// wholeCase writes into a case everything that a case can hold.
func wholeCase(d *seat, w *town, staff []event.Staff) (thread int64) {
	t := d.t
	t.Helper()
	p, q := w.person(), w.person()
	intake, err := seal.Intake{Lang: "fa", Who: "me", District: marked["district"], SafeTime: marked["safe"], SafeWord: marked["word"], Situations: []string{"s_detained"}}.Part()
	if err != nil {
		t.Fatal(err)
	}
	p.writes(0, seal.KindLetter, text("I am "+marked["letter"]+" ۱۲۳"), intake, seal.Part{Type: seal.TypeJPEG, Data: append(noise(), marked["letter"]...)})
	at := d.the("I am " + marked["letter"])
	p.writes(1, seal.KindLetter, text("برادرم "+marked["second"]+" است"))
	q.writes(0, seal.KindLetter, text("The sister of "+marked["linked"]))
	other := d.the("The sister of")
	one, two := d.as(staff[0]), d.as(staff[1])
	d.opens(one, at)
	hex := func(n int) string { return fmt.Sprintf("00000000000000%02x", n) }
	ends := time.Now().AddDate(0, 3, 0).Format(time.DateOnly)
	d.acts(one, at,
		event.Set{Field: event.FieldName, Value: marked["name"]}, event.Set{Field: event.FieldAlso, Value: marked["also"]}, event.Set{Field: event.FieldSummary, Value: marked["summary"]},
		event.Set{Field: event.FieldOtherSide, Value: marked["other"]}, event.Answered{Pathway: "medical", Question: "q", Value: marked["answer"]}, event.Noted{Text: strings.Repeat("We met at "+marked["note"]+". ", 400)},
		event.TaskAdded{Task: hex(1), Do: marked["task"], Due: time.Now().UTC().Add(time.Hour).Format(time.RFC3339)},
		event.Consented{ID: hex(2), What: "tell-lawyer", Receiver: marked["consent"], Facts: marked["facts"], Understood: marked["understood"], State: "given", By: "person", Ends: ends},
		event.Vital{ID: hex(3), What: "medical", Receiver: marked["vital"], Reason: marked["reason"]}, event.Proxy{Relation: marked["proxy"], Why: marked["why"]},
		event.Basis{Processing: "keep", Basis: "vital_interest", Why: marked["basis"]})
	d.acts(one, at,
		event.PaperChecked{Paper: marked["paper"], On: "2026-01-01", Known: "2026-01-01", Verdict: "unknown", Book: "00000000000000bb", Facts: map[string]string{"place": marked["fact"]}},
		event.RiskTalked{Topic: event.TopicCarrying, Lang: "fa", Script: "risk-talk 1", Understood: marked["talked"], By: "person"})
	d.acts(one, at, event.LetterMade{
		ID: hex(4), Letter: "status-note", Lang: "fa", To: "person", Version: 1, Title: marked["heading"],
		Blocks: []event.LetterBlock{{Is: "text", Text: strings.Repeat("To whom it concerns: "+marked["line"]+". ", 200)}},
	})
	d.acts(one, at, event.TaskMoved{Task: hex(1), Due: time.Now().UTC().Add(2 * time.Hour).Format(time.RFC3339), Why: marked["moved"]})
	d.acts(two, at, event.VitalAgreed{ID: hex(3)})
	d.acts(one, at, event.Disclosed{What: "medical", Receiver: marked["vital"], Facts: marked["told"], Ground: hex(3)})
	id := ""
	if err := d.in(func(r *room) error {
		c, err := r.db.CaseID(context.Background(), at)
		id = c.Reveal()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	d.acts(one, other, event.Linked{To: id})
	if err := d.Reply(one, at, Draft{Text: "Dear " + marked["reply"], Photo: noise()}, "r"); err != nil {
		t.Fatal(err)
	}
	d.sent()
	d.acts(one, at, event.Closed{Outcome: "advised", Reason: "goal-reached", Note: marked["closing"], Remains: marked["remains"]})
	if err := d.Hold(one, at, marked["held"], time.Now().AddDate(0, 1, 0), nil); err != nil {
		t.Fatal(err)
	}
	d.sent()
	return at
}

// Not one word of an erased case is left in any byte of the desk's folder: not in the database's free pages, not in the index of the search, not in the journal, and not when
// the desk is killed the moment after. The test shows first that it would find them.
func TestNotOneByteOfAnErasedCaseIsLeft(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker")
	for i := range 12 { // neighbours in the same pages
		w.person().writes(0, seal.KindLetter, text(fmt.Sprintf("Letter %d of somebody else %s", i, strings.Repeat("who writes a lot ", i*40))))
	}
	at := wholeCase(d, w, staff)
	for i := range 12 {
		w.person().writes(0, seal.KindLetter, text(fmt.Sprintf("A later letter %d %s", i, strings.Repeat("about something else ", i*30))))
	}
	d.the("A later letter 11")
	d.indexed()

	var words []string
	for _, word := range marked {
		words = append(words, word)
	}
	key := d.database()
	before := map[string]bool{}
	for _, f := range d.found(d.copied(), key, words...) {
		before[f[strings.Index(f, ": ")+2:]] = true
	}
	for _, word := range words {
		if !before[word] {
			t.Errorf("%s was nowhere to begin with: the search below proves nothing of it", word)
		}
	}
	if err := d.EraseCase(d.as(staff[0]), at); err != nil {
		t.Fatal(err)
	}
	// Killed now: what lies on the disk is what a thief finds. The rows that others wrote are still good.
	if left := d.found(d.copied(), key, words...); len(left) > 0 {
		t.Errorf("left by a desk that was killed: %q", left)
	}
	d.sent()
	if got := d.thread(at); got.State != casedb.StateErased || got.ErasePart != casedb.EraseDone {
		t.Errorf("%s, %s", got.State, got.ErasePart)
	}
	d.Close()
	d.nowhere(key, words...)
}

// TestNotOneByteOfItsTextIsLeft is the same for the first step of retention: what the case says goes, who it was and the closing note stay.
func TestNotOneByteOfARetiredCasesTextIsLeft(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker")
	at := wholeCase(d, w, staff)
	d.indexed()
	one := d.as(staff[0])
	if err := d.Hold(one, at, "", time.Time{}, nil); err != nil {
		t.Fatal(err)
	}
	d.sent()
	d.pass(20)
	d.pass(31)
	if d.fold(at).Retired.IsZero() {
		t.Fatal("the case was not retired")
	}
	d.indexed()
	key := d.database()
	d.sent()
	d.Close()
	for place, word := range marked {
		switch place {
		case "district", "name", "also": // who it was and where: until everything goes
			continue
		}
		d.nowhere(key, word)
	}
	if n := d.found(d.dir, key, marked["name"]); len(n) == 0 {
		t.Error("the name is gone already")
	}
}

// copied is the folder as it lies on the disk now, while the desk runs.
func (s *seat) copied() string {
	s.t.Helper()
	to := s.t.TempDir()
	if err := os.CopyFS(filepath.Join(to, "copy"), os.DirFS(s.dir)); err != nil {
		s.t.Fatal(err)
	}
	return to
}
