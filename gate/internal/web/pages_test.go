package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"golang.org/x/net/html"

	"panah/core/l10n"
	"panah/i18n"
)

// everyPage renders all static pages, with and without unchecked translations.
func everyPage(t *testing.T, check func(t *testing.T, path string, doc *html.Node)) {
	t.Helper()
	for i := range 4 {
		drafts, taking := i&1 == 0, i&2 == 0
		pages, err := Pages(testAssets(), testOrg, testSite(drafts), nil, taking)
		if err != nil {
			t.Fatal(err)
		}
		if len(pages) != 1+4*len(l10n.Languages()) {
			t.Errorf("%d pages", len(pages))
		}
		for _, path := range slices.Sorted(maps.Keys(pages)) {
			doc, err := html.Parse(bytes.NewReader(pages[path].Body))
			if err != nil {
				t.Fatal(err)
			}
			check(t, path, doc)
		}
	}
}

func TestEveryPageKeepsTheContract(t *testing.T) {
	everyPage(t, func(t *testing.T, path string, doc *html.Node) {
		root := one(t, doc, "html", "class", "noscript-mode", "lang", "*", "dir", "*")
		lang, _ := attr(root, "lang")
		if l, ok := l10n.Find(lang); !ok || !hasAll(root, []string{"dir", string(l.Dir)}) {
			t.Errorf("%s: lang %q and its direction do not agree", path, lang)
		}
		body := one(t, doc, "body", "data-page", "*", "data-lang", lang, "data-org", testOrg.ID, "data-seal", "*", "data-media", "*", "data-qr", "*")
		leave := one(t, body, "a", "class", "leave", "rel", "noreferrer")
		if !hasAll(leave, []string{"href", "https://weather.example/"}) {
			t.Errorf("%s: the way out leads elsewhere", path)
		}
		one(t, doc, "h1")
		if path != "/" {
			one(t, one(t, doc, "footer"), "a", "href", "/")
			// Without it the page still works, at the door: nothing else would tell that it went missing.
			one(t, body, "script", "type", "module", "src", "*")
		}
	})
}

func TestNoInlineScriptNoStyleNoOtherHost(t *testing.T) {
	everyPage(t, func(t *testing.T, path string, doc *html.Node) {
		for _, s := range find(doc, "script") {
			if kind, _ := attr(s, "type"); kind == "application/json" {
				continue // a data block: no browser runs it
			}
			if src, _ := attr(s, "src"); !strings.HasPrefix(src, "/a/app.") && !strings.HasPrefix(src, "/a/check.") || s.FirstChild != nil {
				t.Errorf("%s: script %q", path, src)
			}
		}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && slices.Contains([]string{"style", "iframe", "object", "embed", "base"}, n.Data) {
				t.Errorf("%s: a %s element", path, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
					t.Errorf("%s: attribute %s", path, a.Key)
				}
				if u, err := url.Parse(a.Val); slices.Contains([]string{"href", "src", "action", "srcset", "poster"}, a.Key) &&
					(err != nil || u.Host != "" && u.Host != "weather.example") {
					t.Errorf("%s: %s leads to another host", path, a.Val)
				}
			}
		}
	})
}

func TestFirstPageOffersEachLanguageInItsOwnScript(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	doc := read(t, get(t, h, "/"))
	links := find(one(t, doc, "ul", "class", "langs"), "a")
	if len(links) != 5 {
		t.Fatalf("%d languages", len(links))
	}
	for i, l := range l10n.Languages() {
		if !hasAll(links[i], []string{"href", "/" + l.Code + "/"}) {
			t.Errorf("link %d does not lead to %s", i, l.Code)
		}
		name := one(t, links[i], "b", "lang", l.Code, "dir", string(l.Dir))
		if text(name) != l.Name {
			t.Errorf("%s is called %q", l.Code, text(name))
		}
	}
	if len(find(doc, "img")) != 0 {
		t.Error("no flags")
	}
}

func TestIntakeAsksAtMostFiveQuestionsAndNoName(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	for _, l := range l10n.Languages() {
		doc := read(t, get(t, h, "/"+l.Code+"/"))
		form := one(t, doc, "form", "id", "letter", "method", "post", "enctype", "multipart/form-data", "action", "/"+l.Code+"/send")
		if n := len(find(form, "fieldset")); n != 5 {
			t.Errorf("%s: %d questions", l.Code, n)
		}
		names := map[string]int{}
		for n := range form.Descendants() {
			if name, ok := attr(n, "name"); ok {
				names[name]++
			}
			if _, ok := attr(n, "required"); ok {
				t.Errorf("%s: a field is required", l.Code)
			}
		}
		want := map[string]int{
			"lang": 1, "who": 2, "situation": 11, "district": 1, "paper": 1, "printed": 1, "safe_time": 1, "say_who": 2, "safe_word": 1,
			"story": 1, "voice": 1, "photo": 1, "do": 1,
		}
		if !maps.Equal(names, want) {
			t.Errorf("%s asks %v", l.Code, names)
		}
		one(t, form, "input", "name", "say_who", "value", "no", "checked", "")
		if n := len(find(form, "option")); n != 18 {
			t.Errorf("%s: %d kinds of paper", l.Code, n)
		}
		if n := len(find(form, "input", "class", "risky")); n != 3 {
			t.Errorf("%s: %d risky situations", l.Code, n)
		}
		for _, id := range []string{"seal-state", "voice-ui", "photo-ui", "progress", "problem", "sent"} {
			one(t, doc, "", "id", id)
		}
		sent := one(t, doc, "section", "id", "sent", "hidden", "")
		for _, class := range []string{"code", "code-aloud", "code-qr", "sealed-was", "promise", "promise-qr", "save-code", "save-promise"} {
			one(t, sent, "", "class", class)
		}
	}
}

func TestEveryFieldHasAName(t *testing.T) {
	everyPage(t, func(t *testing.T, path string, doc *html.Node) {
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode || !slices.Contains([]string{"input", "select", "textarea"}, n.Data) || hasAll(n, []string{"type", "hidden"}) {
				continue
			}
			id, _ := attr(n, "id")
			_, labelled := attr(n, "aria-labelledby")
			if !labelled && len(find(doc, "label", "for", id)) != 1 && (n.Parent == nil || n.Parent.Data != "label") {
				t.Errorf("%s: a %s without a label", path, n.Data)
			}
		}
		ids := map[string]bool{}
		for n := range doc.Descendants() {
			if id, ok := attr(n, "id"); ok {
				if ids[id] {
					t.Errorf("%s: id %s twice", path, id)
				}
				ids[id] = true
			}
		}
	})
}

func TestMailboxPageHasItsParts(t *testing.T) {
	h, _ := newHandler(t, testSite(false))
	doc := read(t, get(t, h, "/fa/mailbox"))
	open := one(t, doc, "form", "id", "open", "action", "/fa/mailbox", "method", "post")
	one(t, open, "input", "name", "code", "inputmode", "numeric", "dir", "ltr", "autocomplete", "off")
	thread := one(t, doc, "section", "id", "thread", "hidden", "")
	one(t, thread, "ol", "id", "letters")
	one(t, thread, "form", "id", "write", "action", "/fa/mailbox/write")
	one(t, thread, "button", "id", "erase")
	for _, id := range []string{"code-problem", "problem", "progress", "sent", "erased", "no-replies"} {
		one(t, doc, "", "id", id, "hidden", "")
	}
}

func TestUncheckedWordsAreNeverShownAsFinal(t *testing.T) {
	for _, drafts := range []bool{true, false} {
		h, _ := newHandler(t, testSite(drafts))
		doc := read(t, get(t, h, "/ps/"))
		marked, english := find(doc, "span", "class", "draft"), find(doc, "span", "class", "fb", "lang", "en", "dir", "ltr")
		if drafts != (len(marked) > 0) || drafts == (len(english) > 0) {
			t.Errorf("drafts %v: %d marked, %d English", drafts, len(marked), len(english))
		}
		if notes := find(one(t, doc, "main"), "p", "class", "note"); len(notes) == 0 {
			t.Errorf("drafts %v: no sentence says so", drafts)
		}
	}
	h, _ := newHandler(t, testSite(true))
	one(t, read(t, get(t, h, "/ps/")), "body", "data-words", "draft")
	doc := read(t, get(t, h, "/en/"))
	if len(find(doc, "body", "data-words", "*")) != 0 {
		t.Error("English words of the script are marked as drafts")
	}
	if len(find(doc, "span", "class", "draft")) != 0 {
		t.Error("English is marked as a draft")
	}
}

func TestWordsForTheScript(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	for _, path := range []string{"/ur/", "/ur/mailbox"} {
		block := one(t, read(t, get(t, h, path)), "script", "id", "words")
		var words map[string]string
		if err := json.Unmarshal([]byte(block.FirstChild.Data), &words); err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(words)); !slices.Equal(got, slices.Sorted(slices.Values(h.build.wordIDs))) {
			t.Errorf("%s has the words %v", path, got)
		}
	}
}

func TestEveryTextIsInEveryLanguage(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	used := slices.Clone(h.build.wordIDs)
	for _, tmpl := range h.build.templates.Templates() {
		if tmpl.Tree != nil {
			used = append(used, literals(tmpl.Tree.Root)...)
		}
	}
	for _, s := range h.build.book.Situations() {
		used = append(used, s.ID)
	}
	for _, s := range sentences {
		used = append(used, s.ID)
	}
	for _, s := range refusals {
		used = append(used, s.id)
	}
	used = append(used, "err_empty", "err_empty_again", "err_unknown", "closed_title", "err_not_found", "reply_forged", "reply_missing", "write_letter", "mailbox_title")
	if len(used) < 120 {
		t.Fatalf("only %d uses of texts were found", len(used))
	}
	for _, id := range used {
		if _, ok := h.build.words.Text(l10n.English, i18n.Intake+id); !ok {
			t.Errorf("%q is used and nowhere defined", id)
		}
	}
	for _, l := range l10n.Languages() {
		for _, id := range h.build.words.IDs() {
			if !h.build.words.Has(l.Code, id) {
				t.Errorf("%s lacks %q", l.Code, id)
			}
		}
	}
}

// literals collects the ids that a template gives to T and P.
func literals(n parse.Node) []string {
	var ids []string
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				ids = append(ids, literals(c)...)
			}
		}
	case *parse.ActionNode:
		ids = literals(n.Pipe)
	case *parse.IfNode:
		ids = slices.Concat(literals(n.Pipe), literals(n.List), literals(n.ElseList))
	case *parse.RangeNode:
		ids = slices.Concat(literals(n.Pipe), literals(n.List), literals(n.ElseList))
	case *parse.WithNode:
		ids = slices.Concat(literals(n.Pipe), literals(n.List), literals(n.ElseList))
	case *parse.ChainNode:
		ids = literals(n.Node)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			ids = append(ids, literals(c)...)
		}
	case *parse.CommandNode:
		for i, a := range n.Args {
			ids = append(ids, literals(a)...)
			if s, ok := a.(*parse.StringNode); ok && i == 1 {
				if f := n.Args[0].String(); strings.HasSuffix(f, ".T") || strings.HasSuffix(f, ".P") {
					ids = append(ids, s.Text)
				}
			}
		}
	}
	return ids
}

func TestCataloguesPassGettext(t *testing.T) {
	files, err := filepath.Glob("../../../i18n/intake.*.po")
	if err != nil || len(files) != 5 {
		t.Fatalf("%d catalogues: %v", len(files), err)
	}
	for _, f := range files {
		if out, err := exec.CommandContext(t.Context(), "msgfmt", "-c", "-o", "/dev/null", f).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", f, err, out)
		}
	}
}
