// Drafts: kept in this browser at every key, on the server 800 ms after the last one, and again when the page goes.
// Key: (user, gestión, mode); mode is `reply.<conversation>`, `note` or `disposition`.
import { SvelteMap } from 'svelte/reactivity';
import { ApiError, get, put } from '../api/client';
import { choose, type Kept, type Served } from './choose';
import { forget, keep, kept } from './local';

const IDLE_MS = 800;
export type Saved = 'none' | 'writing' | 'here' | 'server';
export interface Draft extends Kept { saved: Saved }
const drafts = new SvelteMap<string, Draft>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const sending = new Map<string, Promise<void>>();
let user = '';

const keyOf = (caseId: string, mode: string): string => `${user}/${caseId}/${mode}`;
export const draft = (caseId: string, mode: string): Draft | undefined => drafts.get(keyOf(caseId, mode));
/** The drafts of one case that hold something, for the worklist. */
export const draftsOf = (caseId: string): { mode: string; body: string }[] =>
  [...drafts].filter(([k, d]) => k.startsWith(`${user}/${caseId}/`) && d.body).map(([k, d]) => ({ mode: k.split('/')[2]!, body: d.body }));

/** At log-in: what this browser holds and what the server holds, the newer of each. */
export async function loadDrafts(who: string): Promise<void> {
  if (user !== who) drafts.clear();
  user = who;
  const here = new Map(await kept<Kept>('drafts', `${who}/`));
  for (const [k, d] of here) if (!drafts.has(k)) drafts.set(k, { ...d, saved: d.dirty ? 'here' : 'server' });
  let there: Map<string, Served>;
  try {
    const answer = await get<{ drafts: (Served & { case_id: string; mode: string })[] }>('/api/drafts');
    there = new Map(answer.drafts.map((d) => [keyOf(d.case_id, d.mode), d]));
  } catch {
    return; // The line is down: what is here serves, and the next log-in or reconnection joins them.
  }
  for (const k of new Set([...drafts.keys(), ...there.keys()])) {
    const best = choose(drafts.get(k), there.get(k));
    if (!best) { drafts.delete(k); void forget('drafts', k); continue; }
    set(k, { ...best, saved: best.dirty ? 'here' : 'server' });
    if (best.dirty) soon(k, 0);
  }
}

function set(k: string, d: Draft): void {
  drafts.set(k, d);
  void keep('drafts', k, { body: d.body, rev: d.rev, at: d.at, dirty: d.dirty, previous: d.previous } satisfies Kept);
}
function soon(k: string, ms = IDLE_MS): void {
  clearTimeout(timers.get(k));
  timers.set(k, setTimeout(() => void push(k), ms));
}

/** At every key. An empty text deletes the draft. */
export function write(caseId: string, mode: string, body: string): void {
  const k = keyOf(caseId, mode);
  const old = drafts.get(k);
  if (!old && !body) return;
  set(k, { body, rev: old?.rev ?? 0, at: Date.now(), dirty: true, previous: old?.previous ?? null, saved: 'writing' });
  soon(k);
}
/** "Ver versión anterior": the other text takes its place, and this one becomes the previous. */
export function swap(caseId: string, mode: string): string {
  const d = draft(caseId, mode);
  if (!d?.previous) return d?.body ?? '';
  const k = keyOf(caseId, mode);
  set(k, { ...d, body: d.previous, previous: d.body, at: Date.now(), dirty: true, saved: 'writing' });
  soon(k);
  return d.previous;
}
export function discard(caseId: string, mode: string): void {
  write(caseId, mode, '');
  void push(keyOf(caseId, mode));
}

function push(k: string, leaving = false): Promise<void> {
  clearTimeout(timers.get(k));
  timers.delete(k);
  const last = sending.get(k) ?? Promise.resolve();
  // One writer at a time per draft; a page that leaves cannot wait its turn.
  const mine = leaving ? send(k, true) : last.then(() => send(k, false));
  sending.set(k, mine);
  return mine;
}
async function send(k: string, leaving: boolean): Promise<void> {
  const d = drafts.get(k);
  if (!d?.dirty) return;
  const [, caseId, mode] = k.split('/') as [string, string, string];
  const body = d.body;
  try {
    const answer = await put<{ rev: number }>(`/api/cases/${caseId}/drafts/${encodeURIComponent(mode)}`, { body, base_rev: d.rev }, { keepalive: leaving });
    const now = drafts.get(k);
    if (!now) return;
    if (!body && !now.body) { drafts.delete(k); void forget('drafts', k); return; }
    const same = now.body === body;
    set(k, { ...now, rev: answer.rev, dirty: !same, saved: same ? 'server' : 'writing' });
  } catch (error) {
    failed(k, error);
  }
}
function failed(k: string, error: unknown): void {
  const d = drafts.get(k);
  if (!d) return;
  if (error instanceof ApiError && error.key === 'draft_newer') {
    // Another window saved meanwhile. What is being typed here is the later hand: it stays, the other is kept beside it.
    set(k, { ...d, rev: Number(error.values.rev), previous: String(error.values.body) || d.previous });
    soon(k, 0);
  } else if (error instanceof ApiError && (error.status === 404 || error.status === 403)) {
    drafts.delete(k);
    void forget('drafts', k);
  } else {
    drafts.set(k, { ...d, saved: 'here' });
    soon(k, 10_000);
  }
}

export const flush = (): void => [...drafts].forEach(([k, d]) => d.dirty && void push(k, true));
if (typeof window !== 'undefined') {
  window.addEventListener('pagehide', flush);
  document.addEventListener('visibilitychange', () => document.hidden && flush());
}
