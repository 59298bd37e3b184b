package web

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"panah/core/l10n"
	"panah/core/papers"
	readphoto "panah/core/papers/photo"
	"panah/core/papers/seal"
	"panah/desk/internal/barcode"
	"panah/desk/internal/office"
)

// A readingDouble reads lines by core/papers itself, and finds in each picture what a test put there.
type readingDouble struct {
	*double
	pictured     office.PaperReading
	certificates []seal.Certificate
}

func newReadingBrowser(t *testing.T) (*browser, *readingDouble) {
	t.Helper()
	d := &readingDouble{double: furnished()}
	return newBrowser(t, d).launch().unlock(), d
}

func (d *readingDouble) ReadLines(text string) office.PaperReading {
	m, err := papers.Read(text, readingDay)
	return office.PaperReading{Lines: m.Lines, MRZ: m, NotMRZ: err != nil}
}

func (d *readingDouble) ReadPicture(_ context.Context, picture []byte) (office.PaperReading, error) {
	if !bytes.HasPrefix(picture, []byte("\x89PNG")) {
		return office.PaperReading{}, readphoto.ErrNotImage
	}
	return d.pictured, d.failWith
}

func (d *readingDouble) ReadPart(ctx context.Context, id int64) (office.PaperReading, int64, error) {
	if id != 1 {
		return office.PaperReading{}, 0, office.ErrNotFound
	}
	return d.pictured, 1, d.failWith
}

func (d *readingDouble) SealCertificates(context.Context) ([]seal.Certificate, error) {
	return d.certificates, nil
}

func (d *readingDouble) AddSealCertificate(_ context.Context, file []byte) error {
	if _, err := seal.ParseCertificate(file); err != nil {
		return err
	}
	return d.failWith
}

var readingDay = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

const (
	specimenLines = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
	slippedLines  = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8989O2C36UTO7408122F1204159ZE184226B<<<<<10"
)

func TestReadLines(t *testing.T) {
	b, _ := newReadingBrowser(t)
	b.want(b.get("/papers/read"), http.StatusOK)
	b.wantText("kept nowhere", `name="lines"`, `name="picture"`, `enctype="multipart/form-data"`)
	b.wantNone("L898902C3", `id="answer"`)

	b.want(b.post("/papers/read", "lines", specimenLines), http.StatusOK)
	b.wantText("The lines hold together", "ERIKSSON", "ANNA MARIA", "L898902C3", "1974-08-12", "They never tell a real paper from a forged one", "Century: a birth does not lie in the future")
	b.wantNone(`id="proposals"`, "data:image")

	b.want(b.post("/papers/read", "lines", slippedLines), http.StatusOK)
	b.wantText("The lines do not hold together", "Perhaps one character was taken for another", "L898902C36UTO7408122F", "L8989O2C3", "does not fit")

	b.want(b.post("/papers/read", "lines", "P<UTO\nabc"), http.StatusOK)
	b.wantText("These are not the lines", "has <bdi>5</bdi> characters", "P&lt;UTO")
	b.want(b.post("/papers/read", "lines", "<script>alert(1)</script>"), http.StatusOK)
	b.wantNone("<script>alert")
	b.get("/papers/read") // nothing stays
	b.wantNone("UTO", "SCRIPT")
}

// TestReadingSaysEverything: every problem, century and field of the vectors has words in every language, with nothing left to fill in.
func TestReadingSaysEverything(t *testing.T) {
	for _, l := range l10n.Languages() {
		b, _ := newReadingBrowser(t)
		b.post("/language", "lang", l.Code)
		for _, text := range []string{
			specimenLines, slippedLines, "", "x", "P<UTO<ERIKSSON<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTQ7408132X1299159ZE184226B<<<<<<0", strings.ToLower(specimenLines),
			"IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<\n8806923102858CORINNE<<<<<<<6512068F6", strings.Replace(specimenLines, "B<<<<<10", "B<<<<10", 1),
			"I<UTOD23145890<<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nER1KSSON<<ANNA<<MARIA<<<<<<<<<", specimenLines + strings.Repeat(" x", 4000),
			strings.ReplaceAll(strings.Replace(specimenLines, "L89", "L?9", 1), "<<<<<", "«««"), "P<AFGAHMADI<<NOOR<<<<<<<<<<<<<<<<<<<<<<<<<<<\n<<<<<<<<<0AFG74<<<<5M<<<<<<0<<<<<<<<<<<<<<00",
		} {
			b.want(b.post("/papers/read", "lines", text), http.StatusOK)
			if left := regexp.MustCompile(`\{[a-z_]+\}`).FindString(b.last); left != "" {
				t.Errorf("%s: %s is not filled in", l.Code, left)
			}
		}
	}
}

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadPicture(t *testing.T) {
	b, d := newReadingBrowser(t)
	read := d.ReadLines(specimenLines)
	read.Picture, read.Zone = true, image.NewGray(image.Rect(0, 0, 880, 80))
	d.pictured = read
	res := b.uploadAs("/papers/read", pictureField, pngOf(t, 10, 10))
	b.want(res, http.StatusOK)
	b.wantText("Compare each character", `src="data:image/png;base64,`, "I compared them", "nobody has compared it yet", "ERIKSSON", "No square code was found")
	b.wantNone(`id="rules"`, "somebody")
	if h := res.Header; h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("Content-Security-Policy"), "img-src 'self' data:;") || strings.Contains(h.Get("Content-Security-Policy"), "script-src 'self' data:") {
		t.Errorf("headers %v", h)
	}
	crop := regexp.MustCompile(`name="crop" value="([\w-]+)"`).FindStringSubmatch(b.last)
	if crop == nil {
		t.Fatal("no crop in the form")
	}
	b.want(b.post("/papers/read", "lines", specimenLines, "crop", crop[1]), http.StatusOK)
	b.wantText("data:image/png;base64,")
	b.wantNone("nobody has compared it yet")
	b.want(b.post("/papers/read", "lines", specimenLines, "crop", `"><script>alert(1)</script>`), http.StatusOK)
	b.wantNone("<script>alert", "data:image")

	d.pictured = office.PaperReading{Picture: true, Unread: readphoto.Blurred}
	b.want(b.uploadAs("/papers/read", pictureField, pngOf(t, 10, 10)), http.StatusOK)
	b.wantText("Not read.", "The lines are blurred", "hold still", "Lay the page flat", "Or type the lines")
	b.want(b.uploadAs("/papers/read", pictureField, []byte("GIF89a")), http.StatusUnprocessableEntity)
	b.wantText("no picture that can be opened")
	d.failWith = readphoto.ErrTooLarge
	b.want(b.uploadAs("/papers/read", pictureField, pngOf(t, 10, 10)), http.StatusUnprocessableEntity)
	b.wantText("too large")
	d.failWith = nil

	d.pictured = office.PaperReading{Picture: true, Unread: readphoto.NoZone, Code: &barcode.Code{Kind: barcode.QR, Text: "https://example.org/verify?id=1", Bytes: []byte("https://example.org/verify?id=1")}}
	b.want(b.post("/papers/read/part/1"), http.StatusOK)
	b.wantText("Panah does not open it", "https://example.org/verify?id=1</pre>")
	b.wantNone(`href="https://example`)
	b.want(b.post("/papers/read/part/9"), http.StatusNotFound)
	b.want(b.get("/papers/read/part/1"), http.StatusSeeOther)
}

func TestReadSeal(t *testing.T) {
	b, d := newReadingBrowser(t)
	s := seal.Seal{Version: 4, Country: "D", Signer: "DETS", Reference: "32", Kind: seal.Visa, Issued: readingDay, Signed: readingDay, Features: []seal.Feature{
		{Tag: 2, Name: "mrz", Text: "VCD<<DENT<<ARTHUR<PHILIP<<<<<<<<<<<<\n1234567XY7GBR5203116M2005250<<<<<<<<"}, {Tag: 4, Name: "stay", Text: "x", Raw: []byte{160, 0, 1}}, {Tag: 3, Name: "entries", Text: "multiple", Raw: []byte{0}}, {Tag: 9, Raw: []byte{0xab, 0xcd}},
	}}
	certificate := &seal.Certificate{Subject: "CN=TS,C=DE", Signer: "DETS", Serial: "32"}
	for _, c := range []struct {
		checked seal.Checked
		say     string
	}{
		{seal.Checked{State: seal.NoCertificate}, "Cannot be checked: there is no certificate <bdi>32</bdi> of <bdi>DETS</bdi>"},
		{seal.Checked{State: seal.SignedBy, Certificate: certificate}, "Signed by <bdi>CN=TS,C=DE</bdi>"},
		{seal.Checked{State: seal.DoesNotFit, Certificate: certificate, Outside: true}, "The signature does not fit"},
	} {
		d.pictured = office.PaperReading{Picture: true, Unread: readphoto.NoZone, Code: &barcode.Code{Kind: barcode.DataMatrix, Bytes: []byte{0xdc}}, Seal: &s, Checked: c.checked}
		b.want(b.post("/papers/read/part/1"), http.StatusOK)
		b.wantText(c.say, "VCD&lt;&lt;DENT", "tag <bdi>09</bdi>", "<bdi>160</bdi> days", "as often as wanted", "abcd", "It does not say whether the paper that carries it is real", "Read the lines in this code")
	}
	b.wantText("not valid")
}

func TestCertificatePage(t *testing.T) {
	b, d := newReadingBrowser(t)
	b.want(b.get("/papers/certificates"), http.StatusOK)
	b.wantText("No certificates are loaded")
	d.certificates = []seal.Certificate{{Subject: "CN=TS,C=DE", Signer: "DETS", Serial: "32", Curve: "brainpoolP224r1", Until: readingDay, Fingerprint: "ab12"}}
	b.get("/papers/certificates")
	b.wantText("CN=TS,C=DE", "serial number <bdi>32</bdi>", "brainpoolP224r1", `value="ab12"`)
	b.want(b.uploadAs("/papers/certificates", pictureField, []byte("hello")), http.StatusUnprocessableEntity)
	b.wantText("no certificate that can check a seal")
}

func FuzzCrop(f *testing.F) {
	c, err := newCrop(image.NewGray(image.Rect(0, 0, 30, 8)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.field())
	f.Add("iVBORw0KGgo")
	f.Fuzz(func(t *testing.T, field string) {
		got, err := cropFrom(field)
		if err == nil && (len(got) > maxCropBytes || !strings.HasPrefix(string(got.url()), "data:image/png;base64,") || strings.ContainsAny(string(got.url()), `"'<> `)) {
			t.Fatalf("%d bytes: %.60s", len(got), got.url())
		}
	})
}
