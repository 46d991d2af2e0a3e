// Recording the outcome of a gestión: the draft of the panel, and the five seconds in which it can be undone.
import { discard, draft, write } from '../../drafts/drafts.svelte';
import type { CaseState } from '../../api/types';
import { go, link } from '../../app/route.svelte';
import { session } from '../../app/session.svelte';
import { t } from '../../i18n/words.svelte';
import { undoable } from '../../kit/toast.svelte';
import { command } from '../mine.svelte';
import { leaves, minorUnits, missing, readOutcome, type Leaf, type Outcome } from './tree';

const COUNTS = 'atiende.dispositions';
export const counts = (): Record<string, number> => JSON.parse(localStorage.getItem(COUNTS) ?? '{}') as Record<string, number>;
function count(id: string): void {
  const held = counts();
  localStorage.setItem(COUNTS, JSON.stringify({ ...held, [id]: (held[id] ?? 0) + 1 }));
}

export const nodesOf = (c: CaseState) => session.reference?.disposition_sets.find((s) => s.id === c.campaign.disposition_set_id)?.nodes ?? [];
export const leavesOf = (c: CaseState): Leaf[] => leaves(nodesOf(c));
export const outcomeOf = (c: CaseState): Outcome => readOutcome(draft(c.id, 'disposition')?.body ?? '');
export const setOutcome = (c: CaseState, change: Partial<Outcome>): void => write(c.id, 'disposition', JSON.stringify({ ...outcomeOf(c), ...change }));

/** Ids on their way: the list and the header show them as leaving. */
export const leaving = $state<Record<string, boolean>>({});
/** The panel that should take the focus, and what it says is missing. */
export const asked = $state({ id: '', at: 0 });

/** True when it can go ahead; otherwise the panel is asked for what is missing. */
export function canResolve(c: CaseState): boolean {
  const o = outcomeOf(c);
  const leaf = leavesOf(c).find((l) => l.id === o.leaf);
  if (leaf ? !missing(leaf, o).length : !!c.disposition) return true;
  asked.id = c.id;
  asked.at = Date.now();
  return false;
}
function body(c: CaseState, resolve: boolean): Record<string, unknown> {
  const o = outcomeOf(c);
  const data = { ...(o.date ? { date: o.date } : {}), ...(o.amount ? { amount: minorUnits(o.amount) ?? 0 } : {}) };
  return { disposition_id: o.leaf || c.disposition?.id || null, note: o.note, data, resolve };
}
export async function save(c: CaseState): Promise<void> {
  const o = outcomeOf(c);
  if (await command(`/api/cases/${c.id}/dispose`, body(c, false))) { count(o.leaf); discard(c.id, 'disposition'); }
}
/** Resolves after five seconds unless undone; the desk goes on to the next gestión at once. */
export function resolve(c: CaseState): void {
  if (!canResolve(c) || leaving[c.id]) return;
  const sent = body(c, true);
  leaving[c.id] = true;
  undoable(t('wrapup.resolved', { number: c.number }), () => {
    void command(`/api/cases/${c.id}/dispose`, sent, true).then((answer) => {
      leaving[c.id] = false;
      if (!answer) return;
      if (sent.disposition_id) count(String(sent.disposition_id));
      discard(c.id, 'disposition');
      if (location.hash === link('mesa', c.id)) go(link('mesa'));
    });
  }, () => (leaving[c.id] = false));
}
