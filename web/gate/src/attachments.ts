// Voice and photos of a form. The heavy part, media.ts, loads when a person first taps one of the two.

import { button, find, make, say, show } from "./dom";
import type { Loader } from "./load";
import type { Recording } from "./media";
import type { Part } from "./seal";
import type { Words } from "./words";

const mostPhotos = 4;
const voiceLimit = 1024 * 1024;
const voiceMinutes = 3;

/** Attachments are the voice letter and the photos of one form. Nothing of them is stored. */
export class Attachments {
	private voice?: Blob;
	private recording?: Recording;
	private photos: Blob[] = [];
	private preparing: Promise<unknown> = Promise.resolve();
	private readonly voiceInput: HTMLInputElement | null;
	private readonly photoInput: HTMLInputElement | null;
	private readonly voiceUI: HTMLElement | null;
	private readonly photoUI: HTMLElement | null;
	private readonly voiceNote = make("p", { hidden: true });
	private readonly photoNote = make("p", { hidden: true });
	private readonly list = make("div", { className: "previews" });
	private readonly shown: string[] = [];

	/** changed is called whenever there is more to lose than before. */
	constructor(form: HTMLFormElement, private readonly w: Words, private readonly loader: Loader, private readonly changed: () => void) {
		this.voiceInput = find<HTMLInputElement>("input[name=voice]", form);
		this.photoInput = find<HTMLInputElement>("input[name=photo]", form);
		this.voiceUI = find("#voice-ui", form);
		this.photoUI = find("#photo-ui", form);
		for (const note of [this.voiceNote, this.photoNote]) note.setAttribute("role", "status");
		this.voiceInput?.addEventListener("change", () => void this.fileChosen());
		this.photoInput?.addEventListener("change", () => (this.preparing = this.photosChosen()));
		this.photoUI?.append(this.photoNote, this.list);
		show(this.photoUI);
		this.offerRecording();
	}

	/** count tells how many there are. */
	get count(): number {
		return this.photos.length + (this.voice ? 1 : 0);
	}

	/** parts ends a recording that still runs, waits for photos in work and returns everything as parts of a letter. */
	async parts(): Promise<Part[]> {
		this.recording?.stop();
		await this.preparing;
		const parts: Part[] = [];
		if (this.voice) parts.push({ type: (await soundType(this.voice)) ?? "application/octet-stream", data: await bytes(this.voice) });
		for (const photo of this.photos) parts.push({ type: "image/jpeg", data: await bytes(photo) });
		return parts;
	}

	/** intoForm puts everything back into the file fields, for a letter that goes to the door by a plain form. */
	async intoForm(): Promise<void> {
		this.recording?.stop();
		await this.preparing;
		if (this.voiceInput && this.voice) this.voiceInput.files = files([this.voice], "voice");
		if (this.photoInput) this.photoInput.files = files(this.photos, "photo");
	}

	/** clear forgets everything. */
	clear(): void {
		this.voice = this.recording = undefined;
		this.photos = [];
		for (const url of this.shown.splice(0)) URL.revokeObjectURL(url);
		this.list.replaceChildren();
		say(this.photoNote, "");
		this.offerRecording();
	}

	private preview(blob: Blob): string {
		const url = URL.createObjectURL(blob);
		this.shown.push(url);
		return url;
	}

	// Voice

	private offerRecording(words = ""): void {
		say(this.voiceNote, words);
		const can = typeof MediaRecorder !== "undefined" && !!navigator.mediaDevices &&
			["webm", "ogg"].some((kind) => MediaRecorder.isTypeSupported(`audio/${kind};codecs=opus`));
		if (!can && words === "") say(this.voiceNote, this.w("voice_denied"));
		this.voiceUI?.replaceChildren(...(can ? [button(this.w("voice_start"), () => this.speak())] : []), this.voiceNote);
		show(this.voiceUI);
	}

	private async speak(): Promise<void> {
		this.voice = undefined;
		if (this.voiceInput) this.voiceInput.value = "";
		const clock = make("span", { className: "clock" });
		let enough = false; // pressed before the microphone was there
		const stop = button(this.w("voice_stop"), () => {
			enough = true;
			this.recording?.stop();
		});
		this.voiceUI?.replaceChildren(clock, stop, this.voiceNote);
		try {
			const media = await this.loader.get("media");
			this.recording = await media.record((left) => {
				const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
				clock.textContent = this.w("voice_left", { time });
			});
			const spoken = this.recording.done.finally(() => (this.recording = undefined));
			this.preparing = spoken.then((blob) => this.keepVoice(blob));
			if (enough) this.recording.stop();
			stop.focus();
			await this.preparing;
		} catch {
			this.preparing = Promise.resolve();
			this.offerRecording(this.w("voice_denied"));
		}
	}

	private keepVoice(blob: Blob): void {
		if (blob.size > voiceLimit || blob.size === 0) {
			this.offerRecording(this.w("err_voice", { n: voiceMinutes }));
			return;
		}
		this.voice = blob;
		this.changed();
		const player = make("audio", { controls: true, src: this.preview(blob) });
		const remove = button(this.w("voice_remove"), () => {
			this.voice = undefined;
			if (this.voiceInput) this.voiceInput.value = "";
			this.offerRecording();
		});
		say(this.voiceNote, "");
		this.voiceUI?.replaceChildren(player, button(this.w("voice_again"), () => this.speak()), remove, this.voiceNote);
	}

	private async fileChosen(): Promise<void> {
		const file = this.voiceInput?.files?.[0];
		if (!file) return;
		if (await soundType(file)) return this.keepVoice(file);
		this.voiceInput!.value = "";
		this.offerRecording(this.w("err_voice_kind"));
	}

	// Photos

	private async photosChosen(): Promise<void> {
		const input = this.photoInput!;
		const chosen = Array.from(input.files ?? []);
		input.value = "";
		for (const file of chosen) {
			if (this.photos.length === mostPhotos) {
				say(this.photoNote, this.w("photo_many", { n: mostPhotos }));
				return;
			}
			say(this.photoNote, this.w("photo_working"));
			try {
				const media = await this.loader.get("media");
				this.keepPhoto(await media.shrink(file));
				say(this.photoNote, this.w("photo_ready"));
			} catch {
				say(this.photoNote, this.w("photo_bad"));
			}
		}
	}

	private keepPhoto(photo: Blob): void {
		this.photos.push(photo);
		this.changed();
		const figure = make("figure", {},
			make("img", { src: this.preview(photo), alt: "", width: 96 }),
			make("figcaption", { dir: "ltr" }, `${Math.ceil(photo.size / 1024)} KB`),
			button(this.w("photo_remove"), () => {
				this.photos = this.photos.filter((p) => p !== photo);
				figure.remove();
				if (this.photos.length === 0) say(this.photoNote, "");
			}));
		this.list.append(figure);
	}
}

async function bytes(blob: Blob): Promise<Uint8Array> {
	return new Uint8Array(await blob.arrayBuffer());
}

// soundType tells a recording by what it begins with, not by what the phone calls it. Desks play Ogg and WebM, and hand nothing to
// another program: of other sounds the person is told now, since nobody could listen to them later.
async function soundType(voice: Blob): Promise<string | undefined> {
	const data = await bytes(voice.slice(0, 4));
	const starts = (...magic: number[]) => magic.every((b, i) => data[i] === b);
	if (starts(0x4f, 0x67, 0x67, 0x53)) return "audio/ogg";
	return starts(0x1a, 0x45, 0xdf, 0xa3) ? "audio/webm" : undefined;
}

function files(blobs: Blob[], name: string): FileList {
	const box = new DataTransfer();
	for (const blob of blobs) {
		const ending = blob.type.split("/")[1]?.replace("jpeg", "jpg") || "bin";
		box.items.add(new File([blob], `${name}.${ending}`, { type: blob.type }));
	}
	return box.files;
}
