// The shortcuts in force: a screen offers its own while it is shown, one listener hears them, the overlay lists them.
import { untrack } from 'svelte';
import type { Key } from '../i18n/words.svelte';
import { isLetter, isWriting, matches } from './combo';

export interface Shortcut { keys: string; label: Key; run: () => void; group?: 'desk' | 'case' | 'general'; when?: () => boolean; hidden?: boolean; shown?: string }
let layers = $state.raw<Shortcut[][]>([]);
let letters = true;

export const lettersOn = (on: boolean): void => void (letters = on);
/** As it is printed: letters large, as on the keyboard. */
export const printed = (s: Pick<Shortcut, 'keys' | 'shown'>): string => s.shown ?? (s.keys.length === 1 ? s.keys.toUpperCase() : s.keys);
/** All that act now, the newest layer first. */
export const inForce = (): Shortcut[] => [...layers].reverse().flat();
/** Use inside $effect: `$effect(() => offer([...]))`. */
export function offer(list: Shortcut[]): () => void {
  // Read outside the effect that calls this, which would otherwise run again at its own change.
  layers = [...untrack(() => layers), list];
  return () => void (layers = untrack(() => layers).filter((l) => l !== list));
}

export function hear(e: KeyboardEvent): void {
  if (e.defaultPrevented) return;
  const modal = document.querySelector('dialog:modal');
  for (const s of inForce()) {
    if (!matches(e, s.keys)) continue;
    if (isLetter(s.keys) && (!letters || isWriting(e.target))) continue;
    if ((modal && s.keys !== 'F2') || (s.when && !s.when())) continue;
    e.preventDefault();
    s.run();
    return;
  }
}
