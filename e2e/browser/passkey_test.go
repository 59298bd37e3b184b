package browser

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// TestPasskey adds a passkey, unlocks with it and removes it, with Chromium's own WebAuthn and an authenticator that it simulates. Each view has a desk of
// its own: a passkey belongs to a desk.
func TestPasskey(t *testing.T) {
	for _, v := range chrome.Views(true) {
		t.Run(v.Name, func(t *testing.T) { passkey(t, chrome.StartWorld(t), v) })
	}
}

// newAuthenticator puts a laptop's built-in authenticator into the tab.
func newAuthenticator(p *chrome.Page, prf bool) webauthn.AuthenticatorID {
	p.T.Helper()
	made := chrome.Call(p, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, HasPrf: prf, AutomaticPresenceSimulation: true, IsUserVerified: true,
	}})
	return made.AuthenticatorID
}

func removeAuthenticator(p *chrome.Page, id webauthn.AuthenticatorID) {
	p.T.Helper()
	chrome.Call(p, webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: id})
}

// lockDesk locks with the button in the head of the page.
func lockDesk(p *chrome.Page) {
	p.T.Helper()
	p.Click(`form[action="/lock"] button`)
	p.Until(`document.querySelector('#passphrase') && document.querySelector('form[action="/unlock"]')`)
}

// wrongIs waits until the page says one of its sentences about passkeys.
func wrongIs(p *chrome.Page, which string) {
	p.T.Helper()
	p.Until(`document.querySelector('[data-wrong=` + which + `]') && document.querySelector('[data-wrong=` + which + `]').checkVisibility()`)
}

// addPasskey fills the form for a new passkey.
func addPasskey(p *chrome.Page, name, passphrase string) {
	p.T.Helper()
	p.Until(`document.querySelector('#passkey-new') && document.querySelector('#passkey-new').checkVisibility()`)
	p.Do(chromedp.SetValue(`#name`, name), chromedp.SetValue(`#passphrase`, passphrase))
	p.Click(`#passkey-new button.main`)
}

func passkey(t *testing.T, w *chrome.World, v chrome.View) {
	p := chrome.Open(t, v)
	chrome.Call(p, webauthn.Enable, webauthn.EnableParams{})
	unlock(p, w)
	p.Do(chromedp.Navigate(w.DeskAt(t, "/about")), chromedp.WaitReady(`#main`))
	p.Click(`a[href="/passkeys"]`)
	p.Until(`document.querySelector('main a[href*="//localhost:"]')`)
	p.Check("passkeys-at-the-ip-address")

	// At localhost the desk is the same, locked for this browser.
	p.Click(`main a[href*="//localhost:"]`)
	p.Until(`location.hostname === 'localhost' && document.querySelector('#passphrase')`)
	if chrome.Eval[bool](p, `!!document.querySelector('#passkey-use')`) {
		t.Error("a desk without passkeys offers to use one")
	}
	here := chrome.Eval[string](p, `location.origin`)
	p.Do(chromedp.SendKeys(`#passphrase`, w.Passphrase), chromedp.Submit(`#passphrase`))
	p.Until(`document.querySelector('#rows') || document.querySelector('.empty')`)
	if v.Lang != "en" {
		p.Do(chromedp.SetValue(`#lang`, v.Lang), chromedp.Submit(`#lang`))
		p.Until(`document.documentElement.lang === '` + v.Lang + `'`)
	}
	p.Do(chromedp.Navigate(here + "/passkeys"))

	noPRF := newAuthenticator(p, false)
	addPasskey(p, "old key", w.Passphrase)
	wrongIs(p, "prf")
	p.Check("passkey-without-prf")
	removeAuthenticator(p, noPRF)

	right := newAuthenticator(p, true)
	addPasskey(p, "laptop", "not the passphrase")
	p.Until(`document.querySelector('#wrong')`)
	p.Check("passkey-wrong-passphrase")
	p.Do(chromedp.Navigate(here + "/passkeys"))
	addPasskey(p, "laptop", w.Passphrase)
	p.Until(`document.querySelector('.passkey h2') && document.querySelector('.said')`)
	p.Check("passkey-added")

	lockDesk(p)
	p.Until(`document.querySelector('#passkey-use') && document.querySelector('#passkey-use').checkVisibility()`)
	p.Check("unlock-with-passkey")
	p.Click(`#passkey-use button`)
	p.Until(`document.querySelector('form[action="/lock"]')`)

	lockDesk(p)
	wrongAuthenticator(t, p, right)
	removePasskey(t, p, w, here)
}

// wrongAuthenticator tries to open the locked desk with what is not its passkey, and shows that the passphrase still works.
func wrongAuthenticator(t *testing.T, p *chrome.Page, right webauthn.AuthenticatorID) {
	made := chrome.Call(p, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: right}).Credentials
	if len(made) == 0 {
		t.Fatal("the authenticator has no passkey")
	}
	// A genuine signature with what another authenticator would derive.
	chrome.Eval[bool](p, `(document.querySelector('#passkey-use').submit = function () {
		this.querySelector('[name=secret]').value = 'A'.repeat(43);
		HTMLFormElement.prototype.submit.call(this);
	}, true)`)
	p.Click(`#passkey-use button`)
	p.Until(`document.querySelector('#wrong')`)
	p.Check("passkey-derives-another-key")
	if chrome.Eval[bool](p, `!!document.querySelector('form[action="/lock"]')`) {
		t.Error("a passkey that derives another key unlocked the desk")
	}
	removeAuthenticator(p, right)
	empty := newAuthenticator(p, true)
	p.Click(`#passkey-use button`)
	wrongIs(p, "cancelled")
	p.Check("passkey-not-on-this-device")
	// A copy of the passkey's signing key in another authenticator derives nothing.
	for _, c := range made { // also the one that was made with a wrong passphrase, which the desk does not know
		addCredential(p, empty, c)
	}
	p.Click(`#passkey-use button`)
	wrongIs(p, "prf")
	p.Check("passkey-copied-elsewhere")
}

// addCredential copies a passkey, by a command of our own: cdproto's always names a field that this Chromium refuses.
func addCredential(p *chrome.Page, to webauthn.AuthenticatorID, c *webauthn.Credential) {
	p.T.Helper()
	chrome.Call(p, cdp.Command[map[string]any, cdp.Empty]{Method: webauthn.CommandAddCredential}, map[string]any{
		"authenticatorId": to,
		"credential": map[string]any{
			"credentialId": c.CredentialID, "isResidentCredential": c.IsResidentCredential, "rpId": "localhost", "privateKey": c.PrivateKey,
			"userHandle": c.UserHandle, "signCount": c.SignCount,
		},
	})
}

// removePasskey takes the passkey out, and finds that nothing offers it any more.
func removePasskey(t *testing.T, p *chrome.Page, w *chrome.World, here string) {
	p.Do(chromedp.SendKeys(`#passphrase`, w.Passphrase), chromedp.Submit(`#passphrase`))
	p.Until(`document.querySelector('form[action="/lock"]')`)
	p.Do(chromedp.Navigate(here + "/passkeys"))
	p.Click(`.passkey summary`)
	p.Do(chromedp.SetValue(`.passkey input[name=passphrase]`, "not the passphrase"))
	p.Click(`.passkey button.danger`)
	p.Until(`document.querySelector('.passkey .wrong')`)
	p.Check("passkey-remove-wrong-passphrase")
	p.Do(chromedp.SetValue(`.passkey input[name=passphrase]`, w.Passphrase))
	p.Click(`.passkey button.danger`)
	p.Until(`!document.querySelector('.passkey') && document.querySelector('.said')`)
	p.Check("passkey-removed")
	lockDesk(p)
	if chrome.Eval[bool](p, `!!document.querySelector('#passkey-use')`) {
		t.Error("a removed passkey is offered")
	}
	u, err := url.Parse(w.Desk)
	if err != nil || strings.HasPrefix(here, "http://"+u.Host) {
		t.Errorf("the passkey was used at %s, which is the IP address: %v", here, err)
	}
}
