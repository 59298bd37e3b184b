package office

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"

	"panah/core/fold"
	"panah/core/papers"
	readphoto "panah/core/papers/photo"
	"panah/core/papers/seal"
	"panah/core/roster"
	"panah/internal/testkit/specimen"
)

// visaSigned is what the visa of BSI TR-03137 part 1 annex F has signed: header and features, up to the signature.
const visaSigned = "dc036abc6d32c8a72cb10f7134b798155d01022cdd52134a74da1347c6fed95cb89f9fce133c133c133c133c203833734aaf47f0c32f1a1e20eb2625393afe310403a00000050633be1fed20c6"

// sealedVisa is the visa of visaSigned under a key of ours, and the signer's certificate.
func sealedVisa(t *testing.T) (content, certificate []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := hex.DecodeString(visaSigned)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(signed)
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	content = append(append(signed, 0xff, 0x40), r.FillBytes(make([]byte, 32))...)
	content = append(content, s.FillBytes(make([]byte, 32))...)
	about := x509.Certificate{SerialNumber: big.NewInt(0x32), Subject: pkix.Name{Country: []string{"DE"}, CommonName: "TS"}, NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	certificate, err = x509.CreateCertificate(rand.Reader, &about, &about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return content, certificate
}

// pictured is a PNG of a QR code on a gray sheet.
func pictured(t *testing.T, content []byte) []byte {
	t.Helper()
	code, err := qr.Encode(string(content), qr.M)
	if err != nil {
		t.Fatal(err)
	}
	small, err := png.Decode(bytes.NewReader(code.PNG()))
	if err != nil {
		t.Fatal(err)
	}
	sheet := image.NewGray(image.Rect(0, 0, small.Bounds().Dx()+300, small.Bounds().Dy()+200))
	for i := range sheet.Pix {
		sheet.Pix[i] = 225
	}
	draw.Draw(sheet, small.Bounds().Add(image.Pt(120, 70)), small, small.Bounds().Min, draw.Src)
	var out bytes.Buffer
	if err := png.Encode(&out, sheet); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestSealOnTheDesk: a seal cannot be checked until a keeper loads the signer's certificate; then it can; a changed seal does not fit; and the
// certificate is there after the desk was locked.
func TestSealOnTheDesk(t *testing.T) {
	d := newTown(t).desk()
	ctx := t.Context()
	content, certificate := sealedVisa(t)
	picture := pictured(t, content)
	read := func(picture []byte) PaperReading {
		t.Helper()
		p, err := d.ReadPicture(ctx, picture)
		if err != nil {
			t.Fatal(err)
		}
		if p.Code == nil || p.Seal == nil || p.Unread == "" {
			t.Fatalf("read %+v", p)
		}
		return p
	}
	if got := read(picture).Checked; got.State != seal.NoCertificate {
		t.Errorf("without certificates: %+v", got)
	}
	reader := As(ctx, fold.Actor{Role: string(roster.RoleCaseworker)})
	if err := d.AddSealCertificate(reader, certificate); !errors.Is(err, ErrKeeperOnly) {
		t.Errorf("a caseworker loads: %v", err)
	}
	if err := d.AddSealCertificate(ctx, []byte("hello")); !errors.Is(err, seal.ErrCertificate) {
		t.Errorf("words: %v", err)
	}
	for range 2 { // twice is once
		if err := d.AddSealCertificate(ctx, certificate); err != nil {
			t.Fatal(err)
		}
	}
	d.Lock()
	if _, err := d.ReadPicture(ctx, picture); !errors.Is(err, ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	if err := d.Unlock(ctx, passphrase); err != nil {
		t.Fatal(err)
	}
	list, err := d.SealCertificates(ctx)
	if err != nil || len(list) != 1 || list[0].Signer != "DETS" || list[0].Serial != "32" {
		t.Fatalf("%v %+v", err, list)
	}
	if got := read(picture).Checked; got.State != seal.SignedBy || got.Outside {
		t.Errorf("with the certificate: %+v", got)
	}
	changed := bytes.Clone(content)
	changed[40] ^= 1
	if got := read(pictured(t, changed)).Checked; got.State != seal.DoesNotFit {
		t.Errorf("changed: %+v", got)
	}
	if err := d.RemoveSealCertificate(reader, list[0].Fingerprint); !errors.Is(err, ErrKeeperOnly) {
		t.Errorf("a caseworker takes off: %v", err)
	}
	if err := d.RemoveSealCertificate(ctx, list[0].Fingerprint); err != nil {
		t.Fatal(err)
	}
	if got := read(picture).Checked; got.State != seal.NoCertificate {
		t.Errorf("after it was taken off: %+v", got)
	}
}

// TestPictureOnTheDesk reads a photographed specimen, and leaves nothing of it in the desk's folder.
func TestPictureOnTheDesk(t *testing.T) {
	d := newTown(t).desk()
	lines := specimen.Lines(papers.TD3, 7)
	p, err := d.ReadPicture(t.Context(), specimen.JPEG(papers.TD3, lines, specimen.Clean))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(p.Lines, "\n") != strings.Join(lines, "\n") || !p.MRZ.Valid || p.Zone == nil || p.Unread != "" || !p.Picture {
		t.Fatalf("read %q, %q", p.Lines, p.Unread)
	}
	if p := d.ReadLines("nothing of the kind"); !p.NotMRZ || len(p.MRZ.Problems) == 0 {
		t.Errorf("%+v", p)
	}
	for name, c := range map[string]struct {
		picture []byte
		want    error
	}{"no picture": {[]byte("GIF89a"), readphoto.ErrNotImage}, "cut off": {specimen.JPEG(papers.TD3, lines, specimen.Clean)[:3000], readphoto.ErrNotImage}, "nothing": {nil, readphoto.ErrNotImage}} {
		if _, err := d.ReadPicture(t.Context(), c.picture); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := d.ReadPicture(stopped, photo(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("somebody who went away is read for: %v", err)
	}
	var blank bytes.Buffer
	if err := jpeg.Encode(&blank, image.NewGray(image.Rect(0, 0, 900, 600)), nil); err != nil {
		t.Fatal(err)
	}
	if p, err := d.ReadPicture(t.Context(), blank.Bytes()); err != nil || p.Unread == "" || len(p.Lines) > 0 || p.Code != nil {
		t.Errorf("a black picture: %v %+v", err, p)
	}
	if err := filepath.WalkDir(d.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(p.Lines[1])) || bytes.Contains(b, []byte(p.MRZ.Fields.DocumentNumber)) {
			t.Errorf("%s holds what was read", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
