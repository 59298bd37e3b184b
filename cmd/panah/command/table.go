package command

// table lists every command, in the order in which help shows them.
func table() []command {
	return []command{
		letterSeal(), letterOpen(), receiptNew(), receiptCheck(), promiseCheck(), version(),
	}
}
