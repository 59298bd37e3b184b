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

// SamePolicy reports whether an answer carries exactly the security policy of this build's page or asset under a path.
func SamePolicy(h http.Header, p string) bool {
	want := policy
	if path.Base(p) == "check" {
		want = closedPolicy
	}
	got := h.Values("Content-Security-Policy")
	return len(got) == 1 && got[0] == want
}
