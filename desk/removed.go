package desk

import "panah/desk/internal/office"

// Removed reports whether the folder is what a desk left of itself when its organisation took it off the list.
func Removed(data string) bool { return office.WasRemoved(data) }
