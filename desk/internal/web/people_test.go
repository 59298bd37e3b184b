package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"panah/core/seal"
	"panah/desk/internal/office"
)

// The real office has all that these pages need; a method less, and a page would be gone without a word.
var (
	_ people = (*office.Office)(nil)
	_ namer  = (*office.Office)(nil)
)

// another is a browser of the same desk at which nobody is yet.
func (b *browser) another() *browser { return b.other().launch() }

// as unlocks by name.
func (b *browser) as(name, passphrase string) *browser {
	b.t.Helper()
	b.want(b.post("/unlock", "name", name, "passphrase", passphrase, "next", "/"), http.StatusSeeOther)
	return b
}

// staffed is a desk with a keeper, a caseworker and a reader, each at a browser of theirs, and one letter.
func staffed(t *testing.T) (p *place, parwana, zahra, karim *browser, thread string) {
	t.Helper()
	p = newPlace(t)
	parwana = newBrowser(t, p.office).launch()
	to := parwana.post("/unlock", "passphrase", rightPassphrase, "next", "/about").Header.Get("Location")
	if to != "/people/first?next=%2Fabout" {
		t.Fatalf("the first unlock leads to %q", to)
	}
	parwana.want(parwana.get(to), http.StatusOK)
	parwana.wantText("Who are you?")
	parwana.want(parwana.post("/people/first", "name", " ", "next", "/about"), http.StatusUnprocessableEntity)
	if to := parwana.post("/people/first", "name", "Parwana", "next", "/about").Header.Get("Location"); to != "/about" {
		t.Errorf("then on to %q", to)
	}
	for _, c := range []struct{ name, role, passphrase string }{{"Zahra", "caseworker", zahraWords}, {"Karim", "reader", karimWords}} {
		parwana.want(parwana.post("/people/new", "name", c.name, "role", c.role, "next", c.passphrase, "again", c.passphrase, "passphrase", rightPassphrase), http.StatusSeeOther)
	}
	zahra, karim = parwana.another().as("Zahra", zahraWords), parwana.another().as("karim", karimWords)
	p.writes(newCode(t), seal.Intake{Situations: []string{"s_detained"}}, seal.Part{Type: seal.TypeText, Data: []byte("they came this morning")})
	page := p.until("/", "they came")
	thread = regexp.MustCompile(`href="(/thread/\d+)"`).FindStringSubmatch(page)[1]
	return p, parwana, zahra, karim, thread
}

const (
	zahraWords = "seven plain kettles walk under rain"
	karimWords = "green ladders sleep beside warm bread"
)

func TestPeopleComeInAsThemselves(t *testing.T) {
	_, parwana, zahra, karim, _ := staffed(t)
	for b, name := range map[*browser]string{parwana: "Parwana", zahra: "Zahra", karim: "Karim"} {
		b.want(b.get("/people"), http.StatusOK)
		b.wantText("Parwana", "Zahra", "Karim", `<span class="me">`, "<bdi>"+name+"</bdi></span>")
		if strings.Contains(b.last, `href="/people/new"`) != (name == "Parwana") || strings.Contains(b.last, `href="/desks"`) != (name == "Parwana") {
			t.Errorf("%s is offered what is not for them, or lacks what is", name)
		}
	}
	b := parwana.another()
	b.wantText(`name="name"`, "Type your name and your own passphrase.")
	var said []string
	for _, c := range [][2]string{{"Zahra", karimWords}, {"Nobody", zahraWords}} {
		b.want(b.post("/unlock", "name", c[0], "passphrase", c[1], "next", "/"), http.StatusUnauthorized)
		said = append(said, regexp.MustCompile(`(value|data-csrf)="[^"]*"`).ReplaceAllString(b.last, ""))
	}
	if said[0] != said[1] {
		t.Error("the page tells a wrong name from a wrong passphrase")
	}
	b.wantText("The name or the passphrase is wrong.", `value="Nobody"`)
	b.wantNone(zahraWords, karimWords)
}

func TestWhoMayAddPeople(t *testing.T) {
	_, parwana, zahra, karim, thread := staffed(t)
	for path, words := range map[string]string{"/people/new": "Only a keeper, or the first person", "/desks": "Only a keeper, or the first person", "/purge": "Only a keeper, or the first person"} {
		zahra.want(zahra.get(path), http.StatusForbidden)
		zahra.wantText(words)
		parwana.want(parwana.get(path), http.StatusOK)
	}
	karim.want(karim.post(thread+"/urgency", "urgency", "days"), http.StatusForbidden)
	karim.want(karim.post(thread+"/reply", "text", "hello"), http.StatusForbidden)
	karim.wantText("hello") // nothing typed is lost
	zahra.want(zahra.post(thread+"/urgency", "urgency", "days"), http.StatusSeeOther)
	for what, c := range map[string]struct{ name, first, second, own, words string }{
		"weak":         {"Maryam", "password1234", "password1234", rightPassphrase, "too easy to guess"},
		"not the same": {"Maryam", zahraWords, karimWords, rightPassphrase, "not the same"},
		"a name twice": {"ZAHRA", "many more words to type here", "many more words to type here", rightPassphrase, "has this name already"},
		"not her own":  {"Maryam", "many more words to type here", "many more words to type here", zahraWords, "not your own passphrase"},
	} {
		parwana.want(parwana.post("/people/new", "name", c.name, "role", "caseworker", "next", c.first, "again", c.second, "passphrase", c.own), http.StatusUnprocessableEntity)
		parwana.wantText(c.words, `value="`+c.name+`"`)
		if strings.Contains(parwana.last, c.first) || strings.Contains(parwana.last, c.own) {
			t.Errorf("%s: the page shows a passphrase", what)
		}
	}
	parwana.get("/people")
	parwana.wantNone("Maryam")
}

func TestACaseGoesFromHandToHand(t *testing.T) {
	_, parwana, zahra, karim, thread := staffed(t)
	zahra.get(thread + "/people")
	zahra.wantText("Nobody has this case.", "Take this case")
	karim.get(thread + "/people")
	karim.wantNone("Take this case")
	zahra.want(zahra.post(thread+"/claim"), http.StatusSeeOther)
	parwana.want(parwana.post(thread+"/claim"), http.StatusConflict) // she saw the page before
	parwana.get("/people")
	ids := map[string]string{}
	for _, m := range regexp.MustCompile(`id="p([0-9a-f]{16})"[\s\S]*?<bdi>(\w+)</bdi>`).FindAllStringSubmatch(parwana.last, -1) {
		ids[m[2]] = m[1]
	}
	if len(ids) != 3 {
		t.Fatalf("people: %v", ids)
	}
	zahra.want(zahra.post(thread+"/assign", "to", ids["Karim"], "note", "please call today"), http.StatusUnprocessableEntity)
	zahra.wantText("please call today", "at most what their desk may")
	zahra.want(zahra.post(thread+"/assign", "to", ids["Parwana"], "note", "please call today"), http.StatusSeeOther)
	zahra.get(thread + "/people")
	zahra.wantText("The case was handed over.", "<strong><bdi>Parwana</bdi></strong>")

	// The keeper keeps Zahra out: she sees a stub, and nothing of it in the list.
	parwana.want(parwana.post(thread+"/bar", "who", ids["Zahra"], "on", "yes", "note", "her cousin"), http.StatusSeeOther)
	parwana.get(thread + "/people")
	parwana.wantText("her cousin")
	for _, path := range []string{thread, thread + "/people", thread + "/erase", thread + "/code", thread + "/lock"} {
		zahra.want(zahra.get(path), http.StatusForbidden)
		zahra.wantText("This case is not open to you", "Parwana")
		zahra.wantNone("they came", "cousin")
	}
	zahra.want(zahra.post(thread+"/claim"), http.StatusForbidden)
	zahra.get("/")
	zahra.wantNone("they came")
	parwana.get("/")
	parwana.wantText("they came")
}

func TestWhoLeavesIsLockedOutAtOnce(t *testing.T) {
	_, parwana, zahra, _, thread := staffed(t)
	zahra.want(zahra.post(thread+"/claim"), http.StatusSeeOther)
	zahra.postAll("/activity", url.Values{"thread": {strings.TrimPrefix(thread, "/thread/")}, "text": {"half an answer"}})
	parwana.get("/people")
	var m []string
	for _, found := range regexp.MustCompile(`/people/([0-9a-f]{16})/leave"[\s\S]*?class="unseen"> (\w+)<`).FindAllStringSubmatch(parwana.last, -1) {
		if found[2] == "Zahra" {
			m = found
		}
	}
	if m == nil {
		t.Fatal("nobody can remove Zahra")
	}
	parwana.want(parwana.get("/people/"+m[1]+"/leave"), http.StatusOK)
	parwana.wantText("Zahra does not work here any more")
	parwana.want(parwana.post("/people/"+m[1]+"/leave", "to", ""), http.StatusUnprocessableEntity)
	parwana.want(parwana.post("/people/"+m[1]+"/leave", "to", "", "sure", "yes"), http.StatusSeeOther)
	zahra.want(zahra.get("/people"), http.StatusUnauthorized)
	zahra.want(zahra.post("/unlock", "name", "Zahra", "passphrase", zahraWords, "next", "/"), http.StatusUnauthorized)
	zahra.as("Karim", karimWords) // at the same browser
	zahra.get(thread)
	zahra.wantNone("half an answer")
	parwana.want(parwana.get("/people"), http.StatusOK)
	parwana.wantText("has left")
}

// Where several people work each locks for themselves; the keys go with the last.
func TestEachLocksForThemselves(t *testing.T) {
	p, parwana, zahra, karim, _ := staffed(t)
	zahra.want(zahra.post("/lock"), http.StatusSeeOther)
	zahra.want(zahra.get("/people"), http.StatusUnauthorized)
	parwana.want(parwana.get("/people"), http.StatusOK)
	parwana.post("/lock")
	if p.office.Locked() {
		t.Error("the keys went while Karim was there")
	}
	karim.post("/lock")
	if !p.office.Locked() {
		t.Error("the keys stayed when nobody was there")
	}
}
