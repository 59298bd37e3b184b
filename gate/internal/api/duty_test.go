package api

import (
	"bytes"
	"net/http/httptest"
	"testing"
	"time"

	"panah/core/duty"
	"panah/core/wire"
)

// TestDutyIsPublicAndSigned publishes times of duty and reads them as anybody does.
func TestDutyIsPublicAndSigned(t *testing.T) {
	a, c := council(t, 1, 1, 2)
	expect(t, a, nil, "GET", "/duty.json", nil, 404, wire.CodeDuty)
	now := a.c.Now()
	said := wire.NewDuty(duty.Roster{{From: now.Add(time.Hour), To: now.Add(2 * time.Hour)}}, "Asia/Kabul", now)
	expect(t, a, nil, "POST", wire.DutyTarget, said.Bytes(), 401, wire.CodeDevice)
	expect(t, a, c.Desks[0], "POST", wire.DutyTarget, append(said.Bytes(), '\n'), 422, wire.CodeShape)
	elsewhere := said
	elsewhere.Zone = "Asia/Nowhere"
	expect(t, a, c.Desks[0], "POST", wire.DutyTarget, elsewhere.Bytes(), 422, wire.CodeShape)
	expect(t, a, c.Desks[0], "POST", wire.DutyTarget, said.Bytes(), 204, "")
	earlier := said
	earlier.At -= 60
	expect(t, a, c.Desks[1], "POST", wire.DutyTarget, earlier.Bytes(), 409, wire.CodeDuty)

	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest("GET", "/duty.json", nil))
	h := w.Header()
	signed := wire.Signed{Device: h.Get(wire.HeaderDevice), Date: h.Get(wire.HeaderDate), Signature: h.Get(wire.HeaderSignature)}
	_, device, err := wire.CheckDuty(w.Body.Bytes(), signed, h.Get(wire.HeaderGate))
	if err != nil || !device.Equal(c.Desks[0].Public()) || !bytes.Equal(w.Body.Bytes(), said.Bytes()) || h.Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("%v, %q, %v", err, w.Body, h)
	}
}
