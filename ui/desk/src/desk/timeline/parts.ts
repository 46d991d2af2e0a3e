// The timeline as it is drawn: messages, what still waits to leave, days between them. Pure.
import type { ConversationState, Message } from '../../api/types';
import { dayKey } from '../../i18n/format';
import type { Waiting } from '../../live/outbox.svelte';

export type Filter = 'all' | 'chat' | 'notes';
export type Mark = 'pending' | 'sent' | 'delivered' | 'read' | 'failed';
export type Part =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'message'; key: string; m: Message; first: boolean; recall: boolean }
  | { kind: 'waiting'; key: string; w: Waiting };

const shows = (m: Message, filter: Filter): boolean =>
  filter === 'all' || (filter === 'notes' ? m.direction === 'note' : m.direction === 'in' || m.direction === 'out');

export function parts(messages: readonly Message[], waiting: readonly Waiting[], filter: Filter): Part[] {
  const out: Part[] = [];
  let day = '';
  let before: Message | undefined;
  const call = messages.findLast((m) => m.direction === 'system' && m.channel === 'voice');
  for (const m of messages) {
    if (!shows(m, filter)) continue;
    const key = dayKey(m.at);
    if (key !== day) { out.push({ kind: 'day', key: `d${key}`, at: m.at }); before = undefined; }
    day = key;
    out.push({ kind: 'message', key: m.id, m, first: !before || before.direction !== m.direction || before.author_id !== m.author_id, recall: m === call && isMissed(m) });
    before = m;
  }
  const sent = new Set(messages.map((m) => m.client_id));
  for (const w of waiting) {
    const note = w.conversation_id === null;
    if (sent.has(w.client_id) || (filter === 'notes' && !note) || (filter === 'chat' && note)) continue;
    out.push({ kind: 'waiting', key: w.client_id, w });
  }
  return out;
}

/** Lines after which the customer may be called with one key, while they are the last of a call: nobody spoke with him. */
const MISSED = new Set(['call_unattended', 'call_busy', 'call_no_answer', 'call_congestion', 'call_failed', 'call_no_phone', 'call_canceled', 'call_out_not_begun']);
export const isMissed = (m: Message): boolean => MISSED.has(String(m.data?.event ?? ''));

/** The line after which a call's recording is shown. */
export const isCallEnd = (m: Message): boolean => m.channel === 'voice' && (m.data?.event === 'call_ended' || m.data?.event === 'ended');

/** How far our message got; never backwards: the customer's reading mark counts as well as the message's own state. */
export function markOf(m: Message, conversations: readonly ConversationState[]): Mark {
  if (m.state === 'failed' || m.state === 'canceled') return 'failed';
  const v = conversations.find((x) => x.id === m.conversation_id);
  if (m.state === 'read' || (v && m.rev > 0 && v.read_by_customer >= m.rev)) return 'read';
  if (m.state === 'delivered') return 'delivered';
  return m.state === 'sent' ? 'sent' : 'pending';
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/g;
/** Text cut at its addresses, so that they can be links without ever making HTML of what somebody wrote. */
export function pieces(text: string): { text: string; href?: string }[] {
  const out: { text: string; href?: string }[] = [];
  let from = 0;
  for (const m of text.matchAll(ADDRESS)) {
    if (m.index > from) out.push({ text: text.slice(from, m.index) });
    out.push({ text: m[0], href: m[0] });
    from = m.index + m[0].length;
  }
  if (from < text.length) out.push({ text: text.slice(from) });
  return out;
}
