// What a person gets after sending: the code, to read, to say, to save; the gate's promise; how the letter was sealed.

import { grouped } from "./code";
import { find, make, say, show } from "./dom";
import type { Loader } from "./load";
import type { Accepted } from "./seal";
import type { Words } from "./words";

/** deadlineOf reads the deadline of a promise; an unreadable one gives undefined. */
export function deadlineOf(promise: string): Date | undefined {
	const line = /^deadline (\S+)$/m.exec(promise);
	const at = line ? new Date(line[1]) : undefined;
	return at && !Number.isNaN(at.getTime()) ? at : undefined;
}

/** spelled writes a code so that screen readers and people say digit after digit: "1 2 3 4, 5 6 7 8". */
export function spelled(digits: string): string {
	return grouped(digits).split(" ").map((group) => group.split("").join(" ")).join(", ");
}

/** saveText hands a person a small text file. The name is neutral: it lies in a downloads folder for all to see. */
export function saveText(name: string, text: string): void {
	const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
	const link = make("a", { href: url, download: name });
	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Result is what there is to show. */
export interface Result {
	digits?: string; // absent for a later letter: its code is known
	accepted: Accepted;
	organisation: string;
}

/** showSent fills #sent and moves there. QR codes come a moment later; without them the rest still stands. */
export function showSent(result: Result, w: Words, loader: Loader): void {
	const box = find("#sent")!;
	const part = (selector: string) => find(selector, box);
	const mailbox = find<HTMLAnchorElement>("a[href*=mailbox]", box)?.href ?? location.origin;
	if (result.digits) showCode(result.digits, part, mailbox);
	const { promise } = result.accepted;
	const deadline = deadlineOf(promise);
	const time = deadline?.toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" }) ?? "?";
	say(part(".promise"), w("promise_words", { org: result.organisation, time }));
	say(part(".sealed-was"), w("sealed_was_browser"));
	onPress(part(".save-promise"), () => saveText("proof.txt", promise));
	show(box);
	const title = part("h1, h2") ?? box;
	title.tabIndex = -1;
	title.focus();
	void drawCodes(result, part, w, loader);
}

function showCode(digits: string, part: (selector: string) => HTMLElement | null, mailbox: string): void {
	const isolate = make("bdi", { dir: "ltr" }, grouped(digits));
	part(".code")?.replaceChildren(isolate);
	const aloud = part(".code-aloud");
	aloud?.replaceChildren(make("bdi", { dir: "ltr" }, spelled(digits)));
	show(aloud);
	const save = part(".save-code");
	show(save);
	onPress(save, () => saveText("note.txt", `${grouped(digits)}\n${mailbox}\n`));
}

// onPress replaces what a press did before: a mailbox page can send more than once.
function onPress(element: HTMLElement | null, press: () => void): void {
	if (!element) return;
	element.onclick = (e) => {
		e.preventDefault();
		press();
	};
}

async function drawCodes(result: Result, part: (selector: string) => HTMLElement | null, w: Words, loader: Loader): Promise<void> {
	const { draw } = await loader.get("qr");
	const put = (selector: string, text: string, label: string) => {
		const place = part(selector);
		place?.replaceChildren(draw(text, label));
		show(place);
	};
	if (result.digits) put(".code-qr", result.digits, w("code_qr"));
	put(".promise-qr", result.accepted.promise, w("promise_title"));
}
