package command

// table lists every command, in the order in which help shows them.
func table() []command {
	return []command{
		demonstration(),
		gateServe(), gateInit(), gateStatus(), gateVerify(), gateVerifyPages(),
		deskServe(), deskInit(), deskJoin(), deskRecover(), deskPurge(), deskExportSealed(), deskImportSealed(),
		deskDesks(), deskInvite(), deskRemove(), deskRoll(), deskSheets(), deskIntake(),
		letterSeal(), letterOpen(), receiptNew(), receiptCheck(), promiseCheck(), papersMRZ(), papersCheck(),
		rulesLint(), rulesTest(), rulesExplain(), rulesCopy(),
		letterPDF(), posterCommand(), dateCommand(), version(),
	}
}
