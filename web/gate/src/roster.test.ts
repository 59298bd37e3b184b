import assert from "node:assert/strict";
import test from "node:test";
import { Lost } from "./http";
import type { Answer } from "./http";
import { fetchRoster, parseRoster, RosterKeeper, WrongOrganisation } from "./roster";
import { utf8 } from "./bytes";

const org = "abcdefghjkmnpqrstvwx";
const note = `panah.roster/v1
org ${org}
name Legal aid — کمک
serial 1
epoch 3
previous AAAA
recipient age1pq1qqqq
threshold 1
keeper k+1+x
device AAAA

— k sig
`;

test("a roster gives what sealing needs", () => {
	assert.deepEqual(parseRoster(note), { org, name: "Legal aid — کمک", epoch: 3, recipient: "age1pq1qqqq" });
});

test("malformed rosters are refused", () => {
	const bad = [
		"", note.replace("v1", "v2"), note.replace("epoch 3", "epoch 0"), note.replace("epoch 3", "epoch 3e1"),
		note.replace("recipient age1pq1qqqq", "recipient age1qqqq"), note.replace("name", "name x\nname"),
		note.replace(`org ${org}\n`, ""), note.replace("epoch 3", "epoch 3\nepoch 4"), "x".repeat(300000),
	];
	for (const text of bad) assert.throws(() => parseRoster(text), text.slice(0, 200));
});

test("another organisation's roster is told from a lost connection", async () => {
	const gives = (status: number, text: string) => async (): Promise<Answer> => ({ status, body: utf8(text) });
	assert.equal((await fetchRoster(gives(200, note), org)).epoch, 3);
	await assert.rejects(() => fetchRoster(gives(200, note), "zyxwvtsrqpnmkjhgfedc"), WrongOrganisation);
	await assert.rejects(() => fetchRoster(gives(502, ""), org), Lost);
});

test("a roster is asked for again when it is old, was forgotten, or did not come", async () => {
	let now = 1e12, asked = 0, broken = false;
	const keeper = new RosterKeeper(async () => {
		asked++;
		if (broken) throw new Lost();
		return { ...parseRoster(note), epoch: asked };
	}, () => now);
	const epoch = async () => (await keeper.get()).epoch;
	assert.deepEqual([await epoch(), await epoch()], [1, 1]);
	now += 3600000;
	assert.equal(await epoch(), 1, "an hour is not too old");
	now += 1;
	assert.equal(await epoch(), 2);
	now -= 7200000;
	assert.equal(await epoch(), 3, "a clock that was set back proves nothing");
	keeper.forget();
	assert.equal(await epoch(), 4);
	keeper.forget();
	broken = true;
	await assert.rejects(epoch, Lost);
	broken = false;
	assert.equal(await epoch(), 6, "a failure is not kept");
});
