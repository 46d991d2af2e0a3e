// "8 agentes, 3 colas": who feels a change, counted from the lists already here.
import { words } from '../i18n/words.svelte';
import { list, type Item } from './lists.svelte';
import type { Effect } from './section';

export function touched(effects: readonly Effect[] | undefined, item: Item): string {
  return (effects ?? [])
    .map((e) => ({ path: e.path, n: list(e.path).items.filter((other) => e.touches(item, other)).length }))
    .filter((x) => x.n > 0)
    .map((x) => words(`admin.count.${x.path}`, { n: x.n }))
    .join(', ');
}
