package web

import (
	"html/template"
	"text/template/parse"
)

// furnish gives a page the layout and those pieces that it draws, by themselves or by others: a copy of all pieces for each of some seventy pages took 35 MiB of an idle desk. Copies they are, because
// html/template writes its escapes into them.
func furnish(page, layout *template.Template) (*template.Template, error) {
	var waiting []*parse.Tree
	for _, t := range page.Templates() {
		if t.Tree != nil {
			waiting = append(waiting, t.Tree)
		}
	}
	add := func(name string) error {
		piece := layout.Lookup(name)
		if have := page.Lookup(name); have != nil && have.Tree != nil || piece == nil || piece.Tree == nil {
			return nil // the page's own comes first; one that is nowhere is told when templates are checked
		}
		tree := piece.Tree.Copy()
		waiting = append(waiting, tree)
		_, err := page.AddParseTree(name, tree)
		return err
	}
	if err := add("layout.html"); err != nil {
		return nil, err
	}
	for len(waiting) > 0 {
		tree := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		for _, name := range drawn(tree.Root) {
			if err := add(name); err != nil {
				return nil, err
			}
		}
	}
	return page.Lookup("layout.html"), nil
}

// drawn are the names of the templates that a node draws.
func drawn(n parse.Node) (names []string) {
	inside := func(b *parse.BranchNode) []string { return append(drawn(b.List), drawn(b.ElseList)...) }
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, inner := range n.Nodes {
			names = append(names, drawn(inner)...)
		}
	case *parse.IfNode:
		return inside(&n.BranchNode)
	case *parse.RangeNode:
		return inside(&n.BranchNode)
	case *parse.WithNode:
		return inside(&n.BranchNode)
	case *parse.TemplateNode:
		return []string{n.Name}
	}
	return names
}
