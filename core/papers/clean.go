package papers

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// unread stands for a character that a zone cannot hold; a person may type it for one they cannot make out.
const unread = '?'

// cleaned is text as lines of A–Z, 0–9, '<' and '?', with what had to be changed.
type cleaned struct {
	lines    []string
	lower    bool      // lower-case letters were raised
	spaces   bool      // spaces inside a line were taken out
	digits   bool      // Persian or Arabic digits were put in Latin
	fillers  bool      // guillemets became fillers
	marks    bool      // direction marks were taken out
	long     bool      // text was longer than MaxText
	problems []Problem // characters that became '?'
}

// clean splits text into lines. Text that is already as a zone is written is cut, not copied.
func clean(text string) cleaned {
	var c cleaned
	if len(text) > MaxText {
		c.long = true
		text = text[:MaxText]
	}
	for text != "" {
		var line string
		if i := strings.IndexAny(text, "\n\r"); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			line, text = text, ""
		}
		if !pure(line) {
			line = c.purify(line)
		}
		if line == "" {
			continue
		}
		if c.lines == nil {
			c.lines = make([]string, 0, 3)
		}
		c.lines = append(c.lines, line)
	}
	return c
}

func pure(line string) bool {
	for i := range len(line) {
		if values[line[i]] == bad {
			return false
		}
	}
	return true
}

// purify changes what can only mean one thing and marks the rest.
func (c *cleaned) purify(line string) string {
	line = strings.TrimSpace(line)
	var out strings.Builder
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRuneInString(line[i:])
		shown := line[i : i+n]
		i += n
		switch {
		case r < 0x80 && values[byte(r)] != bad:
			out.WriteByte(byte(r))
		case 'a' <= r && r <= 'z':
			c.lower = true
			out.WriteByte(byte(r - 'a' + 'A'))
		case r == ' ' || r == '\t' || r == 0xa0 || r == 0x202f || r == 0x2009:
			c.spaces = true
		case '۰' <= r && r <= '۹':
			c.digits = true
			out.WriteByte(byte('0' + r - '۰'))
		case '٠' <= r && r <= '٩':
			c.digits = true
			out.WriteByte(byte('0' + r - '٠'))
		case r == '«' || r == '≪' || r == '《':
			c.fillers = true
			out.WriteString("<<")
		case r == '‹' || r == '〈' || r == '＜':
			c.fillers = true
			out.WriteByte('<')
		case invisible(r):
			c.marks = true
		default:
			if len(c.problems) < 10 && r != unread {
				c.problems = append(c.problems, odd(legible(shown), len(c.lines)+1, out.Len()+1))
			}
			out.WriteByte(unread)
		}
	}
	return out.String()
}

// invisible tells direction marks, joiners and the byte order mark, which come along when text is copied.
func invisible(r rune) bool {
	return 0x200b <= r && r <= 0x200f || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 || r == 0xfeff || r == 0x61c
}

// legible is shown, or a mark for a byte that is no character or does not print.
func legible(shown string) string {
	if r, _ := utf8.DecodeRuneInString(shown); r == utf8.RuneError || !unicode.IsPrint(r) {
		return "�"
	}
	return shown
}

// odd tells of a character that a zone cannot hold. It is the only problem that cleaning ties to a place.
func odd(shown string, line, column int) Problem {
	return Problem{
		ID: "character", Line: line, Column: column, Found: shown,
		Text: at(line, column) + " has “" + shown + "”: the lines hold only A–Z, 0–9 and <; look again, or leave ? for what cannot be made out",
	}
}

// notes are what clean changed, each for a person to know.
func (c *cleaned) notes(into []Problem) []Problem {
	note := func(yes bool, id, text string) {
		if yes {
			into = append(into, Problem{ID: id, Text: text, Note: true})
		}
	}
	note(c.lower, "lower-case", "small letters were read as capitals")
	note(c.spaces, "spaces", "spaces were taken out: the lines have none, a gap is always <")
	note(c.digits, "digits", "Persian or Arabic digits were read as Latin ones")
	note(c.fillers, "fillers", "« and ‹ were read as <")
	note(c.marks, "marks", "invisible marks that came along with the text were taken out")
	if c.long {
		into = append(into, Problem{ID: "too-long", Text: "the text is far longer than such lines; only its beginning was read: paste the lines alone"})
	}
	return append(into, c.problems...)
}
