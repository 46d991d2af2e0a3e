// One clock for all timers of the page: it runs only while somebody reads it.
import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1000);
  return () => clearInterval(timer);
});
/** The time now; a component that reads it is drawn again each second. */
export function now(): number {
  subscribe();
  return Date.now();
}
