package command

// table lists every command, in the order in which help shows them.
func table() []command {
	return []command{
		gateServe(), gateInit(), gateStatus(), gateVerify(), gateVerifyPages(),
		letterSeal(), letterOpen(), receiptNew(), receiptCheck(), promiseCheck(), version(),
	}
}
