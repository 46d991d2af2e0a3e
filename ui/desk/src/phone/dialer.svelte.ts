// The keypad with its field while it is open, and whether one may call at all. What calls is in dial.ts, loaded when it is used.
import { again } from '../kit/again';
import type { CaseState, Id } from '../api/types';
import { may } from '../app/session.svelte';
import { agent } from '../desk/mine.svelte';
import { toast } from '../kit/toast.svelte';
import { phone } from './call.svelte';
import { hasVoice, myCall } from './run.svelte';

export interface Wish { number?: string; caseId?: Id; purpose?: 'manual' | 'callback' }
export const dialer = $state({ open: false, busy: false, number: '', caseId: '' as Id, caseNumber: 0 });

/** Whether this person has a telephone to call with at all. */
export const calls = (): boolean => may('calls.place') && hasVoice() && !!agent()?.slots.voice;
/** And no call in hand. */
export const mayCall = (): boolean => calls() && !myCall() && !phone.session && !dialer.busy;

/** Opens the keypad; with a gestión, the call stays in it. */
export function openDialer(c: CaseState | null = null): void {
  Object.assign(dialer, { open: true, number: '', caseId: c && c.state !== 'closed' ? c.id : '', caseNumber: c?.number ?? 0 });
}

/** Calls from a button that has nowhere to show a sentence. */
export async function dialNow(wish: Wish): Promise<void> {
  const failed = await (await again(() => import('./dial'))).dial(wish);
  if (failed) toast(failed, 'coral');
}
