package council

import "context"

// Wraps keeps open cases readable when the epochs their letters were sealed to are gone: docs/formats-keys.md, section 7. desk/internal/casedb
// and its neighbours do it.
type Wraps interface {
	// WrapPass puts at the gate every wrap of the epoch that is missing there and that this desk can make: every entry of an open thread that was sealed to
	// an earlier epoch stands in one. The identity of epoch is in the keyring, and is perhaps not in any roster yet: then a keeper is about to begin it.
	// It returns nil only when the wraps are complete as far as this desk can tell, because council then destroys identities before
	// epoch-1. Doing it again is harmless; wraps of the same epoch that do not open (two keepers began it at once, one gave way) are passed over.
	WrapPass(ctx context.Context, epoch int) error
}
