// Leaving the page: on purpose, at once and without a question; by accident, with one when something would be lost.

/** Guard asks before what was typed gets lost, but never in the way of the leave link. */
export class Guard {
	private armed = false;

	constructor() {
		addEventListener("beforeunload", (e) => {
			if (!this.armed) return;
			e.preventDefault();
			e.returnValue = ""; // what older browsers look at
		});
		for (const link of document.querySelectorAll<HTMLAnchorElement>("a.leave, a[data-leave], #leave")) {
			link.addEventListener("click", (e) => {
				e.preventDefault();
				this.leave(link.href);
			});
		}
	}

	/** arm asks from now on; disarm does not. */
	arm(): void {
		this.armed = true;
	}

	/** disarm lets the page go without a question. */
	disarm(): void {
		this.armed = false;
	}

	private leave(to: string): void {
		this.armed = false;
		for (const form of document.forms) form.reset();
		for (const box of document.querySelectorAll("main, #thread, #sent")) box.replaceChildren();
		location.replace(to); // the back button does not return here
	}
}
