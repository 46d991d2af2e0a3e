const WAITS_MS = [300, 1000, 3000];

/** A part of the screen that is fetched when it is needed, tried again: a network that changes at
 *  that moment (another Wi-Fi, a cable) must not leave a hole where a button was. */
export const again = <T>(fetch: () => Promise<T>, waits: readonly number[] = WAITS_MS): Promise<T> =>
  fetch().catch(async (error: unknown) => {
    const [first, ...rest] = waits;
    if (first === undefined) throw error;
    await new Promise((done) => setTimeout(done, first));
    return again(fetch, rest);
  });
