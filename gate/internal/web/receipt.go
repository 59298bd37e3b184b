package web

import (
	"strings"
	"time"

	"panah/core/l10n"
	"panah/core/receipt"
	"panah/core/wire"
)

// sentParts are the parts of the page after sending.
func (h *Handler) sentParts(c *formCall, accepted wire.Accepted, code receipt.Code) (*sentParts, error) {
	v := h.build.view(c.lang, "receipt", "sent_title", c.org)
	s := &sentParts{Promise: accepted.Promise, Deadline: deadline(accepted.Promise, c.lang)}
	label, err := v.P("promise_title")
	if err != nil {
		return nil, err
	}
	if s.PromiseQR, err = drawQR(accepted.Promise, label.Text); err != nil {
		return nil, err
	}
	if code.IsZero() {
		return s, nil
	}
	s.Code, s.Aloud = code.Grouped(), spelled(code)
	if label, err = v.P("code_qr"); err != nil {
		return nil, err
	}
	s.CodeQR, err = drawQR(code.Reveal(), label.Text)
	return s, err
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
