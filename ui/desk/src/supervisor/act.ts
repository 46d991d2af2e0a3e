// The supervisor's hand on the floor: each act told in a notice, whether done, still under way or refused.
import { newId, post, problemWords } from '../api/client';
import type { Routed } from '../api/types';
import { t } from '../i18n/words.svelte';
import { toast } from '../kit/toast.svelte';

export async function act(path: string, body: Record<string, unknown>, done: string): Promise<boolean> {
  try {
    const answer = await post<Routed>(path, { ...body, client_id: newId() });
    toast(answer.result === 'pending' ? t('floor.pending') : done, answer.result === 'pending' ? 'plain' : 'ok');
    return true;
  } catch (error) {
    toast(problemWords(error), 'coral');
    return false;
  }
}
export const force = (agent: string, name: string, presence: string, pause: string | null, reason: string): Promise<boolean> =>
  act(`/api/agents/${agent}/presence`, { presence, ...(pause ? { pause_code: pause } : {}), reason }, t('floor.forced', { name }));
export const move = (work: string, to: { queue_id: string } | { agent_id: string }, where: string): Promise<boolean> =>
  act(`/api/work/${work}/move`, to, t('floor.moved', { where }));
export const pull = (caseId: string): Promise<boolean> => act(`/api/cases/${caseId}/pull`, {}, t('floor.pulled'));
