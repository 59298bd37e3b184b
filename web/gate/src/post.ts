// The way of one letter from this page to the gate: sealing code, roster, keys, seal, upload, receipt. Every step may
// be repeated; a letter that was sealed stays sealed as it is, so that a repeated upload makes no second letter.

import { say } from "./dom";
import { Lost, browser } from "./http";
import type { Loader, Sealing } from "./load";
import type { Progress } from "./progress";
import { fetchRoster, RosterKeeper, WrongOrganisation } from "./roster";
import type { Roster } from "./roster";
import { address } from "./replies";
import type { Accepted, Keys, Part, Sealed } from "./seal";
import { Refused, upload } from "./upload";
import type { Words } from "./words";

/** Broken says that the gate's answer does not vouch for the letter it was sent. */
export class Broken extends Error {}

/** Post sends letters of one page to one organisation. */
export class Post {
	private readonly roster = new RosterKeeper(() => fetchRoster(browser, document.body.dataset.org ?? ""));
	private readonly sealed = new Map<string, Sealed>();

	constructor(private readonly w: Words, private readonly loader: Loader, private readonly progress: Progress) {}

	/** announce loads the sealing code and the roster, and tells in an element which sealing will apply. */
	async announce(place: HTMLElement | null): Promise<void> {
		const tell = (state: "loading" | "browser" | "failed", words: string) => {
			say(place, this.w(words));
			if (place) place.dataset.state = state;
		};
		tell("loading", "seal_loading");
		try {
			await this.sealing();
			tell("browser", "seal_browser");
		} catch {
			tell("failed", "err_seal");
			return;
		}
		// Not there yet is no problem yet: sending asks again.
		await this.organisation().catch(() => undefined);
	}

	/** sealing resolves with the sealing code. */
	sealing(): Promise<Sealing> {
		return this.loader.get("seal");
	}

	/** organisation resolves with a roster fetched within the last hour; a failure is asked anew next time. */
	organisation(): Promise<Roster> {
		return this.roster.get();
	}

	/** patiently repeats a step for as long as the connection is bad, and says so. */
	async patiently<T>(step: () => Promise<T>): Promise<T> {
		for (let wait = 1000; ; wait = Math.min(30000, 2 * wait)) {
			try {
				return await step();
			} catch (problem) {
				if (!(problem instanceof Lost)) throw problem;
				await this.progress.pause(this.w("progress_retry"), wait);
			}
		}
	}

	/**
	 * send seals and uploads a letter, and returns when the gate has made it durable and vouched for it. After a
	 * failure the same content sends the same sealed bytes again, under its first number, unless the key that it is sealed
	 * to has been replaced since. writeTo is the recipient that an answer has asked to write to.
	 */
	async send(keys: Keys, kind: "letter" | "erase", n: number, parts: Part[], writeTo?: string): Promise<Accepted> {
		try {
			return await this.sendOnce(keys, kind, n, parts, writeTo);
		} catch (problem) {
			if (!(problem instanceof Refused) || problem.code !== "roster") throw problem;
			this.roster.forget();
			return this.sendOnce(keys, kind, n, parts, writeTo);
		}
	}

	private async sendOnce(keys: Keys, kind: "letter" | "erase", n: number, parts: Part[], writeTo?: string): Promise<Accepted> {
		const code = await this.sealing();
		const roster = await this.patiently(() => this.organisation());
		const to = address(roster, keys, writeTo);
		const mark = to.recipient + code.digest(kind, parts);
		let letter = this.sealed.get(mark);
		if (!letter) {
			this.progress.tell(this.w("progress_sealing"));
			letter = await code.compose(to, kind, n, parts, new Date());
			this.sealed.set(mark, letter);
		}
		const accepted = await this.carry(code, letter, keys);
		if (!code.vouches(accepted, letter, roster.org)) throw new Broken();
		this.sealed.delete(mark);
		return accepted;
	}

	private carry(code: Sealing, letter: Sealed, keys: Keys): Promise<Accepted> {
		let done = 0;
		let busy = false;
		return upload(letter, keys, {
			send: browser,
			work: code.work,
			pause: (ms) => this.progress.pause(this.w(busy ? "err_busy" : "progress_retry"), ms, done),
			tell: (state, have, total) => {
				done = have / total;
				busy = state === "busy";
				// Tens of per cent: a screen reader says every change.
				if (state === "sending") this.progress.tell(this.w("progress_sending", { n: 10 * Math.floor(10 * done) }), done);
				if (state === "work") this.progress.tell(this.w("progress_work"));
			},
		});
	}
}

const sentences: Record<string, string> = {
	"too-large": "err_too_large", full: "err_full", busy: "err_busy", closed: "err_closed", "no-mailbox": "code_unknown",
};

/** explain returns the id of the sentence for a problem. What nobody foresaw is told as sealing that failed: the door is still open then. */
export function explain(problem: unknown): string {
	if (problem instanceof Lost) return "err_offline";
	if (problem instanceof Broken) return "err_promise";
	if (problem instanceof WrongOrganisation) return "err_org";
	if (problem instanceof Refused) return sentences[problem.code] ?? "err_unknown";
	return (problem as Error | undefined)?.name === "TooLarge" ? "err_too_large" : "err_seal";
}
