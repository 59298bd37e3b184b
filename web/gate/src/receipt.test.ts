import assert from "node:assert/strict";
import test from "node:test";
import vectors from "../../../vectors/receipt.json";
import { base64url } from "./bytes";
import { derive } from "./receipt";

test("a code derives what the shared vectors say, giving the page its turns", async () => {
	for (const v of vectors) {
		let turns = 0;
		const clock = setInterval(() => turns++, 1);
		const told: number[] = [];
		const keys = await derive(v.code, v.org, (done) => told.push(done));
		clearInterval(clock);
		assert.deepEqual(
			{ mailbox: keys.mailbox, auth: keys.auth, mac: base64url(keys.mac), identity: keys.identity, recipient: keys.box },
			{ mailbox: v.mailbox, auth: v.auth, mac: v.mac, identity: v.identity, recipient: v.recipient },
		);
		assert.ok(turns > 0, "the derivation held the thread from end to end");
		assert.equal(told.at(-1), 1);
	}
});
