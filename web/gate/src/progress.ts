// The box that tells what is going on while a letter is sealed and sent.

import { button, find, make, show } from "./dom";
import type { Words } from "./words";

/** Progress drives #progress: a bar, a sentence, and at times a button. */
export class Progress {
	private readonly root = find("#progress")!;
	private readonly bar: HTMLProgressElement;
	private readonly text: HTMLElement;
	private readonly actions = make("p", { hidden: true });

	constructor(private readonly w: Words) {
		this.bar = find<HTMLProgressElement>("progress", this.root) ?? this.root.appendChild(make("progress", { max: 1 }));
		this.text = find("[data-text], p, span", this.root) ?? this.root.appendChild(make("p"));
		this.text.dir = "auto";
		this.root.append(this.actions);
		if (!this.root.hasAttribute("role")) this.root.setAttribute("role", "status");
	}

	/** tell shows a sentence, how much is done (0 to 1; undefined when nobody knows), and buttons. */
	tell(words: string, done?: number, ...actions: HTMLButtonElement[]): void {
		show(this.root);
		if (this.text.textContent !== words) this.text.textContent = words; // else screen readers say it again
		this.bar.max = 1;
		if (done === undefined) this.bar.removeAttribute("value");
		else this.bar.value = done;
		if (actions.length || this.actions.childElementCount) this.actions.replaceChildren(...actions);
		show(this.actions, actions.length > 0);
	}

	/** hide takes the box away. */
	hide(): void {
		this.actions.replaceChildren();
		show(this.root, false);
	}

	/** pause says why it waits, and waits: for ms, for the network to come back, or for the person to press a button. */
	pause(words: string, ms: number, done?: number): Promise<void> {
		return new Promise((again) => {
			const go = () => {
				clearTimeout(timer);
				removeEventListener("online", go);
				show(this.actions, false);
				again();
			};
			const timer = setTimeout(go, ms);
			addEventListener("online", go);
			this.tell(words, done, button(this.w("retry_now"), go));
		});
	}
}
