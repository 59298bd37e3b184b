package desk

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

const carryPassphrase = "four plain words here"

// foundedHere is the folder of an organisation's desk, without a gate.
func foundedHere(t *testing.T) string {
	t.Helper()
	keys, err := keyring.Found("Example Legal Aid")
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Forget()
	dir := t.TempDir()
	if err := keyring.Create(dir, keys, carryPassphrase, 10); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAFileIsForTheOrganisationThatWroteIt(t *testing.T) {
	ours, theirs := foundedHere(t), foundedHere(t)
	var file bytes.Buffer
	if _, err := ExportSealed(t.Context(), ours, carryPassphrase, &file); err != nil {
		t.Fatal(err)
	}
	read := func(data, passphrase string, b []byte) error {
		_, err := ImportSealed(t.Context(), data, passphrase, bytes.NewReader(b))
		return err
	}
	if err := read(ours, carryPassphrase, file.Bytes()); err != nil {
		t.Error(err)
	}
	if err := read(theirs, carryPassphrase, file.Bytes()); !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), "another organisation") {
		t.Errorf("another organisation's: %v", err)
	}
	if err := read(ours, carryPassphrase, file.Bytes()[:file.Len()-1]); !errors.Is(err, ErrStick) {
		t.Errorf("a cut file: %v", err)
	}
	if err := read(ours, carryPassphrase, []byte("holiday photographs")); !errors.Is(err, ErrNoStick) {
		t.Errorf("another file: %v", err)
	}
	if err := read(ours, "another passphrase", file.Bytes()); !errors.Is(err, ErrPassphrase) {
		t.Errorf("a wrong passphrase: %v", err)
	}
	if err := read(t.TempDir(), carryPassphrase, file.Bytes()); !errors.Is(err, ErrNone) {
		t.Errorf("no desk: %v", err)
	}
	if _, err := ExportSealed(t.Context(), ours, carryPassphrase, full{}); err == nil {
		t.Error("a full stick is not told")
	}
}

// full is a stick without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// Batches store everything, whatever their number.
func TestManyPiecesAreStoredInBatches(t *testing.T) {
	in := &importing{ctx: t.Context(), org: "org"}
	db, err := casedb.Open(t.Context(), t.TempDir()+"/"+casedb.FileName, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	in.db = db
	start := time.Now()
	for range 2*batchPieces + 1 { // erasures that nobody signed: counted, not followed
		if err := in.take(casedb.Carried{What: casedb.CarriedErase, Notice: []byte(`{"do":"erase"}`)}); err != nil {
			t.Fatal(err)
		}
	}
	if len(in.batch) != 1 {
		t.Errorf("%d pieces wait", len(in.batch))
	}
	if err := in.store(); err != nil || in.done.Doubtful != 2*batchPieces+1 {
		t.Errorf("%+v: %v, after %v", in.done, err, time.Since(start))
	}
}
