// The agent's phone as the screens see it, and what they can do with it. run.svelte.ts keeps it as the server wants it.
import { again } from '../kit/again';
import { ApiError, newId, post, problemWords } from '../api/client';
import { t } from '../i18n/words.svelte';
import { toast } from '../kit/toast.svelte';
import { openMic, type Credentials, type Devices, type Link, type Phone, type Session } from './phone';
import { grade, type Grade } from './rules';

/** `insecure`: the page came over plain http from another machine, where browsers give no microphone. */
export type Mic = 'unknown' | 'granted' | 'denied' | 'missing' | 'insecure';
export const LEVELS = 14;
export const phone = $state({
  link: 'off' as Link, session: null as Session | null, muted: false, mic: 'unknown' as Mic, grade: 'good' as Grade,
  levels: Array<number>(LEVELS).fill(0), busy: '', settings: false, blocked: false,
});

const LOCK = 'atiende.phone';
const MUTED = 'atiende.phone.muted';
const KEPT = 'atiende.phone.kept';
const DEVICES = 'atiende.phone.devices';
const LOOK_MS = 250;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1000, 15_000];

let current: Phone | null = null;
let make = async (): Promise<Phone> => new (await again(() => import('./jssip'))).JsSipPhone();
/** Tests put a phone of their own here. */
export const makePhone = (maker: () => Promise<Phone>): void => void (make = maker);

// --- having one

let turn = 0;
let wanted = false;
let release: (() => void) | null = null;
let queued: AbortController | null = null;

const reasons = new Set<string>();
/** Has the phone, or gives it up when nothing wants it any more; `why` tells its wishers apart. */
export function want(wish: boolean, why = 'agent'): void {
  if (wish) reasons.add(why);
  else reasons.delete(why);
  const on = reasons.size > 0;
  if (on === wanted) return;
  wanted = on;
  if (on) void begin(false);
  else stop();
}

/** Takes the phone from the page that has it. */
export function takeHere(): void {
  queued?.abort();
  void begin(true);
}

// One page of a browser at a time: the phone of one agent rings in one place.
async function begin(steal: boolean): Promise<void> {
  const had = steal ? null : kept();
  if (typeof navigator === 'undefined' || !navigator.locks) return mint(had);
  const mine = (queued = new AbortController());
  const held = () => new Promise<void>((done) => { release = done; void mint(had); });
  const waits = setTimeout(() => (phone.link = 'taken'), 300);
  try {
    await navigator.locks.request(LOCK, steal ? { steal } : { signal: mine.signal }, () => { clearTimeout(waits); return held(); });
  } catch {
    clearTimeout(waits);
    if (!wanted || mine !== queued) return;
    turn++;
    current?.disconnect();
    phone.link = 'taken';
  }
}

function stop(): void {
  turn++;
  queued?.abort();
  release?.();
  release = null;
  current?.disconnect();
  phone.link = 'off';
  sessionStorage.removeItem(KEPT);
}

// A page loaded anew goes on with the phone it had: a call that is in it rings there again.
export function kept(): Credentials | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as Credentials | null;
  } catch {
    return null;
  }
}

/** New credentials (or `had`), and a phone that registers with them; tried until it works or is not wanted. */
export async function mint(had: Credentials | null = null): Promise<void> {
  const mine = ++turn;
  for (let wait = FIRST_WAIT_MS; mine === turn; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    if (phone.link !== 'down') phone.link = 'connecting';
    try {
      const credentials = had ?? (await post<Credentials>('/api/phone'));
      sessionStorage.setItem(KEPT, JSON.stringify(credentials));
      const made = current ?? (await make());
      if (mine !== turn) return;
      if (!current) listen((current = made));
      await current.devices(chosen());
      current.connect(credentials);
      return;
    } catch (error) {
      // No agent any more, or no telephone here: there is nothing to try again.
      if (error instanceof ApiError && [403, 409].includes(error.status)) return void (phone.link = 'off');
      phone.link = 'down';
      await new Promise((done) => setTimeout(done, wait));
    }
  }
}

function listen(made: Phone): void {
  made.watch((now) => {
    const began = now.session?.stage === 'talking' && phone.session?.stage !== 'talking';
    if (now.link !== 'off' || !wanted) phone.link = now.link;
    phone.session = now.session;
    if (now.blocked && !phone.blocked) toast(t('phone.blocked'), 'coral', 30);
    phone.blocked = !!now.blocked;
    if (began && now.session) mute(sessionStorage.getItem(MUTED) === now.session.call);
    if (!now.session) phone.muted = false;
    look();
  });
}

// --- what is heard

let looking: ReturnType<typeof setInterval> | undefined;
let loss = 0;
function look(): void {
  const talks = phone.session?.stage === 'talking';
  if (talks && !looking) {
    loss = 0;
    looking = setInterval(() => void heard(), LOOK_MS);
  } else if (!talks) {
    clearInterval(looking);
    looking = undefined;
    phone.levels = Array<number>(LEVELS).fill(0);
    phone.grade = 'good';
  }
}
async function heard(): Promise<void> {
  const now = await current?.sound().catch(() => null);
  if (!now) return;
  // A dozen packets a look: one lost among them is not yet a bad line.
  loss = loss * 0.93 + now.loss * 0.07;
  phone.levels = [...phone.levels.slice(1), now.level];
  phone.grade = grade({ ...now, loss });
}

// --- devices

export function chosen(): Devices {
  try {
    return { mic: '', speaker: '', ...(JSON.parse(localStorage.getItem(DEVICES) ?? '{}') as Partial<Devices>) };
  } catch {
    return { mic: '', speaker: '' };
  }
}
export async function choose(devices: Devices): Promise<void> {
  localStorage.setItem(DEVICES, JSON.stringify(devices));
  await current?.devices(devices);
}
/** What a failure to open the microphone means. */
export function micOf(error: unknown): Mic {
  const name = error instanceof DOMException ? error.name : '';
  if (['NotAllowedError', 'SecurityError'].includes(name)) return 'denied';
  return typeof navigator !== 'undefined' && !navigator.mediaDevices ? 'insecure' : 'missing';
}
/** Asks for the microphone before the first call does: a question of the browser must not meet a caller. */
export async function checkMic(): Promise<void> {
  try {
    if (!navigator.mediaDevices) return void (phone.mic = 'insecure');
    (await openMic(chosen().mic)).getTracks().forEach((track) => track.stop());
    phone.mic = 'granted';
  } catch (error) {
    phone.mic = micOf(error);
  }
}

// --- acts

/** Answers what rings; false when nothing does, or there is no microphone (which is told). */
export async function answer(): Promise<boolean> {
  if (phone.session?.stage !== 'ringing') return false;
  try {
    await current?.answer();
    phone.mic = 'granted';
    return true;
  } catch (error) {
    phone.mic = micOf(error);
    toast(t(`phone.mic_${phone.mic as 'denied'}`), 'coral');
    phone.settings = true;
    return false;
  }
}
export const rings = (): boolean => phone.session?.stage === 'ringing';
export function mute(on: boolean): void {
  current?.mute(on);
  phone.muted = on;
  // Who was not heard is not heard after a reload either.
  if (on && phone.session) sessionStorage.setItem(MUTED, phone.session.call);
  else sessionStorage.removeItem(MUTED);
}
export const dtmf = (key: string): void => current?.dtmf(key);
/** Ends this side alone: the call is not ours any more. */
export const drop = (): void => current?.hangup();

async function ask(interaction: string, what: 'hold' | 'resume' | 'hangup' | 'rejoin', quiet = false): Promise<boolean> {
  if (phone.busy) return false;
  phone.busy = what;
  try {
    await post(`/api/calls/${interaction}/${what}`, { client_id: newId() });
    return true;
  } catch (error) {
    if (!quiet) toast(problemWords(error), 'coral');
    return false;
  } finally {
    phone.busy = '';
  }
}
export const hold = (interaction: string, on: boolean): Promise<boolean> => ask(interaction, on ? 'hold' : 'resume');
export const rejoin = (interaction: string): Promise<boolean> => ask(interaction, 'rejoin', true);
/** Without the server the phone says it itself. */
export async function hangup(interaction: string | undefined): Promise<void> {
  if (interaction) await ask(interaction, 'hangup', !!phone.session);
  drop();
}
