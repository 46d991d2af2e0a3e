// One clock for all timers of the page, set by the server's: it runs only while somebody reads it.
import { createSubscriber } from 'svelte/reactivity';

let skew = 0;
/** The server said it is `at`: timers count by its clock, whatever the computer's says. */
export const setClock = (at: string): void => void (skew = Date.parse(at) - Date.now());
export const serverNow = (): number => Date.now() + skew;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1000);
  return () => clearInterval(timer);
});
/** The time now; a component that reads it is drawn again each second. */
export function now(): number {
  subscribe();
  return serverNow();
}
