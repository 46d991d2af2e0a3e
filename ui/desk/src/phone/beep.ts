// A second of tone through the loudspeaker that was chosen, to hear whether it is the right one.
export async function beep(speaker: string): Promise<void> {
  const audio = new AudioContext();
  const voice = audio.createOscillator();
  const gain = audio.createGain();
  const out = audio.createMediaStreamDestination();
  const ear = new Audio();
  ear.srcObject = out.stream;
  if (speaker && 'setSinkId' in ear) await ear.setSinkId(speaker).catch(() => {});
  gain.gain.setValueAtTime(0, audio.currentTime);
  gain.gain.linearRampToValueAtTime(0.3, audio.currentTime + 0.05);
  gain.gain.setTargetAtTime(0, audio.currentTime + 0.7, 0.1);
  voice.frequency.value = 523;
  voice.connect(gain).connect(out);
  await ear.play().catch(() => {});
  voice.start();
  voice.stop(audio.currentTime + 1.2);
  voice.onended = () => void audio.close();
}
