// Rings once when a red letter has waited for too long: two short notes, in one tab, and never before somebody has touched the page. The banner says the same without a sound.

const key = "panah-rung";

// due reports whether a new one has come since any tab rang last.
export function due(newest: number, rung: number): boolean {
  return newest > 0 && newest > rung;
}

// wanted is what the page says: 0 when there is nothing, or the person switched the sound off.
function wanted(root: Document): number {
  const late = root.getElementById("late");
  return late?.dataset.sound === "on" ? Number(late.dataset.newest ?? 0) : 0;
}

function notes(context: AudioContext): void {
  const start = context.currentTime;
  for (const [at, pitch] of [[0, 660], [0.22, 880]] as const) {
    const tone = context.createOscillator();
    const loud = context.createGain();
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0, start + at);
    loud.gain.linearRampToValueAtTime(0.15, start + at + 0.02);
    loud.gain.linearRampToValueAtTime(0, start + at + 0.2);
    tone.connect(loud).connect(context.destination);
    tone.start(start + at);
    tone.stop(start + at + 0.21);
  }
  window.setTimeout(() => void context.close(), 1_000);
}

// ring rings for what a page says. Browsers let no page sound that nobody has touched: then it rings at the first touch, if there is still a reason.
export function ring(page: Document): void {
  const newest = wanted(page);
  if (!due(newest, Number(localStorage.getItem(key) ?? 0))) return;
  if (!navigator.userActivation?.hasBeenActive) {
    document.addEventListener("pointerup", touched, { once: true });
    document.addEventListener("keyup", touched, { once: true });
    return;
  }
  void navigator.locks.request(key, () => {
    if (!due(newest, Number(localStorage.getItem(key) ?? 0))) return;
    localStorage.setItem(key, String(newest));
    document.body.dataset.rang = String(newest);
    notes(new AudioContext());
  });
}

function touched(): void {
  ring(document);
}
