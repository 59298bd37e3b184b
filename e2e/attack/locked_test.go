package attack

import (
	"regexp"
	"strings"
	"testing"

	"panah/core/roster"
)

var deskChoice = regexp.MustCompile(`name="desk" value="([0-9a-f]{16})"[^>]*>\s*<span><bdi>([^<]*)</bdi>`)

// locks keeps the case that shows mark to the named desks.
func (d *laptop) locks(mark string, names ...string) {
	d.t.Helper()
	path := d.thread(mark)
	page := d.get(path + "/lock")
	pairs := []string{"sure", "yes"}
	for _, m := range deskChoice.FindAllStringSubmatch(page, -1) {
		for _, name := range names {
			if m[2] == name {
				pairs = append(pairs, "desk", m[1])
			}
		}
	}
	if len(pairs) != 2+2*len(names) {
		d.t.Fatalf("%s: not all of %q can be named: %s", d.name, names, d.text())
	}
	d.must(path+"/lock", pairs...)
	d.queueEmpty()
}

// loses waits until nothing on the desk's pages shows mark.
func (d *laptop) loses(mark string) {
	d.t.Helper()
	d.until("nothing that says "+mark, "/", func(page string) bool {
		shows := strings.Contains(page, mark)
		for _, m := range threadLink.FindAllStringSubmatch(page, -1) {
			shows = shows || strings.Contains(d.get(m[1]), mark)
		}
		return !shows
	})
}

func TestCaseworkerAndALockedCase(t *testing.T) {
	w := found(t)
	specialist := w.keeper.admits(w, "Specialist", roster.RoleSpecialist)
	caseworker := w.keeper.admits(w, "Caseworker", roster.RoleCaseworker)
	p := w.writes("before-the-lock")
	caseworker.thread("before-the-lock")
	specialist.thread("before-the-lock")
	w.keeper.thread("before-the-lock")
	specialist.locks("before-the-lock", "Specialist")
	caseworker.loses("before-the-lock")
	w.keeper.loses("before-the-lock")
	specialist.reply("before-the-lock", "answer-after-the-lock")
	p.again("letter-after-the-lock")
	specialist.thread("letter-after-the-lock")
	after := []string{"answer-after-the-lock", "letter-after-the-lock"}

	early, db := w.steals(copyOf(t, caseworker.data))
	got := early.reads(append(after, "before-the-lock"), db)
	for _, m := range after {
		if got[m] {
			t.Errorf("the caseworker reads %s", m)
		}
	}
	held := got["before-the-lock"] // the epoch's key is still on the laptop; said in the threat model
	if strings.Contains(string(db), "before-the-lock") {
		t.Error("the caseworker's own database still has the locked case")
	}

	for range 2 { // through epochs
		w.keeper.roll()
		specialist.reaches(w.keeper.epoch())
		caseworker.reaches(w.keeper.epoch())
		mark := "letter-of-epoch-" + string('0'+rune(w.keeper.epoch()))
		p.again(mark)
		specialist.thread(mark)
		after = append(after, mark)
	}
	second := w.keeper.admits(w, "Deputy", roster.RoleSpecialist) // a specialist joins, and is named
	specialist.locks("before-the-lock", "Deputy")
	second.thread("letter-after-the-lock")

	late, db := w.steals(copyOf(t, caseworker.data))
	for m, read := range late.reads(append(after, "before-the-lock"), db) {
		if read {
			t.Errorf("two epochs later the caseworker reads %s", m)
		}
	}
	own, db := w.steals(copyOf(t, specialist.data))
	for m, read := range own.reads(append(after, "before-the-lock"), db) {
		if !read {
			t.Errorf("the specialist's own laptop does not read %s: the attack is weaker than it should be", m)
		}
	}
	then := "the letter from before it was locked as well, two epochs later"
	if held {
		then = "the letter from before it was locked only until two epochs had begun"
	}
	report(t, 8, "a caseworker who is not named, laptop unlocked, against a locked case", "nothing written after it was locked (%d letters and answers, over three epochs); %s", len(after), then)
}

// A specialist who leaves takes along what was; what follows is sealed to a new key.
func TestASpecialistLeaves(t *testing.T) {
	w := found(t)
	one := w.keeper.admits(w, "Specialist", roster.RoleSpecialist)
	two := w.keeper.admits(w, "Deputy", roster.RoleSpecialist)
	p := w.writes("a-delicate-matter")
	one.thread("a-delicate-matter")
	two.thread("a-delicate-matter")
	one.locks("a-delicate-matter", "Specialist", "Deputy")
	one.reply("a-delicate-matter", "first-answer")
	p.again("before-the-leaving")
	two.thread("before-the-leaving")
	stolen := copyOf(t, two.data)
	two.stop()
	w.keeper.removes("Deputy")
	one.reaches(w.keeper.epoch())
	one.reply("a-delicate-matter", "answer-after-the-leaving")
	p.again("letter-after-the-leaving")
	one.thread("letter-after-the-leaving")
	th, db := w.steals(stolen)
	got := th.reads([]string{"before-the-leaving", "answer-after-the-leaving", "letter-after-the-leaving"}, db)
	if !got["before-the-leaving"] {
		t.Error("the leaver does not read what was theirs: the attack is weaker than it should be")
	}
	if got["answer-after-the-leaving"] || got["letter-after-the-leaving"] {
		t.Errorf("the leaver reads on: %v", got)
	}
	report(t, 9, "a specialist's desk that was removed, against the locked case it was named for", "nothing written after it left")
}
