package wire

// An Error is what the gate answers when it says no. Code is for programs and for choosing a sentence in the
// reader's language; Say is one plain English sentence that says what to do next.
type Error struct {
	Code      string `json:"error"`
	Say       string `json:"say"`
	Have      int64  `json:"have,omitempty"`      // CodeOffset: bytes held from the start
	Challenge string `json:"challenge,omitempty"` // CodeWork
	Bits      int    `json:"bits,omitempty"`      // CodeWork
	Status    int    `json:"-"`                   // HTTP status
}

// Error makes *Error an error.
func (e *Error) Error() string { return e.Code + ": " + e.Say }

// The codes.
const (
	CodeShape     = "shape"       // 422 not one age file with one hybrid recipient, or not a padding class
	CodeMismatch  = "id-mismatch" // 422 the bytes are not those the id names
	CodeTooLarge  = "too-large"   // 413
	CodeOffset    = "offset"      // 409 a piece does not start where the last one ended
	CodeWork      = "work"        // 428 the gate is busy and asks for a proof of work
	CodeBusy      = "busy"        // 503 try again later
	CodeFull      = "full"        // 507 no room on disk; nothing was kept
	CodeClosed    = "closed"      // 503 the organisation does not take letters now
	CodeNoMailbox = "no-mailbox"  // 404
	CodeRequest   = "request"     // 400 malformed request
	CodeDevice    = "device"      // 401 not a desk of this organisation, or a stale signature
	CodeSetup     = "setup"       // 401 the setup code is not this gate's; 409 the gate has its organisation already
	CodeInternal  = "internal"    // 500
	CodeRoster    = "roster"      // 409 the roster does not follow the one that is in force
	CodeJoin      = "join"        // 404 no such room; 409 another message is there
	CodeDuty      = "duty"        // 409 shifts that were said later are here already
	CodeRulebook  = "rulebook"    // 409 a rulebook that was signed later is here already; 422 not a rulebook, or nobody who may signed it; 404 there is none
)
