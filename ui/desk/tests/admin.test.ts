// The pure parts of the administration, the floor, the search and the way in.
import { describe, expect, it } from 'vitest';
import type { AgentState, FloorQueue, WorkState } from '../src/api/types';
import { check } from '../src/admin/check';
import { branchEnd, drop, insert, move, nodesOf, remove, rowsOf, shift, type Row } from '../src/admin/tree';
import { changes, over, read, same, write, type Values } from '../src/admin/values';
import { strength } from '../src/entry/strength';
import { midnight, read as readQuery, toServer, write as writeQuery } from '../src/search/query';
import { alerts, byRisk, figures, goalOf, riskOf, stand } from '../src/supervisor/floor';

const row = (name: string, depth: number): Row => ({ id: name, key: name, name, depth, flags: [], requires: 'none' });
const TREE = [row('a', 0), row('a1', 1), row('a1x', 2), row('a2', 1), row('b', 0), row('b1', 1)];
const told = (rows: readonly Row[]) => rows.map((r) => `${'>'.repeat(r.depth)}${r.name}`).join(' ');

describe('the outcome tree', () => {
  it('is read from ids, from indexes, and written back with parents before children', () => {
    const rows = rowsOf([
      { id: '1', parent_id: null, name: 'a', flags: [], requires: 'none' }, { id: '2', parent_id: null, name: 'b', flags: [], requires: 'none' },
      { id: '3', parent_id: '1', name: 'a1', flags: ['success'], requires: 'note' },
    ]);
    expect(told(rows)).toBe('a >a1 b');
    expect(nodesOf(rows).map((n) => n.parent)).toEqual([null, 0, null]);
    expect(told(rowsOf(nodesOf(TREE) as unknown as Parameters<typeof rowsOf>[0]))).toBe(told(TREE));
  });
  it('moves a branch with all it holds, and stays among its brothers', () => {
    expect(told(move(TREE, 4, -1))).toBe('b >b1 a >a1 >>a1x >a2');
    expect(told(move(TREE, 0, 1))).toBe('b >b1 a >a1 >>a1x >a2');
    expect(told(move(TREE, 3, -1))).toBe('a >a2 >a1 >>a1x b >b1');
    expect(told(move(TREE, 3, 1))).toBe(told(TREE));
    expect(told(move(TREE, 0, -1))).toBe(told(TREE));
  });
  it('goes in and out a level, never deeper than three', () => {
    expect(told(shift(TREE, 3, 1))).toBe('a >a1 >>a1x >>a2 b >b1');
    expect(told(shift(TREE, 2, 1))).toBe(told(TREE));
    expect(told(shift(TREE, 1, -1))).toBe('a >a2 a1 >a1x b >b1');
    expect(told(shift(TREE, 0, 1))).toBe(told(TREE));
  });
  it('inserts a brother after the branch, removes a branch whole', () => {
    const { rows, at } = insert(TREE, 0, false);
    expect(at).toBe(4);
    expect(rows[4]!.depth).toBe(0);
    expect(told(remove(TREE, 0))).toBe('b >b1');
    expect(branchEnd(TREE, 0)).toBe(4);
  });
  it('keeps every node after its parent whatever is dropped where', () => {
    for (let from = 0; from < TREE.length; from++) for (let to = 0; to <= TREE.length; to++) {
      const rows = drop(TREE, from, to);
      expect(rows.map((r) => r.name).sort()).toEqual(TREE.map((r) => r.name).sort());
      rows.forEach((r, i) => expect(r.depth).toBeLessThanOrEqual(i === 0 ? 0 : rows[i - 1]!.depth + 1));
    }
  });
});

describe('form values', () => {
  it('reads and writes inside, and sends whole columns that changed', () => {
    const before: Values = { name: 'x', config: { title: { es: 'a' }, files: true } };
    const after = structuredClone(before);
    write(after, 'config.title.es', 'b');
    expect(read(after, 'config.title.es')).toBe('b');
    expect(changes(before, after, ['name', 'config.title.es'])).toEqual({ config: { title: { es: 'b' }, files: true } });
    expect(same({ a: 1, b: null }, { a: 1 })).toBe(true);
    expect(over({ t: { vip: 5, customer: 0 } }, { t: { vip: 9 } })).toEqual({ t: { vip: 9, customer: 0 } });
  });
  it('finds what is missing, out of bounds, or no e-mail', () => {
    const fields = [{ key: 'name', kind: 'text', required: true }, { key: 'email', kind: 'email' }, { key: 'n', kind: 'number', min: 1, max: 9 }] as const;
    expect(check(fields, { name: ' ', email: 'x', n: 10 })).toEqual({ name: 'required', email: 'email', n: 'too_big' });
    expect(check(fields, { name: 'a', email: '', n: 9 })).toEqual({});
  });
});

const NOW = Date.parse('2026-11-24T15:00:00Z');
const ago = (s: number): string => new Date(NOW - s * 1000).toISOString();
const queue = (over: Partial<FloorQueue>): FloorQueue => ({ id: 'q', name: 'Q', waiting: 0, oldest: null, attending: 0, wait_s: 90, available: 1, busy: 0, offered_today: 10, answered_today: 9, abandoned_today: 1, sl_pct: 90, sl_goal_pct: 80, sl_target_s: 30, ...over });
const agent = (over: Partial<AgentState>): AgentState => ({ id: 'a', name: 'Ana', team_id: null, queues: ['q'], presence: 'available', pause_code: null, pending: null, pending_code: null, since: ago(60), slots: { messages: 4 }, used: {}, active: 0, wrapping: 0, lost: 0, wrap_since: null, busy_since: null, offer: null, ...over });

describe('the live floor', () => {
  it('says how an agent stands and what is wrong', () => {
    expect(stand(agent({}), NOW)).toMatchObject({ kind: 'available', trouble: null });
    expect(stand(agent({ active: 2, busy_since: ago(9) }), NOW)).toMatchObject({ kind: 'busy', since: ago(9) });
    expect(stand(agent({ lost: 1 }), NOW).trouble).toBe('lost');
    expect(stand(agent({ presence: 'offline', active: 1 }), NOW).trouble).toBe('offline_with_work');
    expect(stand(agent({ wrapping: 1, wrap_since: ago(300) }), NOW).trouble).toBe('long_wrap');
    expect(stand(agent({ wrapping: 1, wrap_since: ago(300) }), NOW, 600).trouble).toBe(null);
    expect(stand(agent({ presence: 'paused', since: ago(3600) }), NOW).trouble).toBe('long_pause');
    expect(stand(agent({ presence: 'paused', active: 1 }), NOW)).toMatchObject({ kind: 'busy', pausedToo: true });
  });
  it('puts the queue at risk first', () => {
    const good = queue({ id: '1', name: 'A' });
    const late = queue({ id: '2', name: 'B', waiting: 2, oldest: ago(40) });
    const bad = queue({ id: '3', name: 'C', waiting: 1, oldest: ago(5), sl_pct: 60 });
    expect([good, late, bad].map((q) => riskOf(q, NOW))).toEqual(['ok', 'near', 'breach']);
    expect(byRisk([good, late, bad], NOW).map((q) => q.id)).toEqual(['3', '2', '1']);
  });
  it('adds up figures, and tells nothing that it cannot know', () => {
    expect(figures([queue({}), queue({ id: '2', sl_pct: 70, answered_today: 1, abandoned_today: 0 })], null)).toMatchObject({ answered: 10, abandoned: 1, sl_pct: 88, asa_s: 18, abandoned_pct: 9.1 });
    expect(figures([], null)).toMatchObject({ sl_pct: null, abandoned_pct: null, oldest: null });
    expect(goalOf([queue({}), queue({ sl_goal_pct: 90 })])).toEqual({ pct: 85, s: 30, same: false });
  });
  it('calls for a hand, the grave things first', () => {
    const work = { id: 'w', queue_id: 'q', virtual_start: ago(35), tier: 'vip', customer: 'Luz' } as WorkState;
    const found = alerts([queue({ waiting: 3, oldest: ago(20), sl_pct: 50 })], [agent({ presence: 'paused', since: ago(3600) }), agent({ id: 'b', lost: 1 })], [work], 180, NOW);
    expect(found.map((a) => a.kind)).toEqual(['lost', 'wait_long', 'queue_breach', 'long_pause']);
    expect(alerts([queue({ waiting: 1, oldest: ago(5), attending: 1, available: 0, busy: 0 })], [], [], 180, NOW)[0]!.kind).toBe('queue_nobody');
  });
});

describe('the search', () => {
  it('keeps its filters in the address and asks for whole days of the company', () => {
    const asked = readQuery(new URLSearchParams('q=ana&from=2026-11-24&to=2026-11-24&nothing=1'));
    expect(writeQuery(asked)).toBe('q=ana&from=2026-11-24&to=2026-11-24');
    const sent = new URLSearchParams(toServer(asked, 'America/Lima', 7));
    expect([sent.get('from'), sent.get('to'), sent.get('cursor')]).toEqual(['2026-11-24T05:00:00.000Z', '2026-11-25T05:00:00.000Z', '7']);
    expect(midnight('2026-11-24', 'Europe/Madrid')).toBe('2026-11-23T23:00:00.000Z');
  });
});

describe('a new password', () => {
  it('is told in words, and one\'s own name makes it weak', () => {
    expect(strength('corta').word).toBe('short');
    expect(strength('1234567890').word).toBe('weak');
    expect(strength('aaaaaaaaaaaa').word).toBe('weak');
    expect(strength('anatorres1', ['ana.torres@x.pe', 'Ana Torres']).word).toBe('weak');
    expect(strength('gato verde baila lento').word).toBe('strong');
  });
});
