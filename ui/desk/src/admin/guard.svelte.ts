// What was typed in a form and not saved: asked about before a link leaves it, kept while the window lives.
import type { Values } from './values';

export const guard = $state<{ dirty: boolean; wanted: string; save: (() => Promise<boolean>) | null; discard: () => void }>({
  dirty: false, wanted: '', save: null, discard: () => {},
});

// Going back, the palette or a dropped session do not ask: the form is found again as it was left.
const left = new Map<string, { draft: Values; version: number }>();
export const leftAt = (place: string): { draft: Values; version: number } | undefined => left.get(place);
export function leave(place: string, draft: Values, version: number): void {
  left.set(place, { draft, version });
}
export const forgetLeft = (place: string): boolean => left.delete(place);

/** A press on any link of the page while something is unsaved: the question first. */
export function onLink(e: MouseEvent): void {
  if (!guard.dirty || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey) return;
  const href = (e.target as Element).closest('a[href^="#"]')?.getAttribute('href');
  if (!href || href === location.hash || !href.startsWith('#/')) return;
  e.preventDefault();
  e.stopPropagation();
  guard.wanted = href;
}
export function onUnload(e: BeforeUnloadEvent): void {
  if (guard.dirty) e.preventDefault();
}
