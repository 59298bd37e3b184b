package gate

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/andybalholm/brotli"

	"panah/core/l10n"
	"panah/core/rulebook"
	"panah/core/wire"
	"panah/gate/internal/web"
	"panah/i18n"
	webgate "panah/web/gate"
)

// A PageReport is what VerifyPages found.
type PageReport struct {
	Org       string   `json:"org"`       // fingerprint in the roster that the gate serves
	Name      string   `json:"name"`      // of the organisation
	Words     []string `json:"words"`     // of the fingerprint, in English, for comparing with a poster
	Serial    int      `json:"serial"`    // of the last roster whose chain of signatures reaches back to the founding one: there are as many; 0 for none
	Epoch     int      `json:"epoch"`     // of that roster: whose key letters should be sealed to
	Chain     []string `json:"chain"`     // what is wrong with the rosters, and so with the key that letters are sealed to; empty when nothing is
	Taking    bool     `json:"taking"`    // whether letters are taken; when not, other pages are compared
	Checked   int      `json:"checked"`   // answers compared: every page and asset plain, gzip and brotli
	Different []string `json:"different"` // "/fa/ (br): other bytes"
}

// maxServed bounds one answer of the gate under test, bytes.
const maxServed = 4 << 20

// maxAnswer bounds any answer: a page, or wire.MaxRosters rosters.
const maxAnswer = wire.MaxRosters*(wire.MaxRoster+8) + 16

// encodings are the forms a gate may serve a page in. A changed script could hide in one of them only.
var encodings = [...]string{"identity", "gzip", "br"}

// VerifyPages fetches every public page and asset of the gate at base and compares them, byte for byte and in each
// encoding, with what this build serves for the same roster, times of duty, rulebook and site.json. It follows the rosters from the founding one to the one that
// letters are sealed by. What it cannot show: that the gate serves
// everybody what it served here. An error means that it could not look.
func VerifyPages(ctx context.Context, base string) (PageReport, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return PageReport{}, errors.New("a gate's address starts with https:// (or http:// on this machine)")
	}
	v := visitor{base: u.Scheme + "://" + u.Host, client: &http.Client{
		Transport:     &http.Transport{DisableCompression: true, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	defer v.client.CloseIdleConnections()
	r, chain, err := v.chain(ctx)
	if err != nil || r.Serial == 0 {
		return PageReport{Chain: chain, Different: []string{}}, err
	}
	site, taking, err := v.settings(ctx)
	if err != nil {
		return PageReport{}, err
	}
	org, err := web.NewOrganisation(r.Org, r.Name)
	if err != nil {
		return PageReport{}, err
	}
	duties, problem, err := v.duties(ctx, r, time.Now())
	if err != nil {
		return PageReport{}, err
	}
	rules, bookProblem, err := v.rulebook(ctx, r, time.Now())
	if err != nil {
		return PageReport{}, err
	}
	want, err := served(org, site, rules, taking, duties)
	if err != nil {
		return PageReport{}, err
	}
	report := PageReport{
		Org: org.ID, Name: org.Name, Words: i18n.WordsOf(l10n.English, org.Words[:]), Serial: r.Serial, Epoch: r.Epoch, Taking: taking,
		Chain: chain, Different: []string{},
	}
	if problem != "" {
		report.Different = append(report.Different, "/duty.json: "+problem)
	}
	if bookProblem != "" {
		report.Different = append(report.Different, rulebookPath+": "+bookProblem)
	}
	for _, path := range slices.Sorted(maps.Keys(want)) {
		for _, encoding := range encodings {
			why, err := v.compare(ctx, path, encoding, want[path])
			if err != nil {
				return report, err
			}
			report.Checked++
			if why != "" {
				report.Different = append(report.Different, fmt.Sprintf("%s (%s): %s", path, encoding, why))
			}
		}
	}
	return report, nil
}

// served are all answers of a gate with this build that do not depend on who asks, by path: any of those for its path.
func served(org web.Organisation, site web.Site, rules *rulebook.Table, taking bool, duties []web.Duty) (map[string][]web.Answer, error) {
	assets := webgate.Assets()
	want := map[string][]web.Answer{}
	for _, org.Duty = range duties {
		pages, err := web.Pages(assets, org, site, rules, taking)
		if err != nil {
			return nil, fmt.Errorf("rendering this build's pages: %w", err)
		}
		for path, page := range pages {
			want[path] = append(want[path], page)
		}
	}
	manifest, err := fs.ReadFile(assets, "manifest.json")
	if err != nil {
		return nil, fmt.Errorf("reading this build's assets: %w", err)
	}
	var names map[string]string
	if err := json.Unmarshal(manifest, &names); err != nil {
		return nil, fmt.Errorf("reading this build's assets: %w", err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(assets, name)
		if err != nil {
			return nil, fmt.Errorf("reading this build's assets: %w", err)
		}
		want["/a/"+name] = []web.Answer{{Status: http.StatusOK, Body: b}}
	}
	return want, nil
}

// A visitor asks a gate for what anybody may have.
type visitor struct {
	base   string
	client *http.Client
}

// settings reads what the operator set, and whether letters are taken.
func (v visitor) settings(ctx context.Context) (site web.Site, taking bool, err error) {
	b, err := v.body(ctx, "/site.json")
	if err != nil {
		return web.Site{}, false, err
	}
	if site, err = web.ParseSite(b); err != nil {
		return web.Site{}, false, fmt.Errorf("the site.json that the gate serves: %w", err)
	}
	res, _, err := v.get(ctx, web.IntakePath, "identity")
	if err != nil {
		return web.Site{}, false, err
	}
	return site, res.StatusCode != http.StatusServiceUnavailable, nil
}

func (v visitor) body(ctx context.Context, path string) ([]byte, error) {
	res, b, err := v.get(ctx, path, "identity")
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("the gate answers %s to %s; is it a gate that serves an organisation?", res.Status, path)
	}
	return b, err
}

func (v visitor) get(ctx context.Context, path, encoding string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+path, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("asking for %s: %w", path, err)
	}
	req.Header.Set("Accept-Encoding", encoding)
	res, err := v.client.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("asking the gate: %w", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return res, b, nil
}

// compare says how the gate's answer differs from what is wanted; "" when it does not.
func (v visitor) compare(ctx context.Context, path, encoding string, want []web.Answer) (string, error) {
	res, b, err := v.get(ctx, path, encoding)
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(want, func(a web.Answer) bool { return a.Status == res.StatusCode }) {
		return "answers " + res.Status, nil
	}
	plain, err := decode(res.Header.Get("Content-Encoding"), b)
	switch {
	case err != nil:
		return "cannot be unpacked", nil
	case !slices.ContainsFunc(want, func(a web.Answer) bool { return bytes.Equal(plain, a.Body) }):
		return "other bytes", nil
	case !web.SamePolicy(res.Header, path):
		return "other security policy", nil
	case len(res.Header.Values("Content-Type")) != 1 || res.Header.Get("Content-Type") != web.TypeOf(path):
		return "other type", nil
	}
	for _, name := range acting {
		if len(res.Header.Values(name)) > 0 {
			return "has the header " + name, nil
		}
	}
	return "", nil
}

// acting are headers by which a browser does something that the bytes of the page do not say: leave it, load or remember more,
// tell somebody. No page of ours has one; a proxy's own Server or Via do nothing and are let pass.
var acting = [...]string{
	"Set-Cookie", "Refresh", "Link", "Location", "Alt-Svc", "Content-Security-Policy-Report-Only", "Report-To", "Reporting-Endpoints", "NEL",
	"Service-Worker-Allowed", "SourceMap", "X-SourceMap", "Speculation-Rules", "Accept-CH", "Content-Disposition", "Access-Control-Allow-Origin",
}

// decode unpacks an answer, bounded.
func decode(encoding string, b []byte) ([]byte, error) {
	var r io.Reader = bytes.NewReader(b)
	switch encoding {
	case "", "identity":
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = z
	default:
		return nil, errors.New("unknown encoding")
	}
	return io.ReadAll(io.LimitReader(r, maxServed))
}
