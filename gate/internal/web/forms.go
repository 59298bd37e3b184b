package web

import (
	"errors"
	"net/http"

	"panah/core/l10n"
	"panah/core/receipt"
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
		now, err := h.current()
		switch {
		case err != nil:
			h.static(w, r) // says so
			return
		case !ok:
			serveOnce(w, http.StatusServiceUnavailable, now.closed["/"+l.Code+"/"].plain)
			return
		}
		draft, err := h.c.Door.ReadLetter(r)
		defer draft.Wipe()
		answer(&formCall{
			w: w, r: r, lang: l, draft: draft, err: err,
			org:  now.org,
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
	// A button pressed twice: the browser has given up this request for the next one, and nobody would see this code.
	if err := c.r.Context().Err(); err != nil {
		return nil, err
	}
	accepted, err := h.c.Intake.Accept(c.r.Context(), sealed.Letter, &sealed.Key)
	if err != nil {
		return nil, err
	}
	sent := h.sentParts(c, accepted, sealed.Code)
	// The page hides the story for these; a photo chosen before, or a browser that hides nothing, sends it all the same.
	sent.Risky = h.build.risky(c.draft.Situations) && !c.draft.OnlyAnswers()
	return sent, nil
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
		page.Sent = h.sentParts(c, accepted, receipt.Code{})
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
	page.Kept = len(c.draft.Story) > 0
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
	page.Thread, page.Code, page.Kept = newThread(opened, c.lang), code.Grouped(), false
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
