package office

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"

	"panah/core/papers"
	paperphoto "panah/core/papers/photo"
	"panah/core/papers/seal"
	"panah/core/roster"
	"panah/desk/internal/barcode"
	"panah/desk/internal/media"
)

// A PaperReading is what lines, a picture or a code of a paper hold. It may hold a number, a name and dates of a person: it is shown
// once and kept nowhere, neither here nor in events, logs or the session.
type PaperReading struct {
	Lines   []string    // of the machine-readable zone, as typed or read; nil: none were found
	MRZ     papers.MRZ  // what they say; with NotMRZ only its problems
	NotMRZ  bool        // the lines are no zone
	Picture bool        // it was read from a picture: a person has to compare
	Unread  string      // why the lines of a picture were not read: paperphoto.NoZone, paperphoto.Small, paperphoto.Blurred, paperphoto.Doubt; "" when they were
	Zone    *image.Gray // the levelled crop of a picture; nil when none was found

	Code    *barcode.Code // a square code of the picture; nil: none was read
	Seal    *seal.Seal    // what the code holds, when it is a visible digital seal
	Broken  bool          // the code begins as a seal and is not put together as one
	Checked seal.Checked  // the answer about the seal's signature
}

// Errors of reading papers, beside paperphoto.ErrNotImage and paperphoto.ErrTooLarge.
var (
	ErrCertificates = errors.New("this desk keeps no more certificates; take one off that has ended")
	ErrKeeperOnly   = errors.New("only keepers choose whose signatures this desk checks")
)

// MaxCertificates is how many certificates a desk keeps.
const MaxCertificates = 50

// reading holds a place for each picture being read: a large one takes some hundred megabytes. The channel is made once and never
// replaced.
var reading = make(chan struct{}, 1)

// ReadLines reads typed or pasted lines. It needs no open desk and no store.
func (o *Office) ReadLines(text string) PaperReading {
	p := PaperReading{}
	m, err := papers.Read(text, o.c.Now().UTC())
	p.Lines, p.MRZ, p.NotMRZ = m.Lines, m, err != nil
	return p
}

// ReadPicture reads the machine-readable zone and a square code of a picture (JPEG or PNG). Nothing of it is kept. The error wraps
// paperphoto.ErrNotImage, paperphoto.ErrTooLarge or ErrLocked; that nothing could be read is no error.
func (o *Office) ReadPicture(ctx context.Context, picture []byte) (PaperReading, error) {
	certificates, err := o.SealCertificates(ctx)
	if err != nil {
		return PaperReading{}, err
	}
	select {
	case reading <- struct{}{}:
		defer func() { <-reading }()
	case <-ctx.Done(): // nobody waits for this one any more
		return PaperReading{}, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return PaperReading{}, err
	}
	img, err := paperphoto.Decode(bytes.NewReader(picture))
	if err != nil {
		return PaperReading{}, fmt.Errorf("opening a picture of a paper: %w", err)
	}
	p := PaperReading{Picture: true}
	if err := p.readZone(img, o); err != nil {
		return PaperReading{}, err
	}
	p.readCode(img, certificates)
	return p, nil
}

// ReadPart reads a photo that came with a letter, by its row. The errors are those of Part and ReadPicture; a part that is no photo is paperphoto.ErrNotImage.
func (o *Office) ReadPart(ctx context.Context, id int64) (p PaperReading, thread int64, err error) {
	part, err := o.Part(ctx, id)
	if err != nil {
		return p, 0, err
	}
	made, err := media.Photo(part.Data) // as the page shows it: upright, within bounds
	if err != nil {
		return p, part.Thread, fmt.Errorf("opening a photo of a letter: %w", errors.Join(paperphoto.ErrNotImage, err))
	}
	p, err = o.ReadPicture(ctx, made.JPEG)
	return p, part.Thread, err
}

func (p *PaperReading) readZone(img image.Image, o *Office) error {
	found, err := paperphoto.Read(img, o.c.Now().UTC())
	p.Zone = found.Zone
	var not *paperphoto.NotRead
	switch {
	case errors.As(err, &not):
		p.Unread = not.Reason
		return nil
	case err != nil:
		return fmt.Errorf("reading a picture of a paper: %w", err)
	}
	p.Lines, p.MRZ = found.Lines, found.MRZ
	return nil
}

func (p *PaperReading) readCode(img image.Image, certificates []seal.Certificate) {
	code, err := barcode.Read(img)
	if err != nil {
		return
	}
	p.Code = &code
	s, err := seal.Parse(code.Bytes)
	switch {
	case err == nil:
		p.Seal, p.Checked = &s, s.Check(certificates)
	case !errors.Is(err, seal.ErrNotSeal):
		p.Broken = true
	}
}

// settingCertificates is the setting that keeps certificates of signers of seals, as PEM.
const settingCertificates = "papers.seal-certificates"

// SealCertificates are the certificates that this desk checks seals with, by signer and serial number. One that this version cannot
// read any more is left out.
func (o *Office) SealCertificates(ctx context.Context) (list []seal.Certificate, err error) {
	err = o.in(func(r *room) error {
		list, err = r.sealCertificates(ctx)
		return err
	})
	return list, err
}

func (r *room) sealCertificates(ctx context.Context) (list []seal.Certificate, err error) {
	text, err := r.db.Setting(ctx, settingCertificates)
	if err != nil {
		return nil, err
	}
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if c, err := seal.ParseCertificate(block.Bytes); err == nil {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b seal.Certificate) int {
		return strings.Compare(a.Signer+" "+a.Serial, b.Signer+" "+b.Serial)
	})
	return list, nil
}

// AddSealCertificate keeps a certificate, DER or PEM; one that is kept already stays once. The error wraps seal.ErrCertificate,
// ErrCertificates, ErrKeeperOnly or ErrLocked.
func (o *Office) AddSealCertificate(ctx context.Context, file []byte) error {
	c, err := seal.ParseCertificate(file)
	if err != nil {
		return err
	}
	return o.setSealCertificates(ctx, func(list []seal.Certificate) ([]seal.Certificate, error) {
		if slices.ContainsFunc(list, func(k seal.Certificate) bool { return k.Fingerprint == c.Fingerprint }) {
			return list, nil
		}
		if len(list) >= MaxCertificates {
			return nil, ErrCertificates
		}
		return append(list, c), nil
	})
}

// RemoveSealCertificate takes the certificate with a fingerprint off; one that is not there is gone already.
func (o *Office) RemoveSealCertificate(ctx context.Context, fingerprint string) error {
	return o.setSealCertificates(ctx, func(list []seal.Certificate) ([]seal.Certificate, error) {
		return slices.DeleteFunc(list, func(c seal.Certificate) bool { return c.Fingerprint == fingerprint }), nil
	})
}

func (o *Office) setSealCertificates(ctx context.Context, change func([]seal.Certificate) ([]seal.Certificate, error)) error {
	return o.in(func(r *room) error {
		if role := ActorOf(ctx).Role; role != "" && !MayKeep(role) || role == "" && r.keys.Role() != roster.RoleKeeper {
			return ErrKeeperOnly
		}
		r.signing.Lock()
		defer r.signing.Unlock()
		list, err := r.sealCertificates(ctx)
		if err != nil {
			return err
		}
		if list, err = change(list); err != nil {
			return err
		}
		var text strings.Builder
		for _, c := range list {
			if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: c.DER}); err != nil {
				return fmt.Errorf("writing a certificate: %w", err)
			}
		}
		return r.db.SetSetting(ctx, settingCertificates, text.String())
	})
}
