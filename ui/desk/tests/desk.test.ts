// The pure parts of the desk: groups and the list that keeps still, quick replies, the tree, the timeline's marks.
import { describe, expect, it } from 'vitest';
import type { CaseState, DispositionNode, Message } from '../src/api/types';
import { fillIn, find, slashAt } from '../src/desk/composer/replies';
import { markOf, parts, pieces } from '../src/desk/timeline/parts';
import { groupOf, leavesBehind, order, settle, type Row } from '../src/desk/worklist/groups';
import { begun, EMPTY, keptQuick, leaves, minorUnits, missing, mostUsed, past, readOutcome, search, told, type Saved } from '../src/desk/wrapup/tree';

const ME = 'me';
function made(id: string, over: Partial<CaseState> = {}, assignment: Partial<CaseState['assignments'][number]> | null = {}): CaseState {
  return {
    id, number: 1, topic: '', state: 'open', campaign: { id: 'k', name: 'k', disposition_set_id: 's', disposition_required: true }, queue: null,
    customer: { id: 'p', name: 'Ana', kind: 'person', tier: 'customer' }, owner: null, opened_at: '2026-11-24T10:00:00Z', resolved_at: null, closed_at: null,
    reopened_count: 0, disposition: null, interactions: [], work: [], conversations: [], last: null,
    assignments: assignment ? [{ id: 'a', work_id: 'w', agent_id: ME, agent_name: '', state: 'active', started_at: '2026-11-24T10:00:00Z', waiting_since: null, wrap_started_at: null, wrap_until: null, ...assignment }] : [],
    ...over,
  };
}
const last = (direction: string, at: string) => ({ body: '', kind: 'text', direction, author_kind: 'customer', at });

describe('groups', () => {
  it('puts each gestión where the agent looks for it', () => {
    expect(groupOf(made('1', { last: last('in', '1') }), ME)).toBe('attending');
    expect(groupOf(made('1', { last: last('out', '1') }), ME)).toBe('waiting');
    expect(groupOf(made('1', {}, { state: 'wrapping' }), ME)).toBe('wrapping');
    expect(groupOf(made('1', { state: 'resolved', owner: { id: ME, name: '' } }, null), ME)).toBe('wrapping');
    expect(groupOf(made('1', {}, { agent_id: 'other' }), ME)).toBeNull();
  });
  it('counts what an agent leaves behind', () => {
    const all = [made('1', { last: last('in', '1') }), made('2', { last: last('out', '1') }), made('3', {}, { state: 'wrapping' }), made('4', {}, { agent_id: 'other' })];
    expect(leavesBehind(all, ME)).toEqual({ back: 2, pending: 1 });
  });
  it('shows first the customer who waits longest', () => {
    const rows = order([made('b', { last: last('in', '2026-11-24T10:05') }), made('a', { last: last('in', '2026-11-24T10:01') }), made('c', { last: last('out', '2026-11-24T09:00') })], ME);
    expect(rows.map((r) => r.id)).toEqual(['a', 'b', 'c']);
  });
});

describe('the row under the pointer', () => {
  const row = (id: string, group: Row['group'] = 'attending'): Row => ({ id, group });
  it('follows the wanted order when nothing holds it', () => {
    expect(settle([row('a'), row('b')], [row('b'), row('a')], null)).toEqual([row('b'), row('a')]);
  });
  it('does not move when others would overtake it', () => {
    expect(settle([row('a'), row('b'), row('c')], [row('c'), row('b'), row('a')], 'b').map((r) => r.id)).toEqual(['a', 'b', 'c']);
  });
  it('does not move when a row above leaves: a shadow stays', () => {
    expect(settle([row('a'), row('b')], [row('b')], 'b')).toEqual([{ ...row('a'), gone: true }, row('b')]);
  });
  it('does not move when one comes in above: it waits', () => {
    const shown = [row('w', 'waiting')];
    expect(settle(shown, [row('new'), row('w', 'waiting')], 'w').map((r) => r.id)).toEqual(['w']);
  });
  it('lets new rows in below', () => {
    expect(settle([row('a')], [row('new'), row('a'), row('x', 'wrapping')], 'a').map((r) => r.id)).toEqual(['a', 'new', 'x']);
  });
});

describe('quick replies', () => {
  const replies = [
    { id: '1', shortcut: 'saludo', title: 'Saludo', body: 'Hola {nombre}, le atiende {agente}.' },
    { id: '2', shortcut: 'garantia', title: 'Garantía', body: 'Su gestión es la {gestion}.' },
  ];
  it('opens at a slash that begins a word, not inside an address', () => {
    expect(slashAt('/sal', 4)).toEqual({ word: 'sal', from: 0 });
    expect(slashAt('hola /', 6)).toEqual({ word: '', from: 5 });
    expect(slashAt('http://x', 8)).toBeNull();
  });
  it('finds without accents, the shortcut first', () => {
    expect(find(replies, 'garantía').map((r) => r.id)).toEqual(['2']);
    expect(find(replies, '').length).toBe(2);
  });
  it('fills the variables and drops the empty ones with their space', () => {
    const values = { nombre: 'María', agente: 'Lucía', gestion: '48213' };
    expect(fillIn(replies[0]!.body, values)).toBe('Hola María, le atiende Lucía.');
    expect(fillIn('Hola {nombre}, buen día', { ...values, nombre: '' })).toBe('Hola, buen día');
  });
});

describe('tipificación', () => {
  const node = (id: string, parent_id: string | null, name: string, requires: DispositionNode['requires'] = 'none'): DispositionNode => ({ id, parent_id, name, flags: [], requires });
  const nodes = [node('1', null, 'Contacto directo'), node('2', '1', 'Promesa de pago', 'agreement'), node('3', '1', 'Ya pagó'), node('4', null, 'No contesta', 'note')];
  it('offers only leaves, with their path', () => {
    expect(leaves(nodes).map((l) => l.path.join(' › '))).toEqual(['Contacto directo › Promesa de pago', 'Contacto directo › Ya pagó', 'No contesta']);
  });
  it('finds words of the path in any order and without accents', () => {
    expect(search(leaves(nodes), 'pago directo').map((l) => l.id)).toEqual(['2', '3']);
  });
  it('puts the most used first', () => {
    expect(mostUsed(leaves(nodes), { 4: 9, 3: 2 }, 2).map((l) => l.id)).toEqual(['4', '3']);
    expect(keptQuick(leaves(nodes), ['3', '4'], 2)?.map((l) => l.id)).toEqual(['3', '4']);
    expect(keptQuick(leaves(nodes), ['3', 'gone'], 2)).toBe(null);
    expect(keptQuick(leaves(nodes), ['3'], 2)).toBe(null);
  });
  it('reads money as people write it', () => {
    expect(['80', '1.234,50', '1,234.50', '1 234', '0', 'abc', '3,5'].map(minorUnits)).toEqual([8000, 123450, 123450, 123400, null, null, 350]);
  });
  it('says what the leaf still needs', () => {
    const all = leaves(nodes);
    expect(missing(all[0], { leaf: '2', note: '', date: '2026-12-01', amount: '' })).toEqual(['amount']);
    expect(missing(all[2], readOutcome('no es un borrador'))).toEqual(['note']);
  });
  const saved: Saved = { id: '2', note: 'en dos partes', data: { date: '2026-12-01', amount: 12050 } };
  it('never tells an empty note over the one saved before', () => {
    expect(told(EMPTY, saved)).toEqual({ disposition_id: '2' });
    expect(told({ ...EMPTY, note: 'suelta' }, saved)).toEqual({ disposition_id: '2' });
    expect(told({ leaf: '4', note: 'no contestó', date: '', amount: '' }, saved)).toEqual({ disposition_id: '4', note: 'no contestó', data: {} });
  });
  it('begins again with what was saved', () => {
    const again = begun('2', EMPTY, saved);
    expect(again).toEqual({ leaf: '2', note: 'en dos partes', date: '2026-12-01', amount: '120.50' });
    expect(told(again, saved)).toEqual({ disposition_id: '2', note: saved.note, data: saved.data });
    expect(begun('4', EMPTY, saved)).toEqual({ ...EMPTY, leaf: '4' });
  });
  it('refuses a promise for a day that is over, not a payment made', () => {
    const all = leaves([...nodes, node('5', null, 'Interesado, agendar', 'date'), { ...node('6', null, 'Agendar', 'date'), flags: ['callback'] }]);
    const at = (id: string, date: string) => past(all.find((l) => l.id === id), { ...EMPTY, leaf: id, date }, '2026-11-29');
    expect([at('2', '2020-01-01'), at('2', '2026-11-29'), at('5', '2020-01-01'), at('6', '2026-11-28'), at('6', '')]).toEqual([true, false, false, true, false]);
  });
});

describe('calls in the timeline', () => {
  const line = (id: string, event: string) => ({ id, direction: 'system', channel: 'voice', at: '2026-11-24T10:00:00Z', data: { event } }) as unknown as Message;
  const recalled = (...all: Message[]) => parts(all, [], 'all').flatMap((p) => (p.kind === 'message' && p.recall ? [p.m.id] : []));
  it('are returned with one key while the last one reached nobody', () => {
    expect(recalled(line('1', 'call_incoming'), line('2', 'call_unattended'))).toEqual(['2']);
    expect(recalled(line('2', 'call_unattended'), line('3', 'call_outgoing'), line('4', 'call_busy'))).toEqual(['4']);
    expect(recalled(line('2', 'call_unattended'), line('3', 'call_outgoing'), line('4', 'call_ended'))).toEqual([]);
  });
});

describe('messages', () => {
  const m = { direction: 'out', conversation_id: 'v', rev: 5, state: 'sent' } as Message;
  it('never go backwards: the reading mark counts too', () => {
    const v = { id: 'v', read_by_customer: 5 } as CaseState['conversations'][number];
    expect(markOf(m, [v])).toBe('read');
    expect(markOf(m, [{ ...v, read_by_customer: 4 }])).toBe('sent');
    expect(markOf({ ...m, state: 'failed' }, [v])).toBe('failed');
  });
  it('make links of addresses and leave the rest as text', () => {
    expect(pieces('vea https://ejemplo.pe/a?b=1. <b>hola</b>')).toEqual([{ text: 'vea ' }, { text: 'https://ejemplo.pe/a?b=1', href: 'https://ejemplo.pe/a?b=1' }, { text: '. <b>hola</b>' }]);
  });
});
