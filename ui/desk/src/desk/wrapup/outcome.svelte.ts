// Recording the outcome of a gestión: the draft of the panel, and the five seconds in which it can be undone.
import { untrack } from 'svelte';
import { discard, draft, write } from '../../drafts/drafts.svelte';
import type { CaseState } from '../../api/types';
import { go, link } from '../../app/route.svelte';
import { session } from '../../app/session.svelte';
import { isoDay } from '../../i18n/format';
import { t } from '../../i18n/words.svelte';
import { serverNow } from '../../kit/tick.svelte';
import { toast, undoable } from '../../kit/toast.svelte';
import { state } from '../../live/store.svelte';
import { command } from '../mine.svelte';
import { begun, keptQuick, leaves, missing, mostUsed, past, readOutcome, told, type Leaf, type Outcome } from './tree';

const COUNTS = 'atiende.dispositions';
const counts = (): Record<string, number> => JSON.parse(localStorage.getItem(COUNTS) ?? '{}') as Record<string, number>;
function count(id: string): void {
  const held = counts();
  localStorage.setItem(COUNTS, JSON.stringify({ ...held, [id]: (held[id] ?? 0) + 1 }));
}

const QUICK = 'atiende.quick';
/** The four of the number keys: chosen anew each day, so that 3 means the same from the first gestión to the last. */
export function quickOf(c: CaseState, all: readonly Leaf[], day: string): Leaf[] {
  const held = JSON.parse(localStorage.getItem(QUICK) ?? '{}') as { day?: string; of?: Record<string, string[]> };
  const of = held.day === day ? (held.of ?? {}) : {};
  const set = String(c.campaign.disposition_set_id);
  const kept = keptQuick(all, of[set] ?? []);
  if (kept) return kept;
  const fresh = mostUsed(all, counts());
  if (fresh.length) localStorage.setItem(QUICK, JSON.stringify({ day, of: { ...of, [set]: fresh.map((l) => l.id) } }));
  return fresh;
}

export const nodesOf = (c: CaseState) => session.reference?.disposition_sets.find((s) => s.id === c.campaign.disposition_set_id)?.nodes ?? [];
export const leavesOf = (c: CaseState): Leaf[] => leaves(nodesOf(c));
export const outcomeOf = (c: CaseState): Outcome => readOutcome(draft(c.id, 'disposition')?.body ?? '');
export const setOutcome = (c: CaseState, change: Partial<Outcome>): void => write(c.id, 'disposition', JSON.stringify({ ...outcomeOf(c), ...change }));
export const choose = (c: CaseState, leaf: string): void => write(c.id, 'disposition', JSON.stringify(begun(leaf, outcomeOf(c), c.disposition)));

/** Ids on their way: the list and the header show them as leaving. */
export const leaving = $state<Record<string, boolean>>({});
/** The panel that should take the focus, and what it says is missing. */
export const asked = $state({ id: '', at: 0 });

/** What is wrong with the draft, so that it cannot be recorded as it is. */
export const wrong = (leaf: Leaf | undefined, o: Outcome): boolean => missing(leaf, o).length > 0 || past(leaf, o, isoDay(serverNow()));
/** True when it can go ahead; otherwise the panel is asked for what is missing. */
export function canResolve(c: CaseState): boolean {
  const o = outcomeOf(c);
  const leaf = leavesOf(c).find((l) => l.id === o.leaf);
  if (leaf ? !wrong(leaf, o) : !!c.disposition) return true;
  asked.id = c.id;
  asked.at = Date.now();
  return false;
}
/** True when it was recorded. */
export async function save(c: CaseState): Promise<boolean> {
  const o = outcomeOf(c);
  if (!(await command(`/api/cases/${c.id}/dispose`, { ...told(o, c.disposition), resolve: false }))) return false;
  count(o.leaf);
  discard(c.id, 'disposition');
  return true;
}
/** Resolves after five seconds unless undone; the desk goes on to the next gestión at once. True when it goes ahead. */
export function resolve(c: CaseState): boolean {
  if (!canResolve(c) || leaving[c.id]) return false;
  const sent = { ...told(outcomeOf(c), c.disposition), resolve: true };
  leaving[c.id] = true;
  const undo = undoable(t('wrapup.resolved', { number: c.number }), () => {
    quiet();
    void command(`/api/cases/${c.id}/dispose`, sent, true).then((answer) => {
      leaving[c.id] = false;
      if (!answer) return;
      if (sent.disposition_id) count(String(sent.disposition_id));
      discard(c.id, 'disposition');
      if (location.hash === link('mesa', c.id)) go(link('mesa'));
    });
  }, () => { quiet(); leaving[c.id] = false; });
  // The customer writes in those five seconds: then it is not over.
  const before = c.last?.at;
  const quiet = $effect.root(() => {
    $effect(() => {
      const last = state('case', c.id)?.last;
      if (last?.direction !== 'in' || last.at === before) return;
      untrack(undo);
      toast(t('wrapup.wrote', { name: c.customer.name || t('case.visitor') }));
    });
  });
  return true;
}
