/** How long to wait before trying again: doubling, never over `most`, half of it by chance, so that
 * a thousand pages cut at once do not come back at once.  PURE. */
export function backoff(attempt: number, chance: number, least = 500, most = 15_000): number {
  const full = Math.min(most, least * 2 ** Math.min(attempt, 16));
  return Math.round(full / 2 + (full / 2) * chance);
}
