// Package ical writes calendars that a caseworker's telephone or calendar program may keep: when something is due, and never what.
//
// A telephone is taken and read more often than a desk. So titles are one of three words, times are in UTC, and the name of an entry is a keyed hash: whoever holds the calendar
// can tell neither the case nor the task, nor whether two desks mean the same one.
package ical

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"
)

// A Title is all that an entry says.
type Title string

// The titles.
const (
	Task   Title = "Task"
	Answer Title = "Answer due"
	Duty   Title = "Duty"
)

// An Entry is one line of a calendar. Without an end it is a moment.
type Entry struct {
	UID   string // of UID
	Title Title
	Start time.Time
	End   time.Time
}

// UID names an entry in the same way each time it is written with this key, and tells nothing of what it is named after.
func UID(key []byte, what ...string) string {
	m := hmac.New(sha256.New, key)
	for _, w := range what {
		m.Write([]byte(w))
		m.Write([]byte{0})
	}
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// maxLine is how long a line may be, bytes without its end (RFC 5545, section 3.1).
const maxLine = 75

// stamp is a moment in UTC (section 3.3.5, form 2).
const stamp = "20060102T150405Z"

// Write writes a calendar (RFC 5545). made is when: the moment of every entry's stamp.
func Write(entries []Entry, made time.Time) []byte {
	var b bytes.Buffer
	line(&b, "BEGIN:VCALENDAR")
	line(&b, "VERSION:2.0")
	line(&b, "PRODID:-//calendar//EN") // whose it is, is nobody's business
	line(&b, "METHOD:PUBLISH")
	for _, e := range entries {
		line(&b, "BEGIN:VEVENT")
		line(&b, "UID:"+escape(e.UID))
		line(&b, "DTSTAMP:"+made.UTC().Format(stamp))
		line(&b, "DTSTART:"+e.Start.UTC().Format(stamp))
		if e.End.After(e.Start) {
			line(&b, "DTEND:"+e.End.UTC().Format(stamp))
		}
		line(&b, "SUMMARY:"+escape(string(e.Title)))
		line(&b, "CLASS:PRIVATE")
		line(&b, "TRANSP:TRANSPARENT")
		line(&b, "END:VEVENT")
	}
	line(&b, "END:VCALENDAR")
	return b.Bytes()
}

// escape writes a text (section 3.3.11).
func escape(s string) string {
	return strings.NewReplacer("\\", "\\\\", ";", "\\;", ",", "\\,", "\r\n", "\\n", "\n", "\\n", "\r", "").Replace(s)
}

// line writes a content line, folded between characters.
func line(b *bytes.Buffer, s string) {
	room := maxLine
	for len(s) > room {
		n := room
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		if n == 0 { // not UTF-8: any cut is as good
			n = room
		}
		b.WriteString(s[:n])
		b.WriteString("\r\n ")
		s, room = s[n:], maxLine-1
	}
	b.WriteString(s)
	b.WriteString("\r\n")
}
