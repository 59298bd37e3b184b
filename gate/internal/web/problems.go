package web

import (
	"context"
	"errors"
	"net/http"

	"panah/core/receipt"
	"panah/core/wire"
	"panah/gate/internal/door"
)

// sentences say for each error which sentence a person reads, and the status of the answer.
var sentences = []struct {
	err    error
	status int
	problem
}{
	{door.ErrStoryTooLong, http.StatusRequestEntityTooLarge, problem{ID: "err_text_long", Number: door.MaxStory}},
	{door.ErrFieldTooLong, http.StatusRequestEntityTooLarge, problem{ID: "err_field_long"}},
	{door.ErrTooManyPhotos, http.StatusRequestEntityTooLarge, problem{ID: "photo_many", Number: door.MaxPhotos}},
	{door.ErrVoiceLong, http.StatusRequestEntityTooLarge, problem{ID: "err_voice", Number: maxMinutes}},
	{door.ErrVoiceKind, http.StatusUnprocessableEntity, problem{ID: "err_voice_kind"}},
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
