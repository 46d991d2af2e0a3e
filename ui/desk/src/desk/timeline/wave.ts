// The picture of a recording: a lane a party, and where a key leads. Pure.
export const HALF = 50;

/** One party's path of closed bars, 0 to 255 each, in a box as wide as there are bars and 100 high. */
export const bars = (levels: readonly number[]): string =>
  levels.map((level, x) => `M${x + 0.15} ${HALF - tall(level)}h.7v${2 * tall(level)}h-.7z`).join('');
/** Loudness as the ear has it: quiet speech is seen too, and silence is a thin line. */
export const tall = (level: number): number => Math.round(1 + Math.sqrt(Math.min(255, level) / 255) * (HALF - 2));

export const SPEEDS = [1, 1.25, 1.5, 2] as const;

/** Where a key takes the listener, in seconds; undefined: it is none of ours. */
export function jump(key: string, at: number, whole: number): number | undefined {
  const steps: Record<string, number> = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -30, PageUp: 30, Home: -at, End: whole - at };
  const step = steps[key];
  return step === undefined ? undefined : Math.min(whole, Math.max(0, at + step));
}
