package typeset

import (
	"fmt"

	"panah/core/typeset/internal/pdf"
)

// maxPages bounds a document: nothing that is printed here is a book.
const maxPages = 200

// PDF sets a document. The same document gives the same bytes. A *MissingError says which characters the typeface does not have.
func (f *Fonts) PDF(d Document) ([]byte, error) {
	s := &setter{doc: d, set: newShaper(f), body: d.Page.body(), top: &element{tag: "Document"}}
	margin, paper := d.Page.margin()*point, d.Page.height()*point
	width := d.Page.width()*point - 2*margin
	slabs, err := s.blocks(d.Blocks, width, s.top)
	if err != nil {
		return nil, fmt.Errorf("setting %q: %w", d.Title, err)
	}
	room := paper - 2*margin
	pages := paginate(slabs, room)
	if len(pages) > maxPages {
		return nil, fmt.Errorf("setting %q: it has %d pages, more than %d", d.Title, len(pages), maxPages)
	}
	var seen [2]used
	canvases := make([]*canvas, len(pages))
	for i, page := range pages {
		c := &canvas{height: paper, page: i, fonts: f, used: &seen}
		c.draw(page, margin, margin)
		s.foot(c, i+1, len(pages), margin, paper-margin+s.body, width)
		canvases[i] = c
	}
	if err := s.set.complaint(); err != nil {
		return nil, err
	}
	return s.write(canvases, &seen)
}

// write puts the file together.
func (s *setter) write(canvases []*canvas, seen *[2]used) ([]byte, error) {
	var out pdf.File
	fonts, err := s.writeFonts(&out, seen)
	if err != nil {
		return nil, err
	}
	tree := out.New()
	refs, marks, kids := make([]pdf.Ref, len(canvases)), make([]int, len(canvases)), ""
	for i := range canvases {
		refs[i] = out.New()
		kids += refs[i].String() + " "
	}
	for i, c := range canvases {
		content := out.Stream("", c.out.Bytes())
		marks[i] = c.marks
		out.Set(refs[i], fmt.Sprintf("<</Type/Page/Parent %s/MediaBox[0 0 %s %s]/Contents %s/Resources<</Font<<%s>>>>/StructParents %d/Tabs/S>>",
			tree, pdf.Number(s.doc.Page.width()*point), pdf.Number(c.height), content, fonts, i))
	}
	out.Set(tree, fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids, len(canvases)))
	structure := writeTree(&out, s.top, refs, marks)
	metadata := out.Plain("/Type/Metadata/Subtype/XML", xmp(s.doc))
	direction := "L2R"
	if rightToLeft(s.doc.Lang) {
		direction = "R2L"
	}
	root := out.Add(fmt.Sprintf("<</Type/Catalog/Pages %s/StructTreeRoot %s/MarkInfo<</Marked true>>/Lang %s/Metadata %s/ViewerPreferences<</DisplayDocTitle true/Direction/%s>>>>",
		tree, structure, pdf.Text(tagOf(s.doc.Lang)), metadata, direction))
	info := out.Add("<</Title " + pdf.Text(s.doc.Title) + ">>")
	return out.Bytes(root, info), nil
}
