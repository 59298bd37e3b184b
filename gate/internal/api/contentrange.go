package api

import (
	"errors"
	"strconv"
	"strings"

	"panah/core/wire"
)

// A span is the part of a letter that one request carries: bytes first to last of total, both included.
type span struct{ first, last, total int64 }

var errRange = errors.New("Content-Range is like: bytes 0-49151/81920")

// parseRange reads a Content-Range header (RFC 9110, section 14.4; total must be known) of a letter no larger than wire.MaxLetter.
func parseRange(s string) (span, error) {
	rest, ok := strings.CutPrefix(s, "bytes ")
	where, total, ok2 := strings.Cut(rest, "/")
	first, last, ok3 := strings.Cut(where, "-")
	if !ok || !ok2 || !ok3 {
		return span{}, errRange
	}
	var sp span
	for _, f := range []struct {
		into *int64
		text string
	}{{&sp.first, first}, {&sp.last, last}, {&sp.total, total}} {
		n, err := strconv.ParseUint(f.text, 10, 40)
		if err != nil {
			return span{}, errRange
		}
		*f.into = int64(n)
	}
	if sp.first > sp.last || sp.last >= sp.total {
		return span{}, errRange
	}
	if sp.total > wire.MaxLetter {
		return span{}, errTooLarge()
	}
	return sp, nil
}

// len is how many bytes the request must carry.
func (s span) len() int { return int(s.last - s.first + 1) }
