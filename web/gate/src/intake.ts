// The intake page: takes the form over, seals in the browser, and keeps what was typed until the gate has it.

import { Attachments } from "./attachments";
import { utf8 } from "./bytes";
import { draw } from "./code";
import { button, find, say, show } from "./dom";
import type { Guard } from "./guard";
import type { Loader } from "./load";
import { explain, Post } from "./post";
import { Progress } from "./progress";
import { showSent } from "./sent";
import type { Accepted, Keys, Part } from "./seal";
import type { Words } from "./words";

/** longestText is the most a story holds, in characters. */
export const longestText = 20000;

/** Intake drives form#letter. */
export class Intake {
	private readonly form = find<HTMLFormElement>("form#letter")!;
	private readonly problem = find("#problem");
	private readonly sealState = find("#seal-state");
	private readonly sendButton = find<HTMLButtonElement>("button#send")!;
	private readonly progress: Progress;
	private readonly attachments: Attachments;
	private readonly post: Post;
	private digits = "";
	private keys?: Promise<Keys>;
	private busy = false;
	private toDoor = false;

	constructor(private readonly w: Words, private readonly loader: Loader, private readonly guard: Guard) {
		this.progress = new Progress(w);
		const changed = () => {
			this.guard.arm();
			void this.prepare().catch(() => undefined); // sending asks again
		};
		this.attachments = new Attachments(this.form, w, loader, changed);
		this.post = new Post(w, loader, this.progress);
		this.form.addEventListener("input", changed);
		this.form.addEventListener("submit", (e) => {
			if (this.toDoor) return; // a plain form, sealed at the door
			e.preventDefault();
			void this.send();
		});
	}

	/** loadSealing loads the sealing code in the background and tells which sealing will apply. */
	async loadSealing(): Promise<void> {
		await this.post.announce(this.sealState);
	}

	// prepare makes the code and its keys while the person still types: the slow part is over before they press send.
	private prepare(): Promise<Keys> {
		if (!this.keys) {
			this.digits ||= draw((into) => crypto.getRandomValues(into));
			this.keys = (async () => {
				const sealing = await this.post.sealing();
				const { org } = await this.post.organisation();
				return sealing.derive(this.digits, org, (done) => {
					if (this.busy) this.progress.tell(this.w("progress_sealing"), done);
				});
			})();
			this.keys.catch(() => (this.keys = undefined));
		}
		return this.keys;
	}

	private async send(): Promise<void> {
		if (this.busy) return;
		say(this.problem, "");
		const wrong = this.check();
		if (wrong) return this.tellProblem(wrong);
		this.busy = true;
		this.sendButton.setAttribute("aria-disabled", "true");
		try {
			this.finish(await this.deliver());
		} catch (problem) {
			this.tellFailure(explain(problem));
		} finally {
			this.busy = false;
			this.sendButton.removeAttribute("aria-disabled");
			this.progress.hide();
		}
	}

	private async deliver(): Promise<Accepted> {
		this.progress.tell(this.w("seal_loading"), undefined, ...this.doorButtons());
		await this.post.sealing();
		this.progress.tell(this.w("progress_sealing"));
		const keys = await this.post.patiently(() => this.prepare());
		return this.post.send(keys, "letter", 0, await this.parts());
	}

	private finish(accepted: Accepted): void {
		const digits = this.digits;
		this.guard.disarm();
		this.form.reset();
		this.attachments.clear();
		this.digits = "";
		this.keys = undefined;
		show(this.form, false);
		void this.post.organisation().then(({ name }) => {
			showSent({ digits, accepted, organisation: name }, this.w, this.loader);
		});
	}

	private check(): string | undefined {
		const data = new FormData(this.form);
		const story = text(data, "story");
		if (story.length > longestText) return this.w("err_text_long", { n: longestText });
		if (story.trim() === "" && !data.has("situation") && this.attachments.count === 0) return this.w("err_empty");
		return undefined;
	}

	private async parts(): Promise<Part[]> {
		const data = new FormData(this.form);
		const answers: Record<string, unknown> = {
			situations: data.getAll("situation").map(String), lang: document.body.dataset.lang ?? document.documentElement.lang,
		};
		for (const name of ["who", "district", "paper", "printed", "safe_time", "say_who", "safe_word"]) {
			const value = text(data, name).trim();
			if (value) answers[name] = value;
		}
		const parts: Part[] = [{ type: "application/vnd.panah.intake+json", data: utf8(JSON.stringify(answers)) }];
		const story = text(data, "story");
		if (story.trim()) parts.push({ type: "text/plain", data: utf8(story) });
		return [...parts, ...(await this.attachments.parts())];
	}

	// risky tells a letter that may not go to the door: a story, voice or photos about one of the situations in which none
	// should be readable on a server even for a moment. Answers alone may.
	private risky(): boolean {
		return !!find(".risky:checked", this.form) &&
			(this.attachments.count > 0 || text(new FormData(this.form), "story").trim() !== "");
	}

	// doorButtons offers the plain form, where it may be offered.
	private doorButtons(): HTMLButtonElement[] {
		if (this.risky()) return [];
		return [button(this.w("send_door"), async () => {
			if (this.risky()) return this.tellProblem(this.w("err_seal_risky")); // chosen since
			await this.attachments.intoForm();
			this.guard.disarm();
			this.toDoor = true;
			if (this.form.requestSubmit) this.form.requestSubmit(this.sendButton);
			else this.form.submit();
		})];
	}

	private tellFailure(id: string): void {
		if (id !== "err_seal") return this.tellProblem(this.w(id));
		const doors = this.doorButtons();
		this.tellProblem(this.w(doors.length ? id : "err_seal_risky"));
		this.problem?.append(" ", ...doors);
	}

	private tellProblem(words: string): void {
		say(this.problem, words);
		this.problem?.scrollIntoView({ block: "center" });
	}
}

/** text returns one text field of a form, with line ends as people mean them. */
export function text(data: FormData, name: string): string {
	const value = data.get(name);
	return typeof value === "string" ? value.replace(/\r\n/g, "\n") : "";
}
