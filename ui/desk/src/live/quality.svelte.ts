// How far the server is, from the calls already made: the quickest of the last five is nearest to the network alone.
const seen: number[] = [];
export const network = $state({ rtt: null as number | null });

export function sampleDelay(ms: number): void {
  seen.push(ms);
  if (seen.length > 5) seen.shift();
  network.rtt = Math.round(Math.min(...seen));
}

/** Words and icon by round trip: good < 150 ms, fair < 400 ms, poor above. */
export const grade = (rtt: number): 'good' | 'fair' | 'poor' => (rtt < 150 ? 'good' : rtt < 400 ? 'fair' : 'poor');
