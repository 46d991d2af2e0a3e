// What the store keeps of what arrives: the newest, once, in order, whatever the line did to the frames.
import { describe, expect, it } from 'vitest';
import type { Message } from '../src/api/types';
import { apply, mergeMessages, withPage, type Change, type Entity, type Shelves, type Timeline } from '../src/live/versions';

function message(id: string, caseRev: number, body = id): Message {
  return {
    id, case_id: 'c', conversation_id: 'v', interaction_id: null, rev: caseRev, case_rev: caseRev, direction: 'in', kind: 'text',
    author_kind: 'customer', author_id: null, author_name: null, body, data: null, client_id: null, state: 'received', error: null,
    at: `2026-11-24T10:00:${id.padStart(2, '0')}Z`, deleted: false, channel: 'webchat', attachments: [],
  };
}
function shelves(): Shelves & { all: Map<string, Map<string, Entity>>; lines: Map<string, Timeline> } {
  const all = new Map<string, Map<string, Entity>>();
  const lines = new Map<string, Timeline>();
  return { all, lines, timelines: lines, entities: (topic) => all.get(topic) ?? all.set(topic, new Map()).get(topic)! };
}
const at = (s: ReturnType<typeof shelves>, topic: string, id: string) => s.all.get(topic)?.get(id);
const frame = (v: number, base?: number, messages?: Message[]): Change => ({ topic: 'case', id: 'c', v, state: { v }, ...(base === undefined ? {} : { base }), ...(messages ? { messages } : {}) });
const opened = (version: number, messages: Message[] = []): Timeline => ({ version, messages, more: false, ahead: [] });

describe('entities', () => {
  it('keeps what is newer', () => {
    const s = shelves();
    apply(s, [frame(1), frame(2)]);
    expect(at(s, 'case', 'c')).toEqual({ v: 2, state: { v: 2 } });
  });
  it('ignores what is older or the same, so reordered and doubled frames do no harm', () => {
    const s = shelves();
    apply(s, [frame(3), frame(2), frame(3), frame(1)]);
    expect(at(s, 'case', 'c')!.v).toBe(3);
  });
  it('lets go of what may no longer be seen, with its timeline', () => {
    const s = shelves();
    s.lines.set('c', opened(1));
    apply(s, [frame(1), { topic: 'case', id: 'c', gone: true }]);
    expect(at(s, 'case', 'c')).toBeUndefined();
    expect(s.lines.has('c')).toBe(false);
  });
  it('keeps topics apart', () => {
    const s = shelves();
    apply(s, [frame(5), { topic: 'agent', id: 'c', v: 1, state: 'a' }]);
    expect(at(s, 'agent', 'c')!.state).toBe('a');
    expect(at(s, 'case', 'c')!.v).toBe(5);
  });
});

describe('timelines', () => {
  it('takes the messages of a frame that follows what is held', () => {
    const s = shelves();
    s.lines.set('c', opened(1, [message('1', 1)]));
    expect(apply(s, [frame(2, 1, [message('2', 2)])]).size).toBe(0);
    expect(s.lines.get('c')!.messages.map((m) => m.id)).toEqual(['1', '2']);
    expect(s.lines.get('c')!.version).toBe(2);
  });
  it('asks for the timeline again when a frame was missed', () => {
    const s = shelves();
    s.lines.set('c', opened(1));
    expect([...apply(s, [frame(5, 4, [message('5', 5)])])]).toEqual(['c']);
    expect(s.lines.get('c')!.version).toBe(1);
  });
  it('closes the gap when the missed frame arrives late', () => {
    const s = shelves();
    s.lines.set('c', opened(1));
    apply(s, [frame(3, 2, [message('3', 3)])]);
    expect(apply(s, [frame(2, 1, [message('2', 2)])]).size).toBe(0);
    expect(s.lines.get('c')).toMatchObject({ version: 3, ahead: [] });
    expect(s.lines.get('c')!.messages.map((m) => m.id)).toEqual(['2', '3']);
  });
  it('joins what came while the page was being fetched', () => {
    const s = shelves();
    s.lines.set('c', opened(1));
    apply(s, [frame(4, 3, [message('4', 4)])]);
    const page = withPage(s.lines.get('c'), { version: 3, messages: [message('2', 2), message('3', 3)], more: false }, false);
    expect(page.version).toBe(4);
    expect(page.messages.map((m) => m.id)).toEqual(['2', '3', '4']);
  });
  it('does not let an older revision of a message undo a newer one', () => {
    const read = { ...message('1', 9), state: 'read' };
    expect(mergeMessages([read], [message('1', 3)])[0]!.state).toBe('read');
    expect(mergeMessages([message('1', 3)], [read])[0]!.state).toBe('read');
  });
  it('puts older pages above and remembers whether there is more', () => {
    const held = opened(9, [message('8', 8), message('9', 9)]);
    const page = withPage(held, { version: 9, messages: [message('6', 6), message('7', 7)], more: true }, true);
    expect(page.messages.map((m) => m.id)).toEqual(['6', '7', '8', '9']);
    expect(page.more).toBe(true);
  });
  it('asks again when a change came without its messages', () => {
    const s = shelves();
    s.lines.set('c', opened(1));
    expect(apply(s, [frame(2)]).has('c')).toBe(true);
  });
  it('reaches the same end whatever the order and the doubling', () => {
    const frames = [2, 3, 4, 5, 6].map((v) => frame(v, v - 1, [message(String(v), v)]));
    for (let seed = 1; seed <= 50; seed++) {
      const s = shelves();
      s.lines.set('c', opened(1, [message('1', 1)]));
      const shuffled = [...frames, ...frames].map((f, i) => ({ f, k: (seed * 7919 * (i + 3)) % 101 })).sort((a, b) => a.k - b.k);
      for (const { f } of shuffled) apply(s, [f]);
      expect(s.lines.get('c')!.messages.map((m) => m.id)).toEqual(['1', '2', '3', '4', '5', '6']);
      expect(s.lines.get('c')).toMatchObject({ version: 6, ahead: [] });
      expect(at(s, 'case', 'c')!.v).toBe(6);
    }
  });
});
