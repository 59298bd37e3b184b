package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"panah/core/l10n"
	"panah/core/receipt"
	"panah/core/wire"
	"panah/gate/internal/door"
)

// formCall is one form being answered.
type formCall struct {
	w     http.ResponseWriter
	r     *http.Request
	lang  l10n.Language
	org   Organisation
	desk  door.Desk
	draft *door.Draft
	err   error // what was wrong with the form itself
}

// form wraps the answer to a form: it reads the form into memory, and wipes it afterwards.
func (h *Handler) form(answer func(*formCall)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l, ok := l10n.Find(r.PathValue("lang"))
		if !ok {
			h.static(w, r)
			return
		}
		roster, ok := h.c.Roster()
		if !ok {
			h.notice(w, http.StatusServiceUnavailable, l, Organisation{}, "not_open")
			return
		}
		draft, err := h.c.Door.ReadLetter(r)
		defer draft.Wipe()
		answer(&formCall{
			w: w, r: r, lang: l, draft: draft, err: err,
			org:  Organisation{ID: roster.Org, Name: roster.Name},
			desk: door.Desk{Org: roster.Org, Epoch: roster.Epoch, Recipient: roster.Recipient},
		})
	}
}

// answer renders what build.write is given, or says that it failed.
func (h *Handler) answer(c *formCall, status int, v *view, data any) {
	html, err := h.build.write(v, data)
	if err != nil {
		h.notice(c.w, http.StatusInternalServerError, c.lang, c.org, "err_unknown")
		return
	}
	serveOnce(c.w, status, html)
}

// send takes a first letter.
func (h *Handler) send(c *formCall) {
	sent, err := h.sendFirst(c)
	if err != nil {
		status, p := explain(err, "err_empty")
		p.Files = !c.draft.Empty() || errors.Is(err, door.ErrTooLarge)
		page := h.build.intake(c.lang, c.org, c.draft)
		page.Problem = &p
		h.answer(c, status, page.view, page)
		return
	}
	page := &receiptPage{view: h.build.view(c.lang, "receipt", "sent_title", c.org), Sent: sent}
	h.answer(c, http.StatusOK, page.view, page)
}

func (h *Handler) sendFirst(c *formCall) (*sentParts, error) {
	if c.err != nil {
		return nil, c.err
	}
	sealed, err := h.c.Door.SealFirst(c.r.Context(), c.draft, c.desk, h.c.Now())
	if err != nil {
		return nil, err
	}
	accepted, err := h.c.Intake.Accept(c.r.Context(), sealed.Letter, &sealed.Key)
	if err != nil {
		return nil, err
	}
	return h.sentParts(c, accepted, sealed.Code)
}

// open shows a mailbox.
func (h *Handler) open(c *formCall) { h.showMailbox(c, http.StatusOK, func(*mailboxPage) {}) }

// write takes a further letter and shows the mailbox again.
func (h *Handler) write(c *formCall) {
	code, err := receipt.Parse(c.draft.Code.Reveal())
	if err != nil || c.err != nil {
		h.writeFailed(c, firstOf(c.err, err))
		return
	}
	sealed, err := h.c.Door.SealLater(c.r.Context(), c.draft, code, c.desk, h.c.Now())
	if err != nil {
		h.writeFailed(c, err)
		return
	}
	accepted, err := h.c.Intake.Accept(c.r.Context(), sealed.Letter, &sealed.Key)
	if err != nil {
		h.writeFailed(c, err)
		return
	}
	h.showMailbox(c, http.StatusOK, func(page *mailboxPage) {
		page.Draft = &door.Draft{}
		// The letter is kept whatever becomes of the page: without its QR code the page still says so.
		page.Sent, _ = h.sentParts(c, accepted, receipt.Code{})
	})
}

func (h *Handler) writeFailed(c *formCall, err error) {
	status, p := explain(err, "err_empty_again")
	p.Files = !c.draft.Empty()
	h.showMailbox(c, status, func(page *mailboxPage) { page.Problem = &p })
}

// erase asks the organisation to erase everything, and then deletes the mailbox: in this order, so that no crash in between loses
// the wish.
func (h *Handler) erase(c *formCall) {
	if err := h.eraseAll(c); err != nil {
		status, p := explain(err, "err_form")
		h.showMailbox(c, status, func(page *mailboxPage) { page.Problem = &p })
		return
	}
	page := h.build.mailbox(c.lang, c.org)
	page.Erased = true
	h.answer(c, http.StatusOK, page.view, page)
}

func (h *Handler) eraseAll(c *formCall) error {
	code, err := receipt.Parse(c.draft.Code.Reveal())
	if err := firstOf(c.err, err); err != nil {
		return err
	}
	// The letter would open a mailbox that is not there: only who has one may ask.
	if _, err := h.c.Door.Open(c.r.Context(), code, c.desk.Org); err != nil {
		return err
	}
	sealed, err := h.c.Door.SealErase(c.r.Context(), code, c.desk, h.c.Now())
	if err != nil {
		return err
	}
	if _, err := h.c.Intake.Accept(c.r.Context(), sealed.Letter, &sealed.Key); err != nil {
		return err
	}
	return h.c.Door.Erase(c.r.Context(), sealed.Key)
}

// showMailbox opens the mailbox of the code in the form and shows it, after change has had its say. When it cannot be
// opened the page asks for the code again.
func (h *Handler) showMailbox(c *formCall, status int, change func(*mailboxPage)) {
	page := h.build.mailbox(c.lang, c.org)
	page.Draft = c.draft
	code, err := receipt.Parse(c.draft.Code.Reveal())
	if err != nil {
		status, p := explain(firstOf(c.err, err), "err_form")
		if p.ID == "code_short" {
			p.Number = countDigits(c.draft.Code.Reveal())
		}
		page.Typo = &p
		h.answer(c, status, page.view, page)
		return
	}
	opened, err := h.c.Door.Open(c.r.Context(), code, c.desk.Org)
	if err != nil {
		status, p := explain(err, "err_form")
		page.Problem = &p
		h.answer(c, status, page.view, page)
		return
	}
	page.Thread, page.Code = newThread(opened, c.lang), code.Grouped()
	change(page)
	h.answer(c, status, page.view, page)
}

// countDigits counts the digits of a typed code, in whichever script.
func countDigits(typed string) int {
	n := 0
	for _, r := range l10n.FoldDigits(typed) {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// sentences say for each error which sentence a person reads, and the status of the answer.
var sentences = []struct {
	err    error
	status int
	problem
}{
	{door.ErrStoryTooLong, http.StatusRequestEntityTooLarge, problem{ID: "err_text_long", Number: door.MaxStory}},
	{door.ErrFieldTooLong, http.StatusRequestEntityTooLarge, problem{ID: "err_field_long"}},
	{door.ErrTooManyPhotos, http.StatusRequestEntityTooLarge, problem{ID: "photo_many", Number: door.MaxPhotos}},
	{door.ErrTooLarge, http.StatusRequestEntityTooLarge, problem{ID: "err_too_large"}},
	{door.ErrBusy, http.StatusServiceUnavailable, problem{ID: "err_busy"}},
	{door.ErrForm, http.StatusBadRequest, problem{ID: "err_form"}},
	{door.ErrCut, http.StatusBadRequest, problem{ID: "err_form"}},
	{door.ErrNotUTF8, http.StatusBadRequest, problem{ID: "err_form"}},
	{door.ErrNoMailbox, http.StatusNotFound, problem{ID: "code_unknown"}},
	{receipt.ErrCharacter, http.StatusUnprocessableEntity, problem{ID: "code_chars"}},
	{receipt.ErrCheck, http.StatusUnprocessableEntity, problem{ID: "code_wrong"}},
	{receipt.ErrLength, http.StatusUnprocessableEntity, problem{ID: "code_short"}},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, problem{ID: "err_busy"}},
	{context.Canceled, http.StatusServiceUnavailable, problem{ID: "err_busy"}},
}

// refusals are the sentences for what the intake says.
var refusals = map[string]struct {
	status int
	id     string
}{
	wire.CodeTooLarge:  {http.StatusRequestEntityTooLarge, "err_too_large"},
	wire.CodeFull:      {http.StatusInsufficientStorage, "err_full"},
	wire.CodeBusy:      {http.StatusServiceUnavailable, "err_busy"},
	wire.CodeWork:      {http.StatusServiceUnavailable, "err_busy"},
	wire.CodeClosed:    {http.StatusServiceUnavailable, "err_closed"},
	wire.CodeNoMailbox: {http.StatusNotFound, "code_unknown"},
}

// explain finds the sentence for an error. empty is the sentence for a form with nothing in it.
func explain(err error, empty string) (int, problem) {
	if errors.Is(err, door.ErrEmpty) {
		return http.StatusUnprocessableEntity, problem{ID: empty}
	}
	for _, s := range sentences {
		if errors.Is(err, s.err) {
			return s.status, s.problem
		}
	}
	var refused *wire.Error
	if errors.As(err, &refused) {
		if s, ok := refusals[refused.Code]; ok {
			return s.status, problem{ID: s.id}
		}
	}
	return http.StatusInternalServerError, problem{ID: "err_unknown"}
}

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
