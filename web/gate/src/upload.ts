// Bringing one sealed letter to the gate, over connections that break. The same bytes under the same id go out on
// every try, so that no try can make a second letter: docs/formats.md, section 4.

import { json, Lost } from "./http";
import type { Answer, Transport } from "./http";
import type { Accepted, Keys, Sealed } from "./seal";

/** pieceSize is the largest body of one request: a lost connection costs at most so much. */
export const pieceSize = 48 * 1024;

/** Refused is the gate's no, with its code. */
export class Refused extends Error {
	constructor(readonly code: string) {
		super("the gate refused: " + code);
	}
}

/** Trip is what an upload needs from around it. */
export interface Trip {
	send: Transport;
	work: (challenge: string, id: string, bits: number) => Promise<number>;
	/** pause waits before another try: at most ms, less when the network comes back or the person asks. */
	pause: (ms: number) => Promise<void>;
	/** tell is called with every change. */
	tell: (state: "sending" | "lost" | "busy" | "work", have: number, total: number) => void;
}

const longestPause = 30000;
const busyTries = 6;

/** upload returns the gate's answer to the whole letter. It tries for as long as the connection is bad; a no throws Refused. */
export async function upload(letter: Sealed, keys: Keys, trip: Trip): Promise<Accepted> {
	const total = letter.bytes.length;
	const path = "/v1/letters/" + letter.id;
	const headers: Record<string, string> = {
		"Content-Type": "application/age", "Panah-Mailbox": keys.mailbox, "Panah-Auth": keys.auth,
	};
	let have = 0;
	let failures = 0;
	let stuck = 0;
	for (;;) {
		try {
			const before = have;
			const answer = await sendPiece();
			if (answer.status === 200 || answer.status === 201) {
				trip.tell("sending", total, total);
				return json(answer) as Accepted;
			}
			have = await react(answer);
			stuck = have > before ? 0 : stuck + 1;
			if (have > before) failures = 0;
			if (stuck > 20) throw new Refused("internal"); // a gate that never gets further is not a bad connection
		} catch (problem) {
			if (!(problem instanceof Lost)) throw problem;
			trip.tell("lost", have, total);
			await rest();
			have = await resume(have);
		}
	}

	function sendPiece(): Promise<Answer> {
		const end = Math.min(have + pieceSize, total);
		const range = total > pieceSize ? { "Content-Range": `bytes ${have}-${end - 1}/${total}` } : undefined;
		trip.tell("sending", have, total);
		return trip.send({
			method: "PUT", path, headers: { ...headers, ...range }, body: letter.bytes.subarray(have, end),
			sent: (n) => trip.tell("sending", Math.min(have + n, end), total),
		});
	}

	// react returns from where to go on, after an answer that is not the last one.
	async function react(answer: Answer): Promise<number> {
		const body = json(answer);
		delete headers["Panah-Work"];
		switch (answer.status) {
			case 202:
			case 409:
				if (body.error === "roster") throw new Refused("roster"); // sealed to a key that is no more
				return next(body.have);
			case 428:
				trip.tell("work", have, total);
				headers["Panah-Work"] = `${body.challenge}|${await trip.work(String(body.challenge), letter.id, Number(body.bits))}`;
				return have;
		}
		const code = typeof body.error === "string" ? body.error : answer.status >= 500 ? "busy" : "internal";
		if (code !== "busy" || ++failures > busyTries) throw new Refused(code);
		trip.tell("busy", have, total);
		await trip.pause(delay());
		return have;
	}

	// resume asks how much the gate holds. When it holds everything, the last piece is sent once more: the gate
	// answers it with the first receipt.
	async function resume(known: number): Promise<number> {
		if (total <= pieceSize) return 0;
		try {
			const answer = await trip.send({ method: "GET", path });
			return answer.status === 200 ? next(json(answer).have) : 0;
		} catch (problem) {
			if (problem instanceof Lost) return known;
			throw problem;
		}
	}

	function next(held: unknown): number {
		const n = Number(held);
		if (!Number.isSafeInteger(n) || n < 0) return 0;
		return n >= total ? Math.floor((total - 1) / pieceSize) * pieceSize : n;
	}

	function rest(): Promise<void> {
		failures++;
		return trip.pause(delay());
	}

	function delay(): number {
		return Math.min(longestPause, 1000 * 2 ** Math.min(failures - 1, 5));
	}
}
