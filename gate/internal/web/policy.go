package web

import (
	"net/http"
	"path"
)

// typePage is the type of all pages.
const typePage = "text/html; charset=utf-8"

// TypeOf is the Content-Type of what this build serves under a path: an asset's by its ending, else a page's.
func TypeOf(p string) string {
	if t := contentTypes[path.Ext(p)]; t != "" {
		return t
	}
	return typePage
}

// SamePolicy reports whether an answer carries exactly the security policy of this build's pages.
func SamePolicy(h http.Header) bool {
	got := h.Values("Content-Security-Policy")
	return len(got) == 1 && got[0] == policy
}
