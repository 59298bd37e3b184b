// What a mailbox holds, as a person sees it. Nothing is hidden: an answer that is missing, unreadable or not the
// organisation's has its place in the list and says so.

import { fromUtf8, readUint32 } from "./bytes";
import { make } from "./dom";
import type { Sealing } from "./load";
import type { Roster } from "./roster";
import type { Address, Keys, Letter, Part } from "./seal";
import type { Words } from "./words";

const largestLetter = 2 * 1024 * 1024 + 4096;
const mostReplies = 2000;

/** split reads a mailbox stream: uint32 length, sealed bytes, oldest first. A cut stream throws. */
export function split(stream: Uint8Array): Uint8Array[] {
	const replies: Uint8Array[] = [];
	for (let at = 0; at < stream.length; ) {
		const length = stream.length - at >= 4 ? readUint32(stream, at) : largestLetter + 1;
		at += 4;
		if (length > largestLetter || length > stream.length - at || replies.length === mostReplies) {
			throw new Error("a cut mailbox stream");
		}
		replies.push(stream.subarray(at, (at += length)));
	}
	return replies;
}

/** Entry is one line of the list. */
export type Entry =
	| { state: "good" | "forged"; n: number; letter: Letter }
	| { state: "missing"; n: number }
	| { state: "unread"; n: number };

/**
 * arrange opens the replies and puts them in their order. Numbers count from 1 without a gap; a second reply under a
 * number that is taken, another organisation's, or one without the thread's tag is forged.
 */
export async function arrange(sealed: Uint8Array[], keys: Keys, org: string, code: Sealing): Promise<Entry[]> {
	const good = new Map<number, Entry>();
	const odd: Entry[] = [];
	for (const bytes of sealed) {
		try {
			const letter = await code.open(keys.identity, bytes);
			const real = letter.kind === "reply" && letter.org === org && letter.n > 0 && code.authentic(keys.mac, letter);
			if (real && !good.has(letter.n)) good.set(letter.n, { state: "good", n: letter.n, letter });
			else odd.push({ state: "forged", n: letter.n, letter });
		} catch {
			odd.push({ state: "unread", n: 0 });
		}
	}
	const last = Math.max(0, ...good.keys());
	const list: Entry[] = [];
	let gap = 0;
	for (let n = 1; n <= last; n++) {
		const there = good.get(n);
		// A forged high number cannot get here, but a broken desk could: name the first gaps, not four billion.
		if (there) list.push(there);
		else if (gap++ < 100) list.push({ state: "missing", n });
		else n = Math.min(...[...good.keys()].filter((k) => k > n)) - 1;
	}
	return [...list, ...odd];
}

/** writeTo is the recipient that the newest of the organisation's answers asks to write to; undefined when it asks for none. */
export function writeTo(entries: Entry[]): string | undefined {
	let newest: Letter | undefined;
	for (const e of entries) if (e.state === "good" && e.n > (newest?.n ?? 0)) newest = e.letter;
	return newest?.to;
}

/** address is where the person's next letter goes: to the organisation, or to the recipient that an answer asks to write to. */
export function address(roster: Roster, keys: Keys, writeTo?: string): Address {
	return writeTo === undefined ? { ...roster, keys } : { ...roster, keys, epoch: 0, recipient: writeTo };
}

/** ReplyList shows entries; it remembers the picture addresses that it made, to give them back. */
export class ReplyList {
	private readonly urls: string[] = [];

	constructor(private readonly list: HTMLElement, private readonly w: Words) {}

	/** show replaces what the list shows. */
	show(entries: Entry[]): void {
		this.clear();
		for (const entry of entries) this.list.append(this.item(entry));
	}

	/** clear empties the list. */
	clear(): void {
		for (const url of this.urls.splice(0)) URL.revokeObjectURL(url);
		this.list.replaceChildren();
	}

	private item(entry: Entry): HTMLLIElement {
		const warn = (id: string) => make("p", { className: "warning" }, this.w(id, { n: entry.n }));
		if (entry.state === "missing") return make("li", {}, warn("reply_missing"));
		if (entry.state === "unread") return make("li", {}, warn("reply_unread"));
		const title = make("h3", {}, this.w("reply_n", { n: entry.n }), " ", day(entry.letter.at));
		const parts = entry.letter.parts.map((p) => this.part(p)).filter((e) => e !== undefined);
		if (entry.state === "forged") return make("li", { className: "forged" }, warn("reply_forged"), title, ...parts);
		return make("li", {}, title, ...parts);
	}

	private part(part: Part): HTMLElement | undefined {
		if (part.type === "text/plain") return make("p", { className: "text", dir: "auto" }, words(part.data));
		const type = trueType(part);
		if (type === undefined) return make("p", {}, this.w("attachment"), " (?)");
		const url = URL.createObjectURL(new Blob([part.data as Uint8Array<ArrayBuffer>], { type }));
		this.urls.push(url);
		if (type.startsWith("audio/")) return make("audio", { controls: true, src: url, title: this.w("attachment") });
		return make("img", { src: url, alt: this.w("attachment") });
	}
}

function words(data: Uint8Array): string {
	try {
		return fromUtf8(data);
	} catch {
		return "�";
	}
}

function day(at: string | undefined): HTMLElement {
	const time = new Date(at ?? "");
	if (Number.isNaN(time.getTime())) return make("small");
	return make("small", {}, time.toLocaleDateString(document.documentElement.lang, { dateStyle: "long" }));
}

const beginnings: Record<string, (b: Uint8Array) => boolean> = {
	"image/jpeg": (b) => b[0] === 0xff && b[1] === 0xd8 && b[2] === 0xff,
	"image/png": (b) => String.fromCharCode(...b.subarray(1, 4)) === "PNG",
	"image/webp": (b) => String.fromCharCode(...b.subarray(8, 12)) === "WEBP",
	"audio/ogg": (b) => String.fromCharCode(...b.subarray(0, 4)) === "OggS",
	"audio/webm": (b) => b[0] === 0x1a && b[1] === 0x45 && b[2] === 0xdf && b[3] === 0xa3,
};

/** trueType returns a part's type when its bytes begin as that type does, else undefined: then nothing is shown of it. */
export function trueType(part: Part): string | undefined {
	return beginnings[part.type]?.(part.data) ? part.type : undefined;
}
