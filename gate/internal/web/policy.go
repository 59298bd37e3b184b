package web

import "net/http"

// SamePolicy reports whether an answer carries exactly the security policy of this build's pages.
func SamePolicy(h http.Header) bool {
	got := h.Values("Content-Security-Policy")
	return len(got) == 1 && got[0] == policy
}
