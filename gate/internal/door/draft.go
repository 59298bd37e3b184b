package door

import (
	"slices"
	"unicode/utf8"

	"panah/core/seal"
)

// Bounds of a form.
const (
	MaxStory  = 20_000 // characters of a letter
	MaxPhotos = 4
	MaxVoice  = 1 << 20 // bytes of a recording

	maxParts      = 64
	maxSituations = 16
	maxShort      = 4 << 10        // bytes kept of a short answer, so that an overlong one can be shown again
	maxStoryBytes = 256 << 10      // bytes kept of a story, for the same reason
	maxData       = 2<<20 - 20<<10 // bytes of all answers and files: a letter of 2 MiB less its header
	maxBody       = 24 << 20       // bytes read before the connection is given up; beyond maxData they are dropped unread
	maxPartHeader = 16 << 10       // bytes between two parts
)

// Words are what a person typed. They print as "(redacted)"; templates call Reveal.
type Words []byte

// Reveal returns the words for the form they are shown in again. The string is a copy that Wipe does not reach.
func (w Words) Reveal() string { return string(w) }

// String hides the words.
func (Words) String() string { return "(redacted)" }

// GoString hides the words.
func (Words) GoString() string { return "(redacted)" }

// MarshalText hides the words from encoders.
func (Words) MarshalText() ([]byte, error) { return []byte("(redacted)"), nil }

// A File is an uploaded file, without the metadata that strip knows to remove.
type File struct {
	Type string // a part type of core/seal
	Data []byte
}

// String hides the file.
func (File) String() string { return "(file)" }

// GoString hides the file.
func (File) GoString() string { return "(file)" }

// MarshalText hides it from encoders and log handlers.
func (File) MarshalText() ([]byte, error) { return []byte("(file)"), nil }

// A Draft is one form as it was sent. Field names are in brackets. It prints as "(draft)".
type Draft struct {
	Situations []string // [situation], repeated: ids of core/pathway
	Who        string   // [who] "me", "family" or ""
	Paper      string   // [paper] id of rules/papers
	SayWho     string   // [say_who] "yes", "no" or ""
	Lang       string   // [lang] language of the page
	Do         string   // [do] which button was pressed; the page's own word
	District   Words    // [district]
	Printed    Words    // [printed] end date as written on the paper
	SafeTime   Words    // [safe_time]
	SafeWord   Words    // [safe_word]
	Story      Words    // [story]
	Code       Words    // [code] as typed; receipt.Parse reads it
	Voice      *File    // [voice] one file
	Photos     []File   // [photo] up to four files

	share share // of the memory for files
	text  share // of that for long stories
}

// String hides the draft.
func (Draft) String() string { return "(draft)" }

// GoString hides the draft.
func (Draft) GoString() string { return "(draft)" }

// MarshalText hides it from encoders and log handlers.
func (Draft) MarshalText() ([]byte, error) { return []byte("(draft)"), nil }

// Chose reports whether the situation id was ticked, for templates.
func (d *Draft) Chose(id string) bool { return slices.Contains(d.Situations, id) }

// Empty reports whether there is nothing to send: no situation, story, voice or photo. A situation alone is a letter:
// without script the page asks no story of those in the most dangerous ones.
func (d *Draft) Empty() bool { return len(d.Situations) == 0 && d.OnlyAnswers() }

// OnlyAnswers reports whether there is no story, voice or photo.
func (d *Draft) OnlyAnswers() bool { return len(d.Story) == 0 && d.Voice == nil && len(d.Photos) == 0 }

// Wipe clears what was typed and sent and gives its memory back to other senders. Call it when the answer is
// written; the draft is empty afterwards.
func (d *Draft) Wipe() {
	for _, w := range d.words() {
		clear(*w)
	}
	d.dropFiles()
	d.text.giveBack()
	*d = Draft{}
}

// dropFiles clears the files and gives their memory back; the answers stay.
func (d *Draft) dropFiles() {
	if d.Voice != nil {
		clear(d.Voice.Data)
	}
	for _, p := range d.Photos {
		clear(p.Data)
	}
	d.Voice, d.Photos = nil, nil
	d.share.giveBack()
}

func (d *Draft) words() []*Words {
	return []*Words{&d.District, &d.Printed, &d.SafeTime, &d.SafeWord, &d.Story, &d.Code}
}

// parts lays the draft out as the parts of a letter: answers, text, voice, photos. They alias the draft, except for
// the first, which the caller clears.
func (d *Draft) parts() ([]seal.Part, error) {
	answers, err := seal.Intake{
		Situations: d.Situations, Who: d.Who, District: d.District.Reveal(), Paper: d.Paper, Printed: d.Printed.Reveal(),
		SafeTime: d.SafeTime.Reveal(), SayWho: d.SayWho, SafeWord: d.SafeWord.Reveal(), Lang: d.Lang,
	}.Part()
	if err != nil {
		return nil, ErrFieldTooLong
	}
	parts := []seal.Part{answers}
	if len(d.Story) > 0 {
		parts = append(parts, seal.Part{Type: seal.TypeText, Data: d.Story})
	}
	if d.Voice != nil {
		parts = append(parts, seal.Part{Type: d.Voice.Type, Data: d.Voice.Data})
	}
	for _, p := range d.Photos {
		parts = append(parts, seal.Part{Type: p.Type, Data: p.Data})
	}
	return parts, nil
}

// check is the last look at a draft before it is sealed.
func (d *Draft) check() error {
	switch {
	case d.Empty():
		return ErrEmpty
	case utf8.RuneCount(d.Story) > MaxStory:
		return ErrStoryTooLong
	}
	for _, w := range d.words() {
		if !utf8.Valid(*w) {
			return ErrNotUTF8
		}
	}
	return nil
}
