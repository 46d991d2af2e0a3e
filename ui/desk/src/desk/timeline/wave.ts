// The picture of a recording: the customer above the middle, the agents below it. Pure.
export const HALF = 50;

/** One path of closed bars, 0 to 255 each, in a box as wide as there are bars and 100 high. */
export function bars(customer: readonly number[], agents: readonly number[]): string {
  const width = Math.max(customer.length, agents.length);
  let path = '';
  for (let x = 0; x < width; x++) {
    const up = tall(customer[x] ?? 0);
    const down = tall(agents[x] ?? 0);
    path += `M${x + 0.15} ${HALF - up}h.7v${up + down}h-.7z`;
  }
  return path;
}
/** Loudness as the ear has it: quiet speech is seen too, and silence is a thin line. */
export const tall = (level: number): number => Math.round(1 + Math.sqrt(Math.min(255, level) / 255) * (HALF - 2));

export const SPEEDS = [1, 1.25, 1.5, 2] as const;
export const faster = (speed: number): number => SPEEDS[(SPEEDS.indexOf(speed as 1) + 1) % SPEEDS.length] ?? 1;

/** Where a key takes the listener, in seconds; undefined: it is none of ours. */
export function jump(key: string, at: number, whole: number): number | undefined {
  const steps: Record<string, number> = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -30, PageUp: 30, Home: -at, End: whole - at };
  const step = steps[key];
  return step === undefined ? undefined : Math.min(whole, Math.max(0, at + step));
}
