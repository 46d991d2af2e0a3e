// Short notices at the foot of the page, and the five seconds in which an act can be undone.
import { serverNow } from './tick.svelte';
export interface Notice { id: number; text: string; tone: 'plain' | 'ok' | 'coral'; undo?: () => void; until: number }
export const notices = $state<Notice[]>([]);
let next = 1;
const timers = new Map<number, ReturnType<typeof setTimeout>>();

export function dismiss(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const i = notices.findIndex((n) => n.id === id);
  if (i >= 0) notices.splice(i, 1);
}
export function toast(text: string, tone: Notice['tone'] = 'plain', seconds = tone === 'coral' ? 8 : 4): number {
  const id = next++;
  notices.push({ id, text, tone, until: serverNow() + seconds * 1000 });
  timers.set(id, setTimeout(() => dismiss(id), seconds * 1000));
  return id;
}

const held = new Map<number, () => void>();
/** Does `act` after five seconds unless the person undoes it; leaving the page does it at once.
 * Gives back what undoes it, for whoever finds out that it must not go on. */
export function undoable(text: string, act: () => void, undone: () => void = () => {}, seconds = 5): () => void {
  const id = next++;
  const run = () => {
    held.delete(id);
    dismiss(id);
    act();
  };
  held.set(id, run);
  timers.set(id, setTimeout(run, seconds * 1000));
  const undo = () => { if (held.delete(id)) { dismiss(id); undone(); } };
  notices.push({ id, text, tone: 'plain', until: serverNow() + seconds * 1000, undo });
  return undo;
}
if (typeof window !== 'undefined') window.addEventListener('pagehide', () => [...held.values()].forEach((run) => run()));
