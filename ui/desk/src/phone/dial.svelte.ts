// Calling out: asked of the server, which rings this phone first. The call then stands in its gestión.
import { newId, post, problemWords } from '../api/client';
import type { CaseState, Id } from '../api/types';
import { go, link } from '../app/route.svelte';
import { may } from '../app/session.svelte';
import { agent } from '../desk/mine.svelte';
import { words } from '../i18n/words.svelte';
import { toast } from '../kit/toast.svelte';
import { phone } from './call.svelte';
import type { MyCall } from './rules';
import { hasVoice, myCall } from './run.svelte';

export interface Wish { number?: string; caseId?: Id; purpose?: 'manual' | 'callback' }
/** The keypad with its field, while it is open. */
export const dialer = $state({ open: false, busy: false, number: '', caseId: '' as Id, caseNumber: 0 });

/** Whether this person has a telephone to call with at all. */
export const calls = (): boolean => may('calls.place') && hasVoice() && !!agent()?.slots.voice;
/** And no call in hand. */
export const mayCall = (): boolean => calls() && !myCall() && !phone.session && !dialer.busy;

/** Opens the keypad; with a gestión, the call stays in it. */
export function openDialer(c: CaseState | null = null, number = ''): void {
  Object.assign(dialer, { open: true, number, caseId: c && c.state !== 'closed' ? c.id : '', caseNumber: c?.number ?? 0 });
}

let click = { wish: '', id: '' };
/** Calls; resolves to a sentence when it could not be. The same wish again after a lost answer is the same call. */
export async function dial(wish: Wish): Promise<string | null> {
  if (dialer.busy) return null;
  const key = JSON.stringify(wish);
  if (click.wish !== key) click = { wish: key, id: newId() };
  dialer.busy = true;
  try {
    const made = await post<{ case_id: Id }>('/api/calls', { client_id: click.id, number: wish.number ?? '', case_id: wish.caseId || null, purpose: wish.purpose ?? 'manual' });
    click = { wish: '', id: '' };
    dialer.open = false;
    go(link('mesa', made.case_id));
    return null;
  } catch (error) {
    // What was refused is not asked again by itself; what got no answer may have been done.
    if (error instanceof Error && 'status' in error && Number(error.status) >= 400) click = { wish: '', id: '' };
    return problemWords(error);
  } finally {
    dialer.busy = false;
  }
}

/** The same from a button that has nowhere to show a sentence. */
export async function dialNow(wish: Wish): Promise<void> {
  const failed = await dial(wish);
  if (failed) toast(failed, 'coral');
}

/** What became of a call out that ended before anybody answered, for as long as its gestión is here. */
export function tellResult(before: MyCall, c: CaseState | undefined): void {
  const result = c?.interactions.find((i) => i.id === before.interaction)?.result;
  if (result && result !== 'answered' && result !== 'canceled') toast(words(`system.call_${result}`), 'coral');
}
