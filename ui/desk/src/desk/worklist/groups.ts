// Which group each gestión of mine is in, in what order, and how the list keeps still under the pointer. Pure.
import type { CaseState } from '../../api/types';
import { myAssignment, unread } from '../../live/versions';

export type Group = 'attending' | 'waiting' | 'wrapping';
export const GROUPS: readonly Group[] = ['attending', 'waiting', 'wrapping'];
export interface Row { id: string; group: Group; gone?: boolean }

/** The group of a case for me, or null when it is not (or no longer) mine. */
export function groupOf(c: CaseState, me: string): Group | null {
  const mine = myAssignment(c, me);
  if (!mine) return c.state === 'resolved' && !c.disposition && c.owner?.id === me ? 'wrapping' : null;
  if (mine.state === 'wrapping') return 'wrapping';
  if (unread(c)) return 'attending';
  return mine.waiting_since || c.last?.direction === 'out' ? 'waiting' : 'attending';
}

/** What somebody who logs out leaves: conversations that go back to their queue, and what stays his to dispose. */
export function leavesBehind(cases: readonly CaseState[], me: string): { back: number; pending: number } {
  const groups = cases.map((c) => groupOf(c, me));
  const pending = groups.filter((g) => g === 'wrapping').length;
  return { back: groups.filter(Boolean).length - pending, pending };
}

/** Since when the customer waits for us, or null when we spoke last. */
export const customerSince = (c: CaseState): string | null => (c.last?.direction === 'in' ? c.last.at : null);

function urgency(c: CaseState, me: string, group: Group): string {
  if (group === 'attending') return customerSince(c) ?? myAssignment(c, me)?.started_at ?? c.opened_at;
  if (group === 'wrapping') return myAssignment(c, me)?.wrap_until ?? c.resolved_at ?? c.opened_at;
  return c.last?.at ?? c.opened_at;
}

export function order(cases: readonly CaseState[], me: string): Row[] {
  const rows = cases.flatMap((c) => {
    const group = groupOf(c, me);
    return group ? [{ id: c.id, group, key: urgency(c, me, group) }] : [];
  });
  const rank = (g: Group) => GROUPS.indexOf(g);
  rows.sort((a, b) => rank(a.group) - rank(b.group) || (a.group === 'waiting' ? (a.key > b.key ? -1 : 1) : a.key < b.key ? -1 : 1));
  return rows.map(({ id, group }) => ({ id, group }));
}

/**
 * While `pinned` (the row under the pointer or with the focus) is set, nothing above it may come, go or change place:
 * a row that left stays as a shadow, a new one waits unless its place is below.
 */
export function settle(shown: readonly Row[], wanted: readonly Row[], pinned: string | null): readonly Row[] {
  const at = pinned === null ? -1 : shown.findIndex((r) => r.id === pinned);
  if (at < 0) return wanted;
  const still = new Set(wanted.map((r) => r.id));
  const out: Row[] = shown.flatMap((r, i) => (still.has(r.id) ? [{ id: r.id, group: r.group }] : i <= at ? [{ ...r, gone: true }] : []));
  const known = new Set(shown.map((r) => r.id));
  const floor = GROUPS.indexOf(shown[at]!.group);
  for (const row of wanted) {
    if (known.has(row.id) || GROUPS.indexOf(row.group) < floor) continue;
    const after = out.findLastIndex((r) => GROUPS.indexOf(r.group) <= GROUPS.indexOf(row.group));
    out.splice(after + 1, 0, row);
  }
  return out;
}
