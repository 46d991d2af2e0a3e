// What the live floor means: how an agent stands, which queue is at risk, what asks for a hand. Pure; time is an argument.
import type { AgentState, FloorKpis, FloorQueue, Named, QueueState, WorkState } from '../api/types';
import type { IconName } from '../kit/Icon.svelte';

/** Above it the abandonment figure turns red. */
export const ABANDON_LIMIT_PCT = 5;
const LONG_PAUSE_S = 45 * 60;
const LONG_WRAP_S = 180;

export const since = (at: string | null | undefined, now: number): number => (at ? Math.max(0, (now - Date.parse(at)) / 1000) : 0);

export type Standing = 'offer' | 'busy' | 'wrapping' | 'available' | 'paused' | 'offline';
export type Trouble = 'lost' | 'offline_with_work' | 'long_wrap' | 'long_pause';
export interface Stand { kind: Standing; pausedToo: boolean; since: string | null; icon: IconName; tone: string; trouble: Trouble | null }

const LOOK: Record<Standing, { icon: IconName; tone: string }> = {
  offer: { icon: 'bell', tone: 'mail' }, busy: { icon: 'message-square', tone: 'chat' }, wrapping: { icon: 'tag', tone: 'mail' },
  available: { icon: 'circle-check', tone: 'wa' }, paused: { icon: 'coffee', tone: 'sms' }, offline: { icon: 'wifi-off', tone: 'sms' },
};
export const ORDER: Standing[] = ['busy', 'offer', 'available', 'wrapping', 'paused', 'offline'];

export function stand(a: AgentState, now: number, wrapLimit = LONG_WRAP_S): Stand {
  const working = a.active + a.wrapping + a.lost > 0;
  const kind: Standing = a.presence === 'offline' && !working ? 'offline' : a.offer ? 'offer' : a.active + a.lost > 0 ? 'busy'
    : a.wrapping > 0 ? 'wrapping' : a.presence === 'available' ? 'available' : a.presence === 'offline' ? 'offline' : 'paused';
  const from = kind === 'busy' ? (a.busy_since ?? a.since) : kind === 'wrapping' ? (a.wrap_since ?? a.since) : kind === 'offer' ? a.offer!.offered_at : a.since;
  // A pause behind an open chat: he attends to its end and gets nothing new.
  const pausedToo = a.presence === 'paused' && kind !== 'paused';
  const seen = kind === 'busy' && a.used.voice ? { icon: 'phone' as const, tone: 'voz' } : LOOK[kind];
  return { kind, pausedToo, since: from, ...seen, trouble: trouble(a, kind, from, now, wrapLimit, working) };
}
function trouble(a: AgentState, kind: Standing, from: string, now: number, wrapLimit: number, working: boolean): Trouble | null {
  if (a.lost > 0) return 'lost';
  if (a.presence === 'offline' && working) return 'offline_with_work';
  if (kind === 'wrapping' && since(from, now) > wrapLimit) return 'long_wrap';
  if (kind === 'paused' && since(from, now) > LONG_PAUSE_S) return 'long_pause';
  return null;
}
/** How long wrapping may last before it is noticed: what the most generous queue gives. */
export const wrapLimit = (queues: readonly QueueState[]): number => Math.max(LONG_WRAP_S, ...queues.map((q) => q.wrapup_s));

export type Risk = 'ok' | 'near' | 'breach';
export function riskOf(q: FloorQueue, now: number): Risk {
  const waited = since(q.oldest, now);
  if ((q.sl_pct !== null && q.sl_pct < q.sl_goal_pct) || (q.waiting > 0 && waited > q.sl_target_s * 2)) return 'breach';
  return (q.sl_pct !== null && q.sl_pct < q.sl_goal_pct + 5) || (q.waiting > 0 && waited > q.sl_target_s) ? 'near' : 'ok';
}
/** The worst first; queues alike keep their names' order, so that nothing dances. */
export function byRisk(queues: readonly FloorQueue[], now: number): FloorQueue[] {
  const weight = { breach: 2, near: 1, ok: 0 } as const;
  const score = (q: FloorQueue) => weight[riskOf(q, now)] * 1000 + (q.waiting > 0 ? 500 : 0) + (q.sl_pct === null ? 0 : Math.max(0, q.sl_goal_pct - q.sl_pct));
  return [...queues].sort((a, b) => score(b) - score(a) || a.name.localeCompare(b.name));
}

/** The figures of some queues, or of all as the server tells them. */
export function figures(queues: readonly FloorQueue[], whole: Partial<FloorKpis> | null): FloorKpis {
  const sum = (pick: (q: FloorQueue) => number) => queues.reduce((n, q) => n + pick(q), 0);
  const [answered, abandoned] = [sum((q) => q.answered_today), sum((q) => q.abandoned_today)];
  const counted = queues.filter((q) => q.sl_pct !== null);
  const weight = counted.reduce((n, q) => n + Math.max(1, q.answered_today), 0);
  const oldest = queues.map((q) => q.oldest).filter((x): x is string => !!x).sort()[0] ?? null;
  return {
    waiting: sum((q) => q.waiting), oldest, busy: sum((q) => q.attending), offered: sum((q) => q.offered_today), answered, abandoned,
    abandoned_pct: answered + abandoned ? Math.round((1000 * abandoned) / (answered + abandoned)) / 10 : null,
    sl_pct: whole ? (whole.sl_pct ?? null) : weight ? Math.round(counted.reduce((n, q) => n + q.sl_pct! * Math.max(1, q.answered_today), 0) / weight) : null,
    asa_s: whole ? (whole.asa_s ?? null) : answered ? Math.round(sum((q) => q.wait_s) / answered) : null,
  };
}
/** One goal for all when they agree; else the middle of theirs. */
export function goalOf(queues: readonly FloorQueue[]): { pct: number; s: number; same: boolean } {
  if (!queues.length) return { pct: 80, s: 30, same: true };
  const mean = (pick: (q: FloorQueue) => number) => Math.round(queues.reduce((n, q) => n + pick(q), 0) / queues.length);
  const first = queues[0]!;
  return { pct: mean((q) => q.sl_goal_pct), s: mean((q) => q.sl_target_s), same: queues.every((q) => q.sl_goal_pct === first.sl_goal_pct && q.sl_target_s === first.sl_target_s) };
}

export interface Alert {
  id: string;
  kind: 'queue_breach' | 'queue_nobody' | 'wait_long' | Trouble;
  grave: boolean;
  since: string | null;
  queue?: FloorQueue;
  agent?: AgentState;
  work?: WorkState;
  values: Record<string, string | number>;
}
/** What asks for a hand now, the gravest and oldest first. */
export function alerts(queues: readonly FloorQueue[], agents: readonly AgentState[], works: readonly WorkState[], limit: number, now: number): Alert[] {
  const out: Alert[] = [];
  for (const q of queues) {
    const breach = q.sl_pct !== null && q.sl_pct < q.sl_goal_pct;
    if (q.waiting > 0 && q.available + q.busy === 0) out.push({ id: `n${q.id}`, kind: 'queue_nobody', grave: true, since: q.oldest, queue: q, values: { queue: q.name, n: q.waiting } });
    else if (breach && q.waiting > 0) out.push({ id: `q${q.id}`, kind: 'queue_breach', grave: true, since: q.oldest, queue: q, values: { queue: q.name, pct: q.sl_pct!, goal: q.sl_goal_pct, n: q.waiting } });
  }
  for (const a of agents) {
    const s = stand(a, now, limit);
    if (s.trouble) out.push({ id: `a${a.id}`, kind: s.trouble, grave: s.trouble !== 'long_pause' && s.trouble !== 'long_wrap', since: s.since, agent: a, values: { agent: a.name, n: a.active + a.lost + a.wrapping } });
  }
  const target = new Map(queues.map((q) => [q.id, q.sl_target_s]));
  for (const w of works) {
    const most = target.get(w.queue_id);
    if (most !== undefined && since(w.virtual_start, now) > most * (w.tier === 'vip' ? 1 : 3)) out.push({ id: `w${w.id}`, kind: 'wait_long', grave: w.tier === 'vip', since: w.virtual_start, work: w, values: { customer: w.customer, queue: queues.find((q) => q.id === w.queue_id)?.name ?? '' } });
  }
  return out.sort((x, y) => Number(y.grave) - Number(x.grave) || (x.since ?? '').localeCompare(y.since ?? '') || x.id.localeCompare(y.id));
}
export const nameIn = (list: readonly Named[] | undefined, id: string | null): string => list?.find((x) => x.id === id)?.name ?? '';
