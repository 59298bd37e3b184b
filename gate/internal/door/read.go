package door

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"unicode/utf8"

	"panah/core/seal"
)

// ReadLetter reads a form into memory. The draft is never nil: on an error it holds what was read, so that the page
// can show it again; files are dropped then, because no browser lets a page fill a file field. Mistakes in one field
// do not keep the others from being read, and too large a file is read to its end and dropped, because a browser
// shows no answer to a form that it could not send whole. Errors wrap one of this package's. The caller calls Wipe.
func (d *Door) ReadLetter(r *http.Request) (*Draft, error) {
	draft := &Draft{share: share{from: d.memory}, text: share{from: d.text}}
	body := &gauge{r: r.Body, left: maxBody}
	r.Body = body
	form, err := r.MultipartReader()
	if err != nil {
		return draft, ErrForm
	}
	in := reading{ctx: r.Context(), draft: draft, left: maxData}
	if err := in.parts(form, body); err != nil {
		draft.dropFiles()
		return draft, err
	}
	return draft, nil
}

// reading is one form being read.
type reading struct {
	ctx   context.Context
	draft *Draft
	left  int  // bytes that a letter still takes
	full  bool // a file was too large, further ones are dropped
	wrong error
}

// note keeps the first mistake that does not stop the reading.
func (in *reading) note(err error) {
	if in.wrong == nil {
		in.wrong = err
	}
}

// parts reads all parts and returns the first mistake.
func (in *reading) parts(form *multipart.Reader, body *gauge) error {
	for range maxParts {
		body.limitHeader(maxPartHeader)
		// Raw: no browser encodes a part, so nothing decodes one.
		part, err := form.NextRawPart()
		body.limitHeader(-1)
		if err == io.EOF { // bare: a body that ends early comes wrapped
			return in.wrong
		}
		if err != nil {
			return readError(err)
		}
		if err := in.part(part); err != nil {
			return readError(err)
		}
		// The rest of a field that was too long; it has to be gone before the next header is measured.
		if _, err := io.Copy(io.Discard, part); err != nil {
			return readError(err)
		}
	}
	return ErrForm
}

// readError makes an error of the connection or of the multipart reader one of ours: theirs may quote the form.
func readError(err error) error {
	for _, ours := range []error{ErrForm, ErrBusy, ErrTooLarge} {
		if errors.Is(err, ours) {
			return ours
		}
	}
	return ErrCut
}

// part reads one field. An error stops the reading.
func (in *reading) part(p *multipart.Part) error {
	switch name := p.FormName(); name {
	case "voice", "photo":
		return in.file(p, name)
	case "situation", "who", "paper", "say_who", "lang", "do":
		return in.token(p, name)
	case "story":
		return in.story(p)
	default:
		into, limit := in.draft.field(name)
		if into == nil {
			return ErrForm
		}
		return in.words(p, into, limit)
	}
}

// field finds the short answer of that name and how many characters it may have.
func (d *Draft) field(name string) (*Words, int) {
	switch name {
	case "district":
		return &d.District, 120
	case "printed":
		return &d.Printed, 60
	case "safe_time":
		return &d.SafeTime, 300
	case "safe_word":
		return &d.SafeWord, 120
	case "code":
		return &d.Code, 200
	}
	return nil, 0
}

// words reads a short answer.
func (in *reading) words(p io.Reader, into *Words, limit int) error {
	b, cut, err := in.readField(p, maxShort)
	if err != nil {
		return err
	}
	in.keep(into, b)
	in.left -= len(b)
	if cut || utf8.RuneCount(b) > limit {
		in.note(ErrFieldTooLong)
	}
	return nil
}

// story reads the letter's text. Browsers send line ends as CR LF (HTML, 4.10.21.4).
func (in *reading) story(p io.Reader) error {
	if len(in.draft.Story) > 0 { // no page of ours has two; many would hold memory many times
		return ErrForm
	}
	b, cut, err := in.readField(p, maxStoryBytes)
	if err != nil {
		return err
	}
	in.keep(&in.draft.Story, unwrap(b))
	in.left -= len(in.draft.Story)
	if cut || utf8.RuneCount(in.draft.Story) > MaxStory {
		in.note(ErrStoryTooLong)
	}
	return nil
}

// keep puts b into the draft; what is not UTF-8 is noted and kept readable, so that the rest can be shown again.
func (in *reading) keep(into *Words, b []byte) {
	if !utf8.Valid(b) {
		in.note(ErrNotUTF8)
		clean := bytes.ToValidUTF8(b, []byte("\uFFFD"))
		clear(b)
		b = clean
	}
	clear(*into) // a field sent twice: the last one counts
	*into = b
}

// unwrap makes CR LF and CR into LF, in place.
func unwrap(b []byte) []byte {
	n := 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\r' {
			if i+1 < len(b) && b[i+1] == '\n' {
				continue
			}
			c = '\n'
		}
		b[n] = c
		n++
	}
	clear(b[n:])
	return b[:n]
}

// token reads a choice: our own short ids, never free text.
func (in *reading) token(p io.Reader, name string) error {
	b, cut, err := in.readField(p, 64)
	if err != nil {
		return err
	}
	if cut || !isToken(b) {
		return ErrForm
	}
	v, d := string(b), in.draft
	switch name {
	case "who":
		d.Who = v
	case "paper":
		d.Paper = v
	case "say_who":
		d.SayWho = v
	case "lang":
		d.Lang = v
	case "do":
		d.Do = v
	case "situation":
		if v == "" || slices.Contains(d.Situations, v) {
			return nil
		}
		if len(d.Situations) == maxSituations {
			return ErrForm
		}
		d.Situations = append(d.Situations, v)
	}
	in.left -= len(b)
	return nil
}

func isToken(b []byte) bool {
	for _, c := range b {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// file reads a voice letter or a photo. An empty file field is sent as an empty file without a name. The name the phone gave is never read.
func (in *reading) file(p io.Reader, name string) error {
	data, err := in.readFile(p)
	if err != nil || len(data) == 0 {
		return err
	}
	d := in.draft
	switch {
	case name == "voice" && d.Voice != nil:
		return ErrForm
	case name == "voice":
		kind, ok := voiceType(data)
		if !ok || len(data) > MaxVoice { // told now, since nobody could listen to it later
			clear(data)
			in.note(map[bool]error{true: ErrVoiceLong, false: ErrVoiceKind}[ok])
			return nil
		}
		d.Voice = &File{Type: kind, Data: data}
	case len(d.Photos) == MaxPhotos:
		clear(data)
		in.note(ErrTooManyPhotos)
	default:
		kind, stripped := strip(data)
		d.Photos = append(d.Photos, File{Type: kind, Data: stripped})
	}
	return nil
}

// voiceType tells the container by its first bytes. Desks play these two and hand nothing to another program.
func voiceType(data []byte) (kind string, ok bool) {
	switch {
	case bytes.HasPrefix(data, []byte{0x1A, 0x45, 0xDF, 0xA3}):
		return seal.TypeWebM, true
	case bytes.HasPrefix(data, []byte("OggS")):
		return seal.TypeOgg, true
	}
	return "", false
}
