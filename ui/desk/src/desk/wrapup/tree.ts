// The tipificación tree as the panel needs it: leaves with their path, search, the four most used. Pure.
import type { DispositionData, DispositionNode, Requirement } from '../../api/types';

export interface Leaf { id: string; name: string; path: string[]; requires: Requirement; used: number; future: boolean }

/** A promise or an appointment is for a day to come; "Ya pagó" has the day it was paid. As the server says it. */
const toCome = (n: DispositionNode): boolean => n.requires === 'agreement' || (n.requires === 'date' && n.flags.includes('callback'));
export function leaves(nodes: readonly DispositionNode[]): Leaf[] {
  const by = new Map(nodes.map((n) => [n.id, n]));
  const parents = new Set(nodes.map((n) => n.parent_id));
  const path = (n: DispositionNode): string[] => {
    const up = n.parent_id ? by.get(n.parent_id) : undefined;
    return up ? [...path(up), n.name] : [n.name];
  };
  return nodes.filter((n) => !parents.has(n.id)).map((n) => ({ id: n.id, name: n.name, path: path(n), requires: n.requires, used: n.used ?? 0, future: toCome(n) }));
}
export const childrenOf = (nodes: readonly DispositionNode[], parent: string | null): DispositionNode[] => nodes.filter((n) => (n.parent_id ?? null) === parent);

const plain = (s: string): string => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
export function search(all: readonly Leaf[], text: string): Leaf[] {
  const wanted = plain(text).split(/\s+/).filter(Boolean);
  return all.filter((l) => wanted.every((w) => plain(l.path.join(' ')).includes(w)));
}
/** The four I use most, then those everybody uses, then the first of the tree. */
export function mostUsed(all: readonly Leaf[], counts: Readonly<Record<string, number>>, n = 4): Leaf[] {
  return [...all].sort((a, b) => (counts[b.id] ?? 0) - (counts[a.id] ?? 0) || b.used - a.used).slice(0, n);
}
/** The leaves of these ids in their order; null when the tree no longer has one, or has room for more. */
export function keptQuick(all: readonly Leaf[], ids: readonly string[], n = 4): Leaf[] | null {
  const found = ids.map((id) => all.find((l) => l.id === id)).filter((l) => l !== undefined);
  return found.length === ids.length && found.length === Math.min(n, all.length) ? found : null;
}
export interface Outcome { leaf: string; note: string; date: string; amount: string }
export const EMPTY: Outcome = { leaf: '', note: '', date: '', amount: '' };
export interface Saved { id: string; note: string | null; data: DispositionData | null }
/** The draft to begin with when a leaf is chosen: what was saved with it, or what is being written. */
export const begun = (leaf: string, o: Outcome, saved: Saved | null): Outcome => {
  if (saved?.id !== leaf) return { ...o, leaf };
  const { date = '', amount } = saved.data ?? {};
  return { leaf, note: o.note || saved.note || '', date: o.date || date, amount: o.amount || (amount ? (amount / 100).toFixed(2) : '') };
};
/** What the server is told. Without a leaf in the draft: the saved one, whose note and data it keeps by itself. */
export function told(o: Outcome, saved: Saved | null): { disposition_id: string | null; note?: string; data?: DispositionData } {
  if (!o.leaf) return { disposition_id: saved?.id ?? null };
  const data = { ...(o.date ? { date: o.date } : {}), ...(o.amount ? { amount: minorUnits(o.amount) ?? 0 } : {}) };
  return { disposition_id: o.leaf, note: o.note, data };
}
/** The day given is over, and the leaf is for one to come. `today` as 2026-11-29. */
export const past = (leaf: Leaf | undefined, o: Outcome, today: string): boolean => !!leaf?.future && !!o.date && o.date < today;
/** A draft's text as an outcome; whatever is not one counts as empty. */
export function readOutcome(text: string): Outcome {
  try {
    return { ...EMPTY, ...(JSON.parse(text) as Partial<Outcome>) };
  } catch {
    return EMPTY;
  }
}
/** Money as people write it ("1.234,50", "1,234.50", "80") in minor units; null when it is not an amount. */
export function minorUnits(text: string): number | null {
  const m = /^([\d.,\s]*?)(?:[.,](\d{1,2}))?$/.exec(text.trim());
  const whole = (m?.[1] ?? '').replace(/[.,\s]/g, '');
  if (!m || !/^\d+$/.test(whole)) return null;
  const cents = Number(whole) * 100 + Number((m[2] ?? '').padEnd(2, '0'));
  return cents > 0 ? cents : null;
}
const NEEDS: Record<Requirement, (keyof Outcome)[]> = { none: [], note: ['note'], date: ['date'], amount: ['amount'], agreement: ['date', 'amount'] };
export const needs = (leaf: Leaf | undefined): (keyof Outcome)[] => (leaf ? (NEEDS[leaf.requires] ?? []) : []);
export const missing = (leaf: Leaf | undefined, o: Outcome): (keyof Outcome)[] => 
  needs(leaf).filter((field) => (field === 'amount' ? minorUnits(o.amount) === null : !o[field].trim()));
