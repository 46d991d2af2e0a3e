// What the frame shows at the wish of the screens: the palette, the overlay, the number on the rail.
import { untrack } from 'svelte';
import type { IconName } from '../kit/Icon.svelte';

export interface Command { id: string; label: string; icon?: IconName; keys?: string; run: () => void }
export const chrome = $state({ palette: false, shortcuts: false, attention: 0, full: false, personal: false });

let sources = $state.raw<(() => Command[])[]>([]);
/** Commands of the palette that a screen offers while it is shown; use inside $effect. */
export function offerCommands(source: () => Command[]): () => void {
  sources = [...untrack(() => sources), source];
  return () => void (sources = untrack(() => sources).filter((s) => s !== source));
}
export const commands = (): Command[] => sources.flatMap((s) => s());
