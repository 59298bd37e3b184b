// The upload against a real server that behaves as docs/formats.md says and breaks connections on demand.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import test from "node:test";
import { Lost } from "./http";
import type { Transport } from "./http";
import { pieceSize, Refused, upload } from "./upload";
import type { Trip } from "./upload";
import * as code from "./seal";
import type { Keys, Sealed } from "./seal";

const keys = { mailbox: "m", auth: "a" } as Keys;

function letter(size: number): Sealed {
	const bytes = new Uint8Array(size).map((_, i) => i * 7);
	return { id: createHash("sha256").update(bytes).digest("hex"), bytes };
}

/** Gate keeps pieces; trouble may answer or cut a request instead, before or after it took effect. */
class Gate {
	held: Buffer = Buffer.alloc(0);
	accepted = 0;
	requests: string[] = [];
	constructor(readonly whole: Sealed, readonly trouble: (n: number, res: ServerResponse, after: boolean) => boolean) {}

	async take(req: IncomingMessage, res: ServerResponse): Promise<void> {
		const n = this.requests.push(`${req.method} ${req.headers["content-range"] ?? "-"}`);
		if (this.trouble(n, res, false)) return;
		const body: Buffer[] = [];
		for await (const chunk of req) body.push(chunk as Buffer);
		const answer = this.effect(req, Buffer.concat(body));
		if (this.trouble(n, res, true)) return;
		res.writeHead(answer.status).end(JSON.stringify(answer.body));
	}

	effect(req: IncomingMessage, body: Buffer): { status: number; body: object } {
		assert.equal(req.url, "/v1/letters/" + this.whole.id);
		const done = { status: 200, body: { id: this.whole.id, record: "first receipt" } };
		if (req.method === "GET") return { status: 200, body: { have: this.accepted ? this.whole.bytes.length : this.held.length, accepted: !!this.accepted } };
		assert.deepEqual([req.headers["panah-mailbox"], req.headers["panah-auth"]], ["m", "a"]);
		if (this.accepted) return done;
		const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(req.headers["content-range"] ?? "");
		const from = range ? Number(range[1]) : 0;
		if (range) assert.equal(Number(range[2]) - from + 1, body.length);
		if (from !== this.held.length && range) return { status: 409, body: { error: "offset", have: this.held.length } };
		this.held = range ? Buffer.concat([this.held, body]) : body;
		if (this.held.length < this.whole.bytes.length) return { status: 202, body: { have: this.held.length } };
		assert.deepEqual(this.held, Buffer.from(this.whole.bytes));
		this.accepted++;
		return { ...done, status: 201 };
	}
}

async function run(gate: Gate, extra: Partial<Trip> = {}): Promise<{ result: unknown; states: string[]; most: number }> {
	const server = createServer((req, res) => void gate.take(req, res).catch((e) => res.destroy(e)));
	await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
	const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const send: Transport = async (ask) => {
		try {
			const r = await fetch(base + ask.path, { method: ask.method, headers: ask.headers, body: ask.body as Uint8Array<ArrayBuffer> });
			return { status: r.status, body: new Uint8Array(await r.arrayBuffer()) };
		} catch {
			throw new Lost();
		}
	};
	const states: string[] = [];
	let most = 0;
	try {
		const trip: Trip = {
			send, work: code.work, pause: async () => {},
			tell: (state, have, total) => {
				if (states.at(-1) !== state) states.push(state);
				most = Math.max(most, have / total);
			},
			...extra,
		};
		return { result: await upload(gate.whole, keys, trip), states, most };
	} finally {
		server.closeAllConnections();
		server.close();
	}
}

const smooth = () => false;

test("a small letter is one request, a large one goes in pieces", async () => {
	const small = new Gate(letter(6000), smooth);
	assert.equal((await run(small)).most, 1);
	assert.deepEqual(small.requests, ["PUT -"]);
	const large = new Gate(letter(2 * pieceSize + 5), smooth);
	await run(large);
	assert.deepEqual(large.requests, ["PUT bytes 0-49151/98309", "PUT bytes 49152-98303/98309", "PUT bytes 98304-98308/98309"]);
});

test("wherever the line breaks, the letter arrives once, and its receipt", async () => {
	for (const size of [6000, 3 * pieceSize]) {
		for (let broken = 1; broken <= 4; broken++) {
			for (const lateCut of [false, true]) {
				const gate = new Gate(letter(size), (n, res, after) => n === broken && after === lateCut && !!res.destroy());
				const { result, states } = await run(gate);
				assert.deepEqual(result, { id: gate.whole.id, record: "first receipt" }, `${size} ${broken} ${lateCut}`);
				assert.equal(gate.accepted, 1);
				if (gate.requests.length > broken) assert.ok(states.includes("lost"), states.join());
			}
		}
	}
});

test("a gate that forgot the pieces gets them anew", async () => {
	const gate = new Gate(letter(3 * pieceSize), (n, _res, after) => {
		if (n === 3 && !after) gate.held = Buffer.alloc(0);
		return false;
	});
	await run(gate);
	assert.equal(gate.accepted, 1);
});

test("a challenge is answered", async () => {
	let answered = "";
	const gate = new Gate(letter(6000), (n, res, after) => {
		if (n === 1 && !after) return !!res.writeHead(428).end(JSON.stringify({ error: "work", challenge: "c", bits: 9 }));
		if (!after) answered = String(res.req.headers["panah-work"]);
		return false;
	});
	const { states } = await run(gate);
	const [challenge, counter] = answered.split("|");
	const hash = createHash("sha256").update(`${challenge}|${gate.whole.id}|${counter}`).digest();
	assert.ok(hash[0] === 0 && hash[1] < 128);
	assert.ok(states.includes("work"));
});

test("busy is waited for, a no is told by its code", async () => {
	const say = (res: ServerResponse, status: number, error: string) => !!res.writeHead(status).end(JSON.stringify({ error }));
	const briefly = new Gate(letter(6000), (n, res, after) => n < 3 && !after && say(res, 503, "busy"));
	assert.ok((await run(briefly)).states.includes("busy"));
	for (const [status, error] of [[507, "full"], [413, "too-large"], [422, "shape"], [409, "roster"], [503, "closed"], [503, "busy"]] as const) {
		const gate = new Gate(letter(6000), (_n, res, after) => !after && say(res, status, error));
		await assert.rejects(() => run(gate), (e) => e instanceof Refused && e.code === error, error);
	}
});

test("a gate that never gets further is told, not tried for ever", async () => {
	const gate = new Gate(letter(2 * pieceSize), (_n, res, after) => !after && !!res.writeHead(202).end('{"have":0}'));
	await assert.rejects(() => run(gate), Refused);
});
