package web

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"panah/core/papers"
	paperphoto "panah/core/papers/photo"
	"panah/core/papers/seal"
	"panah/desk/internal/barcode"
	"panah/desk/internal/office"
)

// A readingPage reads the lines of a paper. What it shows stands in this one answer: in no address, no session and no store.
type readingPage struct {
	*page
	Thread    int64        // the case it was opened from; 0: none
	Lines     string       // as they stand in the form
	Crop      template.URL // the picture of the lines; "" when there is none
	CropField string       // the same for the form
	Read      *office.PaperReading
	Confirmed bool // a person sent the lines: typed, or compared with the picture
	Fields    []readField
	Proposals []proposal
	Kinds     []choice
	Wrong     string // id of the sentence that says what could not be done
}

// A readField is one line of the answer.
type readField struct {
	ID    string // "document_number"
	Text  string // as read
	Day   string // of a whole date: both calendars
	Why   string // id of the sentence about the century
	Means string // what a code of ICAO stands for, in English
	Check string // "fits", "wrong", or "" where the layout has no check digit for it
}

// A proposal is a repair, with the lines that it makes.
type proposal struct {
	Changes []papers.Change
	Field   string
	Lines   string
}

// maxLines bounds what is typed, in bytes.
const maxLines = 2 * papers.MaxText

func (s *server) readingPage(r *http.Request, v visit) (*readingPage, error) {
	p, err := s.titled(r, v, "reading.title")
	if err != nil {
		return nil, err
	}
	p.Nav = "papers"
	data := &readingPage{page: p}
	from := r.PostForm
	if r.Method == http.MethodGet {
		from = r.URL.Query()
	}
	if n, err := strconv.ParseInt(from.Get("thread"), 10, 64); err == nil && n > 0 {
		data.Thread = n
	}
	p.Path = "/papers/read"
	if data.Thread > 0 {
		p.Path += "?" + url.Values{"thread": {strconv.FormatInt(data.Thread, 10)}}.Encode()
	}
	return data, nil
}

func (s *server) readingAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	if strings.HasPrefix(r.URL.Path, "/papers/read/part/") {
		http.Redirect(w, r, "/papers/read", http.StatusSeeOther)
		return nil
	}
	p, err := s.readingPage(r, v)
	if err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "reading", p)
}

// readingShow reads lines that were typed or compared, or a picture when one was chosen.
func (s *server) readingShow(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.readingPage(r, v)
	if err != nil {
		return err
	}
	if picture := pictureOf(r); len(picture) > 0 {
		defer clear(picture)
		if len(picture) > maxPicture {
			return s.readingRefused(w, p, paperphoto.ErrTooLarge)
		}
		read, err := s.can.reads.ReadPicture(r.Context(), picture)
		if err != nil {
			return s.readingRefused(w, p, err)
		}
		return s.readingAnswer(w, r, p, read)
	}
	typed := r.PostForm.Get("lines")
	if len(typed) > maxLines {
		typed = strings.ToValidUTF8(typed[:maxLines], "")
	}
	p.Confirmed, p.Lines = true, typed
	if crop, err := cropFrom(r.PostForm.Get("crop")); err == nil {
		p.Crop, p.CropField = crop.url(), crop.field()
	}
	return s.readingAnswer(w, r, p, s.can.reads.ReadLines(typed))
}

// readingPart reads a photo of a letter, by its row.
func (s *server) readingPart(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	p, err := s.readingPage(r, v)
	if err != nil {
		return err
	}
	read, thread, err := s.can.reads.ReadPart(r.Context(), n)
	p.Thread = thread
	if err != nil {
		return s.readingRefused(w, p, err)
	}
	return s.readingAnswer(w, r, p, read)
}

// readingRefused says what to do about a file that is no picture or too large; other errors are not of this page.
func (s *server) readingRefused(w http.ResponseWriter, p *readingPage, err error) error {
	switch {
	case errors.Is(err, paperphoto.ErrTooLarge):
		p.Wrong = "reading.too_large"
	case errors.Is(err, paperphoto.ErrNotImage):
		p.Wrong = "reading.not_image"
	default:
		return err
	}
	return s.show(w, http.StatusUnprocessableEntity, "reading", p)
}

func (s *server) readingAnswer(w http.ResponseWriter, r *http.Request, p *readingPage, read office.PaperReading) error {
	p.Read = &read
	if len(read.Lines) > 0 {
		p.Lines = strings.Join(read.Lines, "\n")
	}
	if read.Zone != nil {
		crop, err := newCrop(read.Zone)
		if err != nil {
			return err
		}
		p.Crop, p.CropField = crop.url(), crop.field()
	}
	if len(read.Lines) > 0 && !read.NotMRZ {
		p.fill(read.MRZ)
	}
	if err := s.readingKinds(r, p); err != nil {
		return err
	}
	if p.Crop != "" {
		// The crop lies in the page itself, so that no second request could ask for it. A picture in a page runs nothing.
		w.Header().Set("Content-Security-Policy", strings.Replace(policy, "img-src 'self'", "img-src 'self' data:", 1))
	}
	return s.show(w, http.StatusOK, "reading", p)
}

// fill makes the lines of the answer.
func (p *readingPage) fill(m papers.MRZ) {
	checks := map[string]string{}
	for _, c := range m.Checks {
		checks[c.Field] = map[bool]string{true: "fits", false: "wrong"}[c.OK]
	}
	dates := map[string]papers.Date{"birth_date": m.Fields.BirthDate, "expiry_date": m.Fields.ExpiryDate, "issue_date": m.Fields.IssueDate}
	for _, f := range m.Fields.List() {
		line := readField{ID: plainID(f.Name), Text: f.Text, Check: checks[f.Name]}
		if d := dates[f.Name]; d.Raw != "" {
			line.Day = p.RuleDay(d.Time())
			if d.Century != "" {
				line.Why = "reading.century_" + plainID(string(d.Century))
			}
		}
		if f.Name == "nationality" || f.Name == "issuing_state" {
			line.Means = papers.StateWords(f.Text)
		}
		p.Fields = append(p.Fields, line)
	}
	if state, ok := checks["composite"]; ok {
		p.Fields = append(p.Fields, readField{ID: "composite", Check: state})
	}
	for _, r := range m.Repairs {
		p.Proposals = append(p.Proposals, proposal{r.Changes, r.Field, strings.Join(r.Apply(m.Lines), "\n")})
	}
}

// readingKinds lists kinds of paper for the question what the rules say: those of the issuing country first.
func (s *server) readingKinds(r *http.Request, p *readingPage) error {
	if s.can.papers == nil || !p.Confirmed || p.Read.NotMRZ || !p.Read.MRZ.Fields.ExpiryDate.Whole() ||
		slices.ContainsFunc(p.Read.MRZ.Checks, func(c papers.Check) bool { return c.Field == "expiry_date" && !c.OK }) {
		return nil
	}
	book, err := s.can.papers.Rulebook(r.Context())
	if err != nil {
		return fmt.Errorf("reading the rulebook: %w", err)
	}
	state := p.Read.MRZ.Fields.IssuingState
	country := map[string]string{"IRN": "IR", "AFG": "AF", "PAK": "PK"}[state]
	var rest []choice
	for _, k := range book.Papers() {
		name, in := paperNamed(k, p.lang.Code)
		c := choice{Value: k.ID, Words: name, Lang: in}
		if country != "" && k.IssuedBy == country {
			p.Kinds = append(p.Kinds, c)
			continue
		}
		rest = append(rest, c)
	}
	p.Kinds = append(p.Kinds, rest...)
	return nil
}

// Expiry is the end date as the lines have it, for the question what the rules say.
func (p *readingPage) Expiry() string { return p.Read.MRZ.Fields.ExpiryDate.String() }

// RulesAction is where that question goes: the kind and the date, and no other field.
func (p *readingPage) RulesAction() string {
	if p.Thread > 0 {
		return threadPath(p.Thread) + "/papers"
	}
	return "/papers"
}

// Notes and Faults part the problems.
func (p *readingPage) Notes() []papers.Problem { return p.problems(true) }

// Faults are the problems that are more than notes.
func (p *readingPage) Faults() []papers.Problem { return p.problems(false) }

func (p *readingPage) problems(note bool) (list []papers.Problem) {
	for _, q := range p.Read.MRZ.Problems {
		if q.Note == note {
			list = append(list, q)
		}
	}
	return list
}

// Problem is a problem in words. Its values are shown isolated.
func (p *readingPage) Problem(q papers.Problem) (template.HTML, error) {
	name := "reading.f_line"
	if q.Field != "" {
		name = "reading.f_" + plainID(q.Field)
	}
	field, err := p.P(name)
	if err != nil {
		return "", err
	}
	kind := q.ID
	if kind == "length" && q.Found < q.Wanted {
		kind = "length-short"
	}
	return p.T("reading.problem_"+plainID(kind), "line", q.Line, "at", q.Column, "field", field, "found", q.Found, "wanted", q.Wanted)
}

// Unread is the id of the sentence about a picture whose lines were not read.
func (p *readingPage) Unread() string {
	return "reading.unread_" + plainID(p.Read.Unread)
}

// plainID is an id of core/papers as ids of words end: without hyphens and underscores.
func plainID(id string) string { return strings.NewReplacer("-", "", "_", "").Replace(id) }

// ID is plainID for templates.
func (*readingPage) ID(id string) string { return plainID(id) }

// Address tells whether a code holds an address of the web: it is shown, and not made a link.
func (p *readingPage) Address() bool {
	text := strings.ToLower(p.Read.Code.Text)
	return strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")
}

// Hex is the content of a code that is no text, cut at 256 bytes.
func (*readingPage) Hex(b []byte) string {
	if len(b) > 256 {
		return fmt.Sprintf("%x…", b[:256])
	}
	return fmt.Sprintf("%x", b)
}

// CodeLines are the machine-readable lines that a code holds: of a seal's feature, or text that is a zone; "" for none.
func (p *readingPage) CodeLines() string {
	if s := p.Read.Seal; s != nil {
		if i := slices.IndexFunc(s.Features, func(f seal.Feature) bool { return f.Name == "mrz" }); i >= 0 {
			return s.Features[i].Text
		}
		return ""
	}
	if c := p.Read.Code; c != nil && c.Kind != barcode.Kind("") && strings.Count(c.Text, "<") > 3 {
		return c.Text
	}
	return ""
}

// Feature is what a feature of a seal says: in the page's words where it is not plain characters.
func (p *readingPage) Feature(f seal.Feature) (template.HTML, error) {
	switch {
	case f.Name == "stay" && len(f.Raw) == 3:
		return p.T("reading.stay", "days", int(f.Raw[0]), "months", int(f.Raw[1]), "years", int(f.Raw[2]))
	case f.Name == "entries" && f.Text == "multiple":
		return p.T("reading.entries")
	}
	return template.HTML(`<pre dir="ltr" translate="no">` + template.HTMLEscapeString(f.Text) + `</pre>`), nil // escaped
}

// Until is the end of a certificate, as people read it.
func (p *readingPage) Until(t time.Time) string { return p.RuleDay(t) }
