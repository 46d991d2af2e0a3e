// The desk's socket: hello with what is held, resume, jittered reconnection, and the state the banner shows.
import { address } from '../api/client';
import { clear, floor, held, receive, ready, typing, type Counters } from './store.svelte';
import { serverNow, setClock } from '../kit/tick.svelte';
import type { Change } from './versions';

export type Status = 'off' | 'connecting' | 'open' | 'down' | 'superseded' | 'refused';
export const line = $state({ status: 'off' as Status, since: 0, tries: 0 });

// The server pings each 10 s; silence for two and a half pings means the line is dead although nobody closed it.
const SILENCE_MS = 25_000;
// After any other goodbye (a restart, a slow network, new roles, the database away) it comes back and resumes.
const FINAL = new Set(['session_ended', 'superseded', 'too_many_sockets']);
/** Said to whoever listens when the line could not be opened at all. */
export const REFUSED = 'not_opened';
const watched = new Map<string, number>();
const openings = new Set<() => void>();
let socket: WebSocket | null = null;
let wanted = false;
let floorWanted = 0;
let retry: ReturnType<typeof setTimeout> | undefined;
let silence: ReturnType<typeof setTimeout> | undefined;
let onBye: (key: string) => void = () => {};

export function connect(bye: (key: string) => void = onBye): void {
  onBye = bye;
  wanted = true;
  open();
}
/** Closes for good (logout); what was held is forgotten. */
export function disconnect(): void {
  wanted = false;
  clearTimeout(retry);
  clearTimeout(silence);
  socket?.close();
  socket = null;
  set('off');
  clear();
}
/** Called after each (re)connection: queued messages are sent from here. */
export function whenOpen(then: () => void): () => void {
  openings.add(then);
  return () => openings.delete(then);
}
export const isOpen = (): boolean => line.status === 'open';

function set(status: Status): void {
  if (line.status === status) return;
  line.status = status;
  line.since = serverNow();
}

function open(): void {
  if (!wanted || (socket && socket.readyState <= WebSocket.OPEN)) return;
  if (line.status !== 'down') set('connecting');
  const url = new URL(address('/live'), location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  const mine = (socket = new WebSocket(url));
  let opened = false;
  mine.onopen = () => {
    opened = true;
    send({ t: 'hello', held: held(), watch: [...watched.keys()], visible: !document.hidden });
    listen();
  };
  mine.onmessage = (e) => mine === socket && hear(e.data as string);
  mine.onclose = () => {
    if (mine !== socket) return;
    lost();
    // Shut before it opened: no server, or a session that ended elsewhere. Whoever listens asks which.
    if (!opened) onBye(REFUSED);
  };
}

function lost(): void {
  clearTimeout(silence);
  socket = null;
  if (!wanted) return;
  set('down');
  clearTimeout(retry);
  // Full jitter: a restarted server must not be met by every desk at once.
  const ceiling = Math.min(15_000, 500 * 2 ** Math.min(line.tries++, 5));
  retry = setTimeout(open, 150 + Math.random() * ceiling);
}

function listen(): void {
  clearTimeout(silence);
  silence = setTimeout(() => {
    const dead = socket;
    lost();
    dead?.close();
  }, SILENCE_MS);
}

export function send(frame: unknown): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

type Frame = { t: string; at?: string; e?: Change[]; key?: string; case?: string; who?: string; on?: boolean; preview?: string } & Partial<Counters>;
const heard: Record<string, (frame: Frame) => void> = {
  snapshot: (f) => {
    if (f.at) setClock(f.at);
    receive(f.e ?? []);
    ready.snapshot = true;
    line.tries = 0;
    set('open');
    if (floorWanted) send({ t: 'floor', on: true });
    for (const then of openings) then();
  },
  events: (f) => receive(f.e ?? []),
  ping: () => send({ t: 'pong' }),
  typing: (f) => typing.set(f.case!, { who: f.who ?? '', on: !!f.on, preview: f.preview ?? '', at: serverNow() }),
  counters: (f) => {
    floor.counters = { queues: f.queues ?? [], kpis: f.kpis ?? {} };
    floor.at = Date.now();
  },
  bye: (f) => {
    const key = f.key ?? '';
    if (FINAL.has(key)) {
      wanted = false;
      set(key === 'superseded' ? 'superseded' : 'refused');
    }
    onBye(key);
  },
};
function hear(text: string): void {
  listen();
  const frame = JSON.parse(text) as Frame;
  heard[frame.t]?.(frame);
}

/** Messages of this case too, while somebody looks; counted, so two panels may look at one case. */
export function watch(caseId: string): () => void {
  const n = watched.get(caseId) ?? 0;
  watched.set(caseId, n + 1);
  if (!n) send({ t: 'watch', case: caseId });
  return () => {
    const left = (watched.get(caseId) ?? 1) - 1;
    if (left > 0) return void watched.set(caseId, left);
    watched.delete(caseId);
    send({ t: 'unwatch', case: caseId });
  };
}
/** The floor's counters, each second, while a screen wants them. */
export function watchFloor(): () => void {
  if (!floorWanted++) send({ t: 'floor', on: true });
  return () => {
    if (!--floorWanted) send({ t: 'floor', on: false });
  };
}

if (typeof window !== 'undefined') {
  const again = () => {
    if (!wanted || isOpen()) return;
    line.tries = 0;
    clearTimeout(retry);
    open();
  };
  window.addEventListener('online', again);
  window.addEventListener('offline', () => socket && (socket.close(), lost()));
  document.addEventListener('visibilitychange', () => !document.hidden && again());
}
