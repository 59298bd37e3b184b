package door

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/seal"
)

func TestReadLetter(t *testing.T) {
	d := New(Config{})
	draft, err := post(t, d,
		field{name: "situation", value: "s_detained"}, field{name: "situation", value: "s_notice"}, field{name: "situation", value: "s_detained"},
		field{name: "who", value: "family"}, field{name: "district", value: "کوئٹہ"}, field{name: "paper", value: "pk-por"},
		field{name: "printed", value: "۳۰ جون ۲۰۲۳"}, field{name: "safe_time", value: "after dark"}, field{name: "say_who", value: "no"},
		field{name: "safe_word", value: "انار"}, field{name: "lang", value: "fa-AF"}, field{name: "do", value: "send"},
		field{name: "code", value: "۱۲۳۴"}, field{name: "story", value: "One.\r\nTwo."},
		field{name: "voice", value: "OggS sound", file: true}, field{name: "photo", value: "", file: true},
		field{name: "photo", value: "not a picture", file: true},
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"s_detained", "s_notice"}, draft.Situations); diff != "" {
		t.Error(diff)
	}
	got := []string{
		draft.Who, draft.District.Reveal(), draft.Paper, draft.Printed.Reveal(), draft.SafeTime.Reveal(), draft.SayWho,
		draft.SafeWord.Reveal(), draft.Lang, draft.Do, draft.Code.Reveal(), draft.Story.Reveal(),
	}
	want := []string{"family", "کوئٹہ", "pk-por", "۳۰ جون ۲۰۲۳", "after dark", "no", "انار", "fa-AF", "send", "۱۲۳۴", "One.\nTwo."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if draft.Voice == nil || draft.Voice.Type != seal.TypeOgg || string(draft.Voice.Data) != "OggS sound" {
		t.Error("voice")
	}
	if len(draft.Photos) != 1 || draft.Photos[0].Type != seal.TypeOctets || string(draft.Photos[0].Data) != "not a picture" {
		t.Error("photo")
	}
	story, sound := draft.Story, draft.Voice.Data
	draft.Wipe()
	if bytes.ContainsAny(story, "OneTw") || bytes.Contains(sound, []byte("sound")) {
		t.Error("something is left after Wipe")
	}
	if d.memory.used != 0 {
		t.Errorf("%d bytes never came back", d.memory.used)
	}
}

func TestMistakesLoseNothingTyped(t *testing.T) {
	typed := field{name: "story", value: "what was typed"}
	word := field{name: "safe_word", value: "انار"}
	photo := field{name: "photo", value: "x", file: true}
	big := field{name: "photo", value: strings.Repeat("x", maxData+1), file: true}
	for name, c := range map[string]struct {
		fields []field
		want   error
	}{
		"a large photo first": {[]field{big, typed, word}, ErrTooLarge},
		"a large photo last":  {[]field{typed, word, big}, ErrTooLarge},
		"many large photos":   {[]field{big, big, big, typed, word}, ErrTooLarge},
		"large together": {[]field{
			{name: "voice", value: "OggS" + big.value[:maxData/2], file: true},
			{name: "photo", value: big.value[:maxData/2+1], file: true},
			typed, word,
		}, ErrTooLarge},
		"five photos":           {[]field{photo, photo, photo, photo, photo, typed, word}, ErrTooManyPhotos},
		"a long answer":         {[]field{{name: "district", value: strings.Repeat("ب", 121)}, typed, word}, ErrFieldTooLong},
		"a very long answer":    {[]field{{name: "district", value: strings.Repeat("ب", 5000)}, typed, word}, ErrFieldTooLong},
		"another character set": {[]field{{name: "district", value: "caf\xe9"}, typed, word}, ErrNotUTF8},
		"an unknown field":      {[]field{typed, word, {name: "surname", value: "x"}}, ErrForm},
		"a choice that is text": {[]field{typed, word, {name: "who", value: "my neighbour"}}, ErrForm},
		"two recordings": {[]field{
			typed, word, {name: "voice", value: "OggS a", file: true}, {name: "voice", value: "OggS b", file: true},
		}, ErrForm},
		"too many parts": {append([]field{typed, word}, tooMany(field{name: "situation", value: "a"})...), ErrForm},
	} {
		t.Run(name, func(t *testing.T) {
			d := New(Config{})
			draft, err := post(t, d, c.fields...)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if draft.Story.Reveal() != typed.value || draft.SafeWord.Reveal() != word.value {
				t.Errorf("lost: %q, %q", draft.Story.Reveal(), draft.SafeWord.Reveal())
			}
			if draft.Voice != nil || draft.Photos != nil || d.memory.used != 0 {
				t.Errorf("files are still there, %d bytes", d.memory.used)
			}
		})
	}
}

func tooMany(f field) (out []field) {
	for range maxParts {
		out = append(out, f)
	}
	return out
}

// A phone's recorder often writes MPEG-4, which no desk plays: that is told while the person can still choose another way.
func TestOnlySoundsThatADeskPlays(t *testing.T) {
	d := New(Config{})
	for name, c := range map[string]struct {
		sound string
		want  error
	}{
		"ogg":      {"OggS sound", nil},
		"webm":     {"\x1a\x45\xdf\xa3 sound", nil},
		"mpeg-4":   {"\x00\x00\x00\x1cftypM4A ", ErrVoiceKind},
		"too long": {"OggS" + strings.Repeat("s", MaxVoice), ErrVoiceLong},
	} {
		draft, err := post(t, d, field{name: "story", value: "words"}, field{name: "voice", value: c.sound, file: true})
		if !errors.Is(err, c.want) || draft.Story.Reveal() != "words" || (draft.Voice != nil) != (c.want == nil) {
			t.Errorf("%s: %v, %d letters of the story", name, err, len(draft.Story))
		}
		draft.Wipe()
	}
}

func TestALongStoryComesBackWhole(t *testing.T) {
	story := strings.Repeat("پ", MaxStory+1)
	draft, err := post(t, New(Config{}), field{name: "story", value: story})
	if !errors.Is(err, ErrStoryTooLong) || draft.Story.Reveal() != story {
		t.Errorf("%v, %d bytes", err, len(draft.Story))
	}
	draft, err = post(t, New(Config{}), field{name: "story", value: story[:2*MaxStory]})
	if err != nil || len(draft.Story) != 2*MaxStory {
		t.Errorf("%v, %d bytes", err, len(draft.Story))
	}
}

func TestNotAForm(t *testing.T) {
	draft, err := postRaw(t, New(Config{}), strings.NewReader("story=x"), "application/x-www-form-urlencoded")
	if !errors.Is(err, ErrForm) || draft == nil {
		t.Errorf("%v, %v", draft, err)
	}
	header := "--b\r\nContent-Disposition: form-data; name=story\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\nhi\r\n--b--\r\n"
	if _, err := postRaw(t, New(Config{}), strings.NewReader(header), "multipart/form-data; boundary=b"); !errors.Is(err, ErrForm) {
		t.Errorf("a large part header: %v", err)
	}
}

// reader gives a request to the door without a connection, for bodies that no browser would send.
func read(d *Door, body io.Reader, contentType string) (*Draft, error) {
	r := httptest.NewRequest(http.MethodPost, "/", body)
	r.Header.Set("Content-Type", contentType)
	return d.ReadLetter(r)
}

func TestAFormThatEndsEarlyKeepsWhatArrived(t *testing.T) {
	big := field{name: "photo", value: strings.Repeat("x", maxBody), file: true}
	body, contentType := form(t, field{name: "story", value: "what was typed"}, big)
	for name, c := range map[string]struct {
		body []byte
		want error
	}{
		"the connection broke":       {body[:50_000], ErrCut},
		"more than anyone waits for": {body, ErrTooLarge},
	} {
		d := New(Config{})
		draft, err := read(d, bytes.NewReader(c.body), contentType)
		if !errors.Is(err, c.want) || draft.Story.Reveal() != "what was typed" || d.memory.used != 0 {
			t.Errorf("%s: %v, %q, %d bytes", name, err, draft.Story.Reveal(), d.memory.used)
		}
	}
}

// A body of the largest letter must leave nothing in the temporary folder. That the watch works is shown by the very
// thing that the gate must not use.
func TestNothingIsWrittenToDisk(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	secret := strings.Repeat("secret ", maxData/7-1000)
	body, contentType := form(t, field{name: "story", value: "what was typed"}, field{name: "photo", value: secret, file: true})

	d := New(Config{})
	draft, err := postRaw(t, d, bytes.NewReader(body), contentType)
	if err != nil {
		t.Fatal(err)
	}
	if left := filesIn(t, dir); len(left) > 0 {
		t.Fatalf("written while the draft is held: %v", left)
	}
	if _, err := d.SealFirst(t.Context(), draft, newOrganisation(t).desk, noon()); err != nil {
		t.Fatal(err)
	}
	draft.Wipe()
	if left := filesIn(t, dir); len(left) > 0 {
		t.Fatalf("written: %v", left)
	}

	_, boundary, _ := strings.Cut(contentType, "boundary=")
	spilled, err := multipart.NewReader(bytes.NewReader(body), boundary).ReadForm(0)
	if err != nil {
		t.Fatal(err)
	}
	if len(filesIn(t, dir)) == 0 {
		t.Error("the watch sees nothing, so this test proves nothing")
	}
	if err := spilled.RemoveAll(); err != nil {
		t.Error(err)
	}
}

func filesIn(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestNothingPrints(t *testing.T) {
	draft, err := post(t, New(Config{}),
		field{name: "story", value: "sesame"}, field{name: "code", value: "sesame"}, field{name: "photo", value: "sesame", file: true})
	if err != nil {
		t.Fatal(err)
	}
	thread := Thread{Replies: []Reply{{Text: "sesame"}}}
	sealed := Sealed{Letter: []byte("sesame")}
	var out bytes.Buffer
	for _, v := range []any{draft, *draft, draft.Story, draft.Photos, draft.Photos[0], sealed, &sealed, thread.Replies, thread, &thread} {
		fmt.Fprintf(&out, "%v %+v %#v %s %q %x\n", v, v, v, v, v, v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	}
	for _, leak := range []string{"sesame", "736573616d65", "115 101 115", "0x73, 0x65", "c2VzYW1l"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("printed as %q:\n%s", leak, out.String())
		}
	}
}

func FuzzReadLetter(f *testing.F) {
	body, contentType := form(f,
		field{name: "story", value: "a\r\nb"}, field{name: "who", value: "me"},
		field{name: "voice", value: "OggS", file: true}, field{name: "photo", value: "\xff\xd8\xff\xd9", file: true})
	f.Add(contentType, body)
	const plain = "multipart/form-data; boundary=b"
	f.Add(plain, []byte("--b\r\nContent-Disposition: form-data; name=story\r\n\r\nhi\r\n--b--\r\n"))
	f.Add(plain, []byte("--b\r\nContent-Disposition: form-data; name=district\r\n\r\n\xff\r\n--b\r\n"))
	f.Add("multipart/form-data; boundary=\"\"", []byte("----"))
	d := New(Config{FileMemory: 1 << 20})
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		draft, err := read(d, bytes.NewReader(body), contentType)
		if draft == nil {
			t.Fatal("no draft")
		}
		if err == nil && !draft.Empty() {
			if cerr := draft.check(); cerr != nil {
				t.Errorf("read without a word, refused later: %v", cerr)
			}
			if _, perr := draft.parts(); perr != nil && !errors.Is(perr, ErrFieldTooLong) {
				t.Error(perr)
			}
		}
		draft.Wipe()
		if d.memory.used != 0 {
			t.Errorf("%d bytes never came back", d.memory.used)
		}
	})
}
