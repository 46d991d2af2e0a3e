// What to keep of what arrives. Pure: the socket and the store call it, the tests drive it.
//
// Theory of operation. Each entity has a version; the newest wins and whatever is not newer is ignored, so doubled and
// reordered frames do no harm. A watched case also brings the messages touched after `base`. A timeline is whole up to
// `version`; when a frame's base lies above it something was missed, and the timeline is fetched again. Frames that
// arrive while it is being fetched are kept as spans, and joined once the fetch has closed the gap.
import type { CaseState, Message } from '../api/types';

export interface Change {
  topic: string;
  id: string;
  v?: number;
  state?: unknown;
  gone?: boolean;
  base?: number;
  messages?: Message[];
}
export interface Entity<S = unknown> { v: number; state: S }
export interface Timeline {
  version: number;
  messages: readonly Message[];
  more: boolean;
  ahead: readonly (readonly [number, number])[];
}
export interface MapLike<V> { get(key: string): V | undefined; set(key: string, value: V): unknown; delete(key: string): boolean }
export interface Shelves {
  entities: (topic: string) => MapLike<Entity>;
  timelines: MapLike<Timeline>;
}

const byTime = (a: Message, b: Message): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The newest revision of every message, in the order they were written. */
export function mergeMessages(held: readonly Message[], fresh: readonly Message[]): readonly Message[] {
  if (!fresh.length) return held;
  const by = new Map(held.map((m) => [m.id, m]));
  let touched = false;
  for (const m of fresh) {
    const old = by.get(m.id);
    if (old && !isNewer(m, old)) continue;
    by.set(m.id, m);
    touched = true;
  }
  return touched ? [...by.values()].sort(byTime) : held;
}
const isNewer = (m: Message, old: Message): boolean => m.case_rev > old.case_rev || (m.case_rev === old.case_rev && m.rev > old.rev);

/** Moves the whole-up-to mark over the spans that touch it. */
function join(version: number, ahead: readonly (readonly [number, number])[]): Pick<Timeline, 'version' | 'ahead'> {
  const left = [...ahead].sort((a, b) => a[0] - b[0]);
  while (left.length && left[0]![0] <= version) version = Math.max(version, left.shift()![1]);
  return { version, ahead: left };
}

/** A page of the timeline, newest first or one older page (`before` given). */
export function withPage(held: Timeline | undefined, page: { version: number; messages: Message[]; more: boolean }, older: boolean): Timeline {
  if (!held) return { version: page.version, messages: mergeMessages([], page.messages), more: page.more, ahead: [] };
  const messages = mergeMessages(held.messages, page.messages);
  if (older) return { ...held, messages, more: page.more };
  const reaches = held.messages.length > 0 && page.messages.some((m) => m.id === held.messages[0]!.id);
  return { messages, more: held.messages.length > page.messages.length && !reaches ? held.more : page.more, ...join(Math.max(held.version, page.version), held.ahead) };
}

/** One frame's changes onto the shelves → the cases whose timeline must be fetched again. */
export function apply(shelves: Shelves, changes: readonly Change[]): Set<string> {
  const refetch = new Set<string>();
  for (const change of changes) {
    const shelf = shelves.entities(change.topic);
    if (change.gone) {
      shelf.delete(change.id);
      if (change.topic === 'case') shelves.timelines.delete(change.id);
      continue;
    }
    if (change.v === undefined) continue;
    const held = shelf.get(change.id);
    if (change.state !== undefined && (!held || change.v > held.v)) shelf.set(change.id, { v: change.v, state: change.state });
    if (change.topic === 'case' && applyMessages(shelves.timelines, change)) refetch.add(change.id);
  }
  return refetch;
}

function applyMessages(timelines: MapLike<Timeline>, change: Change): boolean {
  const held = timelines.get(change.id);
  const v = change.v!;
  if (!held) return false;
  if (change.base === undefined) return v > held.version;
  const messages = mergeMessages(held.messages, change.messages ?? []);
  const mark = join(held.version, v > held.version ? [...held.ahead, [change.base, v]] : held.ahead);
  timelines.set(change.id, { ...held, messages, ...mark });
  return mark.ahead.length > 0;
}

/** Who speaks last, what is mine: the questions the worklist asks of a case. */
export function myAssignment(c: CaseState, me: string): CaseState['assignments'][number] | undefined {
  const all = c.assignments.filter((a) => a.agent_id === me);
  // Who calls the customer again while he still writes up the last call talks, and writes up after it.
  return all.find((a) => a.state !== 'wrapping') ?? all[0];
}
export const unread = (c: CaseState): number => c.conversations.reduce((sum, v) => sum + (v.live ? v.unread : 0), 0);
