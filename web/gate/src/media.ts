// Voice letters and photos: loaded only when a person taps one of the two. Nothing here is stored or sent; it hands
// bytes back to the page.

/** longestVoice is the hard end of a recording, in seconds. */
export const longestVoice = 180;

/** photoLimit is the most a photo weighs after re-encoding, in bytes. */
export const photoLimit = 256 * 1024;

const opus = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus"];

/** Recording is a voice letter being spoken. */
export interface Recording {
	stop(): void;
	/** done resolves when it ends, by stop or by the clock; its type is audio/webm or audio/ogg. */
	done: Promise<Blob>;
}

/** opusType returns a container in which this browser can record Opus, or undefined. */
export function opusType(): string | undefined {
	if (typeof MediaRecorder === "undefined" || !navigator.mediaDevices) return undefined;
	return opus.find((type) => MediaRecorder.isTypeSupported(type));
}

/**
 * record asks for the microphone and records. It throws when the person or the browser says no. tick is called with
 * the seconds left; at 0 the recording ends by itself.
 */
export async function record(tick: (left: number) => void): Promise<Recording> {
	const type = opusType();
	if (!type) throw new Error("this browser does not record Opus");
	const stream = await navigator.mediaDevices.getUserMedia({
		audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
	});
	const pieces: Blob[] = [];
	const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 24000 });
	const started = performance.now();
	const stop = () => {
		if (recorder.state !== "inactive") recorder.stop();
	};
	const clock = window.setInterval(() => {
		const left = Math.max(0, longestVoice - Math.floor((performance.now() - started) / 1000));
		tick(left);
		if (left === 0) stop();
	}, 250);
	const done = new Promise<Blob>((resolve, reject) => {
		const release = () => {
			clearInterval(clock);
			for (const track of stream.getTracks()) track.stop(); // the microphone light goes out
		};
		recorder.ondataavailable = (e) => pieces.push(e.data);
		recorder.onerror = () => {
			release();
			reject(new Error("recording failed"));
		};
		recorder.onstop = () => {
			release();
			resolve(new Blob(pieces, { type: type.split(";")[0] }));
		};
	});
	recorder.start(1000);
	tick(longestVoice);
	return { stop, done };
}

/**
 * shrink decodes a picture and writes it anew as JPEG of at most photoLimit bytes. Only pixels pass, so place, time and
 * device that the camera wrote into the file stay behind. A file that is no picture throws.
 */
export async function shrink(file: Blob): Promise<Blob> {
	const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
	try {
		let longest = Math.min(1600, Math.max(picture.width, picture.height));
		for (let tries = 0; tries < 8; tries++, longest = Math.round(longest * 0.75)) {
			const canvas = scaled(picture, longest);
			for (const quality of [0.8, 0.65, 0.5]) {
				const blob = await jpeg(canvas, quality);
				if (blob.size <= photoLimit) return blob;
			}
		}
	} finally {
		picture.close();
	}
	throw new Error("the picture does not get small enough");
}

function scaled(picture: ImageBitmap, longest: number): HTMLCanvasElement {
	const scale = longest / Math.max(picture.width, picture.height);
	const canvas = document.createElement("canvas");
	canvas.width = Math.max(1, Math.round(picture.width * scale));
	canvas.height = Math.max(1, Math.round(picture.height * scale));
	const pen = canvas.getContext("2d");
	if (!pen) throw new Error("no canvas");
	pen.fillStyle = "#fff"; // what is transparent would turn black
	pen.fillRect(0, 0, canvas.width, canvas.height);
	pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
	return canvas;
}

function jpeg(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
	return new Promise((resolve, reject) => {
		canvas.toBlob((blob) => (blob?.type === "image/jpeg" ? resolve(blob) : reject(new Error("no JPEG"))), "image/jpeg", quality);
	});
}
