/** Two soft notes, made here: no file to fetch, nothing for the page's media-src to allow. */
let audio: AudioContext | undefined;

/** Browsers let a page sound only after a gesture: called at a click. */
export function unlock(): void {
  try {
    audio ??= new AudioContext();
    void audio.resume();
  } catch {
    // no sound here: the badge still tells
  }
}

export function chime(): void {
  if (audio?.state !== "running") return;
  const at = audio.currentTime;
  const note = audio.createOscillator();
  const gain = audio.createGain();
  note.frequency.setValueAtTime(660, at);
  note.frequency.setValueAtTime(880, at + 0.12);
  gain.gain.setValueAtTime(0.08, at);
  gain.gain.exponentialRampToValueAtTime(1e-4, at + 0.45);
  note.connect(gain).connect(audio.destination);
  note.start();
  note.stop(at + 0.5);
}
