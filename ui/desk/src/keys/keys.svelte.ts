// The shortcuts in force: a screen offers its own while it is shown, one listener hears them, the overlay lists them.
import type { Key } from '../i18n/words.svelte';
import { isLetter, isWriting, matches } from './combo';

export interface Shortcut { keys: string; label: Key; run: () => void; group?: 'desk' | 'case' | 'general'; when?: () => boolean; hidden?: boolean }
let layers = $state.raw<Shortcut[][]>([]);
let letters = true;

export const lettersOn = (on: boolean): void => void (letters = on);
/** All that act now, the newest layer first. */
export const inForce = (): Shortcut[] => [...layers].reverse().flat();
/** Use inside $effect: `$effect(() => offer([...]))`. */
export function offer(list: Shortcut[]): () => void {
  layers = [...layers, list];
  return () => void (layers = layers.filter((l) => l !== list));
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
