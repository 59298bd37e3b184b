package web

import (
	"context"
	"net/http"

	"panah/core/papers/seal"
	"panah/desk/internal/office"
)

// paperReader reads the machine-readable lines and the square code of a paper. Nothing of what it reads is kept.
type paperReader interface {
	ReadLines(text string) office.PaperReading
	ReadPicture(ctx context.Context, picture []byte) (office.PaperReading, error)
	ReadPart(ctx context.Context, id int64) (p office.PaperReading, thread int64, err error)
	SealCertificates(ctx context.Context) ([]seal.Certificate, error)
	AddSealCertificate(ctx context.Context, file []byte) error
}

// certificateRemover takes certificates off again.
type certificateRemover interface {
	RemoveSealCertificate(ctx context.Context, fingerprint string) error
}

// readingRoutes: no address names a paper, and no page but the answer to a form shows what was read.
func (s *server) readingRoutes() []route {
	read := func(pattern string, picture bool, run func(http.ResponseWriter, *http.Request, visit) error) route {
		return route{pattern, unlocked, picture, false, s.when(s.can.reads, run)}
	}
	return []route{
		read("GET /papers/read", false, s.readingAsk),
		read("POST /papers/read", true, s.readingShow),
		read("POST /papers/read/part/{id}", false, s.readingPart),
		read("GET /papers/read/part/{id}", false, s.readingAsk), // where a reload ends
		read("GET /papers/certificates", false, s.certificates),
		read("POST /papers/certificates", true, s.certificateAdd),
		read("POST /papers/certificates/remove", false, s.certificateRemove),
		read("GET /papers/certificates/remove", false, s.certificates),
	}
}
