// Listening to a call from the live view: the supervisor's own phone rings for it, and answers by itself.
import { ApiError, get, newId, post, problemWords } from '../api/client';
import { t } from '../i18n/words.svelte';
import { toast } from '../kit/toast.svelte';
import { answer, drop, mute, phone, want } from '../phone/call.svelte';

export type Mode = 'listen' | 'whisper';
export interface Supervision { id: string; call: string; interaction_id: string; case_id: string; agent_id: string; agent: string; mode: Mode; state: 'ringing' | 'ready' | 'open' | 'ended'; reason: 'left' | 'no_phone' | 'call_ended' | 'moved' | 'platform' | null }

const WHY = 'listen';
const PHONE_MS = 15_000;
const LOOK_MS = 250;

export const listening = $state({ now: null as Supervision | null, busy: '' });
/** Whether his phone is in it, and he hears them. */
export const hears = (): boolean => !!listening.now && phone.session?.call === listening.now.call && phone.session.stage === 'talking';

async function phoneReady(): Promise<boolean> {
  want(true, WHY);
  for (let waited = 0; waited < PHONE_MS && phone.link !== 'ready'; waited += LOOK_MS) {
    if (phone.link === 'taken') return false;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  return phone.link === 'ready';
}

/** Listens to the call, or speaks to its agent alone; again: the other mode. */
export async function listen(interaction: string, mode: Mode): Promise<void> {
  if (listening.busy) return;
  listening.busy = `${interaction}:${mode}`;
  try {
    if (listening.now && listening.now.interaction_id !== interaction) await leave();
    if (!(await phoneReady())) {
      toast(t(phone.link === 'taken' ? 'listen.taken' : 'listen.no_phone'), 'coral');
      return give();
    }
    listening.now = await post<Supervision>(`/api/calls/${interaction}/listen`, { client_id: newId(), mode });
    if (hears()) mute(mode === 'listen');
  } catch (error) {
    toast(problemWords(error), 'coral');
    if (!listening.now) give();
  } finally {
    listening.busy = '';
  }
}

export async function leave(): Promise<void> {
  listening.now = null;
  try {
    await post('/api/listening/leave', { client_id: newId() });
  } catch (error) {
    // Nothing to leave is as good as left.
    if (!(error instanceof ApiError && error.status === 404)) toast(problemWords(error), 'coral');
  }
  drop();
  give();
}

function give(): void {
  want(false, WHY);
}

/** Call inside a component that lives as long as he listens: answers his phone, and tells why it ended. */
export function followListening(): void {
  let answered = '';
  $effect(() => {
    const now = listening.now;
    if (!now || phone.session?.call !== now.call) return;
    if (phone.session.stage === 'ringing' && answered !== now.call) {
      answered = now.call;
      void answer();
    } else if (phone.session.stage === 'talking') mute(now.mode === 'listen');
  });
  // The phone's call is over, and not by a click here: the server knows why.
  let was = '';
  $effect(() => {
    const now = listening.now;
    const mine = phone.session?.call ?? '';
    if (now && was === now.call && mine !== now.call) void over();
    was = mine;
  });
  async function over() {
    const told = await get<Supervision>('/api/listening').catch(() => null);
    listening.now = null;
    give();
    if (told?.reason && told.reason !== 'left') toast(t(`listen.over_${told.reason}`, { name: told.agent }));
  }
  // It never began: his phone did not ring, or could not be answered.
  $effect(() => {
    const now = listening.now;
    if (!now || hears()) return;
    const waits = setInterval(() => {
      void get<Supervision>('/api/listening').then((told) => {
        if (told.state !== 'ended' || listening.now?.id !== told.id || hears()) return;
        listening.now = null;
        give();
        if (told.reason && told.reason !== 'left') toast(t(`listen.over_${told.reason}`, { name: told.agent }), 'coral');
      }, () => {});
    }, 2000);
    return () => clearInterval(waits);
  });
}

/** After a reload nobody listens: the phone that did is gone. */
export async function forgetEarlier(): Promise<void> {
  if (listening.now) return;
  const told = await get<Supervision>('/api/listening').catch(() => null);
  if (told && told.state !== 'ended' && !listening.now) await post('/api/listening/leave', { client_id: newId() }).catch(() => {});
}
