package web

import (
	"context"
	"errors"

	"panah/core/join"
	"panah/core/recovery"
	"panah/core/wire"
	"panah/desk/internal/enrol"
	"panah/desk/internal/keyring"
	gateline "panah/desk/internal/line"
	"panah/desk/internal/regain"
)

// offline reports whether the gate was not reached: nothing was changed, and trying again may help.
func offline(err error) bool { return errors.Is(err, gateline.ErrOffline) }

// checkSetupCode reads the code that a gate printed.
func checkSetupCode(typed string) refusal {
	if _, err := wire.ParseSetupCode(typed); err != nil {
		return refusal{at: "code", wrong: "setup.code_bad"}
	}
	return refusal{}
}

// checkInviteCode reads the code that a keeper's desk shows.
func checkInviteCode(typed string) refusal {
	if _, err := join.Parse(typed); err != nil {
		return refusal{at: "code", wrong: "enrol.code_bad"}
	}
	return refusal{}
}

// explain turns an error of Setup into a sentence; detail is what the program says, when no sentence fits.
func explain(err error) (no refusal, detail string) {
	switch {
	case errors.Is(err, gateline.ErrClock):
		return refusal{at: "", wrong: "setup.clock"}, ""
	case offline(err), errors.Is(err, context.DeadlineExceeded):
		return refusal{at: "gate", wrong: "setup.offline"}, ""
	case errors.Is(err, ErrBegun):
		return refusal{wrong: "setup.begun_other"}, ""
	case errors.Is(err, keyring.ErrPassphrase):
		return refusal{at: "passphrase", wrong: "setup.pass_other"}, ""
	case errors.Is(err, keyring.ErrExists):
		return refusal{at: "", wrong: "setup.exists"}, ""
	}
	return refusal{at: "", wrong: "setup.failed"}, err.Error()
}

// explainJoin is explain for a desk that asks to be let in.
func explainJoin(err error) (no refusal, detail string) {
	switch {
	case errors.Is(err, ErrNotYet):
		return refusal{wrong: "enrol.not_yet"}, ""
	case errors.Is(err, enrol.ErrNoRoom), errors.Is(err, enrol.ErrTaken), errors.Is(err, gateline.ErrJoin):
		return refusal{at: "code", wrong: "enrol.no_room"}, ""
	case errors.Is(err, enrol.ErrRefused):
		return refusal{at: "code", wrong: "enrol.refused"}, ""
	case errors.Is(err, enrol.ErrBetween), errors.Is(err, join.ErrMessage), errors.Is(err, join.ErrReveal):
		return refusal{at: "code", wrong: "enrol.between"}, ""
	}
	return explain(err)
}

// explainRecovery is explain for an organisation that is brought back.
func explainRecovery(err error) (no refusal, detail string) {
	switch {
	case errors.Is(err, recovery.ErrSheet):
		return refusal{at: "sheet", wrong: "recover.sheet_bad"}, err.Error()
	case errors.Is(err, recovery.ErrFew), errors.Is(err, regain.ErrSheets):
		return refusal{at: "sheet", wrong: "recover.sheets_wrong"}, ""
	case errors.Is(err, regain.ErrFingerprint):
		return refusal{at: "org", wrong: "recover.org_other"}, ""
	case errors.Is(err, regain.ErrChain):
		return refusal{at: "gate", wrong: "recover.chain"}, ""
	case errors.Is(err, gateline.ErrNoFile), errors.Is(err, recovery.ErrFile):
		return refusal{at: "gate", wrong: "recover.no_files"}, ""
	}
	return explain(err)
}
