// Everything the screens know of the server, by (topic, id, version). Screens read; only this folder writes, once per
// animation frame however many frames the socket brought: a burst of 1,000 events costs a third that way (measured).
import { SvelteMap } from 'svelte/reactivity';
import { get } from '../api/client';
import type { AgentState, CaseState, CustomerState, FloorKpis, FloorQueue, Message, QueueState, WorkState } from '../api/types';
import { apply, mergeMessages, withPage, type Change, type Entity, type Timeline } from './versions';

interface Topics { case: CaseState; agent: AgentState; work: WorkState; customer: CustomerState; queue: QueueState }
export type Topic = keyof Topics;

const shelves = {
  case: new SvelteMap<string, Entity<CaseState>>(),
  agent: new SvelteMap<string, Entity<AgentState>>(),
  work: new SvelteMap<string, Entity<WorkState>>(),
  customer: new SvelteMap<string, Entity<CustomerState>>(),
  queue: new SvelteMap<string, Entity<QueueState>>(),
};
const unknown = new Map<string, Entity>();
export const timelines = new SvelteMap<string, Timeline>();
const entities = (topic: string) => (shelves as Record<string, Map<string, Entity>>)[topic] ?? unknown;

/** The live state of one entity, or undefined; reading it in a component subscribes to that entity alone. */
export const state = <T extends Topic>(topic: T, id: string | undefined): Topics[T] | undefined =>
  id === undefined ? undefined : (shelves[topic].get(id)?.state as Topics[T] | undefined);
export const version = (topic: Topic, id: string): number => shelves[topic].get(id)?.v ?? 0;
/** Every entity of a topic; reading it subscribes to all of them. */
export const all = <T extends Topic>(topic: T): Topics[T][] => [...shelves[topic].values()].map((e) => e.state as Topics[T]);
export const timeline = (caseId: string): Timeline | undefined => timelines.get(caseId);

// Heard, not held: typing by case, the floor's counters.
export const typing = new SvelteMap<string, { who: string; on: boolean; preview: string; at: number }>();
export interface Counters { queues: FloorQueue[]; kpis: Partial<FloorKpis> }
export const floor = $state<{ counters: Counters | null; at: number }>({ counters: null, at: 0 });
/** True once the first snapshot has been applied. */
export const ready = $state({ snapshot: false });

let waiting: Change[] = [];
let booked = false;

/** Hand over what arrived; it is applied at the next frame (at once when the page is hidden, where frames stop). */
export function receive(changes: readonly Change[]): void {
  waiting.push(...changes);
  if (booked) return;
  booked = true;
  if (typeof requestAnimationFrame === 'undefined' || document.hidden) setTimeout(flush, 0);
  else requestAnimationFrame(flush);
}
// A page hidden between booking and drawing would wait for its next look otherwise.
if (typeof document !== 'undefined') document.addEventListener('visibilitychange', () => document.hidden && booked && flush());

export function flush(): void {
  booked = false;
  const changes = waiting;
  waiting = [];
  for (const id of apply({ entities, timelines }, changes)) void loadTimeline(id);
}

type Page = { version: number; messages: Message[]; more: boolean };
const loading = new Map<string, Promise<void>>();
/** The newest page of a case's timeline; one request at a time per case. */
export function loadTimeline(caseId: string): Promise<void> {
  let running = loading.get(caseId);
  if (!running) {
    running = fetchNewest(caseId).finally(() => loading.delete(caseId));
    loading.set(caseId, running);
    // Whoever awaits hears of a failure; a refetch after a gap is tried again by the next frame or reconnection.
    running.catch(() => {});
  }
  return running;
}
async function fetchNewest(caseId: string): Promise<void> {
  // A frame may have told of a newer version while the page was on its way and nobody held the timeline yet.
  for (let tries = 0; tries < 3; tries++) {
    const page = await get<Page>(`/api/cases/${caseId}/timeline?limit=50`);
    const whole = withPage(timelines.get(caseId), page, false);
    timelines.set(caseId, whole);
    if (whole.version >= version('case', caseId)) return;
  }
}
export async function loadOlder(caseId: string): Promise<void> {
  const first = timelines.get(caseId)?.messages[0];
  if (!first) return;
  const page = await get<Page>(`/api/cases/${caseId}/timeline?before=${first.id}&limit=50`);
  timelines.set(caseId, withPage(timelines.get(caseId), page, true));
}
/** A message an answer brought, before the socket tells the same. */
export function addMessage(caseId: string, message: Message): void {
  const held = timelines.get(caseId);
  if (held) timelines.set(caseId, { ...held, messages: mergeMessages(held.messages, [message]) });
}
/** The state an answer brought: the same rule as a frame. */
export const hold = (topic: Topic, id: string, v: number, fresh: unknown): void => receive([{ topic, id, v, state: fresh }]);

/** What to tell the server on reconnecting; timelines left behind are fetched again by whoever shows them. */
export function held(): [string, string, number][] {
  const out: [string, string, number][] = [];
  for (const [topic, shelf] of Object.entries(shelves)) for (const [id, e] of shelf) out.push([topic, id, e.v]);
  return out;
}
export function forgetTimelines(keep: ReadonlySet<string>): void {
  for (const id of [...timelines.keys()]) if (!keep.has(id)) timelines.delete(id);
}
export function clear(): void {
  waiting = [];
  for (const shelf of Object.values(shelves)) shelf.clear();
  timelines.clear();
  typing.clear();
  ready.snapshot = false;
}
