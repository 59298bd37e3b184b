package office

// A Sheet is what one custodian keeps on paper, as a page to print. It prints as "[sheet]".
type Sheet struct {
	Letter string // "a", "b", …
	HTML   []byte // a whole document
}

// String hides the sheet.
func (Sheet) String() string { return "[sheet]" }

// GoString hides the sheet.
func (Sheet) GoString() string { return "[sheet]" }
