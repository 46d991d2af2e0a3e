// The agent's own state and the commands to the router: presence, offers, and what is mine.
import { newId, post, problemWords } from '../api/client';
import type { AgentState, CaseState, Offer, Routed } from '../api/types';
import { go, link } from '../app/route.svelte';
import { me, session } from '../app/session.svelte';
import { t, words } from '../i18n/words.svelte';
import { toast } from '../kit/toast.svelte';
import { answer as pickUp, rings } from '../phone/call.svelte';
import { all, state } from '../live/store.svelte';

export const myId = (): string => me().user.id;
export const agent = (): AgentState | undefined => state('agent', session.me?.user.id);
export const offer = (): Offer | null => agent()?.offer ?? null;
export const cases = (): CaseState[] => all('case');

export type Mood = 'offline' | 'available' | 'busy' | 'wrapping' | 'paused';
/** What the agent is doing, as the top bar says it: the presence chosen, or what the work makes of it. */
export function mood(a: AgentState): Mood {
  if (a.active) return 'busy';
  if (a.wrapping) return 'wrapping';
  return a.presence as Mood;
}
export const moodSince = (a: AgentState): string => (a.active && a.busy_since) || (a.wrapping && a.wrap_since) || a.since;
/** The pauses that the system sets have words of their own: their stored name is in the language of the company. */
export const BUILTIN = ['rona', 'technical_failure'];
export const pauseName = (code: string | null): string =>
  code && BUILTIN.includes(code) ? words(`pause.${code}`) : session.reference?.pause_reasons.find((p) => p.code === code)?.name ?? t('presence.paused');
/** Paused, and still with what was in hand: nothing new comes, and those conversations go on. */
export const pausedBehind = (a: AgentState): boolean => a.presence === 'paused' && a.active + a.wrapping > 0;
export function moodWords(a: AgentState): string {
  const m = mood(a);
  return m === 'paused' ? pauseName(a.pause_code) : t(`presence.${m}`);
}

/** A command to the router: `pending` is no failure, the change arrives by the socket. */
export async function command(path: string, body: Record<string, unknown> = {}, keepalive = false): Promise<Routed | null> {
  try {
    const answer = await post<Routed>(path, { client_id: newId(), ...body }, { keepalive });
    if (answer.result === 'pending') toast(t('desk.pending'));
    return answer;
  } catch (error) {
    toast(problemWords(error), 'coral');
    return null;
  }
}
export const setPresence = (presence: 'available' | 'paused' | 'offline', pause_code?: string, after_work = false): Promise<Routed | null> =>
  command('/api/presence', { presence, ...(pause_code ? { pause_code } : {}), after_work });

/** The offer being answered, and the gestión that has just been accepted: its composer takes the focus. */
export const answering = $state({ id: '', opened: '' });
export async function accept(o: Offer | null): Promise<void> {
  if (!o || answering.id) return;
  answering.id = o.id;
  if (o.media === 'voice' && rings()) {
    // The phone's own answer accepts the offer; then the gestión is the agent's.
    const answered = await pickUp();
    for (let waits = 0; answered && waits < 60 && !state('case', o.case_id) && offer(); waits++) await new Promise((done) => setTimeout(done, 50));
    answering.id = '';
    if (answered) go(link('mesa', o.case_id));
    return;
  }
  const answer = await command(`/api/offers/${o.work_id}/accept`);
  answering.id = '';
  if (!answer) return;
  answering.opened = answer.case_id ?? o.case_id;
  go(link('mesa', answering.opened));
}
export async function reject(o: Offer, reason?: string): Promise<void> {
  if (answering.id) return;
  answering.id = o.id;
  await command(`/api/offers/${o.work_id}/reject`, reason ? { reason } : {});
  answering.id = '';
}
export const tierWords = (tier: string): string => words(`tier.${tier}`);
