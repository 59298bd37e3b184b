package web

import (
	"encoding/base64"
	"html/template"
	"strings"
	"time"

	"panah/core/l10n"
	"panah/core/qrcode"
	"panah/core/receipt"
	"panah/core/wire"
)

// sentParts are the parts of the page after sending. The letter is kept by now, whatever becomes of the page: a QR code that
// cannot be drawn is left out, since the code and the promise stand beside it as text.
func (h *Handler) sentParts(c *formCall, accepted wire.Accepted, code receipt.Code) *sentParts {
	v := h.build.view(c.lang, "receipt", "sent_title", c.org)
	s := &sentParts{Promise: accepted.Promise, Deadline: deadline(accepted.Promise, c.lang), PromiseFile: textFile(accepted.Promise)}
	draw := func(text, label string) template.HTML {
		words, err := v.P(label)
		if err != nil {
			return ""
		}
		picture, err := qrcode.SVG(text, words.Text, qrcode.Screen)
		if err != nil {
			return ""
		}
		return picture
	}
	s.PromiseQR = draw(accepted.Promise, "promise_title")
	if !code.IsZero() {
		s.CodeFile = textFile(code.Grouped() + "\n")
		s.Code, s.Aloud, s.CodeQR = code.Grouped(), spelled(code), draw(code.Reveal(), "code_qr")
	}
	return s
}

// textFile is a small text file as an address: saving it asks the server for nothing, and needs no script.
func textFile(text string) template.URL {
	return template.URL("data:text/plain;charset=utf-8;base64," + base64.StdEncoding.EncodeToString([]byte(text))) //nolint:gosec // base64 of our own text
}

// deadline reads the deadline out of a promise that this gate has just signed, in the reader's digits and in UTC: the gate does not know
// where the reader is.
func deadline(promise string, l l10n.Language) string {
	for line := range strings.SplitSeq(promise, "\n") {
		if at, ok := strings.CutPrefix(line, "deadline "); ok {
			if t, err := time.Parse(time.RFC3339, at); err == nil {
				return l.Digits.Shape(t.UTC().Format("2006-01-02 15:04")) + " UTC"
			}
		}
	}
	return "?"
}

// spelled writes a code digit by digit, for reading aloud.
func spelled(code receipt.Code) string {
	var groups []string
	for _, g := range strings.Fields(code.Grouped()) {
		groups = append(groups, strings.Join(strings.Split(g, ""), " "))
	}
	return strings.Join(groups, ", ")
}
