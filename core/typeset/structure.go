package typeset

import (
	"fmt"
	"strings"

	"panah/core/l10n"
	"panah/core/typeset/internal/pdf"
)

// element is a node of the logical structure, ISO 32000-1, 14.7: what a screen reader walks through.
type element struct {
	tag    string // a standard structure type: P, H1, Table…
	lang   string // "" is the parent's
	actual string // the text as it is read; "" when it is in the children
	alt    string // of a figure
	attrs  string // a PDF dictionary, or ""
	kids   []kid
}

// kid is another element, or a marked stretch of a page.
type kid struct {
	element *element
	page    int
	mark    int
}

func (e *element) add(tag string) *element {
	child := &element{tag: tag}
	e.kids = append(e.kids, kid{element: child})
	return child
}

// leaves gives each segment of a text its element: the paragraph's own when the text is all of it and in one language, else a Span each.
func (e *element) leaves(t *text, document string, whole bool) []*element {
	if len(t.segments) == 1 && whole {
		e.say(t.segments[0], document)
		return []*element{e}
	}
	all := make([]*element, len(t.segments))
	for i, s := range t.segments {
		all[i] = e.add("Span")
		all[i].say(s, document)
	}
	return all
}

// say notes the text of a leaf where reading order and drawing order may differ, and its language.
func (e *element) say(s *segment, document string) {
	if s.lang != document {
		e.lang = s.lang
	}
	if text := s.text.String(); rightToLeft(document) || rightToLeft(s.lang) {
		e.actual = text
	}
}

// tagOf is a language as PDF wants it: BCP 47, as our codes are.
func tagOf(lang string) string {
	if _, ok := l10n.Find(lang); ok {
		return lang
	}
	return l10n.English
}

// writeTree adds the structure tree and gives its root. marks[page][mark] is filled with the element of each stretch, for the parent tree.
func writeTree(f *pdf.File, top *element, pages []pdf.Ref, marks []int) pdf.Ref {
	root := f.New()
	parents := make([][]pdf.Ref, len(pages))
	for i, n := range marks {
		parents[i] = make([]pdf.Ref, n)
	}
	document := writeElement(f, top, root, pages, parents)
	var nums strings.Builder
	for i, refs := range parents {
		fmt.Fprintf(&nums, "%d[", i)
		for _, r := range refs {
			fmt.Fprintf(&nums, "%s ", r)
		}
		nums.WriteString("]")
	}
	f.Set(root, fmt.Sprintf("<</Type/StructTreeRoot/K %s/ParentTree<</Nums[%s]>>/ParentTreeNextKey %d>>", document, nums.String(), len(pages)))
	return root
}

func writeElement(f *pdf.File, e *element, parent pdf.Ref, pages []pdf.Ref, parents [][]pdf.Ref) pdf.Ref {
	r := f.New()
	var b strings.Builder
	fmt.Fprintf(&b, "<</Type/StructElem/S/%s/P %s", e.tag, parent)
	for _, field := range []struct{ name, value string }{{"Lang", e.lang}, {"ActualText", e.actual}, {"Alt", e.alt}} {
		if field.value != "" {
			fmt.Fprintf(&b, "/%s %s", field.name, pdf.Text(field.value))
		}
	}
	if e.attrs != "" {
		fmt.Fprintf(&b, "/A %s", e.attrs)
	}
	b.WriteString("/K[")
	page := -1
	for _, k := range e.kids {
		switch {
		case k.element != nil:
			fmt.Fprintf(&b, "%s ", writeElement(f, k.element, r, pages, parents))
			continue
		case page < 0:
			page = k.page
		}
		parents[k.page][k.mark] = r
		if k.page == page {
			fmt.Fprintf(&b, "%d ", k.mark)
		} else {
			fmt.Fprintf(&b, "<</Type/MCR/Pg %s/MCID %d>>", pages[k.page], k.mark)
		}
	}
	b.WriteString("]")
	if page >= 0 {
		fmt.Fprintf(&b, "/Pg %s", pages[page])
	}
	b.WriteString(">>")
	f.Set(r, b.String())
	return r
}
