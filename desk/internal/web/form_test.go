package web

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"panah/core/receipt"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/media"
	"panah/desk/internal/office"
)

// upload posts the reply form as a browser does.
func (p *place) upload(thread, text string, photo []byte, status int) string {
	p.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, value := range map[string]string{"csrf": csrfField.FindStringSubmatch(p.get("/about", http.StatusOK))[1], "once": text, "text": text} {
		p.must(m.WriteField(name, value))
	}
	w, err := m.CreateFormFile(photoField, "C:\\secret\\IMG_0001.jpg")
	p.must(err)
	_, err = w.Write(photo)
	p.must(err)
	p.must(m.Close())
	r, err := http.NewRequest("POST", p.server.URL+thread+"/reply", &b)
	p.must(err)
	r.Header.Set("Content-Type", m.FormDataContentType())
	body, _ := p.do(r, status)
	return body
}

// An answer with a photo reaches the person re-encoded; one that cannot be used costs no typed word.
func TestReplyWithAPhoto(t *testing.T) {
	p := newPlace(t)
	code := newCode(t)
	p.writes(code, seal.Intake{}, seal.Part{Type: seal.TypeText, Data: []byte("send me the form")})
	page := p.until("/", "send me the form")
	thread := regexp.MustCompile(`href="(/thread/\d+)"`).FindStringSubmatch(page)[1]
	for name, bad := range map[string][]byte{"no picture": []byte("MZ not a picture"), "too large": make([]byte, media.MaxPhotoBytes+100)} {
		page = p.upload(thread, "kept &amp; typed "+name, bad, http.StatusUnprocessableEntity)
		for _, want := range []string{"The photo cannot be used", "typed " + name} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q", name, want)
			}
		}
	}
	var photo bytes.Buffer
	p.must(jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 40, 30)), nil))
	with := append([]byte("\xff\xd8\xff\xfe\x00\x10secret place!!"), photo.Bytes()[2:]...) // a comment in the file
	p.upload(thread, "Here is the form.", with, http.StatusSeeOther)
	p.upload(thread, "No photo chosen.", nil, http.StatusSeeOther)
	p.until(thread, `id="line" class="line" data-live>`)
	p.until("/?show=all", "Answered")
	for deadline := time.Now().Add(20 * time.Second); p.office.Status(t.Context()).Queued > 0 && time.Now().Before(deadline); {
		p.get(thread, http.StatusOK)
	}
	replies := p.letters(code)
	if len(replies) != 2 || len(replies[0].Parts) != 2 || len(replies[1].Parts) != 1 {
		t.Fatalf("%d replies", len(replies))
	}
	got := replies[0].Parts[1]
	if got.Type != seal.TypeJPEG || bytes.Contains(got.Data, []byte("secret")) {
		t.Errorf("%s, %d bytes, with the file's comment", got.Type, len(got.Data))
	}
	if img, err := jpeg.Decode(bytes.NewReader(got.Data)); err != nil || img.Bounds().Dx() != 40 {
		t.Errorf("the photo: %v", err)
	}
}

// letters opens everything in a mailbox.
func (p *place) letters(code receipt.Code) (all []seal.Letter) {
	p.t.Helper()
	keys, err := receipt.Derive(code, p.keys.Org)
	p.must(err)
	_, body := p.ask("POST", "/v1/mailbox", nil, keys.Mailbox)
	sealed, err := wire.ParseReplies(body)
	p.must(err)
	for _, s := range sealed {
		l, err := seal.Open(s, keys.Box)
		p.must(err)
		all = append(all, l)
	}
	return all
}

// Forms that no browser of ours sends are refused, and only the reply takes a file.
func TestUploadsAreBounded(t *testing.T) {
	b := newBrowser(t, furnished()).launch().unlock()
	token := b.csrf()
	send := func(path, body, kind string) *http.Response {
		return b.do("POST", path, nil, func(r *http.Request) {
			*r = *r.Clone(r.Context())
			r.Body = io.NopCloser(strings.NewReader(body))
			r.Header.Set("Content-Type", kind)
		})
	}
	field := func(name, value string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	good := field("csrf", token) + field("text", "typed words")
	const kind = "multipart/form-data; boundary=x"
	b.want(send("/thread/1/reply", good+"--x--\r\n", kind), http.StatusSeeOther)
	b.want(send("/thread/1/urgency", good+"--x--\r\n", kind), http.StatusForbidden)
	b.want(send("/thread/1/reply", field("text", "no token")+"--x--\r\n", kind), http.StatusForbidden)
	b.want(send("/thread/1/reply", good, kind), http.StatusForbidden) // cut
	b.want(send("/thread/1/reply", good+strings.Repeat(field("a", "b"), maxFields)+"--x--\r\n", kind), http.StatusForbidden)
	b.want(send("/thread/1/reply", good+field("once", strings.Repeat("x", maxForm+1))+"--x--\r\n", kind), http.StatusRequestEntityTooLarge)
	b.wantText("typed words")
	b.want(send("/thread/1/reply", good+field(photoField, strings.Repeat("x", maxUpload))+"--x--\r\n", kind), http.StatusRequestEntityTooLarge)
	b.wantText("typed words")
}

// What the office knows of a letter is on the page, each thing in its own words.
func TestThreadTellsWhatIsKnownOfEachLetter(t *testing.T) {
	d := furnished()
	one := d.threads[1]
	one.Summary.Beginning = "turned \u202eround\u202c"
	one.Summary.District = "\u2067Rawalpindi"
	l := one.Letters[0]
	l.Tag = casedb.TagUnknown
	old := l
	old.ID, old.Tag, old.OldCode, old.Proof = 50, casedb.TagOK, true, casedb.ProofPending
	erase := l
	erase.ID, erase.Tag, erase.Kind = 51, casedb.TagForged, seal.KindErase
	one.Letters = []casedb.Letter{l, old, erase}
	d.threads[1] = one
	for i, problem := range []string{casedb.ProblemOrg, casedb.ProblemChanged} {
		sealed := d.threads[6]
		sealed.ID = int64(60 + i)
		sealed.Letters = []casedb.Letter{{ID: 70, Problem: problem, Tag: casedb.TagUnknown, Sealed: seal.SealedBrowser}}
		d.threads = append(d.threads, sealed)
	}
	b := newBrowser(t, d).launch().unlock()
	b.get("/thread/2")
	b.wantText("has not heard of the conversation", "Written with a code that has been replaced", "This asks to erase everything", "Not proved by the log yet")
	if n := strings.Count(b.last, "was not written with the person"); n != 1 {
		t.Errorf("%d letters are called forged; one is", n)
	}
	b.get("/thread/60")
	b.wantText("written for another organisation")
	b.wantNone("was not written with the person", "has not heard of")
	b.get("/thread/61")
	b.wantText("not the letter that its log stands for")
	b.get("/")
	b.wantText("turned round")
	b.wantNone("\u202e", "\u2067")
	b.get("/thread/1/join")
	b.wantText("earlier answers are put into the new mailbox too")

	d.alarms = append(d.alarms, casedb.Alarm{ID: 32, Kind: casedb.AlarmRollback, Args: map[string]int64{"had": 4, "has": 2}})
	for _, path := range []string{"/", "/alarms"} {
		b.get(path)
		b.wantText("accepts the gate&#39;s log as it is now")
	}
	d.status.SyncProblem = "disk"
	b.get("/about")
	b.wantText("new letters wait at the gate")
	d.failWith = office.ErrFull
	b.want(b.post("/thread/1/reply", "text", "words to keep"), http.StatusInsufficientStorage)
	b.wantText("disk of this laptop is full", "words to keep")
}

func TestDeskInUseHasItsOwnSentence(t *testing.T) {
	d := furnished()
	d.failUnlock = office.ErrInUse
	b := newBrowser(t, d).launch()
	b.want(b.post("/unlock", "passphrase", rightPassphrase, "next", "/"), http.StatusConflict)
	b.wantText("Another copy of Panah has this desk open")
}
