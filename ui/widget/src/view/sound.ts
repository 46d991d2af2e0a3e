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
  const start = audio.currentTime;
  [660, 880].forEach((pitch, i) => {
    const note = audio!.createOscillator();
    const gain = audio!.createGain();
    const at = start + i * 0.12;
    note.frequency.value = pitch;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.08, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
    note.connect(gain).connect(audio!.destination);
    note.start(at);
    note.stop(at + 0.32);
  });
}
