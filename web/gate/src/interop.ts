// Lets Go tests drive the browser's sealing code: one JSON request on standard input, one JSON answer on standard
// output. Bundled for tests only.

import { readFileSync } from "node:fs";
import { Decrypter } from "age-encryption";
import { address, arrange, writeTo } from "./replies";
import * as code from "./seal";

const { compose, derive, open } = code;

const bytes = (base64: string) => Uint8Array.from(Buffer.from(base64, "base64"));
const base64 = (b: Uint8Array) => Buffer.from(b).toString("base64");

interface Request {
	do: "seal" | "answer" | "open" | "age";
	code: string;
	org: string;
	epoch: number;
	recipient: string;
	kind: "letter" | "erase";
	n: number;
	parts: { type: string; data: string }[];
	identity: string;
	sealed: string;
	replies: string[];
	files: { identity: string; file: string }[];
}

async function answer(r: Request): Promise<unknown> {
	switch (r.do) {
		case "seal": {
			const keys = await derive(r.code, r.org);
			const parts = r.parts.map((p) => ({ type: p.type, data: bytes(p.data) }));
			const sealed = await compose({ org: r.org, epoch: r.epoch, recipient: r.recipient, keys }, r.kind, r.n, parts, new Date());
			return { sealed: base64(sealed.bytes), id: sealed.id };
		}
		case "answer": { // after reading a mailbox, as its page does
			const keys = await derive(r.code, r.org);
			const entries = await arrange(r.replies.map(bytes), keys, r.org, code);
			const to = address({ org: r.org, name: "", epoch: r.epoch, recipient: r.recipient }, keys, writeTo(entries));
			const parts = r.parts.map((p) => ({ type: p.type, data: bytes(p.data) }));
			const sealed = await compose(to, r.kind, r.n, parts, new Date());
			return { sealed: base64(sealed.bytes), id: sealed.id };
		}
		case "open": {
			const identity = r.identity || (await derive(r.code, r.org)).identity;
			const l = await open(identity, bytes(r.sealed));
			return { kind: l.kind, n: l.n, to: l.to, tag: l.tag && base64(l.tag), parts: l.parts.map((p) => ({ type: p.type, data: base64(p.data) })) };
		}
		case "age": // any age file, by the library as it is bundled: for the published vectors
			return Promise.all(r.files.map(async ({ identity, file }) => {
				try {
					const age = new Decrypter();
					age.addIdentity(identity);
					return { plain: base64(await age.decrypt(bytes(file))) };
				} catch (problem) {
					return { problem: String(problem) };
				}
			}));
	}
}

const request = JSON.parse(readFileSync(0, "utf8")) as Request;
void answer(request).then((a) => process.stdout.write(JSON.stringify(a)));
