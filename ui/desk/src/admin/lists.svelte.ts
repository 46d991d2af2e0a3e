// The administrator's lists as the server gave them, one shelf per address under /api/admin; asked once, refreshed on opening.
import { ApiError, get, post } from '../api/client';
import { session } from '../app/session.svelte';
import { currentLanguage } from '../i18n/words.svelte';

export interface Item { id: string; version: number; name: string; [key: string]: unknown }
export type Path =
  | 'sites' | 'teams' | 'users' | 'roles' | 'skills' | 'queues' | 'routing-profiles' | 'hours' | 'pause-reasons' | 'campaigns'
  | 'disposition-sets' | 'quick-replies' | 'channel-accounts' | 'trunks' | 'prompts' | 'recording-policies' | 'prompts';
export interface List { items: Item[]; extra: Record<string, unknown>; state: 'loading' | 'ready' | 'failed'; error: unknown }

const LOADING: List = { items: [], extra: {}, state: 'loading', error: null };
let shelves = $state.raw<Partial<Record<Path, List>>>({});
const asked = new Map<Path, Promise<void>>();

/** What is known of a list now; asks for it when nobody has yet. */
export function list(path: Path): List {
  const known = shelves[path];
  if (!known && !asked.has(path)) queueMicrotask(() => void refresh(path));
  return known ?? LOADING;
}
export function refresh(path: Path): Promise<void> {
  let running = asked.get(path);
  if (!running) {
    running = get<{ items: Item[] }>(`/api/admin/${path}`)
      .then(({ items, ...extra }) => put(path, { items, extra, state: 'ready', error: null }), (error) => put(path, failed(path, error)))
      .finally(() => asked.delete(path));
    asked.set(path, running);
  }
  return running;
}
/** Asks again every so often while somebody looks; returns what ends that. */
export function again(section: { path: Path; every?: number }): (() => void) | undefined {
  if (!section.every) return undefined;
  const timer = setInterval(() => { if (document.visibilityState === 'visible') void refresh(section.path); }, section.every * 1000);
  return () => clearInterval(timer);
}
const put = (path: Path, value: List): void => void (shelves = { ...shelves, [path]: { ...value, items: sorted(path, value.items) } });
/** By the alphabet of the language, accents and all; some lists have an order of their own. */
function sorted(path: Path, items: Item[]): Item[] {
  if (path === 'pause-reasons' || path === 'roles') return items;
  const by = new Intl.Collator(currentLanguage(), { numeric: true });
  return [...items].sort((a, b) => by.compare(a.name ?? String(a.shortcut ?? ''), b.name ?? String(b.shortcut ?? '')));
}
export interface Archived { id: string; name: string; archived_at: string; channel?: string | null }
export const archived = (path: Path): Promise<Archived[]> => get<{ items: Archived[] }>(`/api/admin/${path}/archived`).then((x) => x.items);
export async function restore(path: Path, id: string): Promise<void> {
  await post(`/api/admin/${path}/${id}/restore`);
  await refresh(path);
}

/** Who may manage people but not queues still chooses among the queues the desk knows by name. */
function failed(path: Path, error: unknown): List {
  const names = (session.reference as unknown as Record<string, Item[] | undefined> | null)?.[path];
  if (error instanceof ApiError && error.status === 403 && names) return { items: names, extra: {}, state: 'ready', error: null };
  return { items: shelves[path]?.items ?? [], extra: {}, state: 'failed', error };
}

/** What a call answered, in its place in the list. */
export function keep(path: Path, item: Item): void {
  const known = shelves[path];
  if (!known) return;
  const others = known.items.filter((i) => i.id !== item.id);
  const at = known.items.findIndex((i) => i.id === item.id);
  put(path, { ...known, items: at < 0 ? [...others, item] : [...others.slice(0, at), item, ...others.slice(at)] });
}
export function drop(path: Path, id: string): void {
  const known = shelves[path];
  if (known) put(path, { ...known, items: known.items.filter((i) => i.id !== id) });
}
export const nameOf = (path: Path, id: unknown): string => list(path).items.find((i) => i.id === id)?.name ?? '';
export const namesOf = (path: Path, ids: readonly unknown[]): string => ids.map((id) => nameOf(path, id)).filter(Boolean).join(', ');
/** Another company may log in on this screen. */
export function forget(): void {
  shelves = {};
}
