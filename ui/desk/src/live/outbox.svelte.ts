// Messages and notes that wait to be sent. The composer puts them here; they leave one after another per gestión, stay
// while the line is down and across a reload, and the server answers the same to the same client id, so that trying
// again is always safe.
import { ApiError, newId, post } from '../api/client';
import type { Attachment, Message } from '../api/types';
import { forget, keep, kept } from '../drafts/local';
import { addMessage } from './store.svelte';
import { whenOpen } from './socket.svelte';

export interface Waiting {
  client_id: string;
  case_id: string;
  conversation_id: string | null;
  body: string;
  attachments: Attachment[];
  at: string;
  state: 'pending' | 'failed';
  error?: unknown;
}
export const outbox = $state<{ waiting: Waiting[] }>({ waiting: [] });
const busy = new Set<string>();
let user = '';

export const waitingFor = (caseId: string): Waiting[] => outbox.waiting.filter((w) => w.case_id === caseId);

/** At log-in: what an earlier page could not send. */
export async function loadOutbox(who: string): Promise<void> {
  user = who;
  const held = (await kept<Waiting>('outbox', `${who}/`)).map(([, w]) => w);
  outbox.waiting = held.sort((a, b) => (a.at < b.at ? -1 : 1));
  pump();
}
/** Puts a message (or, without a conversation, a note) in line; it is on the screen at once. */
export function enqueue(what: Pick<Waiting, 'case_id' | 'conversation_id' | 'body' | 'attachments'>, at: string): void {
  const w: Waiting = { ...what, client_id: newId(), at, state: 'pending' };
  outbox.waiting.push(w);
  void keep('outbox', `${user}/${w.client_id}`, w);
  pump();
}
export function again(clientId: string): void {
  const w = outbox.waiting.find((x) => x.client_id === clientId);
  if (!w) return;
  w.state = 'pending';
  pump();
}
export function drop(clientId: string): void {
  outbox.waiting = outbox.waiting.filter((w) => w.client_id !== clientId);
  void forget('outbox', `${user}/${clientId}`);
}

function pump(): void {
  for (const id of new Set(outbox.waiting.map((w) => w.case_id))) if (!busy.has(id)) void sendAll(id);
}
async function sendAll(caseId: string): Promise<void> {
  busy.add(caseId);
  try {
    for (let w; (w = outbox.waiting.find((x) => x.case_id === caseId && x.state === 'pending')); ) if (!(await sendOne(w))) break;
  } finally {
    busy.delete(caseId);
  }
}
/** True: go on with the next. False: the line is down, wait. */
async function sendOne(w: Waiting): Promise<boolean> {
  const path = w.conversation_id ? `/api/conversations/${w.conversation_id}/messages` : `/api/cases/${w.case_id}/notes`;
  const files = w.conversation_id ? { attachments: w.attachments.map((a) => a.id) } : {};
  try {
    const answer = await post<{ message: Message }>(path, { client_id: w.client_id, body: w.body, ...files });
    addMessage(w.case_id, answer.message);
    drop(w.client_id);
    return true;
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 401) return false;
    if (status === 0 || status === 429 || status >= 500) {
      setTimeout(pump, 4000 + Math.random() * 3000);
      return false;
    }
    const mine = outbox.waiting.find((x) => x.client_id === w.client_id);
    if (mine) Object.assign(mine, { state: 'failed', error: error instanceof ApiError ? { key: error.key, values: error.values } : null });
    return true;
  }
}
whenOpen(pump);
