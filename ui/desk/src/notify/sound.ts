// Tones made by the browser itself: no files to load. A page may sound only after a gesture, hence `unlock`.
type Tone = 'offer' | 'message' | 'warn';
// Frequency in Hz, start and length in seconds: a rising pair that is hard to miss, a short drop that is easy to bear.
const TONES: Record<Tone, [number, number, number][]> = {
  offer: [[660, 0, 0.16], [880, 0.18, 0.16], [660, 0.5, 0.16], [880, 0.68, 0.22]],
  message: [[740, 0, 0.09], [587, 0.1, 0.12]],
  warn: [[440, 0, 0.2], [440, 0.32, 0.2]],
};
let audio: AudioContext | null = null;

/** Call from a gesture (a click, a key): from then on the page may sound without one. */
export function unlock(): void {
  if (typeof AudioContext === 'undefined') return;
  audio ??= new AudioContext();
  if (audio.state === 'suspended') void audio.resume();
}
export function play(tone: Tone, volume: number): void {
  if (!audio || audio.state !== 'running') return;
  for (const [hertz, start, length] of TONES[tone]) {
    const at = audio.currentTime + start;
    const voice = audio.createOscillator();
    const gain = audio.createGain();
    voice.frequency.value = hertz;
    voice.type = 'triangle';
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(volume * 0.5, at + 0.02);
    gain.gain.setTargetAtTime(0, at + length * 0.6, length * 0.2);
    voice.connect(gain).connect(audio.destination);
    voice.start(at);
    voice.stop(at + length + 0.3);
  }
}
if (typeof window !== 'undefined') {
  const first = () => unlock();
  window.addEventListener('pointerdown', first, { once: true, capture: true });
  window.addEventListener('keydown', first, { once: true, capture: true });
}
