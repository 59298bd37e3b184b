// The mailbox page: opens a mailbox with a typed code, shows what is in it, writes again, erases. The phone keeps
// nothing: with the page, the keys are gone.

import { Attachments } from "./attachments";
import { utf8 } from "./bytes";
import { CodeError, codeDigits, fold, parse } from "./code";
import { find, say, show } from "./dom";
import type { Guard } from "./guard";
import { browser, json, Lost } from "./http";
import type { Answer } from "./http";
import { longestText, text } from "./intake";
import type { Loader } from "./load";
import { explain, Post } from "./post";
import { Progress } from "./progress";
import { arrange, ReplyList, split, writeTo } from "./replies";
import type { Keys, Part } from "./seal";
import { showSent } from "./sent";
import { Refused } from "./upload";
import type { Words } from "./words";

/** Mailbox drives form#open, #thread and what is in it. */
export class Mailbox {
	private readonly openForm = find<HTMLFormElement>("form#open")!;
	private readonly input = find<HTMLInputElement>("input[name=code]", this.openForm)!;
	private readonly codeProblem = find("#code-problem");
	private readonly thread = find("#thread")!;
	private readonly writeForm = find<HTMLFormElement>("form#write")!;
	private readonly eraseButton = find<HTMLButtonElement>("button#erase")!;
	private readonly problem = find("#problem");
	private readonly progress: Progress;
	private readonly post: Post;
	private readonly attachments: Attachments;
	private readonly list: ReplyList;
	private keys?: Keys;
	private held = -1; // bytes of the mailbox that the list shows
	private writeTo?: string; // what its newest answer asks
	private lastNumber = 0;
	private busy = false;

	constructor(private readonly w: Words, private readonly loader: Loader, private readonly guard: Guard) {
		this.progress = new Progress(w);
		this.post = new Post(w, loader, this.progress);
		this.attachments = new Attachments(this.writeForm, w, loader, () => this.guard.arm());
		this.list = new ReplyList(find("#letters")!, w);
		this.input.addEventListener("input", () => say(this.codeProblem, this.earlyProblem()));
		this.writeForm.addEventListener("input", () => this.guard.arm());
		this.onSubmit(this.openForm, () => this.open());
		this.onSubmit(this.writeForm, () => this.write());
		const eraseForm = this.eraseButton.form;
		if (eraseForm && eraseForm !== this.writeForm) this.onSubmit(eraseForm, () => this.erase());
		else this.eraseButton.addEventListener("click", (e) => (e.preventDefault(), void this.run(() => this.erase())));
	}

	/** loadSealing loads the sealing code in the background. */
	async loadSealing(): Promise<void> {
		await this.post.announce(find("#seal-state"));
	}

	private onSubmit(form: HTMLFormElement, job: () => Promise<void>): void {
		form.addEventListener("submit", (e) => {
			e.preventDefault();
			void this.run(job);
		});
	}

	// run does one job at a time and tells its problem.
	private async run(job: () => Promise<void>): Promise<void> {
		if (this.busy) return;
		this.busy = true;
		say(this.problem, "");
		try {
			await job();
		} catch (problem) {
			this.tell(problem instanceof CodeError ? codeWords(problem, this.w) : this.w(explain(problem)));
		} finally {
			this.busy = false;
			this.progress.hide();
		}
	}

	private tell(words: string): void {
		say(this.problem, words);
		this.problem?.scrollIntoView({ block: "center" });
	}

	// earlyProblem judges a code while it is typed: too few digits are no problem yet.
	private earlyProblem(): string {
		try {
			if (fold(this.input.value).length >= codeDigits) parse(this.input.value);
			return "";
		} catch (problem) {
			return codeWords(problem as CodeError, this.w);
		}
	}

	private async open(): Promise<void> {
		let digits: string;
		try {
			digits = parse(this.input.value);
		} catch (problem) {
			say(this.codeProblem, codeWords(problem as CodeError, this.w));
			this.input.focus();
			return;
		}
		say(this.codeProblem, "");
		this.progress.tell(this.w("seal_loading"));
		const code = await this.post.sealing();
		const roster = await this.post.patiently(() => this.post.organisation());
		const words = this.w("progress_opening");
		this.progress.tell(words, 0);
		const keys = await code.derive(digits, roster.org, (done) => this.progress.tell(words, 0.8 * done));
		const answer = await this.post.patiently(() => ask("POST", keys));
		if (answer.status !== 200) throw refusal(answer);
		await this.read(answer, keys, roster.org);
		this.keys = keys;
		this.input.value = ""; // the code is not left on the screen
		show(this.openForm, false);
		show(this.thread);
		this.thread.tabIndex = -1;
		this.thread.focus();
	}

	// read opens what the mailbox holds and shows it.
	private async read(answer: Answer, keys: Keys, org: string): Promise<void> {
		const entries = await arrange(split(answer.body), keys, org, await this.post.sealing());
		this.held = answer.body.length;
		this.writeTo = writeTo(entries);
		say(find("#no-replies") ?? this.problem, entries.length ? "" : this.w("no_replies"));
		this.list.show(entries);
	}

	private async write(): Promise<void> {
		const keys = this.keys;
		if (!keys) return;
		const story = text(new FormData(this.writeForm), "story");
		if (story.length > longestText) return this.tell(this.w("err_text_long", { n: longestText }));
		const parts: Part[] = story.trim() ? [{ type: "text/plain", data: utf8(story) }] : [];
		parts.push(...(await this.attachments.parts()));
		if (parts.length === 0) return this.tell(this.w("err_empty_again"));
		// It may be gone since it was opened (erased elsewhere, replaced by a new number): the letter would open a new one, which
		// nobody answers to.
		const there = await this.post.patiently(() => ask("POST", keys));
		if (there.status !== 200) throw refusal(there);
		// An answer that has come since may ask to write to somebody else.
		if (there.body.length !== this.held) await this.read(there, keys, (await this.post.organisation()).org);
		const accepted = await this.post.send(keys, "letter", await this.number(), parts, this.writeTo);
		this.guard.disarm();
		this.writeForm.reset();
		this.attachments.clear();
		const { name } = await this.post.organisation();
		if (find("#sent")) showSent({ accepted, organisation: name }, this.w, this.loader);
		else this.tell(this.w("sent_title"));
	}

	// erase asks the organisation first, while the mailbox still proves who asks; then the gate deletes its part.
	private async erase(): Promise<void> {
		const keys = this.keys;
		if (!keys) return;
		const sure = find<HTMLInputElement>("input[type=checkbox]", this.eraseButton.form ?? this.thread);
		if (sure && !sure.checked) return sure.focus();
		await this.post.send(keys, "erase", await this.number(), [], this.writeTo);
		const answer = await this.post.patiently(() => ask("DELETE", keys));
		if (answer.status !== 204 && answer.status !== 404) throw refusal(answer);
		this.keys = undefined;
		this.guard.disarm();
		this.list.clear();
		this.writeForm.reset();
		this.attachments.clear();
		show(this.thread, false);
		show(find("#sent"), false);
		const gone = find("#erased");
		if (gone) say(gone, this.w("erased"));
		else this.tell(this.w("erased"));
	}

	private async number(): Promise<number> {
		const code = await this.post.sealing();
		this.lastNumber = Math.max(this.lastNumber + 1, code.laterNumber(new Date()));
		return this.lastNumber;
	}
}

async function ask(method: "POST" | "DELETE", keys: Keys): Promise<Answer> {
	const answer = await browser({ method, path: "/v1/mailbox", headers: { "Panah-Mailbox": keys.mailbox, "Panah-Auth": keys.auth } });
	// Proxies say so when the gate is away for a moment; the gate itself names a code.
	if (answer.status >= 502 && json(answer).error === undefined) throw new Lost();
	return answer;
}

function refusal(answer: Answer): Refused {
	return new Refused(String(json(answer).error ?? "internal"));
}

function codeWords(problem: CodeError, w: Words): string {
	if (problem.problem === "length") return w("code_short", { n: problem.typed });
	return w(problem.problem === "character" ? "code_chars" : "code_wrong");
}
