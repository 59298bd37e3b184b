package papers

// Reason says why a two-digit year was given its century.
type Reason string
