package typeset

import (
	"fmt"

	"panah/core/typeset/internal/pdf"
)

// maxPages bounds a document: nothing that is printed here is a book.
const maxPages = 200

// PDF sets a document. The same document gives the same bytes. A *MissingError says which characters the typeface does not have.
func (f *Fonts) PDF(d Document) ([]byte, error) {
	s, pages, err := f.lay(d)
	if err != nil {
		return nil, fmt.Errorf("setting %q: %w", d.Title, err)
	}
	var seen [2]used
	margin, paper := s.margin(), d.Page.height()*point
	canvases := make([]*canvas, len(pages))
	for i, page := range pages {
		c := &canvas{height: paper, page: i, fonts: f, used: &seen}
		c.draw(page, margin, margin)
		s.foot(c, i+1, len(pages), margin, paper-margin+s.body, d.Page.width()*point-2*margin)
		canvases[i] = c
	}
	if err := s.set.complaint(); err != nil {
		return nil, err
	}
	return s.write(canvases, &seen)
}

// Pages is how many pages a document fills.
func (f *Fonts) Pages(d Document) (int, error) {
	_, pages, err := f.lay(d)
	return len(pages), err
}

// Width is how wide runs are in one line, in millimetres, at a size in points.
func (f *Fonts) Width(runs []Run, lang string, points float64, bold bool) float64 {
	s := &setter{doc: Document{Lang: lang}, set: newShaper(f)}
	st := s.style(points)
	st.bold = bold
	whole, _ := s.natural(runs, st)
	return whole / point
}

// lay sets the blocks and cuts them into pages.
func (f *Fonts) lay(d Document) (*setter, [][]slab, error) {
	s := &setter{doc: d, set: newShaper(f), body: d.Page.body(), top: &element{tag: "Document"}}
	slabs, err := s.blocks(d.Blocks, d.Page.width()*point-2*s.margin(), s.top)
	if err != nil {
		return nil, nil, err
	}
	pages := paginate(slabs, d.Page.height()*point-2*s.margin())
	if len(pages) > maxPages {
		return nil, nil, fmt.Errorf("it has %d pages, more than %d", len(pages), maxPages)
	}
	return s, pages, nil
}

// margin is the white space on every side, in points.
func (s *setter) margin() float64 {
	if s.doc.Margin > 0 {
		return s.doc.Margin * point
	}
	return s.doc.Page.margin() * point
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
