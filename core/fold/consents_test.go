package fold_test

import (
	"testing"
	"time"

	"panah/core/event"
)

func given(id, to string) event.Consented {
	return event.Consented{ID: id, What: "tell-lawyer", Receiver: to, State: "given", By: "person", Ends: "2026-11-30"}
}

func told(ground, to string) event.Disclosed {
	return event.Disclosed{What: "tell-lawyer", Receiver: to, Facts: "held since Monday", Ground: ground}
}

func TestDisclosureNeedsAConsentForThatReceiver(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(opened())
	d.say(given(oneID, "Lawyer A"))
	other := told(oneID, "Lawyer A")
	other.What = "tell-family"
	if e := d.say(told(oneID, "Lawyer A")); refusedOf(t, d.fold(), e) != "" {
		t.Error("there is a consent and it is refused")
	}
	for _, body := range []event.Disclosed{told(twoID, "Lawyer A"), told(oneID, "Lawyer B"), other} {
		e := d.say(body)
		if got := refusedOf(t, d.fold(), e); got != "ground" {
			t.Errorf("%s to %s: %q", body.What, body.Receiver, got)
		}
	}
	if c := d.fold(); len(c.Disclosures) != 1 || c.Disclosures[0].By != ana {
		t.Errorf("%d disclosures", len(c.Disclosures))
	}
}

func TestDisclosureAfterTheEndIsRefused(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(given(oneID, "Lawyer A"))
	d.wait(7 * 24 * time.Hour) // the last day
	if e := d.say(told(oneID, "Lawyer A")); refusedOf(t, d.fold(), e) != "" {
		t.Error("refused on its last day")
	}
	d.wait(24 * time.Hour)
	if e := d.say(told(oneID, "Lawyer A")); refusedOf(t, d.fold(), e) != "ground" {
		t.Error("told after the consent ended")
	}
}

func TestDisclosureAfterWithdrawalIsRefused(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(given(oneID, "Lawyer A"))
	before := d.say(told(oneID, "Lawyer A"))
	d.say(event.Withdrawn{ID: oneID})
	after := d.say(told(oneID, "Lawyer A"))
	c := d.fold()
	if refusedOf(t, c, before) != "" || refusedOf(t, c, after) != "ground" || c.Consents[0].Withdrawn.IsZero() {
		t.Errorf("before %q, after %q", refusedOf(t, c, before), refusedOf(t, c, after))
	}
	d.say(given(oneID, "Lawyer A"))
	renewed := d.say(told(oneID, "Lawyer A"))
	if c := d.fold(); refusedOf(t, c, renewed) != "" || !c.Consents[0].Withdrawn.IsZero() || refusedOf(t, c, after) != "ground" {
		t.Error("given anew")
	}
}

func TestWithdrawalElsewhereCountsByTheClock(t *testing.T) {
	for _, withdrawnFirst := range []bool{true, false} {
		all := desks(t, ana, bilal)
		a, b := all[0], all[1]
		a.say(given(oneID, "Lawyer A"))
		meet(a, b)
		if withdrawnFirst {
			b.say(event.Withdrawn{ID: oneID})
		}
		tell := a.say(told(oneID, "Lawyer A"))
		if !withdrawnFirst {
			b.say(event.Withdrawn{ID: oneID})
		}
		meet(a, b)
		if got := refusedOf(t, a.fold(), tell); (got == "ground") != withdrawnFirst {
			t.Errorf("withdrawn first %v: %q", withdrawnFirst, got)
		}
	}
}

func TestRefusedConsentIsNoGround(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	no := given(oneID, "Lawyer A")
	no.State, no.Ends = "refused", ""
	a.say(given(oneID, "Lawyer A"))
	b.say(no)
	meet(a, b)
	if c := a.fold(); len(c.Consents) != 1 || c.Consents[0].State != "refused" {
		t.Error("of yes and no at once the no does not count")
	}
	if e := a.say(told(oneID, "Lawyer A")); refusedOf(t, a.fold(), e) != "ground" {
		t.Error("told without consent")
	}
	a.say(given(oneID, "Lawyer A"))
	if e := a.say(told(oneID, "Lawyer A")); refusedOf(t, a.fold(), e) != "" {
		t.Error("the newest does not count")
	}
}

func TestDisclosureBeforeTheConsentWasKnownIsRefused(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(given(oneID, "Lawyer A"))
	tell := b.say(told(oneID, "Lawyer A")) // the other desk cannot have known of it
	meet(a, b)
	if refusedOf(t, a.fold(), tell) != "ground" {
		t.Error("a consent that the author had not seen counts")
	}
}

func TestVitalInterestNeedsTwoNamedPeople(t *testing.T) {
	d := desks(t, ana)[0]
	vital := event.Vital{ID: oneID, What: "tell-lawyer", Receiver: "Hospital", Reason: "unconscious"}
	d.say(vital)
	if e := d.say(told(oneID, "Hospital")); refusedOf(t, d.fold(), e) != "ground" {
		t.Error("one person is enough")
	}
	same, nobody := d.say(event.VitalAgreed{ID: oneID}), d.sayAs("", event.VitalAgreed{ID: oneID}, d.fold().Heads)
	if c := d.fold(); refusedOf(t, c, same) != "role" || refusedOf(t, c, nobody) != "role" || c.Vitals[0].Second != "" {
		t.Error("the same person is a second one")
	}
	if e := d.say(event.VitalAgreed{ID: twoID}); refusedOf(t, d.fold(), e) != "state" {
		t.Error("agreed to nothing")
	}
	d.sayAs(bilal, event.VitalAgreed{ID: oneID}, d.fold().Heads)
	tell, elsewhere := d.say(told(oneID, "Hospital")), d.say(told(oneID, "Police"))
	if c := d.fold(); refusedOf(t, c, tell) != "" || refusedOf(t, c, elsewhere) != "ground" || c.Vitals[0].First != ana || c.Vitals[0].Second != bilal {
		t.Error("two people agreed")
	}
	vital.Receiver = "Police"
	if e := d.say(vital); refusedOf(t, d.fold(), e) != "state" || len(d.fold().Vitals) != 1 {
		t.Error("what was agreed to can be changed")
	}
}

func TestProxyIsConfirmedByThePersonAndANoCounts(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(event.Proxy{Relation: "brother", Why: "held"})
	meet(a, b)
	a.say(event.ProxyConfirmed{Confirmed: true, How: "by phone"})
	b.say(event.ProxyConfirmed{Confirmed: false, How: "by the lawyer"})
	meet(a, b)
	if p := a.fold().Proxy; p.Confirmed != "no" || p.How != "by the lawyer" {
		t.Errorf("%q %q", p.Confirmed, p.How)
	}
	a.say(event.ProxyConfirmed{Confirmed: true, How: "in person"})
	if p := a.fold().Proxy; p.Confirmed != "yes" {
		t.Error("said again, knowing of both")
	}
	a.say(event.Proxy{Relation: "neighbour", Why: "held"})
	if p := a.fold().Proxy; p.Confirmed != "" || p.Relation != "neighbour" {
		t.Error("a new proxy was confirmed before it began")
	}
}

func TestBasesAreTheNewestOfEachProcessing(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(event.Basis{Processing: "keep", Basis: "consent"})
	d.say(event.Basis{Processing: "contact", Basis: "consent"})
	d.say(event.Basis{Processing: "keep", Basis: "vital_interest"})
	d.say(event.Checked{Found: false})
	d.say(event.Checked{Found: true})
	if c := d.fold(); len(c.Bases) != 2 || c.Bases[1].Basis != "vital_interest" || !*c.Checked {
		t.Errorf("%d bases", len(c.Bases))
	}
}
