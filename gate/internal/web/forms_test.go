package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/net/html"

	"panah/core/ledger"
	"panah/core/receipt"
	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
)

// sendLetter sends a first letter without script and returns its code as shown.
func sendLetter(t *testing.T, h http.Handler) (doc *html.Node, code receipt.Code) {
	t.Helper()
	resp := post(t, h, "/fa/send", "lang", "fa", "who", "family", "situation", "s_detained", "situation", "s_child", "district", "کرج",
		"paper", "pk-por", "say_who", "no", "safe_word", "انار", "story", "برادرم را بردند.", "do", "send")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", resp.StatusCode, text(read(t, resp)))
	}
	doc = read(t, resp)
	code, err := receipt.Parse(text(one(t, doc, "bdi", "class", "code", "dir", "ltr")))
	if err != nil {
		t.Fatal(err)
	}
	return doc, code
}

func TestSendWithoutScript(t *testing.T) {
	h, s := newHandler(t, testSite(true))
	doc, _ := sendLetter(t, h)
	l := s.letter()
	if l.Sealed != seal.SealedDoor || l.Text() != "برادرم را بردند." || l.Epoch != 3 {
		t.Errorf("sealed %q, epoch %d, %d bytes of text", l.Sealed, l.Epoch, len(l.Text()))
	}
	in, err := l.Intake()
	if err != nil || in.District != "کرج" || in.SafeWord != "انار" || in.Who != "family" || len(in.Situations) != 2 || in.Lang != "fa" {
		t.Errorf("answers %+v, %v", in, err)
	}
	if said := text(one(t, doc, "p", "class", "sealed-was")); !strings.Contains(said, "سرور") {
		t.Errorf("the page says of the sealing: %q", said)
	}
	if said := text(one(t, doc, "p", "class", "promise")); !strings.Contains(said, "۲۰۲۶-۱۱-۲۴ ۱۲:۰۰ UTC") || !strings.Contains(said, testOrg.Name) {
		t.Errorf("the promise in words: %q", said)
	}
	if n := len(find(doc, "svg", "role", "img")); n != 2 {
		t.Errorf("%d QR codes", n)
	}
	promise := one(t, doc, "pre").FirstChild.Data
	v, err := note.NewVerifier(s.verifier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.CheckPromise(promise, v); err != nil {
		t.Errorf("the promise on the page: %v", err)
	}
	code := text(one(t, doc, "bdi", "class", "code"))
	for class, want := range map[string]string{"save-promise": promise, "save-code": code + "\n"} {
		href, _ := attr(one(t, doc, "a", "class", class, "download", "*"), "href")
		data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(href, "data:text/plain;charset=utf-8;base64,"))
		if err != nil || string(data) != want {
			t.Errorf("%s saves %q, %v", class, data, err)
		}
	}
	if len(find(doc, "script")) != 0 {
		t.Error("a page for one person loads a script")
	}
}

func TestNothingTypedIsLostOnAnError(t *testing.T) {
	h, s := newHandler(t, testSite(true))
	fill := []string{
		"lang", "ur", "situation", "s_money", "who", "me", "district", `Quetta "<b>`, "paper", "pk-acc", "printed", "30 جون",
		"safe_time", "رات", "say_who", "yes", "safe_word", "چاند",
	}
	for name, test := range map[string]struct {
		refuse error
		story  string
		status int
		say    string
	}{
		"full":     {&wire.Error{Code: wire.CodeFull}, "کہانی </textarea>", http.StatusInsufficientStorage, "ایک گھنٹے بعد"},
		"busy":     {&wire.Error{Code: wire.CodeBusy}, "کہانی", http.StatusServiceUnavailable, "ایک منٹ"},
		"too long": {nil, strings.Repeat("ک", 20_001), http.StatusRequestEntityTooLarge, "20000"},
	} {
		s.refuse = test.refuse
		resp := post(t, h, "/ur/send", append(fill, "story", test.story)...)
		doc := read(t, resp)
		if resp.StatusCode != test.status {
			t.Errorf("%s: status %d", name, resp.StatusCode)
		}
		if said := text(one(t, doc, "div", "id", "problem", "role", "alert")); !strings.Contains(said, test.say) {
			t.Errorf("%s: the page says %q", name, said)
		}
		if got := one(t, doc, "textarea", "name", "story").FirstChild.Data; got != test.story {
			t.Errorf("%s: the story came back with %d bytes", name, len(got))
		}
		for _, want := range [][]string{
			{"input", "name", "situation", "value", "s_money", "checked", ""},
			{"input", "name", "who", "value", "me", "checked", ""},
			{"input", "name", "district", "value", `Quetta "<b>`},
			{"option", "value", "pk-acc", "selected", ""},
			{"input", "name", "printed", "value", "30 جون"},
			{"input", "name", "safe_time", "value", "رات"},
			{"input", "name", "say_who", "value", "yes", "checked", ""},
			{"input", "name", "safe_word", "value", "چاند"},
		} {
			one(t, doc, want[0], want[1:]...)
		}
	}
}

func TestEmptyLetterAndSituationAlone(t *testing.T) {
	h, s := newHandler(t, testSite(true))
	resp := post(t, h, "/en/send", "lang", "en", "story", "", "say_who", "no")
	if doc := read(t, resp); resp.StatusCode != http.StatusUnprocessableEntity || len(s.letters) != 0 ||
		!strings.Contains(text(one(t, doc, "div", "id", "problem")), "Choose what is happening") {
		t.Errorf("an empty letter: status %d, %d kept", resp.StatusCode, len(s.letters))
	}
	resp = post(t, h, "/en/send", "lang", "en", "situation", "s_force", "safe_time", "noon", "safe_word", "moon")
	if doc := read(t, resp); resp.StatusCode != http.StatusOK {
		t.Errorf("a situation alone: status %d, %s", resp.StatusCode, text(doc))
	}
}

func TestNotAForm(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	resp := post(t, h, "/en/send", "name", "whoever")
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a foreign field: status %d", resp.StatusCode)
	}
	if resp := post(t, h, "/xx/send", "story", "x"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown language: status %d", resp.StatusCode)
	}
}

func TestMailboxWithoutScript(t *testing.T) {
	h, s := newHandler(t, testSite(true))
	_, code := sendLetter(t, h)
	keys, err := receipt.Derive(code, testOrg.ID)
	if err != nil {
		t.Fatal(err)
	}
	reply := func(n uint32, words string) []byte {
		l := seal.Letter{
			Kind: seal.KindReply, Org: testOrg.ID, Sealed: seal.SealedDesk, N: n, At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
			Parts: []seal.Part{{Type: seal.TypeText, Data: []byte(words)}},
		}
		l.Tag = keys.MAC.Tag(l)
		sealed, err := seal.Seal(l, keys.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	for _, digits := range []string{code.Grouped(), strings.Map(persian, code.Reveal())} {
		doc := read(t, post(t, h, "/fa/mailbox", "code", digits))
		if said := text(one(t, doc, "p", "id", "no-replies")); said == "" {
			t.Error("an empty mailbox says nothing")
		}
	}
	s.boxes[keys.Mailbox] = [][]byte{reply(1, "سلام <b>"), reply(3, "سوم")}
	resp := post(t, h, "/fa/mailbox", "code", code.Reveal())
	doc := read(t, resp)
	items := find(one(t, doc, "ol", "id", "letters"), "li")
	if len(items) != 3 {
		t.Fatalf("%d items in the list", len(items))
	}
	if said := text(one(t, items[0], "p", "class", "text", "dir", "auto")); said != "سلام <b>" {
		t.Errorf("the first answer reads %q", said)
	}
	if said := text(one(t, items[1], "p", "class", "warning")); !strings.Contains(said, "۲") {
		t.Errorf("the gap reads %q", said)
	}
	if heads := find(one(t, doc, "ol", "id", "letters"), "h3"); len(heads) != 2 {
		t.Errorf("%d answers have a number", len(heads))
	}
	s.boxes[keys.Mailbox] = [][]byte{reply(1, "")} // a photo alone
	doc = read(t, post(t, h, "/fa/mailbox", "code", code.Reveal()))
	if heads := find(one(t, doc, "ol", "id", "letters"), "h3"); len(heads) != 1 || len(find(doc, "p", "class", "text")) != 0 {
		t.Errorf("an answer without words: %d numbers", len(heads))
	}
	for _, form := range []string{"/fa/mailbox/write", "/fa/mailbox/erase"} {
		one(t, one(t, doc, "form", "action", form), "input", "type", "hidden", "name", "code", "value", code.Grouped())
	}
	if resp.Header.Get("Cache-Control") != "no-store" || len(find(doc, "script")) != 0 {
		t.Error("an open mailbox can be kept, or loads a script")
	}
}

func persian(r rune) rune { return r - '0' + '۰' }

func TestWrongCodesAreToldInWords(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	_, code := sendLetter(t, h)
	wrong := []byte(code.Reveal())
	wrong[0] = '0' + (wrong[0]-'0'+1)%10
	for typed, want := range map[string]struct {
		status int
		say    string
	}{
		string(wrong):   {http.StatusUnprocessableEntity, "digit by digit"},
		"12 34 ۵":       {http.StatusUnprocessableEntity, "Here are 5"},
		"my code":       {http.StatusUnprocessableEntity, "only the digits"},
		otherCode(t):    {http.StatusNotFound, "no mailbox"},
		"<script>x()</": {http.StatusUnprocessableEntity, "only the digits"},
	} {
		resp := post(t, h, "/en/mailbox", "code", typed)
		doc := read(t, resp)
		if said := text(doc); resp.StatusCode != want.status || !strings.Contains(said, want.say) {
			t.Errorf("status %d, want %d and %q", resp.StatusCode, want.status, want.say)
		}
		one(t, doc, "input", "name", "code", "value", typed)
	}
}

func otherCode(t *testing.T) string {
	t.Helper()
	c, err := receipt.New(bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	return c.Reveal()
}

func TestWriteAgainAndEraseWithoutScript(t *testing.T) {
	h, s := newHandler(t, testSite(true))
	_, code := sendLetter(t, h)
	resp := post(t, h, "/en/mailbox/write", "code", code.Grouped(), "story", "more")
	doc := read(t, resp)
	if l := s.letter(); resp.StatusCode != http.StatusOK || len(s.letters) != 2 || l.Text() != "more" || l.N == 0 || l.Tag == nil {
		t.Errorf("status %d, %d letters", resp.StatusCode, len(s.letters))
	}
	sent := one(t, doc, "section", "id", "sent")
	if len(find(sent, "bdi", "class", "code")) != 0 || len(find(sent, "svg", "role", "img")) != 1 {
		t.Error("a further letter shows a code, or no promise")
	}
	resp = post(t, h, "/en/mailbox/write", "code", code.Grouped(), "story", "")
	if doc := read(t, resp); resp.StatusCode != http.StatusUnprocessableEntity || len(s.letters) != 2 {
		t.Errorf("an empty letter: status %d", resp.StatusCode)
	} else {
		one(t, doc, "ol", "id", "letters") // the mailbox stays open
	}
	resp = post(t, h, "/en/mailbox/erase", "code", code.Grouped(), "do", "erase")
	if said := text(one(t, read(t, resp), "p", "id", "erased")); resp.StatusCode != http.StatusOK || !strings.Contains(said, "gone") {
		t.Errorf("status %d, %q", resp.StatusCode, said)
	}
	if l := s.letter(); l.Kind != seal.KindErase || len(s.boxes) != 0 {
		t.Errorf("the last letter is %q, %d mailboxes are left", l.Kind, len(s.boxes))
	}
	n := len(s.letters)
	if resp := post(t, h, "/en/mailbox/erase", "code", code.Grouped()); resp.StatusCode != http.StatusNotFound || len(s.letters) != n {
		t.Errorf("erasing what is gone: status %d, %d more letters", resp.StatusCode, len(s.letters)-n)
	}
}

// What a field lets a person type, the door takes.
func TestFieldsTakeWhatTheyLetType(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	fields := find(one(t, read(t, get(t, h, "/fa/")), "form", "id", "letter"), "input", "maxlength", "*")
	form := []string{"story", "x"}
	for _, f := range fields {
		name, _ := attr(f, "name")
		most, _ := attr(f, "maxlength")
		n, err := strconv.Atoi(most)
		if err != nil {
			t.Fatal(err)
		}
		form = append(form, name, strings.Repeat("ک", n))
	}
	if resp := post(t, h, "/fa/send", form...); len(fields) < 4 || resp.StatusCode != http.StatusOK {
		t.Errorf("%d fields, filled to the end: status %d", len(fields), resp.StatusCode)
	}
}

// A mailbox that is gone takes no letter, and what was typed for it stays on the page: with another code, or as a new letter.
func TestALetterToAMailboxThatIsGoneIsNotLost(t *testing.T) {
	h, s := newHandler(t, testSite(true))
	for name, code := range map[string]string{"erased or unknown": otherCode(t), "mistyped": "1234"} {
		resp := post(t, h, "/en/mailbox/write", "code", code, "story", "they came <again>")
		doc := read(t, resp)
		if resp.StatusCode == http.StatusOK || len(s.letters) != 0 || len(s.boxes) != 0 {
			t.Fatalf("%s: status %d, %d letters, %d mailboxes", name, resp.StatusCode, len(s.letters), len(s.boxes))
		}
		open := one(t, doc, "form", "id", "open")
		if kept := one(t, open, "textarea", "name", "story").FirstChild.Data; kept != "they came <again>" {
			t.Errorf("%s: %q is left", name, kept)
		}
		one(t, open, "button", "formaction", "/en/send")
	}
	if resp := post(t, h, "/en/send", "code", otherCode(t), "story", "they came <again>", "do", "send"); resp.StatusCode != http.StatusOK || s.letter().N != 0 {
		t.Errorf("sent as a new letter: status %d", resp.StatusCode)
	}
	_, code := sendLetter(t, h)
	doc := read(t, post(t, h, "/en/mailbox", "code", code.Grouped(), "story", "they came <again>"))
	if kept := one(t, one(t, doc, "form", "id", "write"), "textarea", "name", "story").FirstChild.Data; kept != "they came <again>" {
		t.Errorf("with the right code %q is left", kept)
	}
	if len(find(doc, "textarea", "id", "kept")) != 0 {
		t.Error("the open mailbox shows the letter twice")
	}
}

// What was typed or chosen before a dangerous situation was ticked is sent, and the page says so.
func TestASentStoryOfADangerousSituationIsTold(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	for story, want := range map[string]bool{"he hits me": true, "": false} {
		doc := read(t, post(t, h, "/en/send", "situation", "s_force", "safe_time", "noon", "story", story))
		if said := text(one(t, doc, "p", "class", "sealed-was")); strings.Contains(said, "were sent too") != want {
			t.Errorf("%q: the page says %q", story, said)
		}
	}
}

// A browser that has given a request up shows nobody the code: such a letter is not put in.
func TestAGivenUpRequestSendsNothing(t *testing.T) {
	h, s := newHandler(t, testSite(true))
	gone, cancel := context.WithCancel(t.Context())
	h.c.Now = func() time.Time { cancel(); return time.Now() } // asked when the letter is about to be sealed
	postUntil(gone, t, h, "/en/send", "story", "pressed twice")
	if len(s.letters) != 0 {
		t.Error("a letter went in")
	}
}

func TestBeforeAnOrganisationIsThere(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	open := h.c.Roster
	h.c.Roster = func() (roster.Roster, bool) { return roster.Roster{}, false }
	if resp := get(t, h, "/fa/"); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("page: status %d", resp.StatusCode)
	}
	if resp := post(t, h, "/fa/send", "story", "x"); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("form: status %d", resp.StatusCode)
	}
	h.c.Roster = open
	if resp := get(t, h, "/fa/"); resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards: status %d", resp.StatusCode)
	}
}
