import assert from "node:assert/strict";
import test from "node:test";

import { letter } from "./parts/shortcuts";

test("a key is known by its place where the keyboard writes another script", () => {
  assert.equal(letter({ key: "j", code: "KeyJ" }), "j");
  assert.equal(letter({ key: "ت", code: "KeyJ" }), "j"); // Persian
  assert.equal(letter({ key: "؟", code: "Slash" }), "?");
  assert.equal(letter({ key: "?", code: "Slash" }), "?");
  assert.equal(letter({ key: "ظ", code: "Slash" }), "/");
  assert.equal(letter({ key: "۳", code: "Digit3" }), "3");
  assert.equal(letter({ key: "o", code: "KeyS" }), "o"); // Dvorak: what is written counts
  assert.equal(letter({ key: "Enter", code: "Enter" }), "Enter");
});
